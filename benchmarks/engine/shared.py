"""Training and prediction on busy and limited machines, and by several callers at once.

A process of its own, which has warmed up, runs each variant; they take turns, and medians are compared. "default" is seqclf as
installed, "one thread" is OMP_NUM_THREADS=1, and with "passive" (OMP_WAIT_POLICY=passive) waiting threads sleep.
A busy machine runs as many endless loops as there are processors besides. All processes belong to one session, and so to one
group of the scheduler: each gets the same share. On the machine of one processor the process is bound to one before it starts.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from benchmarks.process import ServingProcess

Row = dict[str, Any]
VARIANTS = {
    "default": {},
    "one thread": {"OMP_NUM_THREADS": "1"},
    "passive": {"OMP_WAIT_POLICY": "passive"},
}
MACHINES = ("idle", "busy", "one processor")
TASKS = ("training", "prediction")
CALLERS = (1, 2, 4, 8)
ALONE = "alone"
"""One caller in a process whose main thread computes nothing. OpenMP keeps threads for each thread that called it: a caller beside a
main thread that has computed has twice as many threads as processors, even while the main thread waits."""
COLUMNS = (ALONE, *map(str, CALLERS))
REQUESTS = {"training": 4, "prediction of 1": 400, "prediction of 128": 40}
"""Kinds of requests, and how many of them callers share."""
PATIENCE = 90
"""Seconds after which a machine is not measured again: threads that wait for each other can take a minute for one fit."""


def shared(repetitions: int) -> Row:
    """Return seconds on each machine, and the throughput of concurrent callers over that of one."""
    print("Seconds on shared machines")
    return {
        "machines": {machine: _machine(machine, repetitions) for machine in MACHINES},
        "callers": _callers(repetitions),
    }


def _machine(machine: str, repetitions: int) -> Row:
    """Return the median seconds of each task and variant, and the default's over those of the best other variant."""
    names = [name for name in VARIANTS if machine != "one processor" or name != "passive"]
    with ExitStack() as stack:
        if machine == "one processor":
            stack.enter_context(on_one_processor())
        processes = {name: stack.enter_context(_start(name, stack)) for name in names}
        if machine == "busy":
            stack.enter_context(endless_loops(len(os.sched_getaffinity(0))))
        measured = []
        started = time.perf_counter()
        for repetition in range(repetitions):
            if repetition > 0 and time.perf_counter() - started > PATIENCE:
                break
            measured += [
                (task, name, processes[name].ask(task)["seconds"]) for task in TASKS for name in names
            ]
    row: Row = {}
    for task in TASKS:
        seconds = {
            name: statistics.median(s for t, n, s in measured if (t, n) == (task, name)) for name in names
        }
        best = min(value for name, value in seconds.items() if name != "default")
        row[task] = {"seconds": seconds, "default_over_best": seconds["default"] / best}
        cells = "".join(f"{name:>12} {value:6.2f}" for name, value in seconds.items())
        print(f"  {machine}, {task:10}{cells}", flush=True)
    return row


def _callers(repetitions: int) -> dict[str, Any]:
    """Return the throughput of several callers over that of requests one after another."""
    rows: Row = {}
    with ExitStack() as stack:
        process = stack.enter_context(_start("default", stack))
        without_main = stack.enter_context(_start("default", stack, "--in-a-thread"))
        for kind, requests in REQUESTS.items():
            seconds: dict[str, list[float]] = {}
            for _ in range(repetitions):
                for callers in (0, *(n for n in CALLERS if n <= requests)):
                    answer = process.ask(f"callers {callers} {requests} {kind}")
                    seconds.setdefault(str(callers), []).append(answer["seconds"])
                answer = without_main.ask(f"callers 0 {requests} {kind}")
                seconds.setdefault(ALONE, []).append(answer["seconds"])
            medians = {callers: statistics.median(values) for callers, values in seconds.items()}
            one_after_another = medians.pop("0")
            rows[kind] = {
                "requests": requests,
                "seconds_one_after_another": one_after_another,
                "seconds": medians,
                "throughput": {callers: one_after_another / value for callers, value in medians.items()},
            }
            cells = "".join(f"{callers:>7} {x:.2f}x" for callers, x in rows[kind]["throughput"].items())
            print(f"  callers, {kind:18}{cells}", flush=True)
    return rows


def _start(name: str, stack: ExitStack, *arguments: str) -> ServingProcess:
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("OMP_", "GOMP_"))}
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    return ServingProcess(
        Path(sys.executable),
        name,
        ["benchmarks.engine.shared_server", *arguments],
        environment={**inherited, **VARIANTS[name]},
        log=folder / "log",
    )


@contextmanager
def endless_loops(count: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Run `count` processes that never wait."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield loops
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


@contextmanager
def on_one_processor() -> Iterator[None]:
    """Bind this thread, and the processes that it starts, to one processor."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
