"""A study -> what came of it, as plain values."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from seqclf.tuning._optuna import quiet_optuna
from seqclf.tuning._result import SweepResult, TrialRecord
from seqclf.tuning._scoring import EPOCHS_HAVE
from seqclf.tuning._spaces import resolve
from seqclf.tuning._state import STATUS, reason_of, status_of
from seqclf.tuning._worker import Work

if TYPE_CHECKING:
    import optuna


def read_result(study: optuna.Study, work: Work) -> SweepResult:
    """Return all trials but those that never were: queued, or one too many."""
    trials = [
        _record(trial, work)
        for trial in study.get_trials(deepcopy=False)
        if trial.state.name != "WAITING" and trial.user_attrs.get(STATUS) != "surplus"
    ]
    return SweepResult(
        study_name=study.study_name,
        scoring=work.trainer.name_of_score,
        trials=tuple(trials),
        importances=_importances(study, by_epoch=work.trainer.scoring in EPOCHS_HAVE),
    )


def _record(trial: optuna.trial.FrozenTrial, work: Work) -> TrialRecord:
    complete = trial.state.name == "COMPLETE"
    try:
        parameters: dict[str, Any] = resolve(work.space, trial.params)
    except ValueError:
        if complete:
            raise
        parameters = {}  # it died, or failed, before all was drawn
    return TrialRecord(
        number=trial.number,
        status=status_of(trial),
        score=trial.value if complete else None,
        parameters=parameters,
        epochs=tuple(trial.intermediate_values[step] for step in sorted(trial.intermediate_values)),
        seconds=None if trial.duration is None else trial.duration.total_seconds(),
        reason=reason_of(trial),
    )


def _importances(study: optuna.Study, *, by_epoch: bool) -> dict[str, float]:
    """Return what each decision was worth; nothing before there is enough to tell.

    It asks what sets the best tenth apart from all; a trial that was stopped is one of these, and counts with its last score
    where epochs have such.
    """
    import optuna

    scored = [
        (trial, value)
        for trial in study.get_trials(deepcopy=False)
        if (value := _value(trial, by_epoch)) is not None
    ]
    if len(scored) < _ENOUGH_TO_TELL or len({value for _, value in scored}) < 2:
        return {}
    complete = optuna.trial.TrialState.COMPLETE
    with quiet_optuna(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it is experimental, and that trials are too few to tell
        twin = optuna.create_study(direction="maximize")
        twin.add_trials(
            optuna.create_trial(state=complete, value=value, params=t.params, distributions=t.distributions)
            for t, value in scored
        )
        evaluator = optuna.importance.PedAnovaImportanceEvaluator()
        try:
            found = optuna.importance.get_param_importances(twin, evaluator=evaluator)
        except (ValueError, RuntimeError):  # all trials alike in what they share
            return {}
    return {name: float(value) for name, value in found.items()}


def _value(trial: optuna.trial.FrozenTrial, by_epoch: bool) -> float | None:
    """Return the score of a trial, of one that was stopped the last it had."""
    if trial.state.name == "PRUNED" and by_epoch and trial.intermediate_values:
        return float(trial.intermediate_values[max(trial.intermediate_values)])
    return trial.value if trial.state.name == "COMPLETE" else None


_ENOUGH_TO_TELL = 10
"""Trials with a score: the best tenth of fewer is none."""
