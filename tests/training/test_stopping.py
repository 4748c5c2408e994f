"""Early stopping waits, stops and restores the best weights."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from seqclf.training import EpochRecord, TrainingConfig
from seqclf.training._stopping import EarlyStopping


def record(**values: float) -> EpochRecord:
    return EpochRecord(
        epoch=1, seconds=0.1, lr=0.1, train_loss=9.0, train_accuracy=0.5, train_macro_f1=0.5, **values
    )


def run(losses: list[float], **options: float) -> tuple[list[bool], float]:
    """Run epochs whose weight is their number; return after which to stop, and the restored weight."""
    module = nn.Linear(1, 1, bias=False)
    stopping = EarlyStopping(TrainingConfig(early_stopping=True, **options))  # type: ignore[arg-type]
    stops = []
    for epoch, loss in enumerate(losses):
        with torch.no_grad():
            module.weight.fill_(epoch)
        stops.append(stopping.update(record(valid_loss=loss), module))
    stopping.restore(module)
    return stops, module.weight.item()


def test_a_tiny_case_by_hand() -> None:
    stops, weight = run([3.0, 1.0, 2.0, 2.0, 2.0], n_iter_no_change=3)
    assert stops == [False, False, False, False, True]
    assert weight == 1.0


def test_an_improvement_restarts_the_count() -> None:
    stops, weight = run([3.0, 4.0, 2.0, 4.0, 4.0], n_iter_no_change=2)
    assert stops == [False, False, False, False, True]
    assert weight == 2.0


def test_an_improvement_below_tol_is_kept_but_does_not_restart_the_count() -> None:
    stops, weight = run([1.0, 0.95, 0.92], n_iter_no_change=2, tol=0.1)
    assert stops == [False, False, True]
    assert weight == 2.0


def test_improvement_is_measured_from_the_best_loss() -> None:
    """As in scikit-learn, improvements below `tol` do not add up."""
    assert run([1.0, 0.94, 0.88], n_iter_no_change=2, tol=0.1)[0] == [False, False, True]


def test_a_nan_loss_is_never_the_best() -> None:
    stops, weight = run([1.0, float("nan"), float("nan")], n_iter_no_change=2)
    assert stops == [False, False, True]
    assert weight == 0.0


def test_nothing_is_restored_without_an_epoch() -> None:
    assert run([])[0] == []


@pytest.mark.parametrize("monitor", ["valid_accuracy", "valid_macro_f1", lambda y_true, y_pred: 0.0])
def test_larger_scores_are_better(monitor: Any) -> None:
    module = nn.Linear(1, 1, bias=False)
    stopping = EarlyStopping(TrainingConfig(early_stopping=True, monitor=monitor, n_iter_no_change=2))
    name = monitor if isinstance(monitor, str) else "valid_monitor"
    stops = []
    for epoch, score in enumerate([0.2, 0.8, 0.7, 0.6]):
        with torch.no_grad():
            module.weight.fill_(epoch)
        # The loss keeps falling, but only the monitored score counts.
        stops.append(stopping.update(record(**{name: score, "valid_loss": 1.0 - epoch / 10}), module))
    stopping.restore(module)
    assert stops == [False, False, False, True]
    assert module.weight.item() == 1.0


def test_training_scores_are_monitored_without_validation_data() -> None:
    assert record().cost("valid_loss") == 9.0
    assert record().cost("valid_accuracy") == -0.5
    with pytest.raises(ValueError, match="A custom `monitor` needs validation data; got none"):
        record().cost("valid_monitor")


def test_patience_does_not_count_during_the_warm_up() -> None:
    module = nn.Linear(1, 1, bias=False)
    stopping = EarlyStopping(TrainingConfig(early_stopping=True, n_iter_no_change=2))
    warming_up = [True] * 5 + [False] * 2
    stops = [stopping.update(record(valid_loss=1.0), module, warming_up=rising) for rising in warming_up]
    assert stops == [False] * 6 + [True]
