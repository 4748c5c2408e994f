"""Attacks run in processes of their own, so that a hang or a crash ends one of them and not the run."""

from __future__ import annotations

import multiprocessing as mp
import os
import resource
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection
from typing import Any

from attack.verdicts import Verdict

SECONDS = 240  # a hang; a sweep waits up to two minutes for a worker that ended before it marked its trial
BYTES = 8 << 30  # of address space: what needs more is refused by the system, not killed


def serve(connection: Connection, seed: int) -> None:
    """Answer with a verdict for the index of each attack, until there are no more."""
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    silent = os.open(os.devnull, os.O_RDWR)
    for stream in (1, 2):
        os.dup2(silent, stream)
    import torch

    torch.set_num_threads(1)
    from attack.catalogue import all_attacks
    from attack.verdicts import judge

    attacks = all_attacks(seed)
    connection.send("ready")
    while (i := connection.recv()) is not None:
        connection.send(judge(attacks[i]))


class Worker:
    """A process that runs attacks; started anew when one of them ends or blocks it."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._process: Any = None
        self._connection: Any = None

    def judge(self, i: int) -> Verdict:
        """Return the verdict on an attack."""
        if self._process is None:
            self._start()
        self._connection.send(i)
        try:
            if not self._connection.poll(SECONDS):
                self.stop()
                return Verdict("hang", f"no result after {SECONDS} seconds")
            verdict: Verdict = self._connection.recv()
        except EOFError:
            self._process.join()
            code = self._process.exitcode
            self.stop()
            return Verdict("crash", f"the process ended with {code}")
        return verdict

    def _start(self) -> None:
        context = mp.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs, self._seed), daemon=False)
        self._process.start()
        theirs.close()
        assert self._connection.recv() == "ready"

    def stop(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._connection.close()
            self._process = None


def run_all(
    indices: Sequence[int], seed: int, report: Callable[[int, Verdict], None]
) -> Iterator[tuple[int, Verdict]]:
    """Yield the verdict on each attack; `report` is called with it at once."""
    worker = Worker(seed)
    try:
        for i in indices:
            verdict = worker.judge(i)
            report(i, verdict)
            yield i, verdict
    finally:
        worker.stop()
