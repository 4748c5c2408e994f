"""Kill fits at random moments, and compare what they give in the end: `PYTHONPATH=tests python -m interrupted`."""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

from interrupted.fits import FITS
from interrupted.kills import checkpoint_of, result, start, undisturbed


def main() -> int:
    """Run the fits in turn until enough processes were killed; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m interrupted", description=__doc__)
    parser.add_argument("--kills", type=int, default=100, help="processes to kill")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    rng = random.Random(given.seed)
    killed = n_fits = wrong = resumed = 0
    expected = {}
    while killed < given.kills:
        name = list(FITS)[n_fits % len(FITS)]
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            if name not in expected:
                expected[name] = undisturbed(name, folder), _seconds(name)
            (right, seconds), ends = expected[name], False
            while not ends:
                existed = checkpoint_of(folder).exists()
                ends = not _killed(name, folder, rng.uniform(0, seconds))
                killed += not ends
                resumed += existed and not ends
            n_fits += 1
            if result(folder)[0] != right:
                wrong += 1
                sys.stdout.write(f"differs: {name}\n")
    sys.stdout.write(
        f"{killed} processes killed, {resumed} of them after they had resumed; {n_fits} fits ended; {wrong} differ from undisturbed ones\n"
    )
    return int(wrong > 0)


def _seconds(name: str) -> float:
    """Return how long a process takes for a fit."""
    with tempfile.TemporaryDirectory() as temporary:
        started = time.monotonic()
        start(name, Path(temporary)).join()
        return time.monotonic() - started


def _killed(name: str, folder: Path, after: float) -> bool:
    """Start a process and kill it after some seconds; return whether that was before its end."""
    process = start(name, folder)
    process.join(after)
    process.kill()
    process.join()
    return not (folder / "result").exists()


if __name__ == "__main__":
    sys.exit(main())
