"""Row labels of pandas objects: samples are matched by position, so labels in another order reveal a mistake."""

from __future__ import annotations

from typing import Any

from seqclf._tables import is_groupby

_LEAST_COMMON = 0.5
"""Share of common labels from which two arguments label the same samples: those of a split may not all be in both."""


def check_row_order(**arguments: Any) -> None:
    """Raise if two arguments have the same row labels in different orders; a default index, 0 to n - 1, labels nothing."""
    given = {name: argument for name, argument in arguments.items() if argument is not None}
    if len(given) < 2:
        return
    found = {name: labels for name in given if (labels := _row_labels(given[name])) is not None}
    if len(found) < 2:
        return
    (reference, expected), *others = found.items()
    for name, labels in others:
        if labels.equals(expected) or list(labels) == list(expected) or not _is_reordered(labels, expected):
            continue
        pairs = zip(labels.tolist(), expected.tolist(), strict=True)
        i, got, wanted = next((i, a, b) for i, (a, b) in enumerate(pairs) if a != b)
        index = "size().index" if is_groupby(given[reference]) else "index"
        raise ValueError(
            f"`{name}` must be in the order of `{reference}`, because samples are matched by position; got row labels in another "
            f"order: {got!r:.60} at position {i}, where `{reference}` has {wanted!r:.60}. Pass "
            f"`{name}.loc[{reference}.{index}]`, or `{name}.to_numpy()` if its order is right."
        )


def _row_labels(data: Any) -> Any:
    """Return pandas' index of a frame, a series or the groups of a grouping; None if there is none, or it is the default one."""
    index: Any = getattr(data.size() if is_groupby(data) else data, "index", None)
    if not hasattr(index, "has_duplicates"):  # lists have a method of this name
        return None
    is_default = type(index).__name__ == "RangeIndex" and index.start == 0 and index.step == 1
    return None if is_default else index


def _is_reordered(labels: Any, expected: Any) -> bool:
    """Return whether both label the same samples; labels that occur twice name no row."""
    if len(labels) != len(expected) or labels.has_duplicates or expected.has_duplicates:
        return False
    common = float(labels.isin(expected).mean())
    # Two tables may number their rows independently.
    return common == 1.0 if labels.dtype.kind in "iu" else common >= _LEAST_COMMON
