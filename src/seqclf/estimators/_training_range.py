"""The range of the training samples' features: data far outside of it are in other units, or scaled in another way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seqclf.estimators._sampled import LEAST_SEQUENCES, evenly_spread, feature_titles, static_titles
from seqclf.sequences import LazySequences, Sequences, blocks_of, subset

_FAR, _FAR_OF_FEW = 3.0, 5.0
"""How many times the range a sequence must lie outside of it: among at least 10 sequences, and of fewer."""

_LEAST_SHARE, _LEAST_SHARE_OF_FLAT = 0.1, 0.5
"""Share of such sequences from which they are no exceptions; flat ones may be sequences in which nothing has happened yet."""

_LEAST_DISTINCT = 10
"""Different values from which a feature is a measurement; it may else be a category or a count, and have rare values."""

_COUNTED = 1 << 12
"""Values that are looked at to count different ones."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainingRange:
    """Between which numbers the means and standard deviations of single training sequences lie, for each compared column.

    Columns are features, then static features, whose standard deviation is 0. All tensors are float64, of shape (n_columns,).
    """

    columns: tuple[int, ...]
    longest: int  # steps
    lowest_mean: Tensor
    highest_mean: Tensor
    lowest_deviation: Tensor
    highest_deviation: Tensor

    @classmethod
    def of(cls, sequences: Sequences | LazySequences) -> Self | None:
        """Measure training samples; None if there are too few, or no measurements among them."""
        if len(sequences) < LEAST_SEQUENCES:
            return None
        sampled = subset(sequences, torch.from_numpy(evenly_spread(sequences)))
        step = max(1, int(sampled.lengths.sum()) // _COUNTED)
        found, tables = [], []
        for _, block in blocks_of(sampled):
            found.append(_statistics(block))
            # Copies, because the memory of a block must be given back.
            tables.append((block.values[::step].clone(), block.static))
        means, deviations = (np.concatenate(parts) for parts in zip(*found, strict=True))
        is_measurement = [_are_measurements(one) for one in zip(*tables, strict=True) if one[0] is not None]
        columns = np.flatnonzero(~np.isnan(means).all(axis=0) & np.concatenate(is_measurement))
        if not len(columns):
            return None
        means, deviations = means[:, columns], deviations[:, columns]
        return cls(
            columns=tuple(columns.tolist()),
            longest=int(sampled.lengths.max()),
            lowest_mean=torch.from_numpy(np.nanmin(means, axis=0)),
            highest_mean=torch.from_numpy(np.nanmax(means, axis=0)),
            lowest_deviation=torch.from_numpy(np.nanmin(deviations, axis=0)),
            highest_deviation=torch.from_numpy(np.nanmax(deviations, axis=0)),
        )

    def has_columns_of(self, n_columns: int) -> bool:
        """Return whether the range is one of samples with so many columns."""
        vectors = (self.lowest_mean, self.highest_mean, self.lowest_deviation, self.highest_deviation)
        return (
            len(self.columns) > 0
            and max(self.columns) < n_columns
            and all(len(vector) == len(self.columns) for vector in vectors)
        )

    def difference(self, sequences: Sequences) -> str | None:
        """Return a warning if a feature of several sequences is far outside of the range."""
        positions = evenly_spread(sequences)
        all_are_read = len(positions) == len(sequences)
        read = sequences if all_are_read else sequences[torch.from_numpy(positions)]
        means, deviations = (one[:, self.columns] for one in _statistics(read))
        outside, flat = self._outside(means, deviations, read.lengths.numpy(force=True))
        if len(positions) >= LEAST_SEQUENCES:
            outside |= flat & (flat.mean(axis=0) >= _LEAST_SHARE_OF_FLAT)
        counts = outside.sum(axis=0)
        worst = int(counts.argmax())
        if counts[worst] < max(1, _LEAST_SHARE * len(positions)):
            return None
        first = int(outside[:, worst].argmax())
        title = [*feature_titles(sequences), *static_titles(sequences)][self.columns[worst]]
        which = "sequences" if all_are_read else "sequences that were looked at"
        mean, deviation = means[first, worst], deviations[first, worst]
        means_of_fit = f"{self.lowest_mean[worst]:.3g} to {self.highest_mean[worst]:.3g}"
        if self.columns[worst] < sequences.n_features:
            got = f"has mean {mean:.3g} and standard deviation {deviation:.3g}"
            deviations_of_fit = f"{self.lowest_deviation[worst]:.3g} to {self.highest_deviation[worst]:.3g}"
            expected = f"means were {means_of_fit}, standard deviations {deviations_of_fit}"
        else:
            got, expected = f"is {mean:.3g}", f"values were {means_of_fit}"
        return (
            f"{title} is far from the training samples in {counts[worst]} of {len(positions)} {which}: X[{positions[first]}] {got}; in `fit`, "
            f"{expected}. Pass samples in the units of `fit`, scaled as those were; predictions for other values mean little."
        )

    def _outside(
        self, means: NDArray[np.float64], deviations: NDArray[np.float64], lengths: NDArray[np.int64]
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return which sequences lie far outside, and which are far too flat, (n_sequences, n_columns) each; NaN is neither."""
        far = _FAR if len(lengths) >= LEAST_SEQUENCES else _FAR_OF_FEW
        lowest, highest = self.lowest_mean.numpy(), self.highest_mean.numpy()
        least, most = self.lowest_deviation.numpy(), self.highest_deviation.numpy()
        width = far * np.maximum(highest - lowest, most)
        outside = (means < lowest - width) | (means > highest + width) | (deviations > far * most)
        # A part of a sequence that rises has a smaller deviation; a constant sequence may come from a sensor that is off.
        share = np.minimum(lengths / self.longest, 1)[:, None]
        flat = (deviations < least * share / far) & (deviations > 0)
        return outside, flat


def _statistics(sequences: Sequences) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean and standard deviation of each column in each sequence; NaN where it has no value."""
    values = sequences.values.numpy(force=True).astype(np.float64)
    counts = lengths = sequences.lengths.numpy(force=True)[:, None]
    starts = sequences.offsets[:-1].numpy(force=True)
    missing = np.isnan(values)
    if missing.any():
        values[missing] = 0
        counts = np.add.reduceat(~missing, starts, axis=0, dtype=np.int64)
    with np.errstate(invalid="ignore", over="ignore"):  # no value at all, or huge ones
        means = np.add.reduceat(values, starts, axis=0) / counts
        around = values - np.repeat(means, lengths[:, 0], axis=0)
        around[missing] = 0
        deviations = np.sqrt(np.add.reduceat(around * around, starts, axis=0) / counts)
    if sequences.static is None:
        return means, deviations
    static = sequences.static.numpy(force=True).astype(np.float64)
    return np.concatenate([means, static], axis=1), np.concatenate(
        [deviations, np.zeros_like(static)], axis=1
    )


def _are_measurements(tables: tuple[Tensor, ...]) -> NDArray[np.bool_]:
    """Return for each column of several tables whether it has many different values."""
    table = torch.cat(tables).numpy(force=True)
    return np.array([len(np.unique(column)) >= _LEAST_DISTINCT for column in table.T], dtype=bool)
