"""One sequence -> copies of it, in each of which a window of steps is occluded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from seqclf.evaluation._labels import IntArray
from seqclf.evaluation._scores import FloatArray
from seqclf.evaluation._trajectories import Array, read_ragged


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Windows:
    """Which steps are occluded at once: the real ones of `size` steps that slide from before the first to after the last step.

    Windows at the ends have fewer steps, so that with a stride of 1 each step is in `size` windows. Otherwise, the first step would be in
    one window only, and get its whole drop.
    """

    n_steps: int
    size: int
    stride: int

    def slices(self) -> list[slice]:
        """Return the steps of each window."""
        starts = range(1 - self.size, self.n_steps, self.stride)
        return [slice(max(0, start), min(self.n_steps, start + self.size)) for start in starts]

    def mean_over_steps(self, of_window: FloatArray) -> FloatArray:
        """Return, for each step, the mean of a number over the windows that contain it: (n_steps,)."""
        total, count = np.zeros(self.n_steps), np.zeros(self.n_steps)
        for window, number in zip(self.slices(), of_window.tolist(), strict=True):
            total[window] += number
            count[window] += 1
        return total / count


def read_one(sequence: Any) -> Any:
    """Return one sequence as a container of one: `Sequences`, or a list of one array of floats."""
    # `Sequences` are not imported, because they need torch, and this package does not.
    if hasattr(sequence, "with_values"):
        if len(sequence) != 1:
            raise ValueError(
                f"`sequence` must be one sequence; got {len(sequence)}. Pass `X[i:i + 1]` for sequence i."
            )
        return sequence
    try:
        array = np.asarray(sequence)
    except ValueError as error:  # of NumPy, whose text depends on its version
        raise TypeError(
            f"`sequence` must be one sequence, whose steps have the same features; got a {type(sequence).__name__} of items of unequal "
            "lengths. Pass `X[i]` for sequence i of a list."
        ) from error
    if array.dtype.kind not in "iufb" or array.ndim not in (1, 2):
        raise TypeError(
            "`sequence` must be one sequence of numbers, of shape (n_steps,) or (n_steps, n_features), or `Sequences` of one; got "
            f"{type(sequence).__name__} with dtype {array.dtype} and shape {array.shape}. Pass `as_sequences([sequence], ...)` for "
            "tokens."
        )
    return [array.astype(np.result_type(array.dtype, np.float32))]


def occluded(one: Any, windows: Windows, columns: list[IntArray], fill: str | float) -> Any:
    """Return the sequence itself, then a copy for each group of columns and each window, as one container.

    Features are filled; tokens become unknown.
    """
    slices = windows.slices()
    n_copies = 1 + len(columns) * len(slices)
    copies = one[np.zeros(n_copies, dtype=np.int64)] if hasattr(one, "with_values") else list(one) * n_copies
    read = read_ragged(copies)
    n_features = read.values.shape[1]
    values = read.values.reshape(n_copies, windows.n_steps, n_features).copy()
    codes = read.codes.reshape(n_copies, windows.n_steps, -1).copy()
    fills = [filled(values[0], window, fill) for window in slices]
    copy = 0
    for group in columns:
        features, tokens = group[group < n_features], group[group >= n_features] - n_features
        for window, new in zip(slices, fills, strict=True):
            copy += 1
            values[copy][window][:, features] = new[:, features]
            codes[copy][window][:, tokens] = 0
    return read.build(values.reshape(read.values.shape), read.static, codes.reshape(read.codes.shape))


def filled(values: Array, window: slice, fill: str | float) -> FloatArray:
    """Return what replaces a window: (size, n_features)."""
    steps = np.arange(len(values))
    new = np.full((window.stop - window.start, values.shape[1]), np.nan)
    for feature, column in enumerate(values.T.astype(np.float64)):
        kept = np.isfinite(column)
        if fill == "interpolate":
            kept[window] = False
        if not isinstance(fill, str):
            new[:, feature] = fill
        elif kept.any():  # else the feature was not observed: it stays missing
            mean = fill == "mean"
            new[:, feature] = (
                column[kept].mean() if mean else np.interp(steps[window], steps[kept], column[kept])
            )
    return new
