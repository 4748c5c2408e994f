"""Lists of data frames: the same columns in each, none of them an id."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from seqclf._tables import column_names
from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences.convert._frames import is_id


def frames_of(X: Iterable[Any]) -> dict[int, Any]:
    """Return the data frames of a list, by row; quick for lists without any."""
    kinds = {kind for kind in set(map(type, X)) if _is_frame(kind)}
    return {row: item for row, item in enumerate(X) if type(item) in kinds} if kinds else {}


def check_frames(X: Iterable[Any]) -> None:
    """Raise if data frames of a list have different columns, or a column of ids."""
    frames = frames_of(X)
    if len(frames) < 2:
        return
    names = {row: column_names(frame) or [] for row, frame in frames.items()}
    row_of_first, first = next(iter(names.items()))
    for row, others in names.items():
        if _differ(first, others):
            raise InvalidSequenceError(
                f"All frames of a list must have the same columns in the same order; got {first!r:.200} in row {row_of_first} "
                f"and {others!r:.200} in row {row}. {_advice(first, others)}"
            )
    for name in filter(is_id, first):
        _refuse_id(frames, name)


def _is_frame(kind: type) -> bool:
    """Return whether objects of this type are tables, without importing pandas, polars or pyarrow."""
    return hasattr(kind, "column_names") or (hasattr(kind, "to_numpy") and hasattr(kind, "columns"))


def _differ(first: list[Any], others: list[Any]) -> bool:
    """Return whether columns have other names, or another order; numbers that are not the same ones are positions."""
    if others == first:
        return False
    return set(others) == set(first) or any(isinstance(name, str) for name in (*first, *others))


def _advice(first: list[Any], others: list[Any]) -> str:
    if len(others) == len(first) and set(others) == set(first):
        return f"Select them in one order: `[x[{first!r:.200}] for x in X]`."
    return "Rename, add or drop columns; if only their positions count, pass `[x.to_numpy() for x in X]`."


def _refuse_id(frames: dict[int, Any], name: str) -> None:
    """Raise if a column has one value in each frame, and not the same in all."""
    ids = {}
    for row, frame in frames.items():
        values = set(frame[name].to_numpy().ravel().tolist())
        if len(values) != 1:
            return
        ids[row] = values.pop()
    (row, value), *rest = ids.items()
    for other, another in rest:
        if another != value:
            raise InvalidSequenceError(
                f"Every column of a frame must be a feature; got column {name!r}, which is {value!r} throughout row {row} and "
                f"{another!r} throughout row {other}, as an id is. Drop the column from each frame, or convert the table before "
                f"it is split: `from_long(table, id={name!r}).sequences`."
            )
