"""Latency of a prediction for one sequence, beside torch and onnxruntime.

Requests come one at a time. Each library receives a sequence as a table of time steps, and returns logits: time includes its own
conversion of the input. Libraries take turns of a few dozen calls, and the percentiles are those of all calls.
All networks have the same weights; their logits are compared before the clock starts.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from benchmarks.beats import WIDTH
from benchmarks.engine.candidates import MODELS, Shape, TorchClassifier, new_seqclf
from benchmarks.engine.timing import percentile
from benchmarks.peers.environment import make_environment
from benchmarks.process import ROOT, ServingProcess, limited_environment
from torch import Tensor
from torch.nn.functional import pad

from seqclf import Sequences, as_sequences
from seqclf.nn import SequenceNetwork

Predict = Callable[[Tensor], Tensor]
SHAPES = {
    f"{name}, {hidden} units": replace(MODELS[name], hidden_size=hidden)
    for hidden in (64, 256)
    for name in ("GRU", "LSTM", "BiGRU", "BiLSTM")
}
TURNS = 10
PAUSE = 0.02
"""Seconds between turns: threads of the last one that still wait for work fall asleep."""


def latency(sequences: Sequences, calls: int, threads: int) -> dict[str, Any]:
    """Return the 50th and the 99th percentile of `calls` predictions with each network."""
    requirements = Path(__file__).with_name("requirements.txt")
    python = make_environment(ROOT / "build" / "onnxruntime", requirements)
    print("Latency of one prediction, ms: 50th and 99th percentile")
    rows = {}
    with tempfile.TemporaryDirectory() as folder:
        arguments = ["benchmarks.engine.onnx_server", str(threads)]
        environment, log = limited_environment(threads), Path(folder) / "log"
        with ServingProcess(python, "onnxruntime", arguments, environment=environment, log=log) as server:
            for name, shape in SHAPES.items():
                rows[name] = _measure(shape, sequences[:100], calls, server, Path(folder) / "network.npz")
                _show(name, rows[name])
    return rows


def _measure(
    shape: Shape, sequences: Sequences, calls: int, server: ServingProcess, file: Path
) -> dict[str, Any]:
    ours = new_seqclf(shape).eval()
    theirs = torch_twin(ours, shape)
    requests = list(sequences)
    _write(file, theirs, requests)
    turn = max(1, calls // TURNS)
    expected = predictors(ours, theirs)["seqclf"]
    with torch.inference_mode():
        logits = np.concatenate([expected(one).numpy() for one in requests])
    np.testing.assert_allclose(server.ask(f"load {file}")["logits"], logits, rtol=1e-4, atol=1e-5)
    seconds: dict[str, list[float]] = {}
    for start in range(0, turn * TURNS, turn):
        for who, predict in predictors(ours, theirs).items():
            seconds.setdefault(who, []).extend(_time(predict, requests, start, turn))
            time.sleep(PAUSE)
        seconds.setdefault("onnxruntime", []).extend(server.ask(f"time {start} {turn}")["seconds"])
        time.sleep(PAUSE)
    row: dict[str, Any] = {
        who: {"p50": statistics.median(values), "p99": percentile(values, 99)}
        for who, values in seconds.items()
    }
    return {"calls": turn * TURNS, "seconds": row}


def torch_twin(network: SequenceNetwork, shape: Shape) -> TorchClassifier:
    """Return torch's network with the same weights."""
    twin = TorchClassifier(shape).eval()
    weights = {}
    for name, value in network.state_dict().items():
        *_, layer, last = name.split(".")
        if name.startswith("encoder.layers."):
            weights["recurrence." + last.replace("_l0", f"_l{layer}")] = value
        else:
            weights[f"head.{last}"] = value
    twin.load_state_dict(weights)
    return twin


def predictors(ours: SequenceNetwork, theirs: TorchClassifier) -> dict[str, Predict]:
    """Return one function from (time, features) to logits for each way to compute them in this process."""
    return {
        "seqclf": lambda one: ours(as_sequences([one])),
        "torch packed": lambda one: theirs(one[None], torch.tensor([len(one)])),
        "torch padded": lambda one: theirs(pad(one, (0, 0, 0, WIDTH - len(one)))[None], None),
        "torch, no padding": lambda one: theirs(one[None], None),
    }


def _time(predict: Predict, requests: list[Tensor], start: int, calls: int) -> list[float]:
    """Return the seconds of each call, after one that is not timed."""
    seconds = []
    with torch.inference_mode():
        predict(requests[start % len(requests)])
        for call in range(start, start + calls):
            started = time.perf_counter()
            predict(requests[call % len(requests)])
            seconds.append(time.perf_counter() - started)
    return seconds


def _write(file: Path, network: TorchClassifier, requests: list[Tensor]) -> None:
    """Write the weights and the sequences for the process of onnxruntime."""
    arrays = {name: value.numpy() for name, value in network.state_dict().items()}
    lengths = np.array([len(one) for one in requests])
    np.savez(file, **arrays, lengths=lengths, values=torch.cat(requests).numpy())


def _show(name: str, row: dict[str, Any]) -> None:
    cells = (f"{who} {1e3 * ms['p50']:.2f} {1e3 * ms['p99']:.2f}" for who, ms in row["seconds"].items())
    print(f"  {name:18}{'   '.join(cells)}", flush=True)
