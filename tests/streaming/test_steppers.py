"""Steppers and windows with values written by hand."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from seqclf import Differences, MinMax, as_sequences
from seqclf.nn import AttentionPooling, ConcatPooling, LastState, MaxPooling, MeanPooling
from seqclf.streaming import stepper_of
from seqclf.streaming._registry import pooling_stepper_of
from seqclf.streaming._windows import slide, start_waiting
from seqclf.transforms import Downsample, TimeDeltas

X = [[1.0, 4.0, 2.0], [5.0]]


@pytest.mark.parametrize(
    ("transformer", "first", "second"),
    [
        (Differences(), [[1.0, 0.0], [4.0, 3.0]], [[2.0, -2.0]]),
        (Differences(append=False), [[0.0], [3.0]], [[-2.0]]),
        (MinMax(), [[0.0], [0.75]], [[0.25]]),
        (Downsample(factor=2), [[2.5]], []),
    ],
)
def test_a_transformer_continues_after_the_first_two_steps(transformer: Any, first: Any, second: Any) -> None:
    stepper = stepper_of(transformer.fit(X))
    state, steps = stepper.push(stepper.start(1), as_sequences([X[0][:2]]))
    assert steps.values.tolist() == first
    _, steps = stepper.push(state, as_sequences([X[0][2:]]))
    assert steps.values.tolist() == second


def test_a_window_that_is_not_complete_is_returned_at_the_end() -> None:
    stepper = stepper_of(Downsample(factor=3).fit(X))
    state, steps = stepper.push(stepper.start(2), as_sequences([[1.0, 4.0], [5.0]]))
    assert steps.values.shape[0] == 0
    _, steps = stepper.push(state, as_sequences([[1.0], [7.0]]), last=True)
    assert steps.values.tolist() == [[2.0], [6.0]]
    assert steps.offsets.tolist() == [0, 1, 2]


def test_times_continue() -> None:
    stepper = stepper_of(TimeDeltas().fit([[1.0, 2.0]]))
    state, steps = stepper.push(stepper.start(2), as_sequences([[3.0], [10.0, 11.5]]))
    assert steps.values.flatten().tolist() == [0.0, 0.0, 1.5]
    _, steps = stepper.push(state, as_sequences([[3.5], [14.0]]))
    assert steps.values.flatten().tolist() == [0.5, 2.5]


@pytest.mark.parametrize(
    ("pooling", "expected"),
    [
        (LastState(), [2.0, 7.0]),
        (MeanPooling(), [7 / 3, 6.0]),
        (MaxPooling(), [4.0, 7.0]),
        (ConcatPooling([MaxPooling(), LastState()]), [4.0, 2.0, 7.0, 7.0]),
    ],
)
def test_a_pooling_continues(pooling: Any, expected: list[float]) -> None:
    stepper = pooling_stepper_of(pooling)
    state = stepper.push(stepper.start(2, 1), as_sequences([[1.0, 4.0], [5.0]]))
    state = stepper.push(state, as_sequences([[2.0], [7.0]]))
    torch.testing.assert_close(stepper.summary(state).flatten(), torch.tensor(expected))


def test_scores_of_any_size_do_not_overflow() -> None:
    pooling = AttentionPooling(1, attention_size=1)
    with torch.no_grad():
        pooling.project.weight.fill_(1.0)
        pooling.project.bias.fill_(0.0)
        pooling.score.weight.fill_(1e4)
        stepper = pooling_stepper_of(pooling)
        state = stepper.start(1, 1)
        for value in (-2.0, 3.0, -1.0, 3.0):
            state = stepper.push(state, as_sequences([[value]]))
        assert stepper.summary(state).item() == pytest.approx(3.0)


@pytest.mark.parametrize("n_streams", [1, 2])
def test_windows_slide_over_zeros_and_steps(n_streams: int) -> None:
    """Size 3, stride 2: around steps 0, 2 and 4 of five."""
    waiting = start_waiting(n_streams, 3, 1, 1, torch.float32)
    found = []
    for values, zeros in (([1.0], 0), ([2.0, 3.0], 0), ([4.0], 0), ([5.0], 0), ([], 1)):
        steps = torch.tensor(values * n_streams)[:, None]
        offsets = torch.tensor([len(values) * i for i in range(n_streams + 1)])
        windows, ends, waiting = slide(waiting, steps, offsets, stride=2, zeros_after=zeros)
        found.append(windows[: int(ends[1]), :, 0].tolist())
    assert found == [[], [[0.0, 1.0, 2.0]], [[2.0, 3.0, 4.0]], [], [[4.0, 5.0, 0.0]]]


def test_steps_between_windows_are_left_out() -> None:
    """Size 1, stride 3: steps 0, 3 and 6."""
    waiting = start_waiting(1, 1, 1, 0, torch.float32)
    found = []
    for step in range(7):
        windows, _, waiting = slide(waiting, torch.tensor([[float(step)]]), torch.tensor([0, 1]), stride=3)
        found += windows.flatten().tolist()
    assert found == [0.0, 3.0, 6.0]


def test_a_push_changes_no_state() -> None:
    stepper = stepper_of(Differences().fit(X))
    state, _ = stepper.push(stepper.start(2), as_sequences([[1.0], [5.0]]))
    before = [part.clone() for part in state]
    stepper.push(state, as_sequences([[2.0], [7.0]]))
    assert all(torch.equal(part, kept) for part, kept in zip(state, before, strict=True))
