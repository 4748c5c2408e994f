"""A tracker that is a callback of `fit` as well."""

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
    from seqclf.estimators import RecurrentClassifier


class AsCallback(ABC):
    """Parameters that make runs, of which one may be open.

    `fit` begins a run and ends it. Within `with tracker:` its end waits for the end of the block, or for the next `fit`. A
    run that `start` began goes on through any number of `fit` and `partial_fit`, until `finish`.
    """

    _open: Guard | None = None
    _begun_by_fit = False
    _waits = False

    @abstractmethod
    def _new_run(self) -> Tracker:
        """Return what is told of one run, and may raise."""

    def start(self, run: RunInfo) -> None:
        """Begin a run, and end the one that is open."""
        self._begin(run, by_fit=False)

    def log_epoch(self, record: EpochRecord) -> None:
        """Log the numbers of an epoch."""
        run = self._open_run("an epoch")
        if run is not None:
            run.log_epoch(record)

    def log_report(self, report: Report, model: RecurrentClassifier | None = None) -> None:
        """Log scores on samples held out, and the weights of the model; a second report replaces the first."""
        run = self._open_run("a report")
        if run is not None:
            run.log_report(report, model)

    def finish(self, status: RunStatus) -> None:
        """End the run that is open, if one is."""
        run, self._open, self._begun_by_fit = self._open, None, False
        if run is not None:
            run.finish(status)

    def on_fit_start(self, name: str, parameters: Mapping[str, Any]) -> None:
        """Begin a run, unless one goes on that `start` began."""
        if self._open is None or self._begun_by_fit:
            self._begin(RunInfo(name=name, parameters=parameters), by_fit=True)

    def on_epoch_end(self, record: EpochRecord) -> None:
        """Log the numbers of an epoch."""
        self.log_epoch(record)

    def on_fit_end(self, error: BaseException | None) -> None:
        """End the run that the fit began; within `with tracker:` only if the fit raised."""
        if self._begun_by_fit and (error is not None or not self._waits):
            self.finish(status_of(error))

    def __enter__(self) -> Self:
        self._waits = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._waits = False
        self.finish(status_of(error))

    def __getstate__(self) -> dict[str, Any]:
        # A copy, in another process or scikit-learn's clone, has the parameters and no run.
        return self._parameters()

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self._parameters().items())
        return f"{type(self).__name__}({shown})"

    def _parameters(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if not name.startswith("_")}

    def _begin(self, run: RunInfo, *, by_fit: bool) -> None:
        self.finish("complete")
        self._open, self._begun_by_fit = Guard(self._new_run(), name=type(self).__name__), by_fit
        try:
            self._open.start(run)
        except BaseException as error:  # Ctrl-C, while whoever would end the run does not know of it yet
            self.finish(status_of(error))
            raise

    def _open_run(self, what: str) -> Guard | None:
        """Return the run that is open; without one, say so and lose what came, but not the training."""
        if self._open is None:
            name = type(self).__name__
            warnings.warn(
                f"`{name}` must have an open run to log {what}; it has none, so {what} is lost. `fit` opens a run and closes "
                "it; `with tracker:` around `fit` keeps it open. Around `partial_fit`, call `tracker.start(RunInfo(...))` "
                "and `tracker.finish('complete')`.",
                SeqclfWarning,
                stacklevel=3,
            )
        return self._open
