"""Do time and features look swapped?"""

from __future__ import annotations

import warnings
from typing import Any

from seqclf.exceptions import SeqclfWarning


def warn_of_swapped_axes(X: Any, *, stacklevel: int = 1) -> None:
    """Warn if a 3-D array has more features than time steps.

    Parameters
    ----------
    X : object
        What a user passed as sequences; anything but a 3-D array is ignored.
    stacklevel : int, default=1
        1 blames the line that called this function, 2 the line that called its caller, and so on.

    Examples
    --------
    >>> import numpy as np
    >>> from seqclf.sequences import warn_of_swapped_axes
    >>> warn_of_swapped_axes(np.ones((10, 187, 2)))
    """
    shape: tuple[int, ...] = tuple(getattr(X, "shape", ()))
    if len(shape) == 3 and shape[2] > shape[1]:
        warnings.warn(
            f"A 3-D array is read as (sample, time, feature); got shape {shape}: more features than time steps. "
            "If it is in the order (sample, channel, time) of aeon and sktime, pass `X.transpose(0, 2, 1)`.",
            SeqclfWarning,
            stacklevel=stacklevel + 1,
        )
