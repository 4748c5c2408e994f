"""Checks that values are finite: the only place that lets NaN through, and only where a caller asks for it."""

from __future__ import annotations

import math
from typing import Literal, NoReturn

import torch
from torch import Tensor

from seqclf._advice import NAN_CURE
from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences._blocks import STEPS_PER_BLOCK
from seqclf.sequences._container import Sequences
from seqclf.sequences._mapping import note_rows
from seqclf.sequences._static_features import check_finite_static
from seqclf.sequences._too_large import LARGE, largest_value, too_large

MissingValues = Literal["error", "keep"]
"""Whether values may be NaN."""


def check_finite(sequences: Sequences, *, missing: MissingValues = "error") -> None:
    """Check that all values and static features are finite.

    `as_sequences` checks the data it converts. This function checks `Sequences` that were built in another way.

    Parameters
    ----------
    sequences : Sequences
    missing : {"error", "keep"}, default="error"
        "keep": values, but not static features, may be NaN.

    Raises
    ------
    InvalidSequenceError
        If a number is NaN or infinite; it names the row, step and feature of the first one.

    Examples
    --------
    >>> from seqclf.sequences import as_sequences, check_finite
    >>> sequences = as_sequences([[1, 2], [3]])
    >>> check_finite(sequences)
    >>> check_finite(sequences.with_values(sequences.values / 0))
    Traceback (most recent call last):
        ...
    seqclf.exceptions.InvalidSequenceError: Every real step must be finite; got infinity (inf) in row 0, step 0, feature 0. ...
    """
    check_finite_steps(sequences.values, sequences.offsets, missing=missing)
    if sequences.static is not None:
        static = sequences.static.detach().cpu().numpy()
        check_finite_static(static, static)


def check_computed(result: Sequences, source: Sequences, *, missing: MissingValues = "error") -> None:
    """Check that what was computed of finite sequences is finite; an error names the value that was too large.

    Parameters
    ----------
    result, source : Sequences
        What was computed, and what it was computed of: as many sequences, whose lengths may differ.
    missing : {"error", "keep"}, default="error"
        "keep": values of the result, but not its static features, may be NaN.

    Raises
    ------
    InvalidSequenceError
        If a number of the result is NaN or infinite. If the values of its sequence are large, which is the cause then, `rows` of the
        error are all such sequences.

    Examples
    --------
    >>> from seqclf.sequences import as_sequences, check_computed
    >>> source = as_sequences([[0.1, 1e30], [0.2]])
    >>> check_computed(source.with_values(source.values**2), source)
    Traceback (most recent call last):
        ...
    seqclf.exceptions.InvalidSequenceError: Values must not overflow float32 ...; got 1e+30 in step 1, feature 0 of row 0. ...
    """
    try:
        check_finite(result, missing=missing)
    except InvalidSequenceError as error:
        rows = _rows_not_finite(result, missing)
        if largest_value(source, rows[0]) < LARGE:  # such as the logarithm of 0, by a transformer of the user
            raise
        raise too_large(source, rows) from error


def _rows_not_finite(sequences: Sequences, missing: MissingValues) -> list[int]:
    values = sequences.values.detach()
    wrong = (values.isinf() if missing == "keep" else ~torch.isfinite(values)).any(dim=1).nonzero()[:, 0]
    rows = torch.searchsorted(sequences.offsets, wrong, right=True) - 1
    if sequences.static is not None:
        static = ~torch.isfinite(sequences.static.detach()).all(dim=1)
        rows = torch.cat([rows, static.nonzero()[:, 0]])
    return sorted(set(rows.tolist()))


def check_finite_steps(
    values: Tensor,
    offsets: Tensor,
    *,
    advice: str = "Fill in or drop such values first.",
    missing: MissingValues = "error",
) -> None:
    """Raise if a value is not finite, naming its row, step and feature; with `missing="keep"`, NaN passes."""
    for start in range(0, values.shape[0], STEPS_PER_BLOCK):
        block = values[start : start + STEPS_PER_BLOCK].detach()
        # A sum is much faster than a test of each value, and is finite only if all of them are.
        if not math.isfinite(block.sum().item()):
            wrong = block.isinf() if missing == "keep" else ~torch.isfinite(block)
            if bool(wrong.any()):
                position, feature = wrong.nonzero()[0].tolist()
                _raise_not_finite(values, offsets, start + position, feature, advice)
        note_rows(values, n_rows=block.shape[0], n_places=1)


def _raise_not_finite(values: Tensor, offsets: Tensor, position: int, feature: int, advice: str) -> NoReturn:
    row = int(torch.searchsorted(offsets, position, right=True)) - 1
    got = float(values[position, feature])
    name, cure = ("NaN", f" {NAN_CURE}") if math.isnan(got) else (f"infinity ({got})", "")
    raise InvalidSequenceError(
        f"Every real step must be finite; got {name} in row {row}, step {position - int(offsets[row])}, feature {feature}. "
        f"{advice}{cure}"
    )
