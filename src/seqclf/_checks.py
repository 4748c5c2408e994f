"""Checks of parameters: type, range and choice."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from numbers import Integral, Real
from typing import Any

import numpy as np
from joblib import cpu_count
from numpy.typing import ArrayLike, NDArray


def check_choice(name: str, value: object, choices: Collection[object]) -> None:
    """Raise ValueError unless `value` is one of `choices`."""
    # The type is compared first because `array == choice` is an array, which has no truth value.
    if not any(isinstance(value, type(choice)) and value == choice for choice in choices):
        raise ValueError(f"`{name}` must be one of {list(choices)}; got {value!r:.100}.")


def check_boolean(name: str, value: object) -> bool:
    """Return `value` as a bool; raise TypeError unless it is a Python or NumPy boolean."""
    if not isinstance(
        value, (bool, np.bool_)
    ):  # not `bool | np.bool_`, which `torch.compile` of torch 2.7 cannot trace
        raise TypeError(f"`{name}` must be True or False; got {value!r:.100}.")
    return bool(value)


def check_integer(name: str, value: object, *, least: int = 1) -> int:
    """Return `value` as an int; raise unless it is an integer of at least `least`."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"`{name}` must be an integer; got {value!r:.100}.")
    integer = int(value)
    if not -(2**63) <= integer < 2**63:  # not shown: Python refuses to print thousands of digits
        raise ValueError(f"`{name}` must fit 64 bits; got an integer of {integer.bit_length()} bits.")
    if integer < least:
        raise ValueError(f"`{name}` must be at least {least}; got {value!r}.")
    return integer


def check_n_jobs(n_jobs: Any) -> int:
    """Return the number of processes: at most one per core that this process may use, which is what -1 stands for."""
    n_jobs = check_integer("n_jobs", n_jobs, least=-1)
    if n_jobs == 0:
        raise ValueError("`n_jobs` must be positive, or -1 for one per core; got 0.")
    cores: int = cpu_count()  # `os.cpu_count` knows neither affinity nor the quota of a container
    return cores if n_jobs == -1 else min(n_jobs, cores)


def check_integers(name: str, values: Any) -> tuple[int, ...]:
    """Return positive integers as a tuple of int; raise unless each of `values` is one."""
    if np.ndim(values) != 1 or isinstance(values, str):
        raise TypeError(f"`{name}` must be a sequence of integers; got {values!r:.100}.")
    return tuple(check_integer(f"{name}[{i}]", value) for i, value in enumerate(values))


def check_number(name: str, value: object) -> float:
    """Return `value` as a float; raise TypeError unless it is a real number."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"`{name}` must be a number; got {value!r:.100}.")
    try:
        return float(value)
    except OverflowError:  # an integer too long to be shown
        raise ValueError(f"`{name}` must fit float64 (at most 1.8e308); got a larger integer.") from None


def check_sequence(name: str, values: Any, of: str) -> list[Any]:
    """Return a sequence as a list; raise TypeError unless `values` has one axis. `of` says what it holds."""
    # Sets and generators have no axis: the order of their items is not one that the user chose.
    is_list = isinstance(values, list | tuple)  # whatever its items are
    if not is_list and (isinstance(values, str | bytes) or np.ndim(values) == 0):
        raise TypeError(f"`{name}` must be a sequence of {of}; got {values!r:.100}.")
    try:
        return list(values)
    except TypeError as error:  # it only pretends to be an array
        raise TypeError(
            f"`{name}` must be a sequence of {of}; got {type(values).__name__} ({error})."
        ) from error


def check_reals(name: str, values: Any) -> NDArray[np.float64]:
    """Return a new array of floats; raise TypeError unless `values` holds real numbers only."""
    if np.ma.is_masked(values):
        raise TypeError(f"`{name}` must not hold masked values; got a masked array. Fill or drop them.")
    try:
        array = np.asarray(values)
        if array.dtype.kind in "biufO":
            return np.array(array, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise TypeError(
            f"`{name}` must hold real numbers; got {type(values).__name__} ({error!s:.200}). Convert it to an array of floats."
        ) from error
    raise TypeError(
        f"`{name}` must hold real numbers; got dtype {array.dtype}. Convert it to an array of floats."
    )


def as_random_state(random_state: Any) -> np.random.RandomState:
    """Return a source of random numbers: never NumPy's global one, which None would be to scikit-learn."""
    if random_state is None:
        return np.random.RandomState()
    if isinstance(random_state, np.random.RandomState):
        return random_state
    is_integer = isinstance(random_state, Integral) and not isinstance(random_state, bool)
    if not is_integer or not 0 <= int(random_state) < 2**32:
        raise ValueError(
            "`random_state` must be an integer from 0 to 2**32 - 1, a RandomState or None; got "
            f"{_shown(random_state)}."
        )
    return np.random.RandomState(int(random_state))


def _shown(value: Any) -> str:
    """Return a value as text; Python refuses to print integers of thousands of digits."""
    if isinstance(value, Integral) and abs(int(value)) >= 2**63:
        return f"an integer of {int(value).bit_length()} bits"
    return f"{value!r:.100}"


def check_positive(name: str, value: object, advice: str = "") -> float:
    """Return `value` as a float; raise unless it is a finite number above 0."""
    number = check_number(name, value)
    if not 0.0 < number < math.inf:
        raise ValueError(f"`{name}` must be positive and finite; got {value!r}. {advice}".rstrip())
    return number


def check_not_negative(name: str, value: object, advice: str = "") -> float:
    """Return `value` as a float; raise unless it is a finite number of at least 0."""
    number = check_number(name, value)
    if not 0.0 <= number < math.inf:
        raise ValueError(f"`{name}` must be finite and not negative; got {value!r}. {advice}".rstrip())
    return number


def check_pair(name: str, value: Any) -> tuple[float, float]:
    """Return two numbers as floats; raise TypeError unless `value` holds two numbers."""
    if isinstance(value, str) or np.shape(value) != (2,):
        raise TypeError(f"`{name}` must hold two numbers; got {value!r:.100}.")
    first, second = (check_number(f"{name}[{i}]", one) for i, one in enumerate(value))
    return first, second


def check_dropout(name: str, value: object) -> float:
    """Return the probability of dropping a value, as a float; raise unless it lies in [0, 1)."""
    probability = check_number(name, value)
    if not 0.0 <= probability < 1.0:
        raise ValueError(f"`{name}` must lie in [0, 1); got {value!r}. 0 switches dropout off.")
    return probability


def check_sample_weight(sample_weight: ArrayLike, n_samples: int) -> NDArray[np.float64]:
    """Return one weight per sequence: finite, not negative, not all zero."""
    weights = check_reals("sample_weight", sample_weight)  # a copy: torch warns of read-only arrays
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


def convert_fields(owner: object, **checks: Callable[[str, Any], Any]) -> None:
    """Replace each named field of a frozen dataclass by what its check returns: a NumPy scalar becomes Python's."""
    for name, check in checks.items():
        object.__setattr__(owner, name, check(name, getattr(owner, name)))
