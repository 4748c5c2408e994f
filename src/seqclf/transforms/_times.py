"""A column of times, checked."""

from __future__ import annotations

from torch import Tensor

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences import Sequences
from seqclf.transforms._steps import changes


def check_column(name: str, column: int, n_features: int) -> None:
    """Raise unless the sequences have the column of times."""
    if column >= n_features:
        raise ValueError(
            f"`{name}` must be the index of one of the {n_features} features, from 0; got {column}. "
            "Pass times as a feature of each step."
        )


def intervals(sequences: Sequences, column: int) -> Tensor:
    """Return the time since the previous step, 0 at the first of each sequence: (n_steps,) float64.

    Raises if a time is missing, or less than the one before it.
    """
    times = sequences.values[:, column].double()
    unknown = times.isnan()
    if bool(unknown.any()):
        raise InvalidSequenceError(
            f"Every step must have a time; got NaN in {_place(sequences, unknown)} of feature {column}. Fill in times, or drop such "
            "steps."
        )
    since = changes(times, sequences.offsets)
    earlier = since < 0
    if bool(earlier.any()):
        step = int(earlier.nonzero()[0])
        raise InvalidSequenceError(
            f"Times must not decrease within a sequence; got {float(times[step])!r} after {float(times[step - 1])!r} in "
            f"{_place(sequences, earlier)} of feature {column}. Sort the steps of each sequence by time, or name the feature that "
            "holds times."
        )
    return since


def _place(sequences: Sequences, wrong: Tensor) -> str:
    """Return row and step of the first wrong step."""
    step = int(wrong.nonzero()[0])
    row = int((sequences.offsets <= step).sum()) - 1
    return f"row {row}, step {step - int(sequences.offsets[row])}"
