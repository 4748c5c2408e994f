"""Index batches of an epoch -> the batches that a network trains on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sized
from dataclasses import replace
from typing import Protocol

import torch
from torch import Tensor

from seqclf.sequences import Sequences
from seqclf.training._data import LabelledSequences

Augment = Callable[[Sequences, Tensor], Sequences]
"""`Sequences` and targets (batch,) -> as many changed `Sequences`."""


class IndexBatches(Sized, Iterable[Tensor], Protocol):
    """Yields the indices of each batch of an epoch; `len` is the number of batches.

    The samplers of `seqclf.sampling` do this; so does a list of tensors, if each epoch may be the same.

    Examples
    --------
    >>> import torch
    >>> batches = [torch.tensor([0, 2]), torch.tensor([1])]
    >>> len(batches)
    2
    """

    def __iter__(self) -> Iterator[Tensor]: ...


def select_batches(
    data: LabelledSequences, batches: IndexBatches, augment: Augment | None, device: torch.device
) -> Iterator[LabelledSequences]:
    """Yield the batches of one epoch: selected, augmented, and moved to the device."""
    for index in batches:
        batch = data[index]
        if augment is not None:
            batch = replace(batch, sequences=augment(batch.sequences, batch.target))
        yield batch.to(device)
