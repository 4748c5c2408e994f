"""What a value in a file must be."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NoReturn

import numpy as np
import torch
from torch import Tensor

from seqclf.exceptions import InvalidModelFileError


@dataclass(frozen=True, slots=True)
class Must:
    """A condition: in words, and as a function."""

    be: str
    holds: Callable[[Any], bool]

    def check(self, value: Any, path: str) -> None:
        """Raise unless the condition holds."""
        try:
            holds = self.holds(value)
        except (
            AttributeError,
            KeyError,
            TypeError,
            ValueError,
            RuntimeError,
        ):  # arrays have no truth value, some types no order
            holds = False
        if not holds:
            invalid(path, f"be {self.be}", _shown(value))


CURE = "Was the file edited? Take the original, or save the model again."


def invalid(path: str, must: str, got: str, cure: str = CURE) -> NoReturn:
    """Raise for a value that no model has."""
    raise InvalidModelFileError(f"`{path}` of a model file must {must}; got {got}. {cure}")


def _shown(value: Any) -> str:
    if isinstance(value, Tensor):
        return f"a tensor of {value.dtype} and shape {tuple(value.shape)}"
    return f"{value!r:.100}"


def integer(least: int = 0, most: int = 2**63 - 1) -> Must:
    """Return the condition for an integer in a range."""
    return Must(
        f"an integer from {least} to {most}", lambda value: type(value) is int and least <= value <= most
    )


def one_of(*choices: Any) -> Must:
    """Return the condition for one of several plain values."""
    return Must(
        f"one of {list(choices)}",
        lambda value: any(type(value) is type(choice) and value == choice for choice in choices),
    )


def optional(must: Must) -> Must:
    """Return the condition that a value is None, or meets another."""
    return Must(f"{must.be}, or null", lambda value: value is None or must.holds(value))


def a(*kinds: type) -> Must:
    """Return the condition for an object of these classes."""
    names = " or ".join(kind.__name__ for kind in kinds)
    return Must(f"of type {names}", lambda value: isinstance(value, kinds))


def items(of: Must, kind: type[list[Any]] | type[tuple[Any, ...]] = list) -> Must:
    """Return the condition for a list, or a tuple, of which each item meets another."""
    return Must(
        f"a {kind.__name__} of which each item is {of.be}",
        lambda value: type(value) is kind and all(of.holds(one) for one in value),
    )


def mapping(key: Must, of: Must) -> Must:
    """Return the condition for a dict."""
    return Must(
        f"a dict; each key is {key.be}, each value {of.be}",
        lambda value: (
            type(value) is dict and all(map(key.holds, value)) and all(map(of.holds, value.values()))
        ),
    )


def tensor(dtype: torch.dtype, ndim: int) -> Must:
    """Return the condition for a tensor without NaN or infinite values."""
    return Must(
        f"a tensor of {dtype} and {ndim} axes with finite values",
        lambda value: (
            isinstance(value, Tensor)
            and value.dtype == dtype
            and value.ndim == ndim
            and bool(torch.isfinite(value).all())
        ),
    )


ANYTHING = Must("anything", lambda value: True)
BOOLEAN = Must("true or false", lambda value: type(value) is bool)
TEXT = Must("text", lambda value: type(value) is str)
NUMBER = Must("a number", lambda value: type(value) in (int, float))
FINITE = Must("a finite number", lambda value: type(value) in (int, float) and math.isfinite(value))
POSITIVE = Must("a positive number", lambda value: FINITE.holds(value) and value > 0)
SHARE = Must("a number in [0, 1)", lambda value: FINITE.holds(value) and 0 <= value < 1)
COUNT = integer(1)
VECTOR = tensor(torch.float64, 1)
LABELS = Must(
    "an array of at least two labels, sorted and different",
    lambda value: (
        isinstance(value, np.ndarray) and value.ndim == 1 and len(value) >= 2 and _are_labels(value)
    ),
)


def _are_labels(values: Any) -> bool:
    if values.dtype.kind == "O" and not all(
        isinstance(one, str | bytes | int | float | np.generic) for one in values
    ):
        return False
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        return False
    labels = values.tolist()
    return all(one < next_one for one, next_one in pairwise(labels))
