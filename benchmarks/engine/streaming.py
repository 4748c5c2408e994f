"""Latency of one step of a stream: two GRU layers of 64 units, beside torch's cells and onnxruntime.

    python -m benchmarks.engine --parts streaming
    python -m benchmarks.engine.streaming --clock processor

All run on one thread, from the same weights and states, and take turns of a few dozen steps; each continues from the states of its
step before. Their states after the first steps are compared before the clock starts. "push" is the whole way from an array to
probabilities: conversion, checks, scaling, layers, three poolings and a linear head. On a busy machine, `--clock processor` measures
the processor time of the thread.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import onnxruntime
import torch
from benchmarks.engine.timing import percentile
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from seqclf import GRUClassifier
from seqclf.kernels import RecurrentState
from seqclf.nn import RecurrentEncoder, SequenceNetwork, prepared
from seqclf.sequences import Sequences

UNITS = 64
TURN = 50
CLOCKS = {"wall": time.perf_counter, "processor": time.thread_time}
OPSET = 17
GATES = (1, 0, 2)
"""The places of z, r and h, the gates of a GRU in ONNX, in torch's order."""
MANY = 100
"""Streams that are pushed together."""

Step = Callable[[NDArray[np.float32]], Any]
"""Reads a step, (1, 1), and returns the state of the last layer, or probabilities."""


def fitted() -> GRUClassifier:
    """Return a classifier of one feature; what it has learned does not matter."""
    rng = np.random.default_rng(0)
    X = [rng.normal(size=20) for _ in range(32)]
    return GRUClassifier(hidden_size=UNITS, num_layers=2, max_epochs=1, random_state=0).fit(
        X, [0, 1, 2, 3] * 8
    )


def steps_of(model: GRUClassifier) -> dict[str, Step]:
    """Return the ways to read one step."""
    network = model.module_
    assert isinstance(network, SequenceNetwork)
    encoder = network.encoder
    assert isinstance(encoder, RecurrentEncoder)
    layers = [layer for layer in encoder.layers if isinstance(layer, nn.GRU)]
    stream, streams = model.stream(), model.stream(MANY)
    return {
        "seqclf, layers": _layers(encoder),
        "torch.nn.GRUCell": _cells(layers),
        "torch.nn.GRU": _modules(layers),
        "onnxruntime": _onnxruntime(layers),
        "seqclf, push": stream.push,
        f"seqclf, push of {MANY} streams": lambda step: streams.push(np.broadcast_to(step, (MANY, 1, 1))),
    }


def _layers(encoder: RecurrentEncoder) -> Step:
    own, offsets = prepared(encoder), torch.tensor([0, 1])
    state: list[RecurrentState] | None = None

    def step(values: NDArray[np.float32]) -> Tensor:
        nonlocal state
        states, state = own.run(Sequences.unchecked(torch.from_numpy(values), offsets), state)
        return states.values

    return step


def _cells(layers: list[nn.GRU]) -> Step:
    cells = []
    for layer in layers:
        cell = nn.GRUCell(layer.input_size, layer.hidden_size)
        cell.load_state_dict(
            {name.removesuffix("_l0"): weight for name, weight in layer.state_dict().items()}
        )
        cells.append(cell)
    states = [torch.zeros(1, UNITS) for _ in cells]

    def step(values: NDArray[np.float32]) -> Tensor:
        data = torch.from_numpy(values)
        for depth, cell in enumerate(cells):
            data = states[depth] = cell(data, states[depth])
        return data

    return step


def _modules(layers: list[nn.GRU]) -> Step:
    states = [torch.zeros(1, UNITS) for _ in layers]

    def step(values: NDArray[np.float32]) -> Tensor:
        data = torch.from_numpy(values)
        for depth, layer in enumerate(layers):
            data, states[depth] = layer(data, states[depth])
        return data

    return step


