"""Latency of a prediction for one sequence or for a batch, beside torch and onnxruntime.

Requests come one at a time. Each library receives its sequences as a list of tables, one row for each time step, and returns logits
(onnxruntime: probabilities): time includes its own conversion of the input. Libraries take turns of a few dozen calls, and the
percentiles are those of all calls. All networks have the same weights; what they predict is compared before the clock starts.
onnxruntime runs the file that `seqclf.export.to_onnx` writes.
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
from benchmarks.engine.candidates import CLASSES, MODELS, Shape, TorchClassifier, new_seqclf
from benchmarks.engine.timing import percentile
from benchmarks.peers.environment import make_environment
from benchmarks.process import ROOT, ServingProcess, limited_environment
from torch import Tensor
from torch.nn.functional import pad
from torch.nn.utils.rnn import pad_sequence

from seqclf import SequenceClassifier, Sequences, as_sequences
from seqclf.export import to_onnx
from seqclf.nn import SequenceNetwork

Predict = Callable[[list[Tensor]], Tensor]
SHAPES = {
    f"{name}, {hidden} units": replace(MODELS[name], hidden_size=hidden)
    for hidden in (64, 256)
    for name in ("GRU", "LSTM", "BiGRU", "BiLSTM")
}
TURNS = 10
PAUSE = 0.02
"""Seconds between turns: threads of the last one that still wait for work fall asleep."""


def latency(sequences: Sequences, calls: int, threads: int, batch: int = 1) -> dict[str, Any]:
    """Return the 50th and the 99th percentile of `calls` predictions of a batch with each network."""
    requirements = Path(__file__).with_name("requirements.txt")
    python = make_environment(ROOT / "build" / "onnxruntime", requirements)
    print(f"Latency of a prediction of {batch}, ms: 50th and 99th percentile")
    rows = {}
    with tempfile.TemporaryDirectory() as folder:
        arguments = ["benchmarks.engine.onnx_server", str(threads)]
        environment, log = limited_environment(threads), Path(folder) / "log"
        with ServingProcess(python, "onnxruntime", arguments, environment=environment, log=log) as server:
            for name, shape in SHAPES.items():
                if batch > 1 and shape.hidden_size > 64:  # minutes for each, and bound by the products alone
                    continue
                rows[name] = _measure(shape, sequences[: batch + 99], calls, server, Path(folder), batch)
                _show(name, rows[name])
    return rows


def _measure(
    shape: Shape, sequences: Sequences, calls: int, server: ServingProcess, folder: Path, batch: int
) -> dict[str, Any]:
    model = fitted(shape, sequences[:10])
    ours = model.module_.eval()
    assert isinstance(ours, SequenceNetwork)
    theirs, requests = torch_twin(ours, shape), list(sequences)
    to_onnx(model, folder / "model.onnx")
    np.savez(
        folder / "sequences.npz", lengths=sequences.lengths.numpy(), values=sequences.values.float().numpy()
    )
    probabilities = server.ask(f"load {folder}")["probabilities"]
    np.testing.assert_allclose(probabilities, model.predict_proba(requests), rtol=0, atol=1e-5)
    turn, seconds = max(1, calls // TURNS), dict[str, list[float]]()
    for start in range(0, turn * TURNS, turn):
        for who, predict in predictors(ours, theirs, batch).items():
            seconds.setdefault(who, []).extend(_time(predict, requests, start, turn, batch))
            time.sleep(PAUSE)
        seconds.setdefault("onnxruntime", []).extend(server.ask(f"time {start} {turn} {batch}")["seconds"])
        time.sleep(PAUSE)
    row: dict[str, Any] = {
        who: {"p50": statistics.median(values), "p99": percentile(values, 99)}
        for who, values in seconds.items()
    }
    return {"calls": turn * TURNS, "seconds": row}


def fitted(shape: Shape, sequences: Sequences) -> SequenceClassifier:
    """Return a classifier with seqclf's network, trained for one epoch: its weights do not matter here."""
    model = SequenceClassifier(network=new_seqclf(shape), scale=None, max_epochs=1, random_state=0)
    return model.fit(sequences, np.arange(len(sequences)) % CLASSES)


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


def predictors(ours: SequenceNetwork, theirs: TorchClassifier, batch: int = 1) -> dict[str, Predict]:
    """Return one function from sequences, (time, features) each, to logits for each way to compute them in this process."""
    ways: dict[str, Predict] = {
        "seqclf": lambda many: ours(as_sequences(many)),
        "torch packed": lambda many: theirs(pad_sequence(many, True), torch.tensor(list(map(len, many)))),
        "torch padded": lambda many: theirs(_padded(many), None),
    }
    if batch == 1:
        ways["torch, no padding"] = lambda many: theirs(many[0][None], None)
    return ways


def _padded(many: list[Tensor]) -> Tensor:
    return pad(rows := pad_sequence(many, True), (0, 0, 0, WIDTH - rows.shape[1]))


def _time(predict: Predict, requests: list[Tensor], start: int, calls: int, batch: int) -> list[float]:
    """Return the seconds of each call, after one that is not timed."""
    seconds = []
    with torch.inference_mode():
        predict(requests[:batch])
        for call in range(start, start + calls):
            first = call % (len(requests) - batch + 1)
            started = time.perf_counter()
            predict(requests[first : first + batch])
            seconds.append(time.perf_counter() - started)
    return seconds


def _show(name: str, row: dict[str, Any]) -> None:
    cells = (f"{who} {1e3 * ms['p50']:.2f} {1e3 * ms['p99']:.2f}" for who, ms in row["seconds"].items())
    print(f"  {name:18}{'   '.join(cells)}", flush=True)
