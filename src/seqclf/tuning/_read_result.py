"""Read the result of a sweep from its Optuna study."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from seqclf.tuning._optuna import quiet_optuna
from seqclf.tuning._result import SweepResult
from seqclf.tuning._spaces import resolve
from seqclf.tuning._study import SweepConfig
from seqclf.tuning._trial_record import TrialRecord
from seqclf.tuning._trial_status import STATUS, reason_of, status_of

if TYPE_CHECKING:
    import optuna

_MIN_TRIALS_FOR_IMPORTANCES = 10
"""PED-ANOVA compares the best tenth of the trials with all of them."""


def read_result(study: optuna.Study, config: SweepConfig) -> SweepResult:
    """Return all trials except those that are queued or surplus."""
    trials = [
        _record(trial, config)
        for trial in study.get_trials(deepcopy=False)
        if trial.state.name != "WAITING" and trial.user_attrs.get(STATUS) != "surplus"
    ]
    epoch_value = config.validation.epoch_value
    return SweepResult(
        study_name=study.study_name,
        scoring=config.validation.scoring_name,
        trials=tuple(trials),
        param_importances=param_importances(study, include_pruned=epoch_value.is_score),
        compared_by=None if epoch_value.is_score else epoch_value.name,
    )


def _record(trial: optuna.trial.FrozenTrial, config: SweepConfig) -> TrialRecord:
    complete = trial.state.name == "COMPLETE"
    try:
        params: dict[str, Any] = resolve(config.space, trial.params)
    except ValueError:
        if complete:
            raise
        params = {}  # the trial ended before all its parameters were drawn
    return TrialRecord(
        number=trial.number,
        status=status_of(trial),
        score=trial.value if complete else None,
        params=params,
        intermediate_values=tuple(trial.intermediate_values[i] for i in sorted(trial.intermediate_values)),
        seconds=None if trial.duration is None else trial.duration.total_seconds(),
        reason=reason_of(trial),
    )


def param_importances(study: optuna.Study, *, include_pruned: bool) -> dict[str, float]:
    """Return the importance of each decision by PED-ANOVA; empty if there are too few trials.

    Optuna considers complete trials only, and pruning leaves few of these. `include_pruned` adds the pruned ones, with their
    last intermediate value as the score.
    """
    import optuna

    scored = [
        (trial, value)
        for trial in study.get_trials(deepcopy=False)
        if (value := _value(trial, include_pruned)) is not None
    ]
    if len(scored) < _MIN_TRIALS_FOR_IMPORTANCES or len({value for _, value in scored}) < 2:
        return {}
    complete = optuna.trial.TrialState.COMPLETE
    with quiet_optuna(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PED-ANOVA is experimental, and warns of few trials
        copy = optuna.create_study(direction="maximize")
        copy.add_trials(
            optuna.create_trial(state=complete, value=value, params=t.params, distributions=t.distributions)
            for t, value in scored
        )
        evaluator = optuna.importance.PedAnovaImportanceEvaluator()
        try:
            found = optuna.importance.get_param_importances(copy, evaluator=evaluator)
        except (ValueError, RuntimeError):  # the trials have no parameter in common, or do not differ
            return {}
    return {name: float(value) for name, value in found.items()}


def _value(trial: optuna.trial.FrozenTrial, include_pruned: bool) -> float | None:
    if include_pruned and trial.state.name == "PRUNED" and trial.intermediate_values:
        return float(trial.intermediate_values[max(trial.intermediate_values)])
    return trial.value if trial.state.name == "COMPLETE" else None
