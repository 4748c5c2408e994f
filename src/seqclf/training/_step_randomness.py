"""Random numbers of a training step: a function of a seed, the step and the process."""

from __future__ import annotations

from hashlib import blake2b

import torch
from torch import nn


class StepRandomness:
    """Seeds the generators of a training before each step.

    What dropout and augmentation draw in a step then depends neither on the steps before it, so that a training can resume at any
    step, nor on the number of processes, each of which draws its own numbers.

    Parameters
    ----------
    generator : torch.Generator
        Source of randomness of the training; one number of it is the seed of all steps.
    rank : int, default=0
        Which of the processes that train together this is.
    """

    def __init__(self, generator: torch.Generator, *, rank: int = 0) -> None:
        self._generator = generator
        self._seed = int(torch.randint(2**63 - 1, (1,), generator=generator, device=generator.device))
        self._rank = rank
        self._before = generator.get_state()

    @property
    def seed(self) -> int:
        """The seed of all steps: equal after two preparations of a training that drew the same."""
        return self._seed

    def start_step(self, module: nn.Module, epoch: int, batch: int) -> None:
        """Seed the generator, and those of the module, for a batch of an epoch."""
        seed = _mix(self._seed, epoch, batch, self._rank)
        self._generator.manual_seed(seed)
        for i, generator in enumerate(self._others(module), start=1):
            generator.manual_seed(_mix(seed, i))

    def finish(self) -> None:
        """Restore the state that the generator had before the first step, which is the same in all processes."""
        self._generator.set_state(self._before)

    def _others(self, module: nn.Module) -> list[torch.Generator]:
        """Return the generators of submodules, such as those on a GPU, without the one of the training."""
        found = (getattr(one, "generator", None) for one in module.modules())
        unique = {id(one): one for one in found if isinstance(one, torch.Generator)}
        unique.pop(id(self._generator), None)
        return list(unique.values())


def _mix(*numbers: int) -> int:
    """Return a number below 2**32, all that the generator of a CPU reads of a seed, that differs for other numbers."""
    text = " ".join(map(str, numbers)).encode()
    return int.from_bytes(blake2b(text, digest_size=4).digest(), "little")
