"""The time of a training is estimated from its first batches, by their real steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
import torch

from seqclf.estimators._duration import DurationEstimate, TimedBatches, clock_of


class FakeClock:
    """Shows the time that the test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def measured(seconds: Iterable[float], lengths: Iterable[list[int]], *, enough: float) -> DurationEstimate:
    """Return an estimate after batches of these lengths that took these times."""
    clock = FakeClock()
    estimate = DurationEstimate(enough=enough, clock=clock)
    for taken, batch in zip(seconds, lengths, strict=True):
        clock.now += 1000.0  # between the batches: not measured
        estimate.start()
        clock.now += taken
        estimate.stop(torch.tensor(batch))
    return estimate


def test_a_tiny_case_by_hand() -> None:
    """10 seconds for 50 steps; the first batch is the warm-up."""
    estimate = measured([25, 4, 6], [[10, 10], [5, 15], [20, 10]], enough=10)
    assert estimate.is_complete
    assert (estimate.seconds, estimate.n_steps) == (10, 50)
    assert estimate.seconds_of(1000) == 200


@pytest.mark.parametrize(
    ("seconds", "is_complete"),
    [([1], False), ([1, 9], False), ([1, 9, 1], True), ([29], False), ([31], True), ([31, 1], True)],
)
def test_it_is_complete_once_enough_was_measured(seconds: list[float], is_complete: bool) -> None:
    """A first batch counts only if it took longer than any warm-up."""
    assert measured(seconds, [[1]] * len(seconds), enough=10).is_complete is is_complete


@pytest.mark.parametrize(
    ("lengths", "size", "n_batches", "expected"),
    [
        ([10, 20, 30], 2, 2, 60),  # each sequence once, the last batch is smaller
        ([10, 20, 30], 3, 1, 60),
        ([10, 20, 30], 1, 3, 60),
        ([10, 20, 30], 2, 5, 200),  # drawn more often: ten of the mean length
        ([10, 20, 30], 1, 1, 20),
    ],
)
def test_an_epoch_has_the_steps_of_its_sequences(
    lengths: list[int], size: int, n_batches: int, expected: float
) -> None:
    estimate = measured([1], [[1] * size], enough=0)
    assert estimate.steps_per_epoch(torch.tensor(lengths), n_batches) == pytest.approx(expected)


def train(batches: TimedBatches, clock: FakeClock, seconds_per_step: float) -> list[list[int]]:
    """Take a time for each batch that is proportional to its steps."""
    seen = []
    for index in batches:
        clock.now += seconds_per_step * float(batches.lengths[index].sum())
        seen.append(index.tolist())
    return seen


def timed(
    order: list[list[int]], lengths: list[int], enough: float
) -> tuple[TimedBatches, FakeClock, list[float]]:
    clock, reports = FakeClock(), list[float]()
    estimate = DurationEstimate(enough=enough, clock=clock)
    report: Callable[[], None] = lambda: reports.append(clock.now)  # noqa: E731
    return (
        TimedBatches(
            batches=[torch.tensor(batch) for batch in order],
            lengths=torch.tensor(lengths),
            estimate=estimate,
            report=report,
        ),
        clock,
        reports,
    )


@pytest.mark.parametrize("order", [[[0, 1], [2, 3], [4]], [[4], [3, 2], [1, 0]], [[1, 4], [0, 2], [3]]])
def test_the_order_of_unequal_batches_does_not_matter(order: list[list[int]]) -> None:
    batches, clock, reports = timed(order, [1, 20, 300, 4000, 50000], enough=0.5)
    assert [train(batches, clock, 0.01) for _ in range(3)] == [order] * 3
    assert len(reports) == 1
    assert batches.estimate.seconds_of(54321) == pytest.approx(543.21)


def test_a_report_comes_once_as_soon_as_enough_was_measured() -> None:
    batches, clock, reports = timed([[0], [1], [0], [1]], [10, 10], enough=15)
    train(batches, clock, 1.0)
    assert reports == [130]  # the first batch is the warm-up, the next two take 20 seconds
    train(batches, clock, 1.0)
    assert len(reports) == 1


def test_one_batch_per_epoch_is_measured_in_the_second_epoch() -> None:
    batches, clock, reports = timed([[0, 1]], [10, 10], enough=1)
    train(batches, clock, 0.5)
    assert not reports
    train(batches, clock, 0.25)
    assert batches.estimate.seconds_of(20) == 5
    assert len(batches) == 1


def test_the_clock_of_a_device_goes_forward() -> None:
    clock = clock_of(torch.device("cpu"))
    assert clock() <= clock()
