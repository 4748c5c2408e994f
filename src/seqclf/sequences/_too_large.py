"""The error for values that are finite, but too large for a transformer or a network."""

from __future__ import annotations

from collections.abc import Sequence

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences._container import Sequences

LARGE = 1e15
"""Data that were measured are smaller, or hold times in nanoseconds; the square of a value overflows float32 from 1.8e19 on."""


def too_large(
    sequences: Sequences,
    rows: Sequence[int],
    *,
    first: str | None = None,
    cure: str = "Correct the value, or leave out the sequence.",
) -> InvalidSequenceError:
    """Return the error for sequences with finite values that are too large; it names the largest value of the first one.

    Parameters
    ----------
    sequences : Sequences
        As the user gave them.
    rows : sequence of int
        Those with values that are too large; at least one.
    first : str or None, default=None
        What the first one is called. None: its row.
    cure : str
        What to do.

    Examples
    --------
    >>> from seqclf.sequences import as_sequences, too_large
    >>> print(too_large(as_sequences([[0.1], [0.3, -1e30]]), [1]))
    Values must not overflow float32 in a transformer or in the network; got -1e+30 in step 1, feature 0 of row 1. ...
    """
    row = rows[0]
    one = sequences[row : row + 1]
    values = one.values.detach()
    step, feature = divmod(int(values.nan_to_num(nan=0.0).abs().argmax()), values.shape[1])
    got, place = values[step, feature].item(), f"step {step}, feature {feature}"
    if one.static is not None and one.static.abs().max().item() > abs(got):
        feature = int(one.static[0].abs().argmax())
        got, place = one.static[0, feature].item(), f"static feature {feature}"
    error = InvalidSequenceError(
        f"Values must not overflow float32 in a transformer or in the network; got {got:g} in {place} of "
        f"{first or f'row {row}'}. {cure}"
    )
    error.rows = tuple(rows)
    return error


def largest_value(sequences: Sequences, row: int) -> float:
    """Return the largest absolute value of a sequence and its static features.

    Parameters
    ----------
    sequences : Sequences
    row : int

    Examples
    --------
    >>> from seqclf.sequences import as_sequences, largest_value
    >>> largest_value(as_sequences([[0.1], [0.5, -2.0]]), 1)
    2.0
    """
    one = sequences[row : row + 1]
    largest: float = one.values.detach().nan_to_num(nan=0.0).abs().max().item()
    return largest if one.static is None else max(largest, float(one.static.abs().max()))
