"""A tracker that cannot stop a training."""

from __future__ import annotations

import contextlib
import warnings
from typing import TYPE_CHECKING, Any

from seqclf.evaluation import Report
from seqclf.exceptions import SeqclfWarning
from seqclf.tracking._protocol import RunInfo, RunStatus, Tracker
from seqclf.training import EpochRecord

if TYPE_CHECKING:
    from seqclf.estimators import RecurrentClassifier


class Guard:
    """Tells a tracker of one run, until it raises: then there is one warning, and silence until the next run."""

    def __init__(self, tracker: Tracker, *, name: str) -> None:
        self._tracker = tracker
        self._name = name
        self._told = False

    def start(self, run: RunInfo) -> None:
        self._told = True
        self._tell("start", run)

    def log_epoch(self, record: EpochRecord) -> None:
        self._tell("log_epoch", record)

    def log_report(self, report: Report, model: RecurrentClassifier | None = None) -> None:
        self._tell("log_report", report, model)

    def finish(self, status: RunStatus) -> None:
        self._tell("finish", status)
        self._told = False

    def _tell(self, method: str, *arguments: Any) -> None:
        if not self._told:
            return
        try:
            getattr(self._tracker, method)(*arguments)
        except Exception as error:
            self._told = False
            if method != "finish":
                # Files and connections of what was begun are closed, if that is possible.
                with contextlib.suppress(Exception):
                    self._tracker.finish("failed")
            warnings.warn(
                f"`{self._name}.{method}` raised {type(error).__name__}: {error}. The training goes on; the tracker is not "
                "told of the rest of this run.",
                SeqclfWarning,
                stacklevel=3,
            )
