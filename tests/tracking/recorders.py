"""Trackers that remember, or fail."""

from __future__ import annotations

from typing import Any

from seqclf.evaluation import Report
from seqclf.tracking import RunInfo, RunStatus, Tracker
from seqclf.tracking._as_callback import AsCallback
from seqclf.training import EpochRecord


class Recorder:
    """Remembers what it was told; raises `error` where `fails` says."""

    def __init__(self, fails: str = "", error: type[BaseException] = OSError) -> None:
        self.told: list[Any] = []
        self._fails = fails
        self._error = error

    def start(self, run: RunInfo) -> None:
        self._note("start", run.name)

    def log_epoch(self, record: EpochRecord) -> None:
        self._note("log_epoch", record.epoch)

    def log_report(self, report: Report, model: Any = None) -> None:
        self._note("log_report", report.n_samples)

    def finish(self, status: RunStatus) -> None:
        self._note("finish", status)

    def _note(self, method: str, what: Any) -> None:
        self.told.append((method, what))
        if method in self._fails.split():
            raise self._error("disk full")


class AsCallbackRecorder(AsCallback):
    """A tracker of the package whose runs are recorders, all in one list."""

    def __init__(self, fails: str = "", error: type[BaseException] = OSError) -> None:
        self._runs: list[Recorder] = []
        self.fails = fails
        self.error = error

    def _new_run(self) -> Tracker:
        self._runs.append(Recorder(self.fails, self.error))
        return self._runs[-1]

    @property
    def told(self) -> list[list[Any]]:
        """What each run was told."""
        return [run.told for run in self._runs]
