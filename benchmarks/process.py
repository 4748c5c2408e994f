"""A process that serves requests: send a line, receive a line of JSON."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[1]


class ServingProcess:
    """A process that has warmed up and waits for requests until the `with` block ends.

    Parameters
    ----------
    python : Path
        Interpreter of the environment to measure.
    name : str
        What the process measures, for error messages.
    arguments : list of str
        Module that serves requests, and its arguments.
    environment : mapping of str to str
        Environment variables.
    log : Path
        File for everything that the libraries print.

    Attributes
    ----------
    warm_up : dict of str
        The response that the process sends when it is ready.
    """

    def __init__(
        self, python: Path, name: str, arguments: list[str], *, environment: Mapping[str, str], log: Path
    ) -> None:
        self._name = name
        self._log = log
        with log.open("w") as errors:
            self._process = subprocess.Popen(
                [str(python), "-m", *arguments],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        self.warm_up: dict[str, Any] = {}

    def __enter__(self) -> Self:
        self.warm_up = self._receive()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.communicate()

    def ask(self, line: str) -> dict[str, Any]:
        """Send a line; wait for the response and return it."""
        assert self._process.stdin is not None
        print(line, file=self._process.stdin, flush=True)
        return self._receive()

    def _receive(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            end = "\n".join(self._log.read_text().splitlines()[-15:])
            raise RuntimeError(
                f"The process of {self._name} must send a response; it exited instead. Its last output:\n{end}"
            )
        response: dict[str, Any] = json.loads(line)
        return response


def limited_environment(threads: int) -> dict[str, str]:
    """Return an environment in which every library uses the same number of threads, and no GPU."""
    limits = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
    return {
        **os.environ,
        **dict.fromkeys(limits, str(threads)),
        "CUDA_VISIBLE_DEVICES": "",
        "TF_CPP_MIN_LOG_LEVEL": "2",
    }
