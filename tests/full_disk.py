"""Run code in a process of its own, whose files may not grow beyond a limit: writing then fails as on a full disk."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

_LIMIT = '''
def limit(n_bytes):
    """Let no file grow beyond this many bytes; None removes the limit."""
    import resource
    most = resource.RLIM_INFINITY
    resource.setrlimit(resource.RLIMIT_FSIZE, (most if n_bytes is None else n_bytes, most))
'''
_ONLY_A_HANG_TAKES = 3600  # seconds


def run_with_limit(code: str, *arguments: object) -> str:
    """Return what code prints that calls `limit(n_bytes)`; raise if it fails."""
    python_path = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", _LIMIT + dedent(code), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=_ONLY_A_HANG_TAKES,
        env=os.environ | {"PYTHONPATH": python_path},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
