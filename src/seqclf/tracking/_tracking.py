"""One run, told to several trackers."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Self

from seqclf.evaluation import Report
from seqclf.tracking._guard import Guard
from seqclf.tracking._protocol import RunInfo, RunStatus, Tracker, status_of
from seqclf.training import EpochRecord

if TYPE_CHECKING:
    from seqclf.estimators import RecurrentClassifier


class Tracking:
    """A callback of `fit` that hands on to trackers what it hears; none of them can stop the training.

    The error that leaves the block, if any, tells how the run ended.
    """

    def __init__(self, trackers: Sequence[Tracker], run: RunInfo) -> None:
        self._run = run
        self._guards = [Guard(tracker, name=type(tracker).__name__) for tracker in trackers]

    def __enter__(self) -> Self:
        try:
            for guard in self._guards:
                guard.start(self._run)
        except BaseException as error:  # Ctrl-C: those that began would never hear of an end
            self._finish(status_of(error))
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._finish(status_of(error))

    def on_epoch_end(self, record: EpochRecord) -> None:
        """Hand on an epoch."""
        for guard in self._guards:
            guard.log_epoch(record)

    def log_report(self, report: Report, model: RecurrentClassifier | None = None) -> None:
        """Hand on a report."""
        for guard in self._guards:
            guard.log_report(report, model)

    def _finish(self, status: RunStatus) -> None:
        with ExitStack() as stack:  # all are told, even if Ctrl-C interrupts one of them
            for guard in reversed(self._guards):
                stack.callback(guard.finish, status)
