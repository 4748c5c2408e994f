"""Fit and predict on request, in one thread or in several.

    python -m benchmarks.engine.shared_server [--in-a-thread]

With `--in-a-thread`, the main thread only waits for another one, which serves alone, as in a web server.

Responds to each line of the standard input with the seconds, as JSON: to "training" with those of a fit, to "prediction" with those of
predicting all beats several times, to "callers N REQUESTS KIND" with those of N threads that share the requests. No callers:
the thread that serves does all of them, one after another.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Thread

import torch
from benchmarks.beats import draw_beats

import seqclf

BEATS = 2000
PREDICTIONS = 5
SMALL_FIT = 500
"""Beats of one of several concurrent fits."""


class Server:
    """A fitted classifier with default parameters, and its data."""

    def __init__(self) -> None:
        beats = draw_beats(BEATS)
        self._X, self._y = beats.sequences, beats.target
        self._model = self._fit(BEATS, 2)
        self._predict(BEATS)

    def respond(self, line: str) -> dict[str, float]:
        """Do what a line requests, and return the seconds."""
        match line.split(maxsplit=3):
            case ["training"]:
                return _seconds(lambda: self._fit(BEATS, 2))
            case ["prediction"]:
                return _seconds(lambda: [self._predict(BEATS) for _ in range(PREDICTIONS)])
            case ["callers", callers, requests, kind]:
                return self._by_callers(int(callers), int(requests), kind)
            case _:
                raise ValueError(
                    f"A line must be 'training', 'prediction' or 'callers N REQUESTS KIND'; got {line!r}."
                )

    def _by_callers(self, callers: int, requests: int, kind: str) -> dict[str, float]:
        work = (lambda: self._fit(SMALL_FIT, 1)) if kind == "training" else self._prediction_of(kind)
        if callers == 0:
            return _seconds(lambda: [work() for _ in range(requests)])
        every_caller = Barrier(callers)

        def warm_up(_: int) -> None:
            """Start a thread of the pool, and OpenMP's threads of it, before the clock starts."""
            self._predict(8)
            every_caller.wait()

        with ThreadPoolExecutor(callers) as pool:
            list(pool.map(warm_up, range(callers)))
            return _seconds(lambda: list(pool.map(lambda _: work(), range(requests))))

    def _prediction_of(self, kind: str) -> Callable[[], object]:
        n = int(kind.removeprefix("prediction of "))
        return lambda: self._predict(n)

    def _fit(self, n: int, epochs: int) -> seqclf.GRUClassifier:
        model = seqclf.GRUClassifier(max_epochs=epochs, random_state=0)
        return model.fit(self._X[:n], self._y[:n])

    def _predict(self, n: int) -> object:
        return self._model.predict_proba(self._X[:n])


def _seconds(work: Callable[[], object]) -> dict[str, float]:
    started = time.perf_counter()
    work()
    return {"seconds": time.perf_counter() - started}


def serve() -> None:
    """Warm up, then serve until the input ends."""
    server = Server()
    print(json.dumps({"threads": torch.get_num_threads()}), flush=True)
    for line in sys.stdin:
        print(json.dumps(server.respond(line.strip())), flush=True)


def main() -> None:
    """Serve in the main thread or in another one."""
    parser = argparse.ArgumentParser(description="Fit and predict on request.")
    parser.add_argument("--in-a-thread", action="store_true", help="compute nothing in the main thread")
    if parser.parse_args().in_a_thread:
        thread = Thread(target=serve)
        thread.start()
        thread.join()
    else:
        serve()


if __name__ == "__main__":
    main()
