"""Short sequences of two classes that a small model can learn, in every form that `fit` accepts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from seqclf import GRUClassifier, Sequences, as_sequences

SMALL: dict[str, Any] = {
    "hidden_size": 6,
    "num_layers": 1,
    "dropout": 0.0,
    "max_epochs": 12,
    "batch_size": 128,
    "lr": 0.03,
    "random_state": 0,
}


def small(**options: Any) -> GRUClassifier:
    """Return a classifier that trains in a tenth of a second."""
    return GRUClassifier(**SMALL | options)


@dataclass(frozen=True)
class Ramps:
    """Sequences of 3 to 8 steps that rise in class 1 and fall in class 0."""

    arrays: list[NDArray[np.float32]]
    y: NDArray[np.int64]
    lengths: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "lengths", np.array([len(array) for array in self.arrays]))

    def padded(self, width: int = 8, padding: float = 0.0) -> NDArray[np.float32]:
        """Return a padded array of shape (n, width, n_features)."""
        n_features = self.arrays[0].shape[1]
        table = np.full((len(self.arrays), width, n_features), padding, dtype=np.float32)
        for row, array in zip(table, self.arrays, strict=True):
            row[: len(array)] = array
        return table

    @property
    def sequences(self) -> Sequences:
        """The samples as `Sequences`."""
        return as_sequences(self.arrays)

    def form(self, name: str) -> Any:
        """Return the samples as a list, as `Sequences` or as an array padded with zeros."""
        return {"list": self.arrays, "Sequences": self.sequences, "array": self.padded()}[name]


def ramps(n: int = 48, n_features: int = 2, seed: int = 0) -> Ramps:
    """Make `n` samples, half of each class."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    arrays = []
    for label in y:
        length = rng.integers(3, 9)
        rise = np.linspace(0.2, 1.0, length)[:, None] * np.linspace(1.0, 0.5, n_features)
        noisy = rise[:: 1 if label else -1] + 0.05 * rng.normal(size=rise.shape)
        arrays.append(cast(NDArray[np.float32], noisy.astype(np.float32)))
    return Ramps(arrays=arrays, y=y)
