"""Sequences with the class and the weight of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from seqclf._pickling import pack, unpack
from seqclf.sequences import LazySequences, Sequences, subset


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LabelledBatch:
    """A batch of samples: what an index into `LabelledSequences` returns.

    Attributes
    ----------
    sequences : Sequences
    target : torch.Tensor of shape (batch,), int64
        Class indices.
    weight : torch.Tensor of shape (batch,), float32, or None

    Examples
    --------
    >>> import torch
    >>> from seqclf import as_sequences
    >>> from seqclf.training import LabelledSequences
    >>> data = LabelledSequences(sequences=as_sequences([[1, 2], [3]]), target=torch.tensor([0, 1]))
    >>> data[torch.tensor([1])].target
    tensor([1])
    """

    sequences: Sequences
    target: Tensor
    weight: Tensor | None = None

    def __len__(self) -> int:
        return len(self.sequences)

    def to(self, device: torch.device | str) -> LabelledBatch:
        """Return the batch on another device."""
        return LabelledBatch(
            sequences=self.sequences.to(device),
            target=self.target.to(device),
            weight=None if self.weight is None else self.weight.to(device),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LabelledSequences:
    """The samples that a network is fitted to, or scored on.

    Parameters
    ----------
    sequences : Sequences or LazySequences
        The samples. Lazy ones are computed batch by batch, from data on disk.
    target : torch.Tensor of shape (n_sequences,), int64
        Class index of each.
    weight : torch.Tensor of shape (n_sequences,), float32, or None, default=None
        Weight of each in the loss; None weighs all equally.

    Raises
    ------
    ValueError
        If the three do not have one entry per sequence.

    Examples
    --------
    >>> import torch
    >>> from seqclf import as_sequences
    >>> from seqclf.training import LabelledSequences
    >>> data = LabelledSequences(sequences=as_sequences([[1, 2], [3]]), target=torch.tensor([0, 1]))
    >>> data[[1]].target
    tensor([1])
    """

    sequences: Sequences | LazySequences
    target: Tensor
    weight: Tensor | None = None

    def __post_init__(self) -> None:
        n = len(self.sequences)
        for name, value in (("target", self.target), ("weight", self.weight)):
            if value is not None and value.shape != (n,):
                raise ValueError(
                    f"`{name}` must have one entry for each of the {n} sequences; got shape {tuple(value.shape)}."
                )

    def __len__(self) -> int:
        return len(self.sequences)

    def __getitem__(self, index: Tensor | list[int] | slice) -> LabelledBatch:
        """Return a batch."""
        if isinstance(index, list):
            index = torch.tensor(index, dtype=torch.int64, device="cpu")
        return LabelledBatch(
            sequences=self.sequences[index], target=self.target[index], weight=self._weights_of(index)
        )

    def subset(self, rows: Tensor) -> LabelledSequences:
        """Return some of the samples; lazy ones are not computed.

        Parameters
        ----------
        rows : torch.Tensor of shape (n_rows,), int64
            Which samples, in which order.
        """
        return LabelledSequences(
            sequences=subset(self.sequences, rows),
            target=self.target[rows],
            weight=self._weights_of(rows),
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickle, (self.sequences, pack((self.target, self.weight)))

    def _weights_of(self, index: Tensor | slice) -> Tensor | None:
        return None if self.weight is None else self.weight[index]


def _unpickle(sequences: Sequences, packed: tuple[Any, ...]) -> LabelledSequences:
    target, weight = unpack(packed)
    device = sequences.device
    return LabelledSequences(
        sequences=sequences, target=target.to(device), weight=None if weight is None else weight.to(device)
    )
