"""Which data are read as a padded array?"""

from __future__ import annotations

from typing import Any

from seqclf.sequences._container import Sequences
from seqclf.sequences.convert._cells import holds_cells


def padded_shape(X: Any) -> tuple[int, ...]:
    """Return the shape of data that `as_sequences` reads as a padded array, and () for data with their own lengths.

    Parameters
    ----------
    X : object
        What a user passed as sequences.

    Returns
    -------
    tuple of int
        The shape of an array, tensor or data frame of numbers. () for lists, object arrays, frames with a sequence in each
        cell, nested tensors and everything else.

    Examples
    --------
    >>> import numpy as np
    >>> from seqclf.sequences import padded_shape
    >>> padded_shape(np.ones((10, 187))), padded_shape([[0.1, 0.9], [0.2]])
    ((10, 187), ())
    """
    # Asked first: not every nested tensor has a shape.
    if isinstance(X, Sequences | list | tuple) or getattr(X, "is_nested", False):
        return ()
    shape: tuple[int, ...] = tuple(getattr(X, "shape", ()))
    holds_objects = getattr(getattr(X, "dtype", None), "kind", "") == "O"
    return () if len(shape) < 2 or holds_objects or holds_cells(X) else shape
