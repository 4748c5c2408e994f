"""Train one classifier on one set after another, and report what each reaches.

    python -m benchmarks.archive.measure --entry "tsai GRU" --data FOLDER < jobs

Run from the root of the repository, with the Python of the peers' environment. Each line of the standard input is a set and a seed,
`PLAID 0`; the response is a line of JSON. A run that needs more than `--cap` seconds of processor time is left out, and the response
says so: other load on the machine does not change which runs are left out.
"""

from __future__ import annotations

import argparse
import importlib
import json
import platform
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any, TextIO

import numpy as np
from benchmarks.archive.sets import ArchiveSet
from benchmarks.peers.measure import own_stdout
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, f1_score

ENTRIES = {
    "aeon MiniRocketClassifier": ("aeon_peer", "minirocket"),
    "aeon MiniRocketClassifier (Resizer)": ("aeon_peer", "minirocket_resized"),
    "tsai GRU": ("tsai_peer", "gru"),
    "tsai LSTM": ("tsai_peer", "lstm"),
    "tsai GRU (100 epochs)": ("tsai_peer", "gru_100"),
    "tsai LSTM (100 epochs)": ("tsai_peer", "lstm_100"),
    "sktime GRUClassifier": ("sktime_peer", "gru"),
    "sktime GRUClassifier(batch_first=True)": ("sktime_peer", "gru_batch_first"),
    "sktime SimpleRNNClassifierTorch": ("sktime_peer", "simple_rnn"),
}
"""Name of each classifier, its module and its function; only the module of the chosen one is imported."""

Predict = Callable[[ArchiveSet, int], NDArray[np.str_]]
Response = dict[str, Any]


def measure(predict: Predict, data: ArchiveSet, seed: int, cap: float) -> Response:
    """Train and predict once; return the scores and the seconds."""
    started, started_cpu = time.perf_counter(), time.process_time()
    handler = signal.signal(signal.SIGPROF, _stop)
    signal.setitimer(signal.ITIMER_PROF, cap)
    try:
        predicted = predict(data, seed)
    except TimeoutError:
        return {"left_out": f"more than {cap:g} s of processor time"}
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, handler)
    return {
        "accuracy": float(accuracy_score(data.y_test, predicted)),
        "macro_f1": float(f1_score(data.y_test, predicted, average="macro")),
        "seconds": round(time.perf_counter() - started, 2),
        "processor_seconds": round(time.process_time() - started_cpu, 2),
    }


def respond(entry: str, folder: Path, lines: Iterable[str], cap: float) -> Iterator[Response]:
    """Yield the versions, then a response to each line."""
    module_name, function_name = ENTRIES[entry]
    module = importlib.import_module(f"benchmarks.archive.{module_name}")
    yield {"python": platform.python_version(), "numpy": np.__version__, **module.VERSIONS}
    for line in lines:
        name, seed = line.split()
        yield measure(getattr(module, function_name), ArchiveSet.load(folder, name), int(seed), cap)


def main() -> None:
    """Respond to the standard input."""
    parser = argparse.ArgumentParser(description="Measure one classifier on sets of the archive.")
    parser.add_argument("--entry", choices=ENTRIES, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cap", type=int, default=600, help="processor seconds of one run")
    options = parser.parse_args()
    responses: TextIO = own_stdout()
    for response in respond(options.entry, options.data, sys.stdin, options.cap):
        print(json.dumps(response), file=responses, flush=True)


def _stop(signum: int, frame: FrameType | None) -> None:
    raise TimeoutError


if __name__ == "__main__":
    main()
