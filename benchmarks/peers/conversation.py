"""The driver's end of a peer's process: one line out, one answer back."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]


class Conversation:
    """A peer that has warmed up and waits, until the `with` block ends.

    Parameters
    ----------
    python : Path
        Interpreter of the peer's environment.
    arguments : list of str
        Of `benchmarks.peers.measure`.
    threads : int
        Threads of the peer's process.
    log : Path
        What the peer's libraries print.
    """

    def __init__(self, python: Path, arguments: list[str], *, threads: int, log: Path) -> None:
        self._name = arguments[arguments.index("--peer") + 1]
        self._log = log
        with log.open("w") as errors:
            self._process = subprocess.Popen(
                [str(python), "-m", "benchmarks.peers.measure", "--serve", *arguments],
                cwd=ROOT,
                env=_environment(threads),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        self.introduction: dict[str, Any] = {}

    def __enter__(self) -> Self:
        self.introduction = self._hear()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.communicate()

    def ask(self, line: str) -> dict[str, Any]:
        """Send a line; return the answer, when it is there."""
        assert self._process.stdin is not None
        print(line, file=self._process.stdin, flush=True)
        return self._hear()

    def _hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            end = "\n".join(self._log.read_text().splitlines()[-15:])
            raise RuntimeError(
                f"The process of {self._name} must answer; it ended instead. Its last words:\n{end}"
            )
        answer: dict[str, Any] = json.loads(line)
        return answer


def _environment(threads: int) -> dict[str, str]:
    """Return variables that hold every library to the same threads, and off a GPU."""
    limits = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    return {
        **os.environ,
        **dict.fromkeys(limits, str(threads)),
        "CUDA_VISIBLE_DEVICES": "",
        "TF_CPP_MIN_LOG_LEVEL": "2",
    }
