"""Epochs are compared by the score if training computes it, otherwise by what the estimators monitor."""

from __future__ import annotations

from typing import Any, ClassVar

import optuna
import pytest
from sklearn.metrics import recall_score
from sklearn.pipeline import make_pipeline

from seqclf import ZScore
from seqclf.training import EpochRecord
from seqclf.tuning import Choice, Either, LogUniform, sweep
from seqclf.tuning._epoch_value import EpochValue, common_monitor
from tuning.small import small

RECORD = EpochRecord(
    epoch=1, seconds=0.1, lr=0.1, train_loss=9.0, train_accuracy=0.1, train_macro_f1=0.1,
    valid_loss=2.0, valid_accuracy=0.8, valid_macro_f1=0.6, valid_monitor=0.3,
)  # fmt: skip


def recall_of_v(y_true: Any, y_pred: Any) -> float:
    return float(recall_score(y_true == "V", y_pred == "V"))


def scored_by_recall_of_v(estimator: Any, X: Any, y: Any) -> float:
    return recall_of_v(y, estimator.predict(X))


@pytest.mark.parametrize(
    ("scoring", "monitor", "weighted", "value", "name"),
    [
        ("f1_macro", "valid_loss", False, 0.6, "valid_macro_f1"),
        ("accuracy", recall_of_v, False, 0.8, "valid_accuracy"),
        ("f1_macro", "valid_loss", True, -2.0, "minus the validation loss"),
        ("f1_macro", "valid_accuracy", True, 0.8, "valid_accuracy"),
        ("roc_auc_ovr", "valid_loss", False, -2.0, "minus the validation loss"),
        ("roc_auc_ovr", "valid_macro_f1", False, 0.6, "valid_macro_f1"),
        (scored_by_recall_of_v, recall_of_v, False, 0.3, "recall_of_v"),
    ],
)
def test_the_value_of_an_epoch(scoring: Any, monitor: Any, weighted: bool, value: float, name: str) -> None:
    compared = EpochValue.of(scoring, monitor, weighted=weighted)
    assert compared.read(RECORD) == value
    assert compared.name == name
    assert compared.is_score == (value in (0.6, 0.8) and not weighted and scoring != "roc_auc_ovr")


@pytest.mark.parametrize(
    ("space", "expected"),
    [
        ({"lr": 0.1}, "valid_accuracy"),
        ({"monitor": "valid_macro_f1"}, "valid_macro_f1"),
        ({"monitor": recall_of_v}, recall_of_v),
        ({"monitor": Choice(["valid_loss", "valid_macro_f1"])}, "valid_loss"),
        ({"stop": Either([{"monitor": "valid_macro_f1"}, {"monitor": recall_of_v}])}, "valid_loss"),
    ],
)
def test_trials_are_compared_by_the_monitor_they_have_in_common(space: Any, expected: Any) -> None:
    assert common_monitor("valid_accuracy", space, "monitor") == expected
    nested = {"gru": space}
    assert common_monitor("valid_accuracy", nested, "gru__monitor") == expected
    flat = {f"gru__{name}": value for name, value in space.items() if name != "stop"}
    if flat:
        assert common_monitor("valid_accuracy", flat, "gru__monitor") == expected


class Epochs:
    """Records the epochs of all fits."""

    def __init__(self) -> None:
        self.records: list[EpochRecord] = []

    def __deepcopy__(self, memo: object) -> Epochs:
        return self

    def on_epoch_end(self, record: EpochRecord) -> None:
        self.records.append(record)


@pytest.mark.parametrize("place", ["estimator", "space", "pipeline"])
@pytest.mark.parametrize(
    ("scoring", "monitor", "column"),
    [
        ("f1_macro", "valid_macro_f1", "valid_macro_f1"),
        (scored_by_recall_of_v, recall_of_v, "valid_monitor"),
        ("neg_log_loss", "valid_accuracy", "valid_accuracy"),
    ],
)
def test_trials_stop_early_and_are_compared_by_the_monitor(
    task: Any, scoring: Any, monitor: Any, column: str, place: str
) -> None:
    X, y = task
    epochs = Epochs()
    estimator: Any = small(
        max_epochs=20, early_stopping=True, n_iter_no_change=2, callbacks=[epochs], lr=0.03
    )
    space: Any = {"lr": Choice([0.03])}
    if place == "estimator":
        estimator.set_params(monitor=monitor)
    else:
        space["monitor"] = monitor
    if place == "pipeline":
        estimator, space = make_pipeline(ZScore(), estimator), {"gruclassifier": space}
    result = sweep(
        estimator, space, X, y, n_trials=1, scoring=scoring, pruner=None, random_state=0, refit=False
    )
    (trial,) = result.trials
    assert trial.intermediate_values == tuple(getattr(record, column) for record in epochs.records)
    assert len(trial.intermediate_values) < 20
    if scoring != "neg_log_loss":  # the best weights are restored, and they are scored
        assert trial.score == pytest.approx(max(trial.intermediate_values))


def test_processes_can_monitor_a_function(task: Any) -> None:
    X, y = task
    estimator = small(early_stopping=True, monitor=recall_of_v)
    space = {"lr": LogUniform(1e-3, 1e-1)}
    result = sweep(
        estimator,
        space,
        X,
        y,
        n_trials=2,
        n_jobs=2,
        scoring=scored_by_recall_of_v,
        random_state=0,
        refit=False,
    )
    assert {trial.status for trial in result.trials} <= {"complete", "pruned"}
    assert result.compared_by == "recall_of_v"


def test_means_of_splits_are_reported_at_the_same_step_after_early_stopping(task: Any) -> None:
    X, y = task

    class Steps(optuna.pruners.BasePruner):
        seen: ClassVar[list[int]] = []

        def prune(self, study: Any, trial: Any) -> bool:
            self.seen.append(trial.last_step)
            return False

    estimator = small(max_epochs=20, early_stopping=True, n_iter_no_change=1, tol=1.0, schedule="constant")
    sweep(
        estimator, {"lr": Choice([0.03])}, X, y, n_trials=1, cv=3, pruner=Steps(), random_state=0, refit=False
    )
    epochs = Steps.seen[:-2]
    assert epochs == list(range(1, len(epochs) + 1))
    assert len(epochs) < 20
    assert Steps.seen[-2:] == [21, 22]  # the pruner is not asked after the last one
