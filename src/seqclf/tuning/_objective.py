"""One trial: draw parameters, fit, report each epoch, prune, score."""

from __future__ import annotations

import math
import traceback
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from seqclf.tracking import RunInfo, Tracking
from seqclf.training import Callback, EpochRecord
from seqclf.tuning._conversion import suggest
from seqclf.tuning._cross_validation import CrossValidation
from seqclf.tuning._stale_trials import mark_worker
from seqclf.tuning._study import SweepConfig
from seqclf.tuning._trial_status import REASON, STATUS, is_replaced, n_tries

if TYPE_CHECKING:
    import optuna

_MAX_REASON_LENGTH = 500


class TrialFailedError(Exception):
    """Ends a trial that has already been marked with its status."""


class Pruning:
    """Callback that reports each epoch to Optuna and stops a trial that the pruner rejects.

    After the last value, where their number is known, there is nothing left to save by pruning.
    """

    def __init__(self, trial: optuna.Trial, validation: CrossValidation, *, n_values: int | None) -> None:
        self._trial = trial
        self._validation = validation
        self._n_values = n_values
        self._step = 0

    def on_epoch_end(self, record: EpochRecord) -> None:
        """Report an epoch; raise `optuna.TrialPruned` if the pruner rejects the trial."""
        self.report(self._validation.epoch_value.read(record))

    def report_mean(self, score: float, *, n_after: int) -> None:
        """Report a mean score, of which `n_after` others follow: always at the same step, also after early stopping."""
        if self._n_values is not None:
            self._step = self._n_values - n_after - 1
        self.report(score)

    def report(self, value: float) -> None:
        """Report a value; raise `optuna.TrialPruned` if the pruner rejects the trial."""
        from optuna import TrialPruned

        self._step += 1
        self._trial.report(value, step=self._step)
        if self._step != self._n_values and self._trial.should_prune():
            raise TrialPruned


def run_trial(trial: optuna.Trial, config: SweepConfig, worker: Mapping[str, Any]) -> float:
    """Return the mean score over all splits.

    Raises
    ------
    optuna.TrialPruned
        If the pruner stopped the trial.
    TrialFailedError
        If the trial failed or was surplus; it is marked with that status.
    """
    from optuna import TrialPruned

    mark_worker(trial, worker)
    if _is_surplus(trial, config.n_trials):
        trial.set_user_attr(STATUS, "surplus")
        raise TrialFailedError
    try:
        params = suggest(trial, config.space)
        run = RunInfo(name=f"trial-{trial.number:04d}", group=trial.study.study_name, parameters=params)
        with Tracking(config.trackers, run) as tracking:
            return _finite(_mean_score(trial, params, config, tracking))
    except TrialPruned as error:
        _release_memory(error)
        raise
    except KeyboardInterrupt:
        trial.set_user_attr(STATUS, "interrupted")
        trial.set_user_attr(REASON, "interrupted")
        raise
    except Exception as error:
        trial.set_user_attr(STATUS, "failed")
        trial.set_user_attr(REASON, f"{type(error).__name__}: {error}"[:_MAX_REASON_LENGTH])
        _release_memory(error)
        raise TrialFailedError from error


def _release_memory(error: Exception) -> None:
    """Drop the network and the batches that the frames of an error hold.

    Optuna keeps the error in a reference cycle, so they would otherwise stay in memory during the next trial.
    """
    traceback.clear_frames(error.__traceback__)


def _mean_score(
    trial: optuna.Trial, params: dict[str, Any], config: SweepConfig, tracking: Tracking
) -> float:
    """Fit and score split by split; the first one reports its epochs, each later one the mean score so far."""
    validation, scores = config.validation, []
    pruning = Pruning(trial, validation, n_values=validation.n_intermediate_values(params))
    for i, split in enumerate(validation.splits):
        callbacks: tuple[Callback, ...] = (tracking, pruning) if i == 0 else ()
        fitted = validation.fit_split(params, split, callbacks)
        scores.append(validation.score(fitted, split))
        if i == 0 and config.trackers:  # a report takes a second prediction
            tracking.log_report(validation.report(fitted, split), fitted)
        n_splits = len(validation.splits)
        if n_splits > 1 and validation.epoch_value.is_score:  # a series must not mix scores with other values
            pruning.report_mean(float(np.mean(scores)), n_after=n_splits - i - 1)
    return float(np.mean(scores))


def _finite(score: float) -> float:
    """Return a finite score; raise for others, for which Optuna would fail the trial without a reason."""
    if not math.isfinite(score):
        raise ValueError(
            f"A score must be a finite number; got {score}. Does each held-out set contain each class?"
        )
    return score


def _is_surplus(trial: optuna.Trial, n_trials: int) -> bool:
    """Return whether enough trials began before this one: several processes may begin the last one at the same time.

    A trial that is tried again is never surplus, even if another process began a trial in its place.
    """
    trials = trial.study.get_trials(deepcopy=False)
    if any(t.number == trial.number and n_tries(t) > 1 for t in trials):
        return False
    return sum(t.number < trial.number and not is_replaced(t) for t in trials) >= n_trials
