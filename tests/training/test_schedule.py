"""The learning rate over a run, by hand."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest
import torch
from torch.optim.lr_scheduler import LinearLR, LRScheduler, ReduceLROnPlateau

from seqclf.training import ScheduleSpec
from seqclf.training._schedule import LearningRate


def rates(
    schedule: Any, *, epochs: int = 5, steps: int = 4, losses: list[float] | None = None
) -> list[float]:
    """Return the learning rate at each step."""
    optimizer = torch.optim.AdamW([torch.zeros(1, requires_grad=True)], lr=0.1)
    spec = ScheduleSpec(optimizer=optimizer, lr=0.1, max_epochs=epochs, steps_per_epoch=steps)
    learning_rate = LearningRate(schedule, spec)
    found = []
    for epoch in range(epochs):
        for _ in range(steps):
            found.append(learning_rate.current)
            optimizer.step()
            learning_rate.after_batch()
        learning_rate.after_epoch(losses[epoch] if losses else 1.0)
    return found


def test_a_constant_rate_does_not_change() -> None:
    assert rates("constant") == [0.1] * 20


def test_one_cycle_rises_to_the_peak_and_falls_to_zero() -> None:
    found = rates("one_cycle")
    assert found[0] == pytest.approx(0.1 / 25)
    assert max(found) == pytest.approx(0.1, rel=1e-2)
    peak = found.index(max(found))
    assert peak == 5  # 30 % of 20 steps, counted from 0
    assert found[:6] == sorted(found[:6])
    assert found[5:] == sorted(found[5:], reverse=True)
    assert found[-1] < 1e-5


def test_one_cycle_leaves_momentum_alone() -> None:
    optimizer = torch.optim.AdamW([torch.zeros(1, requires_grad=True)], lr=0.1)
    LearningRate("one_cycle", ScheduleSpec(optimizer=optimizer, lr=0.1, max_epochs=12, steps_per_epoch=10))
    assert optimizer.param_groups[0]["betas"] == (0.9, 0.999)


def test_the_cosine_by_hand() -> None:
    expected = [0.05 * (1 + math.cos(math.pi * step / 20)) for step in range(20)]
    assert rates("cosine") == pytest.approx(expected)


def test_a_plateau_halves_the_rate_after_more_than_two_epochs_without_improvement() -> None:
    found = rates("plateau", epochs=7, steps=1, losses=[1.0, 0.5, 0.6, 0.6, 0.6, 0.6, 0.6])
    assert found == pytest.approx([0.1, 0.1, 0.1, 0.1, 0.1, 0.05, 0.05])
    assert rates("plateau", losses=[5.0, 4.0, 3.0, 2.0, 1.0]) == [0.1] * 20


def test_a_factory_gets_the_optimizer_and_the_length_of_the_run() -> None:
    seen = []

    def linear(spec: ScheduleSpec, generator: torch.Generator) -> LRScheduler:
        seen.append(spec.total_steps)
        return LinearLR(spec.optimizer, start_factor=1.0, end_factor=0.5, total_iters=spec.total_steps)

    found = rates(linear)
    assert seen == [20]
    assert found == pytest.approx([0.1 * (1 - 0.5 * step / 20) for step in range(20)])


def test_a_plateau_schedule_from_a_factory_is_stepped_after_each_epoch() -> None:
    found = rates(
        lambda spec, generator: ReduceLROnPlateau(spec.optimizer, factor=0.1, patience=0),
        epochs=3,
        steps=2,
        losses=[1.0, 2.0, 3.0],
    )
    assert found == pytest.approx([0.1] * 4 + [0.01] * 2)


def test_an_instance_is_rejected() -> None:
    other = torch.optim.SGD([torch.zeros(1)], lr=0.1)
    message = (
        "`schedule` must be made for the optimizer that `fit` builds; got an instance, LinearLR. Pass a factory: "
        "`lambda spec, generator: LinearLR(spec.optimizer, ...)`."
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        rates(LinearLR(other))


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [("one_cycle", [1] * 5 + [0] * 15), ("cosine", [0] * 20), ("constant", [0] * 20)],
)
def test_the_warm_up_ends_at_the_peak(schedule: Any, expected: list[int]) -> None:
    optimizer = torch.optim.AdamW([torch.zeros(1, requires_grad=True)], lr=0.1)
    spec = ScheduleSpec(optimizer=optimizer, lr=0.1, max_epochs=5, steps_per_epoch=4)
    learning_rate, rising = LearningRate(schedule, spec), []
    for _ in range(20):
        optimizer.step()
        if learning_rate._schedule is None or learning_rate._schedule.last_epoch < 19:
            learning_rate.after_batch()
        rising.append(int(learning_rate.is_rising))
    assert rising == expected
