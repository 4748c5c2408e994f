"""The work that all peers do: beats, network and batch sizes.

Both environments import this file, so it needs nothing but NumPy.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

BATCH: Final = 128
PREDICTION_BATCH: Final = 512
HIDDEN: Final = 64
LAYERS: Final = 2
CLASSES: Final = 5
WIDTH: Final = 187
LEARNING_RATE: Final = 0.004
MODELS: Final = {"GRU": False, "BiGRU": True}
"""Name of each model, and whether it is bidirectional."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Beats:
    """Heartbeats, padded with zeros at the end.

    Parameters
    ----------
    padded : array of shape (n_beats, WIDTH, 1), float32
        The beats.
    lengths : array of shape (n_beats,), int64
        Real steps of each.
    target : array of shape (n_beats,), int64
        Class of each, 0 to CLASSES - 1; each class occurs.
    """

    padded: NDArray[np.float32]
    lengths: NDArray[np.int64]
    target: NDArray[np.int64]

    def __post_init__(self) -> None:
        present = np.unique(self.target).tolist()
        if present != list(range(CLASSES)):
            # A peer that counts the classes in the target would build a smaller network than the others.
            raise ValueError(
                f"All {CLASSES} classes must occur; got {present}. Take more beats with `--sequences`."
            )

    def __len__(self) -> int:
        return len(self.target)

    def save(self, path: Path) -> None:
        """Write the beats to an .npz file."""
        np.savez(path, padded=self.padded, lengths=self.lengths, target=self.target)

    @staticmethod
    def load(path: Path) -> Beats:
        """Read what `save` wrote."""
        with np.load(path) as stored:
            return Beats(padded=stored["padded"], lengths=stored["lengths"], target=stored["target"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """Mean seconds of an epoch, and the last training loss if the peer reports it."""

    seconds: float
    loss: float | None


class Peer(Protocol):
    """A network in a library, written as its users would."""

    def train(self, beats: Beats, epochs: int = 1) -> Epoch:
        """Train in shuffled batches of BATCH; return the mean seconds of an epoch and the last loss."""
        ...

    def predict(self, beats: Beats) -> NDArray[np.floating]:
        """Return the probability of each class, of shape (n_beats, CLASSES)."""
        ...

    def versions(self) -> dict[str, str]:
        """Return the versions of packages, and the settings that the library chose."""
        ...
