"""Labelled sequences, and what is done to their values and shapes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attack.attacks import Wanted
from contract.containers import Samples

LENGTHS = (4, 1, 3, 7, 2, 5, 4, 3)


@dataclass(frozen=True, eq=False)
class Damaged(Samples):
    """Samples of any dtype and shape."""

    @property
    def n_features(self) -> int:
        return self.arrays[0].shape[1] if self.arrays else 1

    def table(self, padding: float = 0.0) -> NDArray[Any]:
        """Return the padded table in the dtype of the samples."""
        dtype = np.result_type(*self.arrays) if self.arrays else np.dtype(np.float32)
        shape = self.arrays[0].shape[1:] if self.arrays else (1,)
        table = np.full((len(self.arrays), self.width, *shape), padding, dtype=dtype)
        for row, array in zip(table, self.arrays, strict=True):
            row[: len(array)] = array
        return table


@cache
def clean(n_features: int) -> Samples:
    """Return sequences of whole numbers, which every dtype holds exactly."""
    rng = np.random.default_rng(n_features)
    arrays = [rng.integers(1, 50, (n, n_features)).astype(np.float32) for n in LENGTHS]
    return Damaged(arrays, np.arange(len(arrays)) % 2, width=max(LENGTHS))


class Damage(NamedTuple):
    """A change of samples, and what must come of it."""

    family: str
    name: str
    change: Callable[[Samples], Samples]
    wanted: Wanted | None = "refused"  # None: the same result as that of the clean samples


def _put(value: Any, dtype: Any) -> Callable[[Samples], Samples]:
    """Return a change that converts all samples to a dtype, and one of their values to `value`."""

    def change(samples: Samples) -> Samples:
        arrays = [array.astype(dtype) for array in samples.arrays]
        arrays[3][1, 0] = value
        return replace(samples, arrays=arrays)

    return change


def _each(function: Callable[[NDArray[Any]], Any]) -> Callable[[Samples], Samples]:
    return lambda samples: replace(samples, arrays=[function(array) for array in samples.arrays])


def _second(function: Callable[[NDArray[Any]], Any]) -> Callable[[Samples], Samples]:
    return lambda samples: replace(
        samples, arrays=[function(array) if i == 1 else array for i, array in enumerate(samples.arrays)]
    )


def _masked(array: NDArray[Any]) -> Any:
    return np.ma.masked_array(array, mask=np.arange(len(array))[:, None] == len(array) - 1)


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    copied = array.copy()
    copied.flags.writeable = False
    return copied


def _as_dtype(dtype: str) -> Callable[[NDArray[Any]], NDArray[Any]]:
    return lambda array: array.astype(dtype)


_REFUSED: dict[str, tuple[Any, Any]] = {
    "NaN": (np.nan, np.float32),
    "infinity": (np.inf, np.float32),
    "-infinity": (-np.inf, np.float64),
    "10**400": (10**400, object),
    "text": ("x", object),
    "digits as text": ("0.5", object),
    "bytes": (b"1", object),
    "None": (None, object),
    "complex": (1 + 1j, np.complex64),
    "complex object": (1 + 1j, object),
    "pandas.NA": (pd.NA, object),
    "pandas.NaT": (pd.NaT, object),
    "date": (np.datetime64("2020-01-01"), object),
    "decimal NaN": (Decimal("NaN"), object),
    "dict": ({}, object),
    "class": (int, object),
    "masked": (np.ma.masked, object),
}
_REFUSED_OR_FINITE: dict[str, tuple[Any, Any]] = {
    "1e300": (1e300, np.float64),
    "1e-300": (1e-300, np.float64),
    "-0.0": (-0.0, np.float32),
    "10**30": (10**30, object),
    "2**63": (2**63, np.uint64),
    "True": (True, object),
}
_HARMLESS: dict[str, Callable[[NDArray[Any]], Any]] = {
    **{str(np.dtype(d)): _as_dtype(d) for d in ("f2", "f8", ">f4", "<i2", "u1", "i8", "O")},
    "read-only": _read_only,
    "every second row of a larger array": lambda a: np.repeat(a, 2, axis=0)[::2],
    "negative strides": lambda a: a[::-1].copy()[::-1],
    "masked array, nothing masked": np.ma.masked_array,
}
_SHAPES: dict[str, Callable[[Samples], Samples]] = {
    "no samples": lambda s: replace(s, arrays=[], y=s.y[:0]),
    "no steps in one": _second(lambda a: a[:0]),
    "no steps at all": _each(lambda a: a[:0]),
    "no features": _each(lambda a: a[:, :0]),
    "an axis too many": _each(lambda a: a[..., None]),
    "a feature too many in one": _second(lambda a: np.hstack([a, a])),
    "a feature too many in all": _each(lambda a: np.hstack([a, a])),
    "one sequence is a number": _second(lambda a: a[0, 0]),
    "one sequence is None": _second(lambda a: None),
    "one sequence is text": _second(lambda a: "abc"),
}


def damages() -> Iterator[Damage]:
    """Yield all changes of values and shapes."""
    for name, (value, dtype) in _REFUSED.items():
        yield Damage("values", name, _put(value, dtype))
    for name, (value, dtype) in _REFUSED_OR_FINITE.items():
        yield Damage("values", name, _put(value, dtype), "refused or finite")
    yield Damage("values", "dates", _each(lambda a: a.astype("i8").astype("M8[s]")))
    yield Damage("values", "masked at the end", _each(_masked))
    for name, function in _HARMLESS.items():
        yield Damage("harmless", name, _each(function), None)
    for name, change in _SHAPES.items():
        # A fit may have any number of features.
        yield Damage("shapes", name, change, "refused or finite" if name.endswith("in all") else "refused")
