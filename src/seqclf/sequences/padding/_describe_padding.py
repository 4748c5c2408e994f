"""A padded table -> a report on its padding."""

from __future__ import annotations

import math
import numbers
import warnings
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqclf.exceptions import SeqclfWarning
from seqclf.sequences._blocks import row_blocks
from seqclf.sequences.padding._padded_input import padded_array
from seqclf.sequences.padding._padding_report import FixedWidthCut, PaddingReport, SentinelEvidence
from seqclf.sequences.padding._trailing_padding import (
    as_stored,
    check_padding_value,
    is_padding,
    trailing_lengths,
)

NOTABLE_SHARE = 0.01  # of the rows; fewer may start or end in a run by chance
QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)


def describe_padding(
    X: ArrayLike, *, padding_value: float = 0.0, drop_last: int | None = None
) -> PaddingReport:
    """Describe the padding of a table; use it before you rely on inferred lengths.

    Parameters
    ----------
    X : array of shape (n_samples, n_timesteps) or (n_samples, n_timesteps, n_features)
        Sequences padded at the end.
    padding_value : float, default=0.0
        A step is padding if *all* its features equal this value and no real step follows; NaN matches NaN;
        `pandas.NA` stands for NaN.
    drop_last : int, default=None
        Number of columns that a fixed-width cut would drop, 0 to `n_timesteps - 1`. None: 40 %, which is 75 of 187.

    Returns
    -------
    PaddingReport
        Prints as a summary.

    Raises
    ------
    InvalidSequenceError
        If `X` is not a 2-D or 3-D array of numbers with at least one row, step and feature.
    TypeError
        If `padding_value` is not a number, `drop_last` is not an integer, or `X` holds objects.
    ValueError
        If `drop_last` leaves no column.

    Warns
    -----
    SeqclfWarning
        If at least 1 % of the rows start with two or more steps of padding: only trailing padding is stripped.

    Notes
    -----
    If a signal really takes the padding value, the two cannot be distinguished. The report counts where the value
    occurs; only the source of the data can say whether the runs at the ends are padding.

    Examples
    --------
    >>> from seqclf.sequences import describe_padding
    >>> print(describe_padding([[0.2, 0.0, 0.5, 0.0, 0.0], [0.1, 0.4, 0.0, 0.0, 0.0]], drop_last=3))
    Padding with 0 in 2 rows x 5 steps
      padded steps          50.0% of 10
      lengths               min 2, 5% 2.05, 25% 2.25, median 2.5, 75% 2.75, 95% 2.95, max 3
      rows with interior 0  1 (50.0%)
      rows of 0 only        0 (0.0%)
      rows without padding  0 (0.0%)
      rows starting with 0  0 (0.0%)
      likely padding value  0 (2 rows end in a run of it, median length 2.5)
      dropping the last 3   loses 1 real step (20.0%) in 1 row (50.0%) and leaves 0.0% padding
    """
    padding_value = check_padding_value(padding_value)
    padding_value = as_stored(padding_value, X)
    array = padded_array(X)
    n_samples, n_timesteps = array.shape[:2]
    dropped = _check_drop_last(drop_last, n_timesteps)
    lengths = trailing_lengths(array, padding_value)
    starts, interior = _runs_before_end(array, padding_value, lengths)
    if starts.sum() >= NOTABLE_SHARE * n_samples:
        warnings.warn(
            f"Padding must be at the end of a row; {int(starts.sum())} of {n_samples} rows start with two "
            f"or more steps of {padding_value:g}, the first is row {int(starts.argmax())}. Only trailing "
            "padding is stripped: move it to the end, or ignore this warning if these are real values.",
            SeqclfWarning,
            stacklevel=2,
        )
    evidence = _sentinels(array)
    likely = evidence and evidence[0].n_rows >= NOTABLE_SHARE * n_samples
    return PaddingReport(
        n_samples=n_samples,
        n_timesteps=n_timesteps,
        n_features=math.prod(array.shape[2:]),
        padding_value=float(padding_value),
        share_padded=1 - int(lengths.sum()) / (n_samples * n_timesteps),
        length_quantiles=tuple(zip(QUANTILES, np.quantile(lengths, QUANTILES).tolist(), strict=True)),
        n_interior=int(interior.sum()),
        n_all_padding=int((lengths == 0).sum()),
        n_full_width=int((lengths == n_timesteps).sum()),
        n_start=int(starts.sum()),
        likely_padding_value=evidence[0].value if likely else None,
        evidence=evidence,
        cut=_cut(lengths, n_timesteps, dropped),
    )


