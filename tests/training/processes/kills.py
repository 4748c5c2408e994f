"""Kill one of four processes at random moments, and compare what the fits give in the end.

`PYTHONPATH=tests python -m training.processes.kills --kills 20`
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from training.processes.launch import finish, start, torchrun

FOUR = ["--standalone", "--nproc-per-node=4"]


def main() -> int:
    """Run fits until enough processes were killed; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20, help="processes to kill")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    rng = random.Random(given.seed)
    killed = resumed = n_fits = wrong = 0
    expected, seconds = undisturbed()
    while killed < given.kills:
        with tempfile.TemporaryDirectory() as temporary:
            folder, ends = Path(temporary), False
            while not ends:
                existed = (folder / "run.ckpt").exists()
                ends = not run_and_kill(folder, rng.uniform(0, seconds), rank=rng.randrange(4))
                killed += not ends
                resumed += existed and not ends
            n_fits += 1
            wrong += (folder / "result").read_bytes() != expected
    sys.stdout.write(
        f"{killed} processes killed, {resumed} of them after they had resumed; {n_fits} fits ended; {wrong} differ from an undisturbed "
        "one\n"
    )
    return int(wrong > 0)


def undisturbed() -> tuple[bytes, float]:
    """Return the result of a fit without checkpoints, and the seconds from the first step of its processes to its end."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        process = start(torchrun("resumed.py", folder, "--no-checkpoint", options=FOUR))
        wait_for(folder / "3.pid")
        started = time.monotonic()
        finish(process)
        return (folder / "result").read_bytes(), time.monotonic() - started


def run_and_kill(folder: Path, after: float, *, rank: int) -> bool:
    """Start four processes and kill one of them some seconds after all have begun; return whether the fit had not ended."""
    for file in folder.glob("*.pid"):
        file.unlink()
    process = start(torchrun("resumed.py", folder, options=FOUR))
    pids = [wait_for(folder / f"{one}.pid") for one in range(4)]
    time.sleep(after)
    with suppress(ProcessLookupError):
        os.kill(pids[rank], signal.SIGKILL)
    finish(process)
    return not (folder / "result").exists()


def wait_for(file: Path) -> int:
    """Return the number in a file, once it is there."""
    while not file.exists() or not file.read_text():
        time.sleep(0.02)
    return int(file.read_text())


if __name__ == "__main__":
    sys.exit(main())
