"""A process that measures one classifier in the peers' environment: send a set and a seed, receive the scores."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from benchmarks.peers.process import ROOT, limited_environment


class EntryProcess:
    """A classifier that waits for requests until the `with` block ends.

    Parameters
    ----------
    python : Path
        Interpreter of the peers' environment.
    entry : str
        Name of the classifier, one of `benchmarks.archive.measure.ENTRIES`.
    data : Path
        Folder of the `.ts` files.
    cap : int
        Processor seconds of one run.

    Attributes
    ----------
    versions : dict of str
        Versions of the packages.
    """

    def __init__(self, python: Path, entry: str, data: Path, cap: int) -> None:
        self._entry = entry
        self._log = tempfile.NamedTemporaryFile("w+", suffix=".log")  # noqa: SIM115 (closed in __exit__)
        arguments = ["--entry", entry, "--data", str(data.resolve()), "--cap", str(cap)]
        self._process = subprocess.Popen(
            [str(python), "-m", "benchmarks.archive.measure", *arguments],
            cwd=ROOT,
            env={**limited_environment(1), "NUMBA_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        self.versions: dict[str, str] = {}

    def __enter__(self) -> Self:
        self.versions = self._receive()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.communicate()
        self._log.close()

    def ask(self, line: str) -> dict[str, Any]:
        """Send a set and a seed; wait for the scores and return them."""
        assert self._process.stdin is not None
        print(line, file=self._process.stdin, flush=True)
        return self._receive()

    def _receive(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            end = "\n".join(Path(self._log.name).read_text().splitlines()[-15:])
            raise RuntimeError(
                f"The process of {self._entry} must send a response; it exited instead. Its last output:\n{end}"
            )
        response: dict[str, Any] = json.loads(line)
        return response
