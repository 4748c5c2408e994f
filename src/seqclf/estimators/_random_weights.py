"""A fitted network with its weights in random order: the control of an explanation."""

from __future__ import annotations

from copy import deepcopy

import torch
from torch import nn

from seqclf._random import as_generator


def with_shuffled_weights(network: nn.Module, generator: torch.Generator) -> nn.Module:
    """Return a copy of a network in which each parameter holds the same numbers in random order."""
    shuffled = deepcopy(network)
    with torch.no_grad():
        for parameter in shuffled.parameters():
            source = as_generator(generator, parameter.device)
            order = torch.randperm(parameter.numel(), generator=source, device=parameter.device)
            parameter.copy_(parameter.flatten()[order].view_as(parameter))
    return shuffled
