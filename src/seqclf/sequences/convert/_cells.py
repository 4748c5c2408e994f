"""Tables whose cells are sequences, one column per feature -> `Sequences`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqclf._tables import column_names
from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences._container import Sequences
from seqclf.sequences._numbers import Origin, numeric_array
from seqclf.sequences.convert._lists import from_list

_NUMERIC = ("int", "Int", "uint", "UInt", "float", "Float", "bool", "Bool")


def from_cells(table: Any) -> Sequences | None:
    """Stack the cells of each row as features; return None if no cell holds a sequence."""
    names, array = column_names(table), _cells(table)
    if names is None or array is None:
        return None
    if array.shape[1] == 1:
        return from_list([_cell(cell, row, names[0]) for row, cell in enumerate(array[:, 0])])
    return from_list([_stack(cells, row, names) for row, cells in enumerate(array)])


def holds_cells(table: Any) -> bool:
    """Return whether `table` is a data frame with a sequence in each cell, and so a list of sequences."""
    return _cells(table) is not None


def _cells(table: Any) -> NDArray[Any] | None:
    """Return the cells of a table; None if none of them is a sequence."""
    names = column_names(table)
    if not names or len(getattr(table, "shape", ())) != 2 or _is_numeric(table):
        return None
    array = np.asarray(table.to_numpy())
    return array if array.shape == (len(array), len(names)) and _holds_sequences(array) else None


def refuse_array_of_cells(array: NDArray[Any]) -> None:
    """Raise if a 2-D object array holds sequences: its columns may be features or steps."""
    if array.ndim != 2 or not _holds_sequences(array):
        return
    index, cell = next((i, cell) for i, cell in np.ndenumerate(array) if _is_sequence(type(cell)))
    raise InvalidSequenceError(
        f"A 2-D object array must hold numbers; got a {type(cell).__name__} in row {index[0]}, column {index[1]}. "
        "If its columns are features, pass `pandas.DataFrame(X)`; otherwise pass a list of arrays of shape "
        "(n_steps, n_features)."
    )


def _holds_sequences(array: NDArray[Any]) -> bool:
    return array.dtype.kind == "O" and any(map(_is_sequence, set(map(type, array.ravel().tolist()))))


def _is_sequence(kind: type) -> bool:
    """Return whether objects of this type in a cell of a table are sequences."""
    return issubclass(kind, list | tuple) or (hasattr(kind, "__array__") and not issubclass(kind, np.generic))


def _is_numeric(table: Any) -> bool:
    """Return whether all dtypes are plain numbers, without looking at the cells."""
    return all(str(dtype).startswith(_NUMERIC) for dtype in set(table.dtypes))


def _stack(cells: NDArray[Any], row: int, names: list[Any]) -> NDArray[Any]:
    """Return one row as (n_steps, n_features)."""
    features = [_cell(cell, row, name) for cell, name in zip(cells, names, strict=True)]
    for feature, name in zip(features, names, strict=True):
        if len(feature) != len(features[0]):
            raise InvalidSequenceError(
                f"All cells of a row must have the same number of steps; got {len(features[0])} in column "
                f"{names[0]!r} and {len(feature)} in column {name!r} of row {row}. Resample them to common steps."
            )
    return np.column_stack(features)


def _cell(cell: Any, row: int, name: Any) -> NDArray[Any]:
    if not _is_sequence(type(cell)):
        raise InvalidSequenceError(
            f"Every cell must hold a sequence if one does; got {cell!r:.60} in column {name!r} of row {row}. "
            "Drop rows without a sequence; pass features of whole sequences as `static`."
        )
    array = numeric_array(cell, Origin(row=row))
    if array.ndim not in (1, 2):
        raise InvalidSequenceError(
            "A cell must hold a sequence of shape (n_steps,) or (n_steps, n_features); "
            f"got {array.shape} in column {name!r} of row {row}. Flatten the features of each step."
        )
    return array