def _onnxruntime(layers: list[nn.GRU]) -> Step:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(_graph(layers), options, providers=["CPUExecutionProvider"])
    states = [np.zeros((1, 1, UNITS), dtype=np.float32) for _ in layers]

    def step(values: NDArray[np.float32]) -> NDArray[np.float32]:
        feed = {"values": values[None], **{f"before{depth}": state for depth, state in enumerate(states)}}
        states[:] = session.run(None, feed)
        last: NDArray[np.float32] = states[-1][0]
        return last

    return step


def _graph(layers: list[nn.GRU]) -> bytes:
    """Return a model of one step: `values` (1, 1, features) and the states before -> the states after, (1, 1, units) each."""
    nodes, constants, inputs = [], [], [_info("values", layers[0].input_size)]
    for depth, layer in enumerate(layers):
        weights = {name: _reordered(weight) for name, weight in layer.state_dict().items()}
        arrays = {
            f"input{depth}": weights["weight_ih_l0"],
            f"state{depth}": weights["weight_hh_l0"],
            f"bias{depth}": np.concatenate([weights["bias_ih_l0"], weights["bias_hh_l0"]]),
        }
        constants += [numpy_helper.from_array(array[None], name) for name, array in arrays.items()]
        read = (
            "values" if depth == 0 else f"after{depth - 1}"
        )  # (directions, batch, units) is (time, batch, units) here
        nodes.append(
            helper.make_node(
                "GRU",
                [read, *arrays, "", f"before{depth}"],
                ["", f"after{depth}"],
                hidden_size=UNITS,
                linear_before_reset=1,
            )
        )
        inputs.append(_info(f"before{depth}", UNITS))
    outputs = [_info(f"after{depth}", UNITS) for depth in range(len(layers))]
    model = helper.make_model(
        helper.make_graph(nodes, "step", inputs, outputs, constants),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=8,
    )
    return bytes(model.SerializeToString())


def _info(name: str, width: int) -> Any:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 1, width])


def _reordered(weight: Tensor) -> NDArray[np.float32]:
    gates = np.split(weight.numpy(), 3)
    return np.concatenate([gates[gate] for gate in GATES])


def compare(steps: dict[str, Step], inputs: NDArray[np.float32]) -> None:
    """Raise unless all that return states return the same ones."""
    expected = None
    for value in inputs:
        found = {name: np.asarray(step(value)) for name, step in steps.items()}
        expected = found["seqclf, layers"]
        for name, states in found.items():
            if "push" not in name:
                np.testing.assert_allclose(states, expected, rtol=1e-4, atol=1e-5, err_msg=name)


def streaming(calls: int, clock: str = "wall") -> dict[str, Any]:
    """Return the 50th and the 99th percentile of `calls` steps with each library, on one thread."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.no_grad():
            return _measure(calls, CLOCKS[clock], clock)
    finally:
        torch.set_num_threads(before)


def _measure(calls: int, now: Callable[[], float], clock: str) -> dict[str, Any]:
    steps = steps_of(fitted())
    inputs = np.random.default_rng(1).normal(size=(TURN, 1, 1)).astype(np.float32)
    compare(steps, inputs)
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(max(1, calls // TURN)):
        for name, step in steps.items():
            step(inputs[0])  # brings its weights back into the cache
            for value in inputs:
                started = now()
                step(value)
                seconds[name].append(now() - started)
    rows = {
        name: {"p50": statistics.median(values), "p99": percentile(values, 99)}
        for name, values in seconds.items()
    }
    print(f"Latency of one step of two GRU layers of {UNITS} units, microseconds: 50th and 99th percentile")
    for name, row in rows.items():
        print(f"  {name:28}{1e6 * row['p50']:8.1f}{1e6 * row['p99']:8.1f}", flush=True)
    return {"calls": len(next(iter(seconds.values()))), "clock": clock, "seconds": rows}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Latency of one step of a stream.")
    parser.add_argument("--calls", type=int, default=20_000)
    parser.add_argument("--clock", choices=list(CLOCKS), default="wall")
    options = parser.parse_args()
    streaming(options.calls, options.clock)


if __name__ == "__main__":
    main()
