"""Trackers that record their calls, or fail."""

from __future__ import annotations

from typing import Any

from seqclf.evaluation import Report
from seqclf.tracking import RunInfo, RunStatus, Tracker
from seqclf.tracking._callback_tracker import CallbackTracker
from seqclf.training import EpochRecord


class Recorder:
    """Records its calls; the methods named in `fails` raise `error`."""

    def __init__(self, fails: str = "", error: type[BaseException] = OSError) -> None:
        self.calls: list[Any] = []
        self._fails = fails
        self._error = error

    def start(self, run: RunInfo) -> None:
        self._record("start", run.name)

    def log_epoch(self, record: EpochRecord) -> None:
        self._record("log_epoch", record.epoch)

    def log_report(self, report: Report, model: Any = None) -> None:
        self._record("log_report", report.n_samples)

    def finish(self, status: RunStatus) -> None:
        self._record("finish", status)

    def _record(self, method: str, what: Any) -> None:
        self.calls.append((method, what))
        if method in self._fails.split():
            raise self._error("disk full")


class CallbackTrackerRecorder(CallbackTracker):
    """A tracker of the package whose runs are recorders."""

    def __init__(self, fails: str = "", error: type[BaseException] = OSError) -> None:
        self._runs: list[Recorder] = []
        self.fails = fails
        self.error = error

    def _new_run(self) -> Tracker:
        self._runs.append(Recorder(self.fails, self.error))
        return self._runs[-1]

    @property
    def calls(self) -> list[list[Any]]:
        """The calls of each run."""
        return [run.calls for run in self._runs]
