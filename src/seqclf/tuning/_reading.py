"""A study -> what came of it, as plain values."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from seqclf.tuning._result import SweepResult, TrialRecord
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
        importances=_importances(study),
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


def _importances(study: optuna.Study) -> dict[str, float]:
    """Return what each decision was worth; nothing before there is enough to tell."""
    import optuna

    complete = study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.COMPLETE,))
    if len(complete) < 4 or len({trial.value for trial in complete}) < 2:
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it is experimental, and that trials are too few to tell
        evaluator = optuna.importance.PedAnovaImportanceEvaluator()
        try:
            found = optuna.importance.get_param_importances(study, evaluator=evaluator)
        except (ValueError, RuntimeError):  # all trials alike in what they share
            return {}
    return {name: float(value) for name, value in found.items()}
