"""How many steps can data hold at most, before they are converted?"""

from __future__ import annotations

from operator import length_hint
from typing import Any

from seqclf.sequences._container import Sequences
from seqclf.sequences.convert._padded_shape import padded_shape


def most_steps(X: Any) -> int | None:
    """Return an upper bound of the steps of all sequences, from the sizes of containers alone.

    Parameters
    ----------
    X : object
        What a user passed as sequences.

    Returns
    -------
    int or None
        Of a padded array, the size with its padding; None for data whose containers do not show it.

    Examples
    --------
    >>> import numpy as np
    >>> from seqclf.sequences import most_steps
    >>> most_steps(np.ones((10, 187))), most_steps([[0.1, 0.9], [0.2]]), most_steps(iter([]))
    (1870, 3, None)
    """
    if isinstance(X, Sequences):
        return len(X.values)
    if isinstance(X, list | tuple):
        return sum(length_hint(one, 1) for one in X)  # 1 for what has no length, which conversion refuses
    shape = padded_shape(X)
    return shape[0] * shape[1] if shape else None