def _runs_before_end(
    array: NDArray[Any], padding_value: float, lengths: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which rows start with padding, and which contain it before their last real step."""
    n_samples, n_timesteps = array.shape[:2]
    starts: NDArray[np.bool_] = np.zeros(n_samples, dtype=np.bool_)
    interior: NDArray[np.bool_] = np.zeros(n_samples, dtype=np.bool_)
    for rows in row_blocks(array):
        padding = is_padding(array[rows], padding_value).reshape(-1, n_timesteps, math.prod(array.shape[2:]))
        steps: NDArray[np.bool_] = np.all(padding, axis=2)
        starts[rows] = np.all(steps[:, :2], axis=1) & (lengths[rows] > 0)
        interior[rows] = steps.sum(axis=1) > n_timesteps - lengths[rows]
    return starts, interior


def _sentinels(array: NDArray[Any]) -> tuple[SentinelEvidence, ...]:
    """Find the values whose runs fill the most steps at the ends of rows."""
    n_samples, n_timesteps = array.shape[:2]
    lasts = array[:, -1].reshape(n_samples, -1)[:, 0].astype(np.float64)
    runs = np.zeros(n_samples, dtype=np.int64)
    for rows in row_blocks(array):
        block = array[rows].reshape(rows.stop - rows.start, n_timesteps, -1)
        # Each row is compared with its own last value, which finds any constant.
        value = block[:, -1:, :1]
        same = (block == value) | ((block != block) & (value != value))  # NaN differs from itself
        steps = same.all(axis=2)
        runs[rows] = np.where(steps.all(axis=1), n_timesteps, (~steps[:, ::-1]).argmax(axis=1))
    ends_in_run = runs >= 2
    values, which = np.unique(lasts[ends_in_run], return_inverse=True)
    n_rows = np.bincount(which, minlength=len(values))
    n_steps = np.bincount(which, weights=runs[ends_in_run], minlength=len(values)).astype(np.int64)
    return tuple(
        SentinelEvidence(
            value=float(values[i]),
            n_rows=int(n_rows[i]),
            n_steps=int(n_steps[i]),
            median_run=float(np.median(runs[ends_in_run][which == i])),
        )
        for i in np.lexsort((-n_rows, -n_steps))[:3]
    )


def _cut(lengths: NDArray[np.int64], n_timesteps: int, drop_last: int) -> FixedWidthCut:
    width = n_timesteps - drop_last
    kept = np.minimum(lengths, width)
    n_real, n_kept = int(lengths.sum()), int(kept.sum())
    return FixedWidthCut(
        drop_last=drop_last,
        n_rows=int((lengths > width).sum()),
        n_steps=n_real - n_kept,
        share_steps=(n_real - n_kept) / max(1, n_real),
        share_padded=1 - n_kept / (len(lengths) * width),
    )


def _check_drop_last(drop_last: Any, n_timesteps: int) -> int:
    if drop_last is None:
        return round(0.4 * n_timesteps) if n_timesteps > 1 else 0
    if isinstance(drop_last, bool) or not isinstance(drop_last, numbers.Integral):
        raise TypeError(
            f"`drop_last` must be an integer; got {drop_last!r}. It is a number of columns, for example 75."
        )
    if not 0 <= int(drop_last) < n_timesteps:
        raise ValueError(
            f"`drop_last` must leave at least one of the {n_timesteps} columns; got {drop_last}. "
            f"Choose 0 to {n_timesteps - 1}."
        )
    return int(drop_last)
