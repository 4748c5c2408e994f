"""The tokens of one column -> integer codes and their vocabulary."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqclf._checks import check_sequence
from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences._numbers import is_missing_type

AUTO = "auto"
"""The vocabulary of all tokens that occur."""

Place = Callable[[int], str]
"""Position in a column -> where that is, for error messages: ' in row 3, step 0'."""


def encode(
    column: Any, vocabulary: Any, name: Any, place: Place
) -> tuple[NDArray[np.int64], tuple[Any, ...]]:
    """Return the code of each token, (n_steps,), 0 for unknown and missing ones, and the vocabulary as a tuple."""
    distinct, which = _distinct(column, place)
    tokens = [_check_token(value, which, i, place) for i, value in enumerate(distinct)]
    if is_auto(vocabulary, name):
        known = tuple(sorted({token for token in tokens if token is not None}, key=_order))
    else:
        known = check_vocabulary(vocabulary, name)
    code = {token: i + 1 for i, token in enumerate(known)}
    codes = np.array(
        [*(code.get(token, 0) for token in tokens), 0], dtype=np.int64
    )  # the last is for missing ones
    encoded: NDArray[np.int64] = codes[which]
    return encoded, known


def is_auto(vocabulary: Any, name: Any) -> bool:
    """Return whether a vocabulary is "auto"; raise for other strings."""
    if isinstance(vocabulary, str) and vocabulary != AUTO:
        raise ValueError(
            f'A vocabulary must be a list of tokens or "auto"; got {vocabulary!r:.60} for column {name!r}. If its characters are '
            "the tokens, pass them as a list."
        )
    return isinstance(vocabulary, str)


def check_vocabulary(vocabulary: Any, name: Any) -> tuple[Any, ...]:
    """Return the tokens of a vocabulary; raise unless they are distinct, and text or integers."""
    given = check_sequence(f"vocabulary[{name!r}]", vocabulary, "tokens")
    tokens = [_as_token(value) for value in given]
    for i, value in enumerate(given):
        if tokens[i] is None:
            raise ValueError(
                f"Every token of a vocabulary must be text or an integer; got {value!r:.60} at position {i} for column {name!r}. "
                "Leave it out: unknown and missing tokens have the code 0."
            )
    if len(set(tokens)) < len(tokens):
        twice = next(token for token in tokens if tokens.count(token) > 1)
        raise ValueError(
            f"The tokens of a vocabulary must be distinct; got {twice!r:.60} twice for column {name!r}. Drop one of them."
        )
    return tuple(tokens)


def _order(token: Any) -> tuple[bool, Any]:
    """Sort integers before text."""
    return isinstance(token, str), token


def _distinct(column: Any, place: Place) -> tuple[list[Any], NDArray[np.int64]]:
    """Return the distinct values of a column, and which of them stands where; -1 stands for missing."""
    if hasattr(column, "factorize"):  # pandas
        which, values = column.factorize()
        return list(values.tolist()), np.asarray(which, dtype=np.int64)
    values = column if isinstance(column, list) else values_of(column) or []
    try:
        position = {value: i for i, value in enumerate(dict.fromkeys(values))}
    except TypeError:
        at = next(i for i, value in enumerate(values) if not _is_hashable(value))
        _raise_not_a_token(values[at], place(at))
    return list(position), np.fromiter(map(position.__getitem__, values), dtype=np.int64, count=len(values))


def values_of(column: Any) -> list[Any] | None:
    """Return a column or an array as a list of Python's values; None for anything else."""
    # Arrow's `to_numpy` of a dictionary column returns a token where one is missing.
    for method in ("to_list", "to_pylist", "tolist"):  # pandas and polars, Arrow, NumPy
        if hasattr(column, method):
            return list(getattr(column, method)())
    return None


def _is_hashable(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


def _check_token(value: Any, which: NDArray[np.int64], i: int, place: Place) -> Any:
    """Return a token, or None if it is missing; raise for anything else, naming where it occurs first."""
    token = _as_token(value)
    if token is None and not _is_missing(value):
        _raise_not_a_token(value, place(int((which == i).argmax())))
    return token


def _as_token(value: Any) -> Any:
    """Return text or an integer; None for anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, Integral):
        return int(value)
    # A column of integers with missing values holds floats.
    return int(value) if isinstance(value, float) and value.is_integer() else None


def _is_missing(value: Any) -> bool:
    return value is None or is_missing_type(type(value)) or bool(value != value)


def _raise_not_a_token(value: Any, where: str) -> Any:
    if isinstance(value, Real):
        advice = "Numbers are features: read them without a vocabulary."
    elif isinstance(value, list | tuple | dict | set | np.ndarray):
        advice = "Pass data frames if each step has several tokens, one column for each."
    else:
        advice = "Convert it to text."
    raise InvalidSequenceError(f"Every token must be text or an integer; got {value!r:.60}{where}. {advice}")
