"""Processes of `n_jobs`, and their threads, are at most as many as the processors that may be used: here, one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

COUNTED = Path(__file__).with_name("counted_threads.py")
PATIENCE_SECONDS = 3600

QUOTA_OF_ONE = """
set -e
if test -d /sys/fs/cgroup/cpu; then
    place=/sys/fs/cgroup/cpu group=/sys/fs/cgroup/cpu/$0
    mkdir $group
    echo 100000 > $group/cpu.cfs_period_us
    echo 100000 > $group/cpu.cfs_quota_us
else
    place=/sys/fs/cgroup group=/sys/fs/cgroup/$0
    mkdir $group
    echo "100000 100000" > $group/cpu.max
fi
echo $$ > $group/cgroup.procs
mount --bind $group $place
exec "$@"
"""
"""Run a command in a control group of its own, version 1 or 2, which it sees as a container sees its own."""


def in_group(name: str) -> list[str]:
    return ["unshare", "--mount", "sh", "-c", QUOTA_OF_ONE, name]


def remove_group(name: str) -> None:
    """Remove a group once its last process has ended."""
    end = time.monotonic() + PATIENCE_SECONDS
    for group in (Path("/sys/fs/cgroup/cpu", name), Path("/sys/fs/cgroup", name)):
        while group.exists():
            try:
                group.rmdir()
            except OSError:
                assert time.monotonic() < end, f"{group} is in use"
                time.sleep(0.02)


@pytest.fixture
def quota() -> Iterator[tuple[list[str], list[str]]]:
    """Yield a command that gives another a quota of one processor, and what to append where that is not allowed."""
    name = f"seqclf-{os.getpid()}"
    if shutil.which("unshare") is None:
        yield [], ["faked"]
        return
    tried = subprocess.run([*in_group(name), "true"], capture_output=True, check=False)
    remove_group(name)
    yield (in_group(name), []) if tried.returncode == 0 else ([], ["faked"])
    remove_group(name)


def computing(folder: Path, prefix: list[str], suffix: list[str]) -> tuple[str, dict[str, list[str]]]:
    """Run everything that has `n_jobs`; return the process, and by name the processes that computed, with their threads."""
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    run = subprocess.run(
        [*prefix, sys.executable, str(COUNTED), str(folder), *suffix],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    names = ("ensemble", "sweep", "table")
    return run.stdout.strip(), {name: sorted(one.name for one in (folder / name).iterdir()) for name in names}


def test_one_core_of_the_affinity_runs_one_process_on_one_thread(tmp_path: Path) -> None:
    core = str(min(os.sched_getaffinity(0)))
    pid, found = computing(tmp_path, ["taskset", "--cpu-list", core], [])
    assert found == {name: [f"{pid} 1"] for name in ("ensemble", "sweep", "table")}


def test_a_quota_of_one_core_runs_one_process_on_one_thread(
    tmp_path: Path, quota: tuple[list[str], list[str]]
) -> None:
    pid, found = computing(tmp_path, *quota)
    assert found == {name: [f"{pid} 1"] for name in ("ensemble", "sweep", "table")}
