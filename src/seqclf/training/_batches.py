"""Index batches of an epoch -> the batches that a network trains on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sized
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from seqclf.sequences import Sequences
from seqclf.training._data import LabelledBatch, LabelledSequences

Augment = Callable[[Sequences, Tensor], Sequences]
"""`Sequences` and targets (batch,) -> as many changed `Sequences`."""


class IndexBatches(Sized, Iterable[Tensor], Protocol):
    """Yields the indices of each batch of an epoch; `len` is the number of batches.

    The samplers of `seqclf.sampling` do this; so does a list of tensors, if each epoch may be the same. Arrays and lists of
    integers are accepted as well, so `torch.utils.data.BatchSampler` works too.

    Examples
    --------
    >>> import torch
    >>> batches = [torch.tensor([0, 2]), torch.tensor([1])]
    >>> len(batches)
    2
    """

    def __iter__(self) -> Iterator[Tensor]: ...


def read_batches(batches: IndexBatches, n_samples: int) -> Iterator[Tensor]:
    """Yield each batch of an epoch as an int64 tensor; raise unless it holds indices of the samples.

    Parameters
    ----------
    batches : iterable of index tensors, arrays or lists
        The batches of one epoch.
    n_samples : int
        Number of samples.

    Examples
    --------
    >>> from seqclf.training import read_batches
    >>> list(read_batches([[0, 2], [1]], 3))
    [tensor([0, 2]), tensor([1])]
    """
    for batch in batches:
        yield _as_indices(batch, n_samples)


def _as_indices(batch: Any, n_samples: int) -> Tensor:
    index = batch if isinstance(batch, Tensor) else np.asarray(batch)
    if index.ndim == 0 and not isinstance(batch, str):
        raise TypeError(
            f"`sampler` must yield batches, tensors or lists of indices; got a single index, {batch!r}. Wrap it: "
            "`torch.utils.data.BatchSampler(sampler, batch_size=128, drop_last=False)`."
        )
    is_integer = str(index.dtype).removeprefix("torch.").startswith(("int", "uint"))
    if index.ndim != 1 or not len(index) or not is_integer:
        raise TypeError(
            "`sampler` must yield batches of at least one integer index; got "
            f"{index.dtype} of shape {tuple(index.shape)}."
        )
    index = torch.as_tensor(index, dtype=torch.int64, device="cpu")
    if int(index.min()) < -n_samples or int(index.max()) >= n_samples:
        outside = index[(index < -n_samples) | (index >= n_samples)]
        raise IndexError(
            f"`sampler` must yield indices of the {n_samples} training samples; got {int(outside[0])}. Was it made for other "
            "data?"
        )
    return index


def select_batch(
    data: LabelledSequences, index: Tensor, augment: Augment | None, device: torch.device
) -> LabelledBatch:
    """Return the samples of a batch: selected, augmented, and moved to the device."""
    batch = data[index]
    if augment is not None:
        changed = augment(batch.sequences, batch.target)
        if not isinstance(changed, Sequences):
            raise TypeError(f"`augmentation` must return `Sequences`; got {type(changed).__name__}.")
        batch = replace(batch, sequences=changed)
    return batch.to(device)
