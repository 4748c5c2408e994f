"""Transforms applied in order, or to some sequences only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from seqclf._checks import check_number, convert_fields
from seqclf._components import accepts
from seqclf._random import as_generator
from seqclf.sequences import Sequences
from seqclf.transforms._protocol import Transform


@dataclass(frozen=True, slots=True)
class Compose:
    """Apply several transforms in order.

    Parameters
    ----------
    transforms : sequence of Transform
        Applied from first to last.

    Examples
    --------
    >>> from seqclf import as_sequences
    >>> from seqclf.transforms import Compose, Jitter, Scale
    >>> Compose([Scale(0.1), Jitter(0.02)])(as_sequences([[1.0, 2.0]])).lengths
    tensor([2])
    """

    transforms: Sequence[Transform]

    def __post_init__(self) -> None:
        convert_fields(self, transforms=_check_transforms)

    def __call__(
        self, sequences: Sequences, generator: torch.Generator | None = None, labels: ArrayLike | None = None
    ) -> Sequences:
        """Return the sequences after all transforms."""
        for transform in self.transforms:
            sequences = transform(sequences, generator, labels)
        return sequences


@dataclass(frozen=True, slots=True)
class RandomApply:
    """Apply a transform to a random subset of the sequences.

    Parameters
    ----------
    transform : Transform
        Transform to apply.
    probability : float in [0, 1] or dict of label to float, default=0.5
        Probability that a sequence is changed, the same for all or one per class; 0 for classes not in the dict.

    Raises
    ------
    ValueError
        If a probability is out of range, or `probability` is a dict and there are no labels.

    Examples
    --------
    Change the rare class only:

    >>> from seqclf import as_sequences
    >>> from seqclf.transforms import RandomApply, Scale
    >>> s = as_sequences([[1.0], [1.0], [1.0]])
    >>> changed = RandomApply(Scale(0.5), {"rare": 1.0})(s, labels=["common", "rare", "common"])
    >>> (changed.values == 1).flatten()
    tensor([ True, False,  True])
    """

    transform: Transform
    probability: float | Mapping[Any, float] = 0.5

    def __post_init__(self) -> None:
        convert_fields(self, transform=_check_transform, probability=_check_probabilities)

    def __call__(
        self, sequences: Sequences, generator: torch.Generator | None = None, labels: ArrayLike | None = None
    ) -> Sequences:
        """Return all sequences in their order, some of them changed."""
        source = as_generator(generator, sequences.device)
        uniform = torch.rand(len(sequences), dtype=torch.float64, device=sequences.device, generator=source)
        chosen = uniform < self._probabilities(len(sequences), labels).to(sequences.device)
        if not bool(chosen.any()):
            return sequences
        if labels is not None:
            labels = np.asarray(labels)[chosen.cpu().numpy()]
        changed = self.transform(sequences[chosen], source, labels)
        # Unchanged sequences first, then the changed ones; sorting restores the order.
        order = torch.cat([(~chosen).nonzero().squeeze(1), chosen.nonzero().squeeze(1)])
        together: Sequences = Sequences.concatenate([sequences[~chosen], changed])[order.argsort()]
        return together

    def _probabilities(self, n: int, labels: ArrayLike | None) -> Tensor:
        """Return the probability of each sequence: (n,) float64."""
        if not isinstance(self.probability, Mapping):
            return torch.full((n,), self.probability, dtype=torch.float64, device="cpu")
        if labels is None:
            raise ValueError(
                "`labels` must be given when `probability` is a dict of classes; got None. Pass the class of each sequence; "
                "`fit` of an estimator does so."
            )
        names, codes = np.unique(np.asarray(labels), return_inverse=True)
        of_class = [float(self.probability.get(name, 0.0)) for name in names.tolist()]
        return torch.tensor(of_class, dtype=torch.float64, device="cpu")[torch.from_numpy(codes)]


def _check_transforms(name: str, value: Any) -> tuple[Transform, ...]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise TypeError(f"`{name}` must be a list of transforms; got {value!r:.100}.")
    return tuple(_check_transform(f"{name}[{i}]", one) for i, one in enumerate(value))


def _check_transform(name: str, value: Any) -> Any:
    if isinstance(value, type) or not callable(value) or not accepts(value, 3):
        raise TypeError(
            f"`{name}` must be a transform, called with sequences, generator and labels; got {value!r:.100}."
        )
    return value


def _check_probabilities(name: str, value: Any) -> Any:
    """Return a probability, or the probability of each class, as floats."""
    if isinstance(value, Mapping):
        return {label: _check_probabilities(f"{name}[{label!r}]", one) for label, one in value.items()}
    probability = check_number(name, value)
    if not 0.0 <= probability <= 1.0:
        raise ValueError(f"`{name}` must lie in [0, 1]; got {value!r}.")
    return probability
