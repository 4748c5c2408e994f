"""Fixtures of the sweep tests: a small task, and a PostgreSQL server."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqclf.datasets import make_heartbeats

Task = tuple[Any, Any]


@pytest.fixture(autouse=True)
def two_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `n_jobs=2` mean two processes on a machine with one core, too."""
    monkeypatch.setattr("seqclf._checks.cpu_count", lambda: max(2, os.cpu_count() or 0))


@pytest.fixture(scope="session")
def task() -> Task:
    """Return heartbeats of three classes that a small network learns in a few epochs."""
    X, y = make_heartbeats(90, class_proportions={"N": 3, "V": 1, "Q": 1}, random_state=0, return_X_y=True)
    return X, np.asarray(y)


def server_programs() -> Path | None:
    """Return the folder of PostgreSQL's programs; None if it is not installed."""
    found = [Path(path).parent for path in [shutil.which("pg_ctl")] if path]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder.resolve() for folder in found if (folder / "initdb").exists()), None)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Start a server that listens on a socket in a temporary folder; yield its URL."""
    programs = server_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (apt install postgresql)")
    pytest.importorskip("psycopg")
    folder = Path(tempfile.mkdtemp(prefix="seqclf-pg-"))
    # The server refuses to run as root.
    user = "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
    if os.getuid() == 0:
        shutil.chown(folder, user)
    options = f"-k {folder} -c listen_addresses='' -c fsync=off"

    def run(*command: str) -> None:
        subprocess.run(
            command, check=True, user=user if os.getuid() == 0 else None, cwd=folder, capture_output=True
        )

    data = str(folder / "data")
    run(str(programs / "initdb"), "-D", data, "-A", "trust", "-U", "seqclf", "--no-sync")
    run(str(programs / "pg_ctl"), "-D", data, "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        yield f"postgresql+psycopg://seqclf@/postgres?host={folder}"
    finally:
        run(str(programs / "pg_ctl"), "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)
