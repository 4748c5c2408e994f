"""Do time and features look swapped?"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqclf.exceptions import SeqclfWarning
from seqclf.sequences._container import Sequences

_IF_RIGHT = "If the order is right, pass `as_sequences(X, check_axes=False)`."


def warn_of_swapped_axes(X: Any, *, stacklevel: int = 1) -> None:
    """Warn if a 3-D array, or every 2-D array of a list, has more features than time steps.

    Parameters
    ----------
    X : object
        What a user passed as sequences: a 3-D array, or a list, tuple, object array or Series of 2-D arrays or
        DataFrames. Anything else is ignored, and so is a list of one array. Arrays of different numbers of rows with
        the same number of columns are ignored too: their rows are time steps.
    stacklevel : int, default=1
        1 attributes the warning to the line that called this function, 2 to the line that called its caller,
        and so on.

    Examples
    --------
    >>> import numpy as np
    >>> from seqclf.sequences import warn_of_swapped_axes
    >>> warn_of_swapped_axes(np.ones((10, 187, 2)))
    """
    message = _message(X)
    if message is not None:
        warnings.warn(message, SeqclfWarning, stacklevel=stacklevel + 1)


def _message(X: Any) -> str | None:
    if getattr(X, "is_nested", False):  # its sizes are symbols, or it has none
        return None
    shape: tuple[int, ...] = tuple(getattr(X, "shape", ()))
    if len(shape) == 3 and shape[2] > shape[1]:
        return (
            f"A 3-D array is read as (sample, time, feature); got shape {shape}: more features than time steps. "
            "If it is in the order (sample, channel, time) of aeon and sktime, pass `X.transpose(0, 2, 1)`. "
            f"{_IF_RIGHT}"
        )
    is_objects = len(shape) == 1 and hasattr(X, "__iter__") and not isinstance(X, Sequences)
    is_list = isinstance(X, list | tuple) or is_objects
    shapes = _shapes(X) if is_list else None
    if shapes is None or len(shapes) < 2:
        return None
    rows, columns = shapes.T
    unequal_rows = bool((rows != rows[0]).any())
    if (columns <= rows).any() or (unequal_rows and (columns == columns[0]).all()):
        return None
    return (
        "Each array of a list is read as (time, feature); got "
        f"{_range(rows, 'row')} and {_range(columns, 'column')}: more features than time steps. "
        "If they are in the order (channel, time), pass `[x.T for x in X]`. "
        f"{_IF_RIGHT}"
    )


def describe_swapped(rows: NDArray[np.int64], columns: NDArray[np.int64]) -> str | None:
    """Return the end of a message if arrays of the same few rows have different numbers of columns."""
    if (rows != rows[0]).any() or (columns == columns[0]).all() or columns.max() <= rows[0]:
        return None
    return (
        f"got {_range(rows, 'row')} each and {_range(columns, 'column')}: are they (channels, time)? "
        "Pass `[x.T for x in X]`."
    )


def _shapes(X: Any) -> NDArray[np.int64] | None:
    """Return the shapes of the 2-D arrays of a list, or None if an item is something else."""
    shapes = []
    for item in X:
        shape = _shape(item)
        if len(shape) != 2:
            return None
        shapes.append(shape)
    return np.array(shapes, dtype=np.int64).reshape(-1, 2)


def _shape(item: Any) -> tuple[int, ...]:
    if isinstance(item, list | tuple):
        inner = item[0] if item else None
        return (len(item), len(inner)) if isinstance(inner, list | tuple | np.ndarray) else ()
    return tuple(getattr(item, "shape", ()))


def _range(counts: NDArray[np.int64], noun: str) -> str:
    least, most = int(counts.min()), int(counts.max())
    return f"{least} {noun}{'' if least == 1 else 's'}" if least == most else f"{least} to {most} {noun}s"
