"""Padding that conversion would read as real steps."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seqclf.sequences._container import Sequences
from seqclf.sequences._numbers import as_numbers, read_array
from seqclf.sequences.padding._lengths import check_lengths
from seqclf.sequences.padding._shared_runs import LEAST_ROWS, LEAST_SHARE, SharedRun, find_shared_run
from seqclf.sequences.padding._trailing_padding import (
    as_stored,
    check_padding_value,
    is_padding,
    trailing_lengths,
)

SAMPLE = 256  # rows, evenly spaced


def suspicious_padding(X: Any, *, lengths: Any = None, padding_value: float | None = 0.0) -> str | None:
    """Look for padding that `as_sequences` with the same arguments would read as real steps.

    Parameters
    ----------
    X : object
        A padded array of shape (n_samples, n_timesteps) or (n_samples, n_timesteps, n_features). Anything else holds
        no padding.
    lengths : array-like, default=None
        If given, they say what is padding. Reported is only if they count the values that are not padding, and so leave out the end
        of rows that also hold the padding value between their steps.
    padding_value : float or None, default=0.0
        As in `as_sequences`. With None nothing is reported.

    Returns
    -------
    str or None
        What was found and what to do about it; None if nothing was.

    See Also
    --------
    describe_padding : Describe the padding of all rows.

    Notes
    -----
    At most 256 evenly spaced rows are read. At least 5 of them, and 10 %, must have a run of different lengths at
    one end of the row: of one value, for example -1, of one value per column, as zeros that were scaled or missing
    values that were imputed, or of the last value of each row. Runs that a signal of its kind also takes elsewhere or approaches slowly are not
    reported, and neither are short tables; None is not a proof.

    Examples
    --------
    >>> import numpy as np
    >>> from seqclf.sequences import suspicious_padding
    >>> X = np.random.default_rng(0).normal(size=(50, 20))
    >>> for row, n_steps in zip(X, np.arange(50) % 10):
    ...     row[20 - n_steps:] = -1
    >>> print(suspicious_padding(X))
    35 of 50 sampled rows end in runs of -1 of different lengths (median 6 steps), which are read as real steps. ...
    >>> suspicious_padding(X, padding_value=-1) is None
    True
    """
    if padding_value is None:
        return None
    padding_value = as_stored(check_padding_value(padding_value), X)
    sampled = _sample(X)
    if sampled is None:
        return None
    if lengths is not None:
        return _counted(
            sampled, check_lengths(lengths, n_samples=X.shape[0], n_timesteps=X.shape[1]), padding_value
        )
    n_steps = trailing_lengths(sampled, padding_value)
    longest = int(n_steps.max())
    # A scaler by the median leaves 0 in columns that mostly hold padding: the runs end where these begin, at the length of many rows.
    commonest = int(np.bincount(n_steps).argmax())
    for last in dict.fromkeys((longest, commonest)):
        rows = (n_steps >= last) & np.isfinite(sampled).reshape(len(sampled), -1).all(axis=1)
        block = sampled.reshape(*sampled.shape[:2], -1)[rows, :last].astype(np.float64)
        found = find_shared_run(block, n_sampled=len(sampled))
        if found is not None:
            return _at_end(found, len(sampled))
        found = find_shared_run(block[:, ::-1], n_sampled=len(sampled))
        if found is not None:
            return _in_front(found, len(sampled))
    return None


def padding_in_list(sequences: Sequences) -> str | None:
    """Look for padding in the sequences of a list, all of whose steps are read as real.

    Parameters
    ----------
    sequences : Sequences
        What `as_sequences` made of the list.

    Returns
    -------
    str or None
        What was found and what to do about it; None if nothing was, or if the sequences have different lengths.

    See Also
    --------
    suspicious_padding : The same for padded arrays, with its limits.

    Examples
    --------
    >>> import numpy as np
    >>> from seqclf.sequences import as_sequences, padding_in_list
    >>> X = np.random.default_rng(0).normal(size=(50, 20))
    >>> for row, n_steps in zip(X, np.arange(50) % 10):
    ...     row[20 - n_steps:] = 0
    >>> print(padding_in_list(as_sequences(X.tolist())))
    35 of 50 sampled rows end in runs of 0 of different lengths (median 6 steps), which a list holds as real steps. ...
    """
    n_steps = sequences.values.shape[0] // len(sequences)
    if not bool((sequences.lengths == n_steps).all()):
        return None
    rows = sequences.values.detach().reshape(len(sequences), n_steps, -1)
    block = rows[:: math.ceil(len(rows) / SAMPLE)].cpu().double().numpy()
    block = block[np.isfinite(block).all(axis=(1, 2))]
    found = find_shared_run(block, n_sampled=len(block))
    if found is None or found.kind not in ("constant", "held"):
        return None
    if found.kind == "held":
        return (
            f"{found.n_rows} of {len(block)} sampled rows repeat their last value at the end (median {found.median:g} steps), which a list "
            "holds as real steps. If this is padding, cut it off. If the values are real, pass `as_sequences(X)`."
        )
    value = _shown(found.values[0])
    return (
        f"{found.n_rows} of {len(block)} sampled rows end in runs of {value} of different lengths (median {found.median:g} steps), which a "
        "list holds as real steps. If they are padding, cut them off, or pass "
        f"`as_sequences(np.array(X){'' if value == '0' else f', padding_value={value}'})`. If they are real, pass `as_sequences(X)`."
    )


def _counted(sampled: NDArray[Any], lengths: NDArray[np.int64], padding_value: float) -> str | None:
    """Return what to say if lengths are `(X != 0).sum(axis=1)`, although some values between others are 0."""
    given = lengths[:: math.ceil(len(lengths) / SAMPLE)]
    blank = is_padding(sampled, padding_value).reshape(*sampled.shape[:2], -1).all(axis=2)
    counts = np.maximum((~blank).sum(axis=1), 1)
    n_cut = int((given < trailing_lengths(sampled, padding_value)).sum())
    if n_cut < max(LEAST_ROWS, LEAST_SHARE * len(given)) or not np.array_equal(given, counts):
        return None
    return (
        f"`lengths` count the values that are not {padding_value:g}: {n_cut} of {len(given)} sampled rows also contain {padding_value:g} "
        "between their steps, and lose steps at the end. Omit `lengths`, so that only trailing padding is dropped, or pass "
        "`infer_lengths(X)`."
    )


def _sample(X: Any) -> NDArray[Any] | None:
    """Return some rows of a padded array of numbers; None for anything else."""
    if isinstance(X, Tensor) and (X.is_nested or X.layout is not torch.strided):
        return None
    shape: tuple[int, ...] = tuple(getattr(X, "shape", ()))
    if len(shape) not in (2, 3) or 0 in shape:
        return None
    if isinstance(X, np.ndarray) and X.dtype.kind == "O":  # a list of sequences
        return None
    rows = slice(0, None, math.ceil(int(shape[0]) / SAMPLE))
    part = X.iloc[rows] if hasattr(X, "iloc") else X[rows]
    array = read_array(part)
    if array.ndim != len(shape) or (array.dtype.kind == "O" and any(np.ndim(cell) for cell in array.flat)):
        return None  # a table of cells, each with a sequence
    return as_numbers(array)


def _at_end(found: SharedRun, n_rows: int) -> str:
    lead = f"{found.n_rows} of {n_rows} sampled rows end in runs"
    if found.kind == "held":
        return (
            f"{found.n_rows} of {n_rows} sampled rows repeat their last value at the end (median {found.median:g} steps), which is read as "
            "real steps. If this is padding, pass the lengths, `as_sequences(X, lengths=lengths)`."
        )
    if found.kind == "constant":
        value = _shown(found.values[0])
        one = len(np.unique(found.values)) == 1
        cure = f"`padding_value={value}`" if one else "their lengths, `as_sequences(X, lengths=lengths)`"
        more = ", or their lengths, `as_sequences(X, lengths=lengths)`" if one else ""
        return (
            f"{lead} of {value} of different lengths (median {found.median:g} steps), which are read as real steps. "
            f"If they are padding, pass {cure}{more}."
        )
    if found.kind == "mean":
        return (
            f"{lead} of different lengths (median {found.median:g} steps) of the mean of each column, as imputed padding. "
            "They are read as real steps. Do not impute padding: pass NaN with `padding_value=float('nan')`, or lengths "
            "with `as_sequences(X, lengths=lengths)`."
        )
    return (
        f"{lead} of different lengths (median {found.median:g} steps) of one value per column, for example "
        f"{_shown(found.values[-1])} in the last, as padding that was scaled. They are read as real steps. Drop the "
        "padding before you scale: `as_sequences(X, lengths=lengths)`, then `ZScore`."
    )


def _in_front(found: SharedRun, n_rows: int) -> str:
    of = {"constant": f"of {_shown(found.values[0])} ", "held": "of their first value "}.get(found.kind, "")
    return (
        f"{found.n_rows} of {n_rows} sampled rows start with runs {of}of different lengths (median {found.median:g} steps), as "
        "padding in front, Keras' default. Only padding at the end is dropped. Pad at the end "
        "(`padding='post'`), or pass a list of sequences without padding."
    )


def _shown(step: NDArray[np.float64]) -> str:
    unique = np.unique(step)
    return (
        f"{unique[0]:g}"
        if len(unique) == 1
        else f"[{', '.join(f'{value:g}' for value in step[:4])}{', ...' if len(step) > 4 else ''}]"
    )
