"""How large an array may be, given the text that a file holds of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

FREE = 2**24
"""Bytes that any array may have."""

PER_CHARACTER = 64
"""Bytes more for each character or digit of its values: text of NumPy is as wide as its longest item may be."""


def is_justified(dtype: np.dtype[Any], values: Sequence[Any]) -> bool:
    """Return whether an array of these values is not much larger than they are; its dtype alone must not decide its size."""
    written = sum(len(value) if isinstance(value, str | bytes) else 1 for value in values)
    return dtype.itemsize * len(values) <= FREE + PER_CHARACTER * written
