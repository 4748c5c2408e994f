"""Mistakes in training samples that raise no error."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from numpy.typing import ArrayLike

from seqclf.estimators._headers import column_of_row_numbers, header_of_numbers
from seqclf.estimators._leaked_labels import labels_among_features, labels_among_steps
from seqclf.estimators._missing_codes import missing_codes
from seqclf.estimators._targets import Labels
from seqclf.sequences import ColumnNames, Sequences, padding_in_list, suspicious_padding


def find_mistakes(
    X: Any,
    lengths: ArrayLike | None,
    padding_value: float | None,
    *,
    converted: Sequences,
    kept: Any,
    labels: Labels,
    names: ColumnNames,
) -> Iterator[str]:
    """Yield a warning for each mistake in the user's `X`; `kept` are those of the converted samples that have these labels."""
    if isinstance(X, list | tuple):
        padding = padding_in_list(converted)
    else:
        padding = suspicious_padding(X, lengths=lengths, padding_value=padding_value)
    among_steps = None if lengths is not None else labels_among_steps(X, kept, labels, padding_value)
    for mistake in (
        # Padding may be filled with such a number, too.
        missing_codes(converted) if padding is None else padding,
        labels_among_features(kept, labels) if among_steps is None else among_steps,
        header_of_numbers(names.names) if names.axis == "step" else None,
        column_of_row_numbers(names.names),
    ):
        if mistake is not None:
            yield mistake
