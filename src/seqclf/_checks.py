"""Checks of parameters: type, range and choice."""

from __future__ import annotations

from collections.abc import Collection
from numbers import Integral, Real

import numpy as np
from numpy.typing import ArrayLike, NDArray


def check_choice(name: str, value: object, choices: Collection[object]) -> None:
    """Raise ValueError unless `value` is one of `choices`."""
    # The type is compared first because `array == choice` is an array, which has no truth value.
    if not any(isinstance(value, type(choice)) and value == choice for choice in choices):
        raise ValueError(f"`{name}` must be one of {list(choices)}; got {value!r:.100}.")


def check_boolean(name: str, value: object) -> bool:
    """Return `value` as a bool; raise TypeError unless it is a Python or NumPy boolean."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"`{name}` must be True or False; got {value!r:.100}.")
    return bool(value)


def check_integer(name: str, value: object, *, least: int = 1) -> int:
    """Return `value` as an int; raise unless it is an integer of at least `least`."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"`{name}` must be an integer; got {value!r:.100}.")
    if value < least:
        raise ValueError(f"`{name}` must be at least {least}; got {value!r}.")
    return int(value)


def check_number(name: str, value: object) -> float:
    """Return `value` as a float; raise TypeError unless it is a real number."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"`{name}` must be a number; got {value!r:.100}.")
    return float(value)


def check_dropout(name: str, value: object) -> float:
    """Return the probability of dropping a value, as a float; raise unless it lies in [0, 1)."""
    probability = check_number(name, value)
    if not 0.0 <= probability < 1.0:
        raise ValueError(f"`{name}` must lie in [0, 1); got {value!r}. 0 switches dropout off.")
    return probability


def check_sample_weight(sample_weight: ArrayLike, n_samples: int) -> NDArray[np.float64]:
    """Return one weight per sequence: finite, not negative, not all zero."""
    weights = np.array(sample_weight, dtype=np.float64)  # a copy: torch warns of read-only arrays
    if weights.shape != (n_samples,):
        raise ValueError(
            f"`sample_weight` must hold one weight for each of the {n_samples} sequences; got shape {weights.shape}. "
            "Were rows dropped from one of them?"
        )
    bad = np.flatnonzero(~(np.isfinite(weights) & (weights >= 0)))
    if bad.size:
        i = int(bad[0])
        raise ValueError(
            f"`sample_weight` must be finite and not negative; got sample_weight[{i}]={weights[i]}. "
            "Use 0 to leave a sample out."
        )
    if not weights.any():
        raise ValueError(
            "`sample_weight` must have a positive entry; got zeros only. Training would have no effect."
        )
    return weights
