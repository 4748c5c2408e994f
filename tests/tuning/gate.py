"""Callbacks through which the processes of a sweep wait for each other, so that tests need no timing."""

from __future__ import annotations

import os
import time
from pathlib import Path

from seqclf.training import EpochRecord

PATIENCE_SECONDS = 3600.0
"""Reached only if something hangs."""


def wait_until(path: Path) -> None:
    """Wait until a file exists."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not path.exists():
        if time.monotonic() > end:
            raise TimeoutError(f"{path} was never created")
        time.sleep(0.02)


def wait_for(folder: Path, pattern: str, count: int) -> list[str]:
    """Wait until a folder contains that many files; return their names."""
    end = time.monotonic() + PATIENCE_SECONDS
    while len(found := sorted(path.name for path in folder.glob(pattern))) < count:
        if time.monotonic() > end:
            raise TimeoutError(f"{folder} has {found}, not {count} of {pattern}")
        time.sleep(0.02)
    return found


class Gate:
    """In fit number `fit` of each process, announces the process with a file `at-<pid>` and waits for the file `open`."""

    def __init__(self, folder: Path, fit: int) -> None:
        self.folder, self.fit = folder, fit

    def on_epoch_end(self, record: EpochRecord) -> None:
        if record.epoch != 1:
            return
        fits = self.folder / f"fits-{os.getpid()}"  # a file, because each trial has a copy of this object
        with fits.open("a") as file:
            file.write(".")
        if fits.stat().st_size == self.fit:
            (self.folder / f"at-{os.getpid()}").touch()
            wait_until(self.folder / "open")
