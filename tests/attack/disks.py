"""Full disks: a sweep keeps its trials, a fit goes on, and no file is left half-written."""

from __future__ import annotations

import random
import resource
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from attack.attacks import Attack, at_once
from attack.samples import clean
from attack.sweeps import swept
from contract.entry_points import REFERENCE, small
from seqclf import tracking

TRACKERS = ("CsvTracker", "TensorBoardTracker")


def disk_attacks(seed: int) -> Iterator[Attack]:
    """Yield writes to files that may not grow beyond a random size."""
    rng = random.Random(seed)
    for i in range(40):
        most = rng.randrange(0, 6000)
        yield Attack(
            "full disks", f"journal of {most} bytes, {i}", at_once(_sweep(most)), lambda: "nothing lost"
        )
        for kind in TRACKERS:
            yield Attack(
                "full disks",
                f"{kind}, files of {most // 4} bytes, {i}",
                at_once(_track(kind, most // 4)),
                lambda: "nothing lost",
            )


@contextmanager
def files_of_at_most(n_bytes: int) -> Iterator[None]:
    """Within the block, a file cannot grow beyond a size: writing fails as on a full disk."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))


def _sweep(most: int) -> Callable[[], str]:
    def call() -> str:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "a.journal"
            first = swept(path, 1)
            complete = path.read_bytes()
            with files_of_at_most(len(complete) + most), suppress(OSError):
                swept(path, 3)
            if not path.read_bytes().startswith(complete):
                return "the journal was changed"
            again = swept(path, 4)
            if again.trials[0] != first.trials[0]:
                return "a trial was lost"
            # A trial that meets the full disk may be recorded as failed.
            if len([one for one in again.trials if one.status in ("complete", "pruned", "failed")]) < 4:
                return f"too few trials: {again}"
            return "nothing lost"

    return call


def _track(kind: str, most: int) -> Callable[[], str]:
    def call() -> str:
        with tempfile.TemporaryDirectory() as folder:
            tracker = getattr(tracking, kind)(Path(folder) / "runs")
            with files_of_at_most(most):
                model = small(callbacks=[tracker]).fit(REFERENCE.make(clean(1)), clean(1).y)
            left = [path.name for path in Path(folder).rglob("*.part")]
            if left:
                return f"half-written files: {left}"
            return "nothing lost" if model.n_epochs_ == 2 else f"{model.n_epochs_} epochs"

    return call
