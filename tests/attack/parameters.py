"""Every parameter of a target x values of the wrong type or range."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
import torch

from attack.attacks import Attack, Wanted
from attack.hostile import ArrayRaises, NeverEnds, ReprRaises
from attack.targets import TARGETS, Target

VALUES: dict[str, Callable[[], Any]] = {
    "None": lambda: None,
    "True": lambda: True,
    "'no'": lambda: "no",
    "''": lambda: "",
    "b'x'": lambda: b"x",
    "-1": lambda: -1,
    "0": lambda: 0,
    "2": lambda: 2,
    "1.5": lambda: 1.5,
    "-0.5": lambda: -0.5,
    "NaN": lambda: float("nan"),
    "infinity": lambda: float("inf"),
    "-infinity": lambda: float("-inf"),
    "1e-320": lambda: 1e-320,
    "1e300": lambda: 1e300,
    "10**12": lambda: 10**12,
    "10**400": lambda: 10**400,
    "1j": lambda: 1j,
    "np.float32(0.5)": lambda: np.float32(0.5),
    "np.float64('nan')": lambda: np.float64("nan"),
    "np.int8(3)": lambda: np.int8(3),
    "np.bool_(True)": lambda: np.bool_(True),
    "np.str_('no')": lambda: np.str_("no"),
    "pandas.NA": lambda: pd.NA,
    "Decimal(1)": lambda: Decimal(1),
    "Fraction(1, 2)": lambda: Fraction(1, 2),
    "array of one": lambda: np.array([1.0]),
    "array without axes": lambda: np.array(1),
    "array of two": lambda: np.array([1, 2]),
    "tensor": lambda: torch.tensor(1.0),
    "[]": list,
    "[1, 'x']": lambda: [1, "x"],
    "()": lambda: (),
    "{}": dict,
    "{'x': 1}": lambda: {"x": 1},
    "set": lambda: {1},
    "generator": lambda: (i for i in range(2)),
    "class int": lambda: int,
    "function len": lambda: len,
    "lambda without arguments": lambda: lambda: None,
    "lambda of two, returns None": lambda: lambda a, b: None,
    "lambda of three, returns None": lambda: lambda a, b, c: None,
    "object": object,
    "object whose text raises": ReprRaises,
    "iterator without end": NeverEnds,
    "array that raises": ArrayRaises,
    "range": lambda: range(2),
    "slice": lambda: slice(2),
    "NotImplemented": lambda: NotImplemented,
    "exception": lambda: ValueError("x"),
}
LARGE = ("10**12", "10**400", "1e300", "infinity")


def parameter_attacks() -> Iterator[Attack]:
    """Yield every attack on a parameter of a target."""
    for title, target in TARGETS.items():
        for parameter, good in target.parameters().items():
            for name, make in VALUES.items():
                if parameter in target.takes_long and name in LARGE:
                    continue  # valid, and it would take for ever
                if parameter == "model" and "lambda" in name:
                    continue  # the model of an audit is the user's
                if parameter in ("callbacks", "trackers") and name == "iterator without end":
                    continue  # any iterable is accepted
                full = f"{title}({parameter}={name})"
                wanted: Wanted = "refused or finite"
                if parameter not in ("padding_value", "random_state", "name") and _is_wrong(good, make()):
                    wanted = "refused"
                yield Attack("parameters", full, _prepare(target, parameter, make), wanted)


def _prepare(target: Target, parameter: str, make: Callable[[], Any]) -> Callable[[], Callable[[], Any]]:
    def prepare() -> Callable[[], Any]:
        value = make()
        arguments = target.make() | {parameter: value}
        return lambda: target.call(**arguments)

    return prepare


def _is_wrong(good: Any, value: Any) -> bool:
    """Return whether a value cannot be meant for a parameter with this good value."""
    if value is None or isinstance(value, ArrayRaises):
        return False
    if isinstance(good, bool):
        return not isinstance(value, bool | np.bool_)
    if isinstance(good, int):
        return isinstance(value, bool | np.bool_ | float | np.floating) or not isinstance(value, Real)
    if isinstance(good, float):
        is_number = isinstance(value, Real) and not isinstance(value, bool | np.bool_)
        return not is_number or value != value or value in (float("-inf"),)
    if isinstance(good, str):
        return not callable(value) and not isinstance(value, int | np.integer)
    return False
