"""The values a parameter may take, as plain data."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from seqclf._checks import check_boolean, check_integer, check_number, convert_fields


@dataclass(frozen=True, slots=True)
class Uniform:
    """A number drawn uniformly between two bounds.

    Parameters
    ----------
    low, high : float
        Bounds; `low < high`.

    Raises
    ------
    TypeError, ValueError
        If the bounds are not finite numbers in that order.

    Examples
    --------
    >>> from seqclf.tuning import Uniform
    >>> Uniform(0.0, 0.5)
    Uniform(low=0.0, high=0.5)
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        convert_fields(self, low=check_number, high=check_number)
        _check_bounds(self, self.low, self.high)


@dataclass(frozen=True, slots=True)
class LogUniform:
    """A positive number whose logarithm is uniform, for learning rates and penalties.

    Parameters
    ----------
    low, high : float
        Bounds; `0 < low < high`.

    Raises
    ------
    TypeError, ValueError
        If the bounds are not positive finite numbers in that order.

    Examples
    --------
    >>> from seqclf.tuning import LogUniform
    >>> LogUniform(1e-4, 1e-1)
    LogUniform(low=0.0001, high=0.1)
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        convert_fields(self, low=check_number, high=check_number)
        _check_bounds(self, self.low, self.high)
        if self.low <= 0:
            raise ValueError(
                f"`low` of LogUniform must be positive; got {self.low!r}. Use Uniform for a range that includes 0."
            )


@dataclass(frozen=True, slots=True)
class IntRange:
    """An integer between two bounds, both included.

    Parameters
    ----------
    low, high : int
        Bounds; `low < high`.
    step : int, default=1
        Spacing of the values, counted from `low`.
    log : bool, default=False
        Whether the logarithm is uniform; needs `low >= 1` and `step == 1`.

    Raises
    ------
    TypeError, ValueError
        If the bounds are not integers in that order.

    Examples
    --------
    >>> from seqclf.tuning import IntRange
    >>> IntRange(32, 128, step=32)
    IntRange(low=32, high=128, step=32, log=False)
    """

    low: int
    high: int
    step: int = 1
    log: bool = False

    def __post_init__(self) -> None:
        bound = partial(check_integer, least=-(2**53))
        convert_fields(self, low=bound, high=bound, step=check_integer, log=check_boolean)
        _check_bounds(self, self.low, self.high)
        if self.log and (self.low < 1 or self.step != 1):
            raise ValueError(
                f"IntRange with `log=True` needs `low >= 1` and `step == 1`; got low={self.low!r}, step={self.step!r}. "
                "Omit `log` for other ranges."
            )


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several values of any type.

    Parameters
    ----------
    options : sequence
        The values, at least one. A string does not count as a sequence.

    Raises
    ------
    TypeError, ValueError
        If `options` is not a sequence, or is empty.

    Examples
    --------
    >>> from seqclf.tuning import Choice
    >>> Choice([None, "conv"])
    Choice(options=(None, 'conv'))
    """

    options: Sequence[Any]

    def __post_init__(self) -> None:
        _check_options(self, self.options)
        # A storage returns NumPy scalars as Python's, so they are converted here.
        plain = tuple(option.item() if isinstance(option, np.generic) else option for option in self.options)
        object.__setattr__(self, "options", plain)


@dataclass(frozen=True, slots=True)
class Either:
    """One of several subspaces, for parameters that only make sense together.

    Its key in the space names the decision; it is not a parameter.

    Parameters
    ----------
    options : sequence of spaces
        The subspaces, at least one. An empty one keeps the estimator's parameters.

    Raises
    ------
    TypeError, ValueError
        If `options` is not a sequence of mappings, or is empty.

    Examples
    --------
    >>> from seqclf.tuning import Either, IntRange, Uniform
    >>> depth = Either([{"num_layers": 1}, {"num_layers": IntRange(2, 4), "dropout": Uniform(0.0, 0.5)}])
    >>> len(depth.options)
    2
    """

    options: Sequence[Mapping[str, Any]]

    def __post_init__(self) -> None:
        _check_options(self, self.options)
        for i, option in enumerate(self.options):
            if not isinstance(option, Mapping):
                raise TypeError(
                    f"Each option of Either must be a space (a mapping); got options[{i}]={option!r}. Use Choice for values."
                )
        object.__setattr__(self, "options", tuple(self.options))


Distribution = Uniform | LogUniform | IntRange | Choice
"""The values of one parameter."""

Space = Mapping[str, Any]
"""Parameter -> a distribution, an `Either`, a fixed value or, for a step of a pipeline, a space."""


def _check_bounds(owner: object, low: float, high: float) -> None:
    if not (math.isfinite(low) and math.isfinite(high)) or low >= high:
        raise ValueError(
            f"{type(owner).__name__} needs finite bounds with low < high; got low={low!r}, high={high!r}. For a fixed value, put "
            "the value itself in the space."
        )


def _check_options(owner: object, options: object) -> None:
    name = type(owner).__name__
    if isinstance(options, str | bytes | Mapping) or not isinstance(options, Sequence):
        raise TypeError(f"{name} needs a list of options; got {options!r}. Write {name}([...]).")
    if not len(options):
        raise ValueError(
            f"{name} needs at least one option; got none. Omit the parameter to keep the estimator's value."
        )
