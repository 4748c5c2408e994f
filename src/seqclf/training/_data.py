"""Sequences with the class and the weight of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from seqclf._pickling import pack, unpack
from seqclf.sequences import Sequences


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LabelledSequences:
    """The samples that a network is fitted to, or scored on.

    Parameters
    ----------
    sequences : Sequences
        The samples.
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

    sequences: Sequences
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

    def __getitem__(self, index: Tensor | list[int] | slice) -> LabelledSequences:
        if isinstance(index, list):
            index = torch.tensor(index, dtype=torch.int64, device="cpu")
        return LabelledSequences(
            sequences=self.sequences[index],
            target=self.target[index],
            weight=None if self.weight is None else self.weight[index],
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickle, (self.sequences, pack((self.target, self.weight)))

    def to(self, device: torch.device | str) -> LabelledSequences:
        """Return the data on another device."""
        return LabelledSequences(
            sequences=self.sequences.to(device),
            target=self.target.to(device),
            weight=None if self.weight is None else self.weight.to(device),
        )


def _unpickle(sequences: Sequences, packed: tuple[Any, ...]) -> LabelledSequences:
    target, weight = unpack(packed)
    return LabelledSequences(sequences=sequences, target=target, weight=weight).to(sequences.device)
