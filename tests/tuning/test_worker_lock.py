from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from seqclf.tuning._worker_lock import has_died, identified_worker, is_local


def test_a_worker_lives_until_the_end_of_its_block(tmp_path: Path) -> None:
    journal = tmp_path / "sweep.journal"
    with identified_worker(journal, "call") as worker:
        assert not has_died(worker, journal)
        with identified_worker(journal, "call") as other:
            assert other["id"] != worker["id"]
            assert not has_died(worker, journal)
        assert has_died(other, journal)
    assert has_died(worker, journal)
    assert list(tmp_path.iterdir()) == []


def test_a_worker_that_was_killed_has_died(tmp_path: Path) -> None:
    journal = tmp_path / "sweep.journal"
    code = (
        "import sys; from filelock import FileLock\n"
        f"with FileLock({str(tmp_path / 'sweep.journal.worker-1')!r}): print('locked', flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    worker: dict[str, Any] = {"id": 1}
    assert process.stdout is not None
    assert process.stdout.readline() == "locked\n"
    assert not has_died(worker, journal)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert has_died(worker, journal)
    assert list(tmp_path.iterdir()) == []


def test_only_workers_of_this_host_are_local(tmp_path: Path) -> None:
    with identified_worker(None, "call") as worker:
        assert is_local(worker)
        assert not is_local(worker | {"host": "elsewhere"})
    assert list(tmp_path.iterdir()) == []
