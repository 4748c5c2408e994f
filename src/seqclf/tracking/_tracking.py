"""Forward one run to several trackers."""

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
    from seqclf.estimators import SequenceClassifier


class Tracking:
    """Callback of `fit` that forwards one run to several trackers, none of which can stop the training.

    The run starts and finishes with the `with` block; an exception that leaves the block determines its status.

    Parameters
    ----------
    trackers : sequence of Tracker
        Trackers to forward to.
    run : RunInfo
        Name, parameters and group of the run.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from seqclf import GRUClassifier
    >>> from seqclf.tracking import CsvTracker, RunInfo, Tracking
    >>> X, y = [[0.1, 0.9], [0.9, 0.1]] * 8, [1, 0] * 8
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with Tracking([CsvTracker(folder)], RunInfo(name="first", parameters={"lr": 0.01})) as tracking:
    ...         model = GRUClassifier(lr=0.01, max_epochs=2, callbacks=[tracking]).fit(X, y)
    ...     sorted(path.name for path in (Path(folder) / "first").iterdir())
    ['epochs.csv', 'parameters.json', 'status.json']
    """

    def __init__(self, trackers: Sequence[Tracker], run: RunInfo) -> None:
        self._run = run
        self._guards = [Guard(tracker, name=type(tracker).__name__) for tracker in trackers]

    def __enter__(self) -> Self:
        try:
            for guard in self._guards:
                guard.start(self._run)
        except (
            BaseException
        ) as error:  # Ctrl-C: `__exit__` is not called, so the started ones are finished here
            self._finish(status_of(error))
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._finish(status_of(error))

    def on_epoch_end(self, record: EpochRecord) -> None:
        """Forward an epoch."""
        for guard in self._guards:
            guard.log_epoch(record)

    def log_report(self, report: Report, model: SequenceClassifier | None = None) -> None:
        """Forward a report."""
        for guard in self._guards:
            guard.log_report(report, model)

    def _finish(self, status: RunStatus) -> None:
        with ExitStack() as stack:  # all are finished, even if Ctrl-C interrupts one of them
            for guard in reversed(self._guards):
                stack.callback(guard.finish, status)
