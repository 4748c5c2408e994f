"""Predict with onnxruntime on request; runs in the environment of `requirements.txt`.

Responds to each line of the standard input with a line of JSON: to "load FILE" with the logits of all sequences, to "time START CALLS"
with the seconds of each call.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import numpy as np
import onnxruntime
from benchmarks.engine.onnx_graph import graph
from numpy.typing import NDArray


class Server:
    """The network of the last file, and its sequences."""

    def __init__(self, threads: int) -> None:
        self._options = onnxruntime.SessionOptions()
        self._options.intra_op_num_threads = threads
        self._session: onnxruntime.InferenceSession
        self._requests: list[NDArray[np.float32]] = []

    def respond(self, line: str) -> dict[str, Any]:
        """Do what a line requests, and return the measurements."""
        match line.split():
            case ["load", file]:
                return {"logits": self._load(file)}
            case ["time", start, calls]:
                return {"seconds": self._time(int(start), int(calls))}
            case _:
                raise ValueError(f"A line must be 'load FILE' or 'time START CALLS'; got {line!r}.")

    def _load(self, file: str) -> list[list[float]]:
        with np.load(file) as stored:
            arrays = dict(stored)
        values, lengths = arrays.pop("values"), arrays.pop("lengths")
        self._requests = np.split(values, np.cumsum(lengths)[:-1])
        self._session = onnxruntime.InferenceSession(
            graph(arrays), self._options, providers=["CPUExecutionProvider"]
        )
        logits: list[list[float]] = np.concatenate([self._predict(one) for one in self._requests]).tolist()
        return logits

    def _predict(self, one: NDArray[np.float32]) -> NDArray[np.float32]:
        logits: NDArray[np.float32] = self._session.run(None, {"values": one[:, None]})[0]
        return logits

    def _time(self, start: int, calls: int) -> list[float]:
        seconds = []
        self._predict(self._requests[start % len(self._requests)])
        for call in range(start, start + calls):
            started = time.perf_counter()
            self._predict(self._requests[call % len(self._requests)])
            seconds.append(time.perf_counter() - started)
        return seconds


def main(threads: str) -> None:
    """Serve until the input ends."""
    server = Server(int(threads))
    print(json.dumps({"onnxruntime": onnxruntime.__version__}), flush=True)
    for line in sys.stdin:
        print(json.dumps(server.respond(line)), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
