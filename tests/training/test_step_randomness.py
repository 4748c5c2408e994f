"""Random numbers of a training step are a function of seed, epoch, batch and process."""

from __future__ import annotations

from itertools import product

import torch
from torch import Tensor

from seqclf.nn import Dropout
from seqclf.training._step_randomness import StepRandomness


def draw(rank: int, epoch: int, batch: int, *, before: int = 0) -> tuple[list[float], list[float]]:
    """Return what augmentation and a dropout with its own generator draw in a step."""
    generator = torch.Generator().manual_seed(7)
    own = Dropout(0.5, generator=torch.Generator().manual_seed(8))
    randomness = StepRandomness(generator, rank=rank)
    torch.rand(before, generator=generator)  # drawn by earlier steps
    own(torch.ones(before))
    randomness.start_step(torch.nn.Sequential(own), epoch, batch)
    return torch.rand(9, generator=generator).tolist(), own(torch.ones(64)).tolist()


def test_a_step_draws_the_same_whatever_was_drawn_before_it() -> None:
    assert draw(0, 2, 3) == draw(0, 2, 3, before=5)


def test_every_step_process_and_generator_draws_other_numbers() -> None:
    drawn = [draw(*step) for step in product(range(3), range(1, 4), range(3))]
    assert len({str(shared) for shared, _ in drawn}) == len({str(own) for _, own in drawn}) == 27


def test_the_shared_generator_returns_to_a_state_that_all_processes_have() -> None:
    def after(rank: int) -> Tensor:
        generator = torch.Generator().manual_seed(7)
        randomness = StepRandomness(generator, rank=rank)
        randomness.start_step(torch.nn.Identity(), 1, 0)
        randomness.finish()
        return generator.get_state()

    assert torch.equal(after(0), after(1))
    assert not torch.equal(after(0), torch.Generator().manual_seed(7).get_state())
