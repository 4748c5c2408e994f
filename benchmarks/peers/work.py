"""The work that all peers do: which beats, which network, in which batches.

Both environments import this file, so it needs numpy alone.
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
"""Name of a model to whether it reads in both directions."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Beats:
    """Heartbeats padded with zeros behind their end.

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
            # A peer that counts classes in the target would build a smaller network than the others.
            raise ValueError(
                f"All {CLASSES} classes must occur; got {present}. Take more beats with `--sequences`."
            )

    def __len__(self) -> int:
        return len(self.target)

    def save(self, path: Path) -> None:
        """Write the beats to a file of numpy."""
        np.savez(path, padded=self.padded, lengths=self.lengths, target=self.target)

    @staticmethod
    def load(path: Path) -> Beats:
        """Read what `save` wrote."""
        with np.load(path) as stored:
            return Beats(padded=stored["padded"], lengths=stored["lengths"], target=stored["target"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """How long a pass over the beats took, and its training loss where the peer tells."""

    seconds: float
    loss: float | None


class Peer(Protocol):
    """A network of a library, as its users would write it."""

    def train(self, beats: Beats, epochs: int = 1) -> Epoch:
        """Go over the beats, in shuffled batches of BATCH; return the mean seconds of an epoch and the last loss."""
        ...

    def predict(self, beats: Beats) -> NDArray[np.floating]:
        """Return the probability of each class, of shape (n_beats, CLASSES)."""
        ...

    def versions(self) -> dict[str, str]:
        """Return what ran: versions of packages, and the settings that the library chose itself."""
        ...
