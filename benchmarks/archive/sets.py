"""The eight sets of unequal length, as plain arrays.

Both environments import this file, so it needs nothing but NumPy.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

SETS: Final = (
    "JapaneseVowels",
    "ShakeGestureWiimoteZ",
    "GesturePebbleZ1",
    "GestureMidAirD1",
    "GestureMidAirD3",
    "AllGestureWiimoteX",
    "AllGestureWiimoteZ",
    "PLAID",
)
"""Names in the archive, the cheapest first."""

Sequences = list[NDArray[np.float64]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ArchiveSet:
    """A set with the archive's default split.

    Parameters
    ----------
    train, test : list of arrays of shape (n_features, n_timesteps)
        The sequences, without padding; steps are columns, as in the peers.
    y_train, y_test : arrays of str
        Their labels.
    """

    train: Sequences
    y_train: NDArray[np.str_]
    test: Sequences
    y_test: NDArray[np.str_]

    @property
    def longest(self) -> int:
        """Number of steps of the longest sequence of both parts."""
        return max(int(sequence.shape[1]) for sequence in [*self.train, *self.test])

    @property
    def padded_steps(self) -> int:
        """Number of steps of the training part once it is padded: what an epoch costs."""
        return len(self.train) * self.longest

    @staticmethod
    def load(folder: Path, name: str) -> ArchiveSet:
        """Read `<name>_TRAIN.ts` and `<name>_TEST.ts`."""
        (train, y_train), (test, y_test) = (_read(folder / f"{name}_{part}.ts") for part in ("TRAIN", "TEST"))
        return ArchiveSet(train=train, y_train=y_train, test=test, y_test=y_test)


def _read(path: Path) -> tuple[Sequences, NDArray[np.str_]]:
    """Return the sequences and labels of a file; the archive fills the end of shorter ones with NaN."""
    sequences, labels = [], []
    for line in path.read_text().splitlines():
        if line.strip() and not line.startswith(("@", "#")):
            *features, label = line.strip().split(":")
            values = np.array([[_number(step) for step in feature.split(",")] for feature in features])
            real = np.flatnonzero(~np.isnan(values).all(axis=0))
            sequences.append(values[:, : real[-1] + 1])
            labels.append(label)
    return sequences, np.array(labels)


def _number(text: str) -> float:
    return float("nan") if text == "?" else float(text)
