"""Keep the errors of a tracker from stopping the training."""

from __future__ import annotations

import contextlib
import warnings
from typing import TYPE_CHECKING, Any

from seqclf.evaluation import Report
from seqclf.exceptions import SeqclfWarning
from seqclf.tracking._protocol import RunInfo, RunStatus, Tracker
from seqclf.training import EpochRecord

if TYPE_CHECKING:
    from seqclf.estimators import SequenceClassifier


class Guard:
    """Forward the calls of a run to a tracker; after its first error, warn once and stop until the next run."""

    def __init__(self, tracker: Tracker, *, name: str) -> None:
        self._tracker = tracker
        self._name = name
        self._active = False

    def start(self, run: RunInfo) -> None:
        self._active = True
        self._call("start", run)

    def log_epoch(self, record: EpochRecord) -> None:
        self._call("log_epoch", record)

    def log_report(self, report: Report, model: SequenceClassifier | None = None) -> None:
        self._call("log_report", report, model)

    def finish(self, status: RunStatus) -> None:
        self._call("finish", status)
        self._active = False

    def _call(self, method: str, *arguments: Any) -> None:
        if not self._active:
            return
        try:
            getattr(self._tracker, method)(*arguments)
        except Exception as error:
            self._active = False
            if method != "finish":
                # Close the files and connections of the run, if possible.
                with contextlib.suppress(Exception):
                    self._tracker.finish("failed")
            warnings.warn(
                f"`{self._name}.{method}` raised {type(error).__name__}: {error}. Training continues, but the tracker receives "
                "nothing more of this run.",
                SeqclfWarning,
                stacklevel=3,
            )
