"""The learning rate over a run, by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch

from seqclf.training import TrainingConfig
from seqclf.training._schedules import LearningRate


def rates(
    schedule: Any, *, epochs: int = 5, steps: int = 4, losses: list[float] | None = None
) -> list[float]:
    """Return the rate of each step."""
    optimizer = torch.optim.AdamW([torch.zeros(1, requires_grad=True)], lr=0.1)
    config = TrainingConfig(max_epochs=epochs, lr=0.1, schedule=schedule)
    learning_rate = LearningRate(optimizer, config, steps)
    found = []
    for epoch in range(epochs):
        for _ in range(steps):
            found.append(learning_rate.current)
            optimizer.step()
            learning_rate.after_batch()
        learning_rate.after_epoch(losses[epoch] if losses else 1.0)
    return found


def test_a_constant_rate_stays() -> None:
    assert rates("constant") == [0.1] * 20


def test_one_cycle_rises_to_the_peak_and_falls_to_nothing() -> None:
    found = rates("one_cycle")
    assert found[0] == pytest.approx(0.1 / 25)
    assert max(found) == pytest.approx(0.1, rel=1e-2)
    peak = found.index(max(found))
    assert peak == 5  # 30 % of 20 steps, the first counted as 0
    assert found[:6] == sorted(found[:6])
    assert found[5:] == sorted(found[5:], reverse=True)
    assert found[-1] < 1e-5


def test_one_cycle_leaves_momentum_alone() -> None:
    optimizer = torch.optim.AdamW([torch.zeros(1, requires_grad=True)], lr=0.1)
    LearningRate(optimizer, TrainingConfig(), 10)
    assert optimizer.param_groups[0]["betas"] == (0.9, 0.999)


def test_the_cosine_by_hand() -> None:
    expected = [0.05 * (1 + math.cos(math.pi * step / 20)) for step in range(20)]
    assert rates("cosine") == pytest.approx(expected)


def test_a_plateau_halves_the_rate_after_more_than_two_epochs_without_improvement() -> None:
    found = rates("plateau", epochs=7, steps=1, losses=[1.0, 0.5, 0.6, 0.6, 0.6, 0.6, 0.6])
    assert found == pytest.approx([0.1, 0.1, 0.1, 0.1, 0.1, 0.05, 0.05])
    assert rates("plateau", losses=[5.0, 4.0, 3.0, 2.0, 1.0]) == [0.1] * 20
