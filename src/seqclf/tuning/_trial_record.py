"""One trial of a sweep, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from seqclf.tuning._trial_status import TrialStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRecord:
    """One trial of a sweep.

    Parameters
    ----------
    number : int
        Number of the trial, from 0.
    status : {"complete", "pruned", "failed", "interrupted", "running"}
        Whether and how the trial ended.
    score : float or None
        Mean score over the held-out samples of all splits; None unless the trial is complete.
    params : mapping
        Parameters of the trial, as passed to `set_params`.
    intermediate_values : tuple of float
        Values by which trials were compared: the score after each epoch of the first split, then the mean score after each
        split. With a score that training does not compute, what the estimator monitors after each epoch, by default minus the
        validation loss.
    seconds : float or None
        Duration; None while the trial runs.
    reason : str or None
        Why the trial failed.

    Examples
    --------
    >>> from seqclf.tuning import TrialRecord
    >>> TrialRecord(number=0, status="failed", reason="TrainingDivergedError: The loss ...").score is None
    True
    """

    number: int
    status: TrialStatus
    score: float | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    intermediate_values: tuple[float, ...] = ()
    seconds: float | None = None
    reason: str | None = None
