"""A fitted module over many sequences, a batch at a time."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from seqclf.sequences import Sequences
from seqclf.training import device_of

_STEPS_PER_BATCH = 50_000
"""Real steps per batch: memory then depends on the model alone, however long the sequences are."""


@torch.no_grad()
def run_in_batches(
    module: nn.Module, function: Callable[[Sequences], Tensor], sequences: Sequences
) -> Tensor:
    """Return `function` of all sequences, in their order, on the CPU.

    Sequences of similar length go together: a batch of the packed engine takes as many steps as its longest.
    """
    module.eval()
    device = device_of(module)
    order = sequences.lengths.argsort(descending=True, stable=True)
    steps = sequences.lengths[order].cumsum(0)
    # A new batch begins where another multiple of the batch's steps is passed.
    batch_of = torch.div(steps - 1, _STEPS_PER_BATCH, rounding_mode="floor")
    sizes = torch.unique_consecutive(batch_of, return_counts=True)[1].tolist()
    outputs = [function(sequences[index].to(device)).cpu() for index in torch.split(order, sizes)]
    return torch.cat(outputs)[order.argsort().cpu()]
