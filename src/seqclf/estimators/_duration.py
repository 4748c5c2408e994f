"""How long does a training take? Estimated from its first batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import ceil
from time import perf_counter

import torch
from torch import Tensor

from seqclf.training import IndexBatches, read_batches

Clock = Callable[[], float]

SCORING = 1 / 3
"""Time of a validation step, relative to a training step: there is no gradient."""


@dataclass(slots=True, kw_only=True)
class DurationEstimate:
    """The time of the first batches, extrapolated by their real steps.

    Batches are measured until they have taken `enough` seconds. The first one allocates memory and starts threads or a GPU, so
    it counts only if it takes longer than such a `warm_up`.
    """

    enough: float
    warm_up: float = 30.0
    clock: Clock = perf_counter
    n_batches: int = field(default=0, init=False)
    seconds: float = field(default=0.0, init=False)  # measured, without the first batch
    n_steps: int = field(default=0, init=False)
    largest_batch: int = field(default=0, init=False)
    _started: float = field(default=0.0, init=False)

    @property
    def is_complete(self) -> bool:
        """Whether enough has been measured."""
        return self.n_steps > 0 and self.seconds >= self.enough

    def start(self) -> None:
        """Begin a batch."""
        self._started = self.clock()

    def stop(self, lengths: Tensor) -> bool:
        """End a batch of sequences with these lengths; return whether enough has been measured."""
        seconds = self.clock() - self._started
        self.n_batches += 1
        self.largest_batch = max(self.largest_batch, len(lengths))
        if self.n_batches > 1 or seconds > self.warm_up:
            self.seconds += seconds
            self.n_steps += int(lengths.sum())
        return self.is_complete

    def steps_per_epoch(self, lengths: Tensor, n_batches: int) -> float:
        """Return the steps of `n_batches` batches, drawn by any sampler from sequences with these lengths."""
        n, size = len(lengths), self.largest_batch
        # Most samplers draw each sequence once, and the last batch is smaller.
        drawn = n if ceil(n / size) == n_batches else size * n_batches
        return drawn * float(lengths.double().mean())

    def seconds_of(self, n_steps: float) -> float:
        """Return the time that training takes for so many steps."""
        return n_steps * self.seconds / self.n_steps


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedBatches:
    """Index batches that are timed until the estimate is complete; then `report` is called, once."""

    batches: IndexBatches
    lengths: Tensor  # of all training samples
    estimate: DurationEstimate
    report: Callable[[], None]

    def __len__(self) -> int:
        return len(self.batches)

    def __iter__(self) -> Iterator[Tensor]:
        batches = iter(self.batches)
        if not self.estimate.is_complete:
            yield from self._timed(batches)
        yield from batches  # those that are not measured, as they are

    def _timed(self, batches: Iterator[Tensor]) -> Iterator[Tensor]:
        for batch in batches:
            (index,) = read_batches([batch], len(self.lengths))
            self.estimate.start()
            yield index  # the loop trains on it before it asks for the next one
            if self.estimate.stop(self.lengths[index]):
                self.report()
                return


def clock_of(device: torch.device) -> Clock:
    """Return a clock that waits until the device has done what was asked of it."""
    synchronize = torch.get_device_module(device).synchronize

    def clock() -> float:
        synchronize()
        return perf_counter()

    return clock
