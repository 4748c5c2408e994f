"""Early stopping waits, stops and gives back the best weights."""

from __future__ import annotations

import torch
from torch import nn

from seqclf.training import TrainingConfig
from seqclf.training._stopping import EarlyStopping


def run(losses: list[float], **options: float) -> tuple[list[bool], float]:
    """Feed losses, with the epoch's number as weight; return the answers and the restored weight."""
    module = nn.Linear(1, 1, bias=False)
    stopping = EarlyStopping(TrainingConfig(early_stopping=True, **options))  # type: ignore[arg-type]
    answers = []
    for epoch, loss in enumerate(losses):
        with torch.no_grad():
            module.weight.fill_(epoch)
        answers.append(stopping.update(loss, module))
    stopping.restore(module)
    return answers, module.weight.item()


def test_a_tiny_case_by_hand() -> None:
    answers, weight = run([3.0, 1.0, 2.0, 2.0, 2.0], n_iter_no_change=3)
    assert answers == [False, False, False, False, True]
    assert weight == 1.0


def test_an_improvement_starts_the_waiting_anew() -> None:
    answers, weight = run([3.0, 4.0, 2.0, 4.0, 4.0], n_iter_no_change=2)
    assert answers == [False, False, False, False, True]
    assert weight == 2.0


def test_a_decrease_below_tol_is_kept_but_does_not_count() -> None:
    answers, weight = run([1.0, 0.95, 0.92], n_iter_no_change=2, tol=0.1)
    assert answers == [False, False, True]
    assert weight == 2.0


def test_an_improvement_is_measured_from_the_best_loss_of_all() -> None:
    """As scikit-learn does: decreases below `tol` do not add up."""
    assert run([1.0, 0.94, 0.88], n_iter_no_change=2, tol=0.1)[0] == [False, False, True]


def test_a_loss_that_is_no_number_is_never_the_best() -> None:
    answers, weight = run([1.0, float("nan"), float("nan")], n_iter_no_change=2)
    assert answers == [False, False, True]
    assert weight == 0.0


def test_without_an_epoch_nothing_is_restored() -> None:
    assert run([])[0] == []
