"""Weights of samples and of classes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np

from attack.attacks import Attack, Wanted, at_once
from attack.hostile import HOSTILE
from attack.samples import LENGTHS, clean
from contract.entry_points import REFERENCE, small, weights_of

N = len(LENGTHS)
METHODS = ("fit", "partial_fit", "fit_transform")


def weight_attacks() -> Iterator[Attack]:
    """Yield every attack on `sample_weight` and `class_weight`."""
    for name, weights, wanted in _samples():
        for method in METHODS:
            call = _trained(method, sample_weight=weights)
            yield Attack("weights", f"{name} | {method}", at_once(call), wanted or _unweighted(method))
    for name, make in HOSTILE.items():

        def prepare(make: Callable[[], Any] = make) -> Callable[[], Any]:
            return _trained("fit", sample_weight=make())

        wanted = "refused or finite" if name in ("range", "memory") else "refused"
        yield Attack("weights", f"{name} as sample_weight | fit", prepare, wanted)
    for name, weights, wanted in _classes():
        for method in METHODS:
            call = _trained(method, class_weight=weights)
            yield Attack(
                "weights", f"class_weight: {name} | {method}", at_once(call), wanted or _unweighted(method)
            )


def _trained(method: str, *, class_weight: Any = None, **keywords: Any) -> Callable[[], Any]:
    def call() -> Any:
        model = small(class_weight=class_weight)
        getattr(model, method)(REFERENCE.make(clean(1)), clean(1).y, **keywords)
        return weights_of(model)

    return call


def _unweighted(method: str) -> Callable[[], Any]:
    return lambda: _of_ones(method)


@cache
def _of_ones(method: str) -> Any:
    return _trained(method, sample_weight=np.ones(N))()


def _one(value: Any) -> list[Any]:
    return [value, *[1.0] * (N - 1)]


def _samples() -> Iterator[tuple[str, Any, Wanted | None]]:
    bad: dict[str, Any] = {"one NaN": _one(np.nan), "one infinite": _one(np.inf), "one negative": _one(-1.0)}
    bad |= {"zeros": np.zeros(N), "too few": [1.0] * (N - 1), "too many": [1.0] * (N + 1), "none at all": []}
    bad |= {"text": _one("x"), "None": _one(None), "complex": _one(1j), "10**400": _one(10**400)}
    bad |= {"two axes": np.ones((N, 2)), "one number": 1.0, "a list": _one([1.0])}
    bad |= {
        "only one class": np.arange(N) % 2,
        "digits as text": ["1"] * N,
        "dates": np.ones(N, dtype="M8[s]"),
    }
    bad |= {"masked": np.ma.masked_array(np.ones(N), mask=np.arange(N) == 0)}
    for name, weights in bad.items():
        yield name, weights, "refused"
    for value in (1e-50, 1e-320, 1e300, 1.7e308, 5.0):
        yield f"all {value:g}", np.full(N, value), None
    yield "booleans", np.ones(N, dtype=bool), "refused or finite"
    yield "one 1e-300", _one(1e-300), "refused or finite"
    yield "one 1e300", _one(1e300), "refused or finite"


def _classes() -> Iterator[tuple[str, Any, Wanted | None]]:
    for value in (np.nan, np.inf, -1.0, "x", None, 1j, 10**400, [1.0], np.ones(2)):
        yield f"{value!r:.10} for one", {0: value, 1: 1.0}, "refused"
    yield "zeros", {0: 0.0, 1: 0.0}, "refused"
    yield "unknown class", {2: 1.0}, "refused"
    yield "label as text", {"0": 1.0}, "refused"
    for name, choice in {"list": [1.0, 2.0], "unknown name": "x", "number": 3, "array": np.ones(2)}.items():
        yield name, choice, "refused"
    yield "empty", {}, None
    for value in (1e-50, 1e-320, 1e300, 1.7e308):
        yield f"all {value:g}", {0: value, 1: value}, None
    yield "one 1e-300", {0: 1e-300, 1: 1.0}, "refused or finite"
