"""One trial: draw, fit, tell each epoch, stop early if it is behind."""

from __future__ import annotations

import math
import traceback
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from seqclf.tracking import RunInfo, Tracker, Tracking
from seqclf.training import Callback, EpochRecord
from seqclf.tuning._conversion import suggest
from seqclf.tuning._distributions import Space
from seqclf.tuning._scoring import EPOCHS_HAVE, Trainer, classifier_of
from seqclf.tuning._state import REASON, STATUS, TRIES, does_not_count, sign_on

if TYPE_CHECKING:
    import optuna

_LONGEST_REASON = 500


class TrialEndedError(Exception):
    """A trial that was marked with what has become of it, and only needs to end."""


class PruneBehind:
    """Tells Optuna the score of each epoch, and stops a trial that is behind the others at the same point.

    After its last epoch, where that is known, nothing is left to be saved by stopping.
    """

    def __init__(self, trial: optuna.Trial, trainer: Trainer, *, last: int | None) -> None:
        self._trial = trial
        self._trainer = trainer
        self._last = last
        self._epoch = 0

    def on_epoch_end(self, record: EpochRecord) -> None:
        """Report the epoch; raise `optuna.TrialPruned` if it is behind."""
        self._epoch += 1
        self.tell(self._trainer.of_epoch(record))

    def on_part_end(self, mean_score: float) -> None:
        """Report the mean over the parts so far, as one more point."""
        self._epoch += 1
        self.tell(mean_score)

    def tell(self, score: float) -> None:
        """Report one point; raise `optuna.TrialPruned` if the trial is behind there."""
        from optuna import TrialPruned

        self._trial.report(score, step=self._epoch)
        if self._epoch != self._last and self._trial.should_prune():
            raise TrialPruned


def run_trial(
    trial: optuna.Trial,
    space: Space,
    trainer: Trainer,
    trackers: Sequence[Tracker],
    *,
    n_trials: int,
    worker: Mapping[str, Any],
) -> float:
    """Return the mean score over all parts.

    Raises
    ------
    optuna.TrialPruned
        If it fell behind.
    TrialEndedError
        If it failed, or was one too many; the trial is marked with that.
    """
    from optuna import TrialPruned

    sign_on(trial, worker)
    if _is_surplus(trial, n_trials):
        trial.set_user_attr(STATUS, "surplus")
        raise TrialEndedError
    try:
        parameters = suggest(trial, space)
        run = RunInfo(name=f"trial-{trial.number:04d}", group=trial.study.study_name, parameters=parameters)
        with Tracking(trackers, run) as tracking:
            return _finite(_mean_score(trial, parameters, trainer, tracking, reported=bool(trackers)))
    except TrialPruned as error:
        _let_go(error)
        raise
    except KeyboardInterrupt:
        trial.set_user_attr(STATUS, "interrupted")
        trial.set_user_attr(REASON, "interrupted")
        raise
    except Exception as error:
        trial.set_user_attr(STATUS, "failed")
        trial.set_user_attr(REASON, f"{type(error).__name__}: {error}"[:_LONGEST_REASON])
        _let_go(error)
        raise TrialEndedError from error


def _let_go(error: Exception) -> None:
    """Forget network and samples of a trial that was left with an error.

    Optuna keeps the error in a cycle: until Python's collector comes by, the next trial would do with what memory is left.
    """
    traceback.clear_frames(error.__traceback__)


def _mean_score(
    trial: optuna.Trial,
    parameters: Mapping[str, Any],
    trainer: Trainer,
    tracking: Tracking,
    *,
    reported: bool,
) -> float:
    """Fit and score part by part; only the first is told epoch by epoch, each further one as a whole.

    `reported` is whether somebody reads the report, which takes a second prediction.
    """
    behind, scores = PruneBehind(trial, trainer, last=_last_point(trainer, parameters)), []
    for i, split in enumerate(trainer.splits):
        callbacks: tuple[Callback, ...] = (tracking, behind) if i == 0 else ()
        fitted = trainer.fit_part(dict(parameters), split, callbacks)
        scores.append(trainer.score(fitted, split))
        if i == 0 and reported:
            tracking.log_report(trainer.report(fitted, split), fitted)
        if len(trainer.splits) > 1 and trainer.scoring in EPOCHS_HAVE:  # no losses and scores in one series
            behind.on_part_end(float(np.mean(scores)))
    return float(np.mean(scores))


def _finite(score: float) -> float:
    """Return a score; raise if it is none, which Optuna would take for a trial nobody ended."""
    if not math.isfinite(score):
        raise ValueError(
            f"A score must be a finite number; got {score}. Is each class in each held-out part?"
        )
    return score


def _last_point(trainer: Trainer, parameters: Mapping[str, Any]) -> int | None:
    """Return how many scores a trial reports; None where only its end can tell."""
    max_epochs = classifier_of(trainer.configured(dict(parameters))).max_epochs
    n_parts = len(trainer.splits) if trainer.scoring in EPOCHS_HAVE else 1
    return None if isinstance(max_epochs, str) else max_epochs + (n_parts if n_parts > 1 else 0)


def _is_surplus(trial: optuna.Trial, n_trials: int) -> bool:
    """Return whether enough trials began before this one: several processes may have begun the last one at once.

    One that is tried again never is: between its end and that, somebody may have begun another in its place.
    """
    if TRIES in trial.user_attrs:
        return False
    before = [t for t in trial.study.get_trials(deepcopy=False) if t.number < trial.number]
    return sum(not does_not_count(t) for t in before) >= n_trials
