"""Predict with onnxruntime on request; runs in the environment of `requirements.txt`.

Responds to each line of the standard input with a line of JSON: to "load FOLDER" with the probabilities of all sequences, to
"time START CALLS BATCH" with the seconds of each call.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

Array = NDArray[np.float32]


class Server:
    """The model `model.onnx` of a folder, and its sequences in `sequences.npz`."""

    def __init__(self, threads: int) -> None:
        self._options = onnxruntime.SessionOptions()
        self._options.intra_op_num_threads = threads
        self._session: onnxruntime.InferenceSession
        self._sequences: list[Array] = []

    def respond(self, line: str) -> dict[str, Any]:
        """Do what a line requests, and return the measurements."""
        match line.split():
            case ["load", folder]:
                return {"probabilities": self._load(Path(folder))}
            case ["time", start, calls, batch]:
                return {"seconds": self._time(int(start), int(calls), int(batch))}
            case _:
                raise ValueError(f"A line must be 'load FOLDER' or 'time START CALLS BATCH'; got {line!r}.")

    def _load(self, folder: Path) -> list[list[float]]:
        with np.load(folder / "sequences.npz") as stored:
            self._sequences = np.split(stored["values"], np.cumsum(stored["lengths"])[:-1])
        self._session = onnxruntime.InferenceSession(
            folder / "model.onnx", self._options, providers=["CPUExecutionProvider"]
        )
        probabilities: list[list[float]] = self._predict(self._sequences).tolist()
        return probabilities

    def _predict(self, batch: list[Array]) -> Array:
        offsets = np.cumsum([0] + [len(one) for one in batch])
        feeds = {"values": np.concatenate(batch), "offsets": offsets}
        probabilities: Array = self._session.run(["probabilities"], feeds)[0]
        return probabilities

    def _time(self, start: int, calls: int, batch: int) -> list[float]:
        first = start % (len(self._sequences) - batch + 1)
        self._predict(self._sequences[first : first + batch])
        seconds = []
        for call in range(start, start + calls):
            first = call % (len(self._sequences) - batch + 1)
            started = time.perf_counter()
            self._predict(self._sequences[first : first + batch])
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
