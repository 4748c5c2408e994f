"""What a parameter may be: plain values that say a range."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqclf._checks import check_integer, check_number


@dataclass(frozen=True, slots=True)
class Uniform:
    """Any number between two, each as likely.

    Parameters
    ----------
    low, high : float
        The ends; `low < high`.

    Raises
    ------
    TypeError, ValueError
        If they are no finite numbers in that order.

    Examples
    --------
    >>> from seqclf.tuning import Uniform
    >>> Uniform(0.0, 0.5)
    Uniform(low=0.0, high=0.5)
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        _check_ends(self, self.low, self.high)


@dataclass(frozen=True, slots=True)
class LogUniform:
    """Any positive number between two, each order of magnitude as likely: for learning rates and penalties.

    Parameters
    ----------
    low, high : float
        The ends; `0 < low < high`.

    Raises
    ------
    TypeError, ValueError
        If they are no positive finite numbers in that order.

    Examples
    --------
    >>> from seqclf.tuning import LogUniform
    >>> LogUniform(1e-4, 1e-1)
    LogUniform(low=0.0001, high=0.1)
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        _check_ends(self, self.low, self.high)
        if self.low <= 0:
            raise ValueError(
                f"`low` of LogUniform must be positive; got {self.low!r}. Use Uniform for a range that holds 0."
            )


@dataclass(frozen=True, slots=True)
class IntRange:
    """Any integer between two, both ends included.

    Parameters
    ----------
    low, high : int
        The ends; `low < high`.
    step : int, default=1
        Distance of neighbours, counted from `low`.
    log : bool, default=False
        Whether each order of magnitude is as likely; needs `low >= 1` and `step == 1`.

    Raises
    ------
    TypeError, ValueError
        If they are no integers in that order.

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
        for name in ("low", "high"):
            check_integer(name, getattr(self, name), least=-(2**53))
        check_integer("step", self.step)
        _check_ends(self, self.low, self.high)
        if self.log and (self.low < 1 or self.step != 1):
            raise ValueError(
                f"IntRange with `log=True` needs `low >= 1` and `step == 1`; got low={self.low!r}, step={self.step!r}. "
                "Leave `log` out for other ranges."
            )


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several values, of any kind.

    Parameters
    ----------
    options : sequence
        The values; at least one. A string is no sequence here.

    Raises
    ------
    TypeError, ValueError
        If it is no sequence, or empty.

    Examples
    --------
    >>> from seqclf.tuning import Choice
    >>> Choice([None, "conv"])
    Choice(options=(None, 'conv'))
    """

    options: Sequence[Any]

    def __post_init__(self) -> None:
        _check_options(self, self.options)
        # NumPy's numbers come back from a storage as Python's: they are made these at once.
        plain = tuple(option.item() if isinstance(option, np.generic) else option for option in self.options)
        object.__setattr__(self, "options", plain)


@dataclass(frozen=True, slots=True)
class Either:
    """One of several spaces: parameters that make sense together only.

    The key it stands at names the decision and is no parameter itself.

    Parameters
    ----------
    options : sequence of spaces
        Mappings from parameters to what they may be; at least one. An empty one changes nothing.

    Raises
    ------
    TypeError, ValueError
        If it is no sequence of mappings, or empty.

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
                    f"Each option of Either must be a space, a mapping; got options[{i}]={option!r}. Use Choice for values."
                )
        object.__setattr__(self, "options", tuple(self.options))


Distribution = Uniform | LogUniform | IntRange | Choice
"""What one parameter may be."""

Space = Mapping[str, Any]
"""Parameter -> a distribution, an `Either`, a fixed value, or, for a step of a pipeline, a space of its own."""


def _check_ends(owner: object, low: object, high: object) -> None:
    name = type(owner).__name__
    ends = [check_number("low", low), check_number("high", high)]
    if not all(math.isfinite(end) for end in ends) or ends[0] >= ends[1]:
        raise ValueError(
            f"{name} needs finite ends with low < high; got low={low!r}, high={high!r}. A single value stands in the "
            "space as it is."
        )


def _check_options(owner: object, options: object) -> None:
    name = type(owner).__name__
    if isinstance(options, str | bytes | Mapping) or not isinstance(options, Sequence):
        raise TypeError(f"{name} needs a list of options; got {options!r}. Write {name}([...]).")
    if not len(options):
        raise ValueError(
            f"{name} needs at least one option; got none. Leave the parameter out to keep its value."
        )
