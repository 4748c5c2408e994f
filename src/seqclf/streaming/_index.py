"""Which streams a call is about."""

from __future__ import annotations

from collections.abc import Sequence
from operator import index
from typing import Any

import torch
from torch import Tensor


def check_streams(streams: Sequence[int] | None, n_streams: int) -> Tensor | None:
    """Return the numbers of the streams, (n,), int64; None for all, in their order.

    Raises
    ------
    TypeError
        If they are not a sequence of integers.
    ValueError
        If one of them does not exist, or is repeated, or there are none.
    """
    if streams is None:
        return None
    numbers = [_number(number, streams) for number in _listed(streams)]
    for number in numbers:
        if not 0 <= number < n_streams:
            raise ValueError(
                f"`streams` must hold numbers from 0 to {n_streams - 1}; got {number}. Open more with `model.stream(n_streams)`."
            )
    repeated = (
        next((number for i, number in enumerate(numbers) if number in numbers[:i]), None)
        if len(set(numbers)) < len(numbers)
        else None
    )
    if repeated is not None:
        raise ValueError(
            f"`streams` must hold each stream once; got {repeated} twice. Concatenate its steps to one chunk."
        )
    if not numbers:
        raise ValueError("`streams` must hold at least one stream; got none. Pass None for all.")
    return torch.tensor(numbers, dtype=torch.int64, device="cpu")


def _listed(streams: Any) -> list[Any]:
    """Return the members of a sequence."""
    if isinstance(streams, str | bytes) or not hasattr(streams, "__iter__"):
        raise TypeError(
            f"`streams` must be a sequence of stream numbers; got {streams!r:.60}. Pass a list, such as `streams=[3]`."
        )
    return list(streams)


def _number(number: Any, streams: Any) -> int:
    """Return an integer; booleans would be a mask, which is something else."""
    if isinstance(number, bool) or type(number).__name__.startswith("bool"):
        raise TypeError(f"`streams` must hold stream numbers, not a mask; got {streams!r:.60}.")
    try:
        return index(number)
    except TypeError:
        raise TypeError(f"`streams` must hold integers; got {number!r:.60}.") from None
