"""Robust scaling of each group of sequences by its own statistics."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from seqclf._checks import check_boolean
from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences import Sequences


def scale_groups(sequences: Sequences, groups: ArrayLike, *, static: bool = False) -> Sequences:
    """Subtract from each feature the median of its group, and divide by the interquartile range of the group.

    Parameters
    ----------
    sequences : Sequences
        Sequences, for example of people, machines or sites that differ in level and amplitude.
    groups : array-like of shape (n_sequences,)
        Group of each sequence, such as the record of a beat.
    static : bool, default=False
        Whether to scale the static features, over the sequences of the group, instead of the features of steps.

    Returns
    -------
    Sequences
        The sequences with scaled values, or scaled static features, in float32. If the interquartile range of a feature is 0 in a group, it
        is not divided.

    Raises
    ------
    TypeError
        If `sequences` are not `Sequences`, or `static` is not a bool.
    seqclf.InvalidSequenceError
        If there is not one group for each sequence, there are no static features to scale, or a value is NaN.

    See Also
    --------
    ZScore : Scales by the statistics of the training set, or of each sequence.

    Notes
    -----
    Nothing is learned: a new group is scaled by its own statistics, without labels, so all of its sequences must be passed in one call.
    A few outliers hardly change medians and quartiles.

    Examples
    --------
    >>> from seqclf import as_sequences
    >>> from seqclf.transforms import scale_groups
    >>> X = as_sequences([[1.0, 2.0], [3.0], [10.0, 20.0, 30.0]])
    >>> scale_groups(X, ["a", "a", "b"]).values.flatten()
    tensor([-1.,  0.,  1., -1.,  0.,  1.])
    """
    if not isinstance(sequences, Sequences):
        raise TypeError(
            f"`sequences` must be Sequences; got {type(sequences).__name__}. Convert them with `as_sequences`."
        )
    number = _numbered(groups, len(sequences))
    if check_boolean("static", static):
        if sequences.static is None:
            raise InvalidSequenceError(
                "`sequences` must have static features to scale; got none. Add them with `with_static`."
            )
        return sequences.with_static(torch.from_numpy(_scaled(_rows(sequences.static), number)))
    of_steps = np.repeat(number, sequences.lengths.cpu().numpy())
    scaled = torch.from_numpy(_scaled(_rows(sequences.values), of_steps))
    return sequences.with_values(scaled.to(sequences.device))


def _rows(values: torch.Tensor) -> NDArray[np.float64]:
    rows: NDArray[np.float64] = values.detach().cpu().double().numpy()
    if np.isnan(rows).any():
        raise InvalidSequenceError(
            f"Values must not be missing; got NaN in row {int(np.isnan(rows).any(axis=1).argmax())}. Fill them with `FillMissing`."
        )
    return rows


def _numbered(groups: ArrayLike, n_sequences: int) -> NDArray[np.int64]:
    """Return the groups as numbers from 0."""
    array = np.asarray(groups)
    if array.shape != (n_sequences,):
        raise InvalidSequenceError(
            f"`groups` must have one entry for each of the {n_sequences} sequences; got shape {array.shape}. Select the same "
            "sequences in both."
        )
    numbers: NDArray[np.int64] = np.unique(array, return_inverse=True)[1].astype(np.int64)
    return numbers


def _scaled(rows: NDArray[np.float64], number: NDArray[np.int64]) -> NDArray[np.float32]:
    """Scale each column of the rows of each group."""
    counts = np.bincount(number)
    firsts = np.cumsum(counts) - counts
    scaled = np.empty(rows.shape, dtype=np.float32)
    for k, column in enumerate(rows.T):
        ordered = column[np.lexsort((column, number))]
        low, median, high = (_quantile(ordered, firsts, counts, share) for share in (0.25, 0.5, 0.75))
        # A difference within rounding is none: values that are all equal must not be divided by it.
        least = 8 * np.finfo(np.float64).eps * np.maximum(np.abs(low), np.abs(high))
        spread = np.where(high - low > least, high - low, 1.0)
        with np.errstate(over="ignore"):  # reported below
            scaled[:, k] = (column - median[number]) / spread[number]
        if not np.isfinite(scaled[:, k]).all():
            row = int((~np.isfinite(scaled[:, k])).argmax())
            raise InvalidSequenceError(
                f"Scaled values must fit float32 (at most 3.4e38); got {column[row]:g} in row {row} of column {k}, where the quartiles of "
                f"its group differ by {spread[number[row]]:g}. Correct the value, or leave out the sequence."
            )
    return scaled


def _quantile(
    ordered: NDArray[np.float64], firsts: NDArray[np.int64], counts: NDArray[np.int64], share: float
) -> NDArray[np.float64]:
    """Return a quantile of each group of sorted values, interpolated linearly."""
    place = share * (counts - 1)
    below = np.floor(place).astype(np.int64)
    left, right = ordered[firsts + below], ordered[firsts + np.minimum(below + 1, counts - 1)]
    quantile: NDArray[np.float64] = left + (place - below) * (right - left)
    return quantile
