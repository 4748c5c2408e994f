"""The value by which trials are compared after each epoch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from seqclf.training import EpochRecord, Monitor
from seqclf.tuning._check_space import parameters_of
from seqclf.tuning._distributions import Choice, Either, IntRange, LogUniform, Space, Uniform
from seqclf.tuning._spaces import describe

EPOCH_SCORES: Mapping[str, Monitor] = {"f1_macro": "valid_macro_f1", "accuracy": "valid_accuracy"}
"""Scores that training computes after each epoch, without sample weights."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochValue:
    """What is read from an epoch: the score if training computes it, otherwise what the estimators monitor."""

    monitor: Monitor = "valid_loss"
    is_score: bool = False

    @classmethod
    def of(cls, scoring: Any, monitor: Monitor, *, weighted: bool) -> EpochValue:
        """Return the value for a score, and for the monitor of all trials."""
        if isinstance(scoring, str) and scoring in EPOCH_SCORES and not weighted:
            return cls(monitor=EPOCH_SCORES[scoring], is_score=True)
        return cls(monitor=monitor)

    def read(self, record: EpochRecord) -> float:
        """Return the value; larger is better."""
        return -record.cost(self.monitor if isinstance(self.monitor, str) else "valid_monitor")

    @property
    def name(self) -> str:
        """Name for plots."""
        if self.monitor == "valid_loss":
            return "minus the validation loss"
        return self.monitor if isinstance(self.monitor, str) else describe(self.monitor)


def common_monitor(monitor: Monitor, space: Space, name: str) -> Monitor:
    """Return what all trials monitor: their estimator's `monitor`, or the value that the space fixes.

    Values of different monitors cannot be compared: where the space varies the parameter called `name`, it is the loss.
    """
    if name not in parameters_of(space):
        return monitor
    fixed: Monitor = _fixed(space, name)
    return fixed


def _fixed(space: Space, name: str) -> Any:
    """Return the plain value of a parameter, "valid_loss" if it has none."""
    step, _, parameter = name.partition("__")
    value = space.get(name, space.get(step) if parameter else None)
    if name not in space and isinstance(value, Mapping):
        return _fixed(value, parameter)
    varies = name not in space or isinstance(value, Uniform | LogUniform | IntRange | Choice | Either)
    return "valid_loss" if varies else value
