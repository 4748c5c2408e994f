"""Start the scripts of this folder in several processes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

FOLDER = Path(__file__).parent
PATIENCE = 1200
"""Seconds that only a hang reaches."""


def torchrun(script: str, *arguments: object, options: Sequence[str]) -> list[str]:
    """Return the command that starts a script of this folder with torchrun."""
    command = [sys.executable, "-m", "torch.distributed.run", *options, str(FOLDER / script)]
    return [*command, *map(str, arguments)]


def start(command: Sequence[str], variables: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """Start a command with one thread for each process."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE", **(variables or {})}
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def finish(*processes: subprocess.Popen[str]) -> list[str]:
    """Wait for processes, and return what they printed; end them if one hangs."""
    try:
        return [process.communicate(timeout=PATIENCE)[0] for process in processes]
    finally:
        for process in processes:
            process.kill()


def free_port() -> str:
    """Return a port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return str(listener.getsockname()[1])
