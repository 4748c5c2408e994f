"""Base of trackers that are also callbacks of `fit`."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from seqclf.evaluation import Report
from seqclf.exceptions import SeqclfWarning
from seqclf.tracking._guard import Guard
from seqclf.tracking._protocol import RunInfo, RunStatus, Tracker, status_of
from seqclf.training import EpochRecord

if TYPE_CHECKING:
    from seqclf.estimators import SequenceClassifier


class CallbackTracker(ABC):
    """Parameters from which runs are created, at most one of them open.

    `fit` starts a run and finishes it. Within `with tracker:` the run stays open until the end of the block or the next `fit`.
    A run started with `start` stays open across any number of `fit` and `partial_fit` calls, until `finish`.
    """

    _open: Guard | None = None
    _started_by_fit = False
    _in_block = False

    @abstractmethod
    def _new_run(self) -> Tracker:
        """Return a tracker of a single run; its methods may raise."""

    def start(self, run: RunInfo) -> None:
        """Start a run; finish the open one first."""
        self._start(run, by_fit=False)

    def log_epoch(self, record: EpochRecord) -> None:
        """Log an epoch."""
        run = self._open_run("an epoch")
        if run is not None:
            run.log_epoch(record)

    def log_report(self, report: Report, model: SequenceClassifier | None = None) -> None:
        """Log a report on held-out samples, and the model; a second report replaces the first."""
        run = self._open_run("a report")
        if run is not None:
            run.log_report(report, model)

    def finish(self, status: RunStatus) -> None:
        """Finish the open run, if any."""
        run, self._open, self._started_by_fit = self._open, None, False
        if run is not None:
            run.finish(status)

    def on_fit_start(self, name: str, parameters: Mapping[str, Any]) -> None:
        """Start a run, unless one started with `start` is open."""
        if self._open is None or self._started_by_fit:
            self._start(RunInfo(name=name, parameters=parameters), by_fit=True)

    def on_epoch_end(self, record: EpochRecord) -> None:
        """Log an epoch."""
        self.log_epoch(record)

    def on_fit_end(self, error: BaseException | None) -> None:
        """Finish the run of this fit; within `with tracker:` only if the fit raised."""
        if self._started_by_fit and (error is not None or not self._in_block):
            self.finish(status_of(error))

    def __enter__(self) -> Self:
        self._in_block = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._in_block = False
        self.finish(status_of(error))

    def __getstate__(self) -> dict[str, Any]:
        # A copy (in another process, or made by scikit-learn's clone) has the parameters but no run.
        return self._parameters()

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self._parameters().items())
        return f"{type(self).__name__}({shown})"

    def _parameters(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if not name.startswith("_")}

    def _start(self, run: RunInfo, *, by_fit: bool) -> None:
        self.finish("complete")
        self._open, self._started_by_fit = Guard(self._new_run(), name=type(self).__name__), by_fit
        try:
            self._open.start(run)
        except (
            BaseException
        ) as error:  # Ctrl-C: the caller does not know of the run yet and would not finish it
            self.finish(status_of(error))
            raise

    def _open_run(self, what: str) -> Guard | None:
        """Return the open run; without one, warn instead of stopping the training."""
        if self._open is None:
            name = type(self).__name__
            warnings.warn(
                f"`{name}` must have an open run to log {what}; it has none, so {what} is not logged. `fit` opens and closes "
                "a run; `with tracker:` around `fit` keeps it open. Around `partial_fit`, call `tracker.start(RunInfo(...))` "
                "and `tracker.finish('complete')`.",
                SeqclfWarning,
                stacklevel=3,
            )
        return self._open
