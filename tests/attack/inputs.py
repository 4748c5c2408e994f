"""Containers x entry points x what is done to the samples, their lengths and labels."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import torch

from attack.attacks import Attack, Wanted
from attack.hostile import HOSTILE
from attack.samples import LENGTHS, Damage, clean, damages
from contract.containers import CONTAINERS, Container
from contract.entry_points import ENTRY_POINTS, REFERENCE

N = len(LENGTHS)
FITS = ("fit", "fit_transform", "partial_fit", "sweep")
WITH_Y = (*FITS, "fit, resumed", "validation_data", "score")
# A table with one row per step cannot hold a sequence without steps.
LOSE_SEQUENCES = ("long", "groupby")
# `from_long` or `as_sequences` makes these, so that making them is part of the attack.
CONVERTED = [c for name, c in CONTAINERS.items() if name.startswith("long") or "Sequences" in name]
KEEP_MASKS = ("list", "tuple", "list of columns", "object array", "series of arrays", "Sequences")
# A frame with a column for each feature drops additional ones before seqclf sees them.
LOSE_FEATURES = ("frame of", "polars frame of")


def input_attacks() -> Iterator[Attack]:
    """Yield every attack on what is passed to an entry point."""
    yield from _samples()
    yield from _lengths()
    yield from _labels()
    yield from _hostile()


def _samples() -> Iterator[Attack]:
    for damage in damages():
        for name, container in CONTAINERS.items():
            if _cannot_hold(damage, name, container):
                continue
            for entry in ENTRY_POINTS:
                for n_features in _numbers_of_features(damage, container):
                    title = f"{damage.name} | {name} | {entry} | {n_features} feature{'s' * (n_features > 1)}"
                    wanted = damage.wanted or _clean_result(entry, n_features)
                    yield Attack(
                        damage.family, title, _on_samples(damage, container, entry, n_features), wanted
                    )


def _numbers_of_features(damage: Damage, container: Container) -> tuple[int, ...]:
    if container.one_feature:
        return (1,)
    return (3,) if "too many" in damage.name else (1, 3)


def _cannot_hold(damage: Damage, name: str, container: Container) -> bool:
    """Return whether a container would not hold this damage, but other samples."""
    if "no steps" in damage.name:  # in a padded table, a row of padding is one step
        return name.startswith(LOSE_SEQUENCES) or container.strips_zeros
    if damage.name == "masked at the end":  # tables and tensors drop the mask before seqclf sees it
        return name not in KEEP_MASKS
    if damage.name == "object":  # an array of objects is a list of sequences, which holds no padding
        return container.strips_zeros
    if damage.family == "shapes" and ("too many" in damage.name or "no features" in damage.name):
        return name.startswith(LOSE_FEATURES) or container.one_feature
    return False


def _on_samples(
    damage: Damage, container: Container, entry: str, n_features: int
) -> Callable[[], Callable[[], Any]]:
    def prepare() -> Callable[[], Any]:
        samples = clean(n_features)
        call = ENTRY_POINTS[entry].prepare(container, samples)
        damaged = damage.change(samples)
        keywords = container.keywords(damaged)
        if container in CONVERTED:
            return lambda: call(container.make(damaged), damaged.y, **keywords)
        X = container.make(damaged)
        return lambda: call(X, damaged.y, **keywords)

    return prepare


def _clean_result(entry: str, n_features: int) -> Callable[[], Any]:
    """Return a function that returns what an entry point computes from clean `Sequences`."""
    return lambda: _computed("predict_proba" if entry == "audit_padding" else entry, n_features)


@cache
def _computed(entry: str, n_features: int) -> Any:
    samples = clean(n_features)
    return ENTRY_POINTS[entry].prepare(REFERENCE, samples)(REFERENCE.make(samples), samples.y)


def _changed(value: Any) -> list[Any]:
    """Return the true lengths with another one in row 4."""
    return [value if i == 4 else n for i, n in enumerate(LENGTHS)]


def _length_choices() -> Iterator[tuple[str, Any, Wanted | None]]:
    bad: dict[str, Any] = {
        "too long": 8,
        "0": 0,
        "-1": -1,
        "2.5": 2.5,
        "NaN": np.nan,
        "None": None,
        "text": "2",
        "10**30": 10**30,
    }
    bad |= {"infinity": np.inf, "complex": 2 + 0j, "pandas.NA": pd.NA, "a list": [2]}
    for name, value in bad.items():
        yield name, _changed(value), "refused"
    yield "booleans", [True] * N, "refused"
    yield "too few", list(LENGTHS[:-1]), "refused"
    yield "too many", [*LENGTHS, 2], "refused"
    yield "none at all", [], "refused"
    yield "two axes", [list(LENGTHS)], "refused"
    yield "one number", 3, "refused"
    yield "those of other rows", list(LENGTHS[::-1]), "refused"
    yield "a set", set(LENGTHS), "refused"
    yield "a dict", dict.fromkeys(LENGTHS), "refused"
    yield "whole floats", [float(n) for n in LENGTHS], "refused or finite"
    yield "array", np.array(LENGTHS), None
    yield "int8", np.array(LENGTHS, dtype=np.int8), None
    yield "uint64", np.array(LENGTHS, dtype=np.uint64), None
    yield "objects", np.array(LENGTHS, dtype=object), None
    yield "tensor", torch.tensor(LENGTHS), None
    yield "series", pd.Series(LENGTHS, index=range(5, 5 + N)), None


def _lengths() -> Iterator[Attack]:
    with_lengths = {name: c for name, c in CONTAINERS.items() if c.with_lengths}
    for title, lengths, wanted in _length_choices():
        for name, container in (with_lengths | {"list": CONTAINERS["list"], "Sequences": REFERENCE}).items():
            if name in ("list", "Sequences") and wanted is None:
                continue  # lengths that agree with the samples may be refused there
            for entry in ENTRY_POINTS:
                full = f"{title} | {name} | {entry}"
                prepare = _with_arguments(container, entry, lengths=lengths)
                yield Attack("lengths", full, prepare, wanted or _clean_result(entry, 1))


def _with_arguments(
    container: Container, entry: str, y: Any = None, **changed: Any
) -> Callable[[], Callable[[], Any]]:
    def prepare() -> Callable[[], Any]:
        samples = clean(1)
        call = ENTRY_POINTS[entry].prepare(container, samples)
        X, keywords = container.make(samples), container.keywords(samples) | changed
        return lambda: call(X, samples.y if y is None else y, **keywords)

    return prepare


def _label_choices() -> Iterator[tuple[str, Any, Wanted]]:
    half = [0, 1] * (N // 2)
    bad: dict[str, Any] = {
        "NaN": [np.nan, *half[1:]],
        "NaN as object": np.array([np.nan, *half[1:]], dtype=object),
        "NaN among text": [np.nan, *"babbab", "a"],
        "infinity": [np.inf, *half[1:]],
        "None": [None, *half[1:]],
        "pandas.NA": [pd.NA, *half[1:]],
        "NaT": np.array(["NaT", *["2020-01-01", "2021-01-01"] * 3, "2020-01-01"], dtype="M8[D]"),
        "text and numbers": ["0", *half[1:]],
        "bytes and text": [b"a", *"babbaab"],
        "too few": half[:-1],
        "too many": [*half, 1],
        "none at all": [],
        "one-hot": np.eye(2)[half],
        "two axes of objects": np.array([half, half], dtype=object),
        "fractions": [0.5, *half[1:]],
        "complex": [1j, *half[1:]],
        "lists": [[0], *half[1:]],
        "dicts": [{}, *half[1:]],
        "masked": np.ma.masked_array(np.array(half), mask=np.arange(N) == 0),
        "one text": "abababab",
        "set": set(range(N)),
        "dict": dict.fromkeys(range(N)),
        "number": 3,
        "generator": (i % 2 for i in range(N)),
    }
    for name, y in bad.items():
        yield name, y, "refused"
    yield "one class", [1] * N, "refused or finite"
    yield "huge integers", [2**70 + i for i in half], "refused or finite"
    yield "bytes", [b"a", b"b"] * (N // 2), "refused or finite"
    yield "empty text", ["", "b"] * (N // 2), "refused or finite"
    yield "dates", np.array(["2020-01-01", "2021-01-01"] * (N // 2), dtype="M8[D]"), "refused or finite"
    yield "tuples", [(0,), (1,)] * (N // 2), "refused or finite"
    yield "all different", list(range(N)), "refused or finite"


def _labels() -> Iterator[Attack]:
    for title, y, wanted in _label_choices():
        for entry in WITH_Y:
            must = "refused" if title == "one class" and entry in FITS else wanted
            yield Attack("labels", f"{title} | {entry}", _with_arguments(REFERENCE, entry, y=y), must)
    for name, y in {
        "array of objects": clean(1).y.astype(object),
        "column": clean(1).y[:, None],
        "tensor": torch.from_numpy(clean(1).y),
        "series": pd.Series(clean(1).y, index=range(5, 5 + N)),
        "categories": pd.Categorical(clean(1).y),
        "nullable integers": pd.array(clean(1).y, dtype="Int64"),
        "int8": clean(1).y.astype(np.int8),
        "list": clean(1).y.tolist(),
    }.items():
        for entry in WITH_Y:
            prepare = _with_arguments(REFERENCE, entry, y=y)
            yield Attack("labels", f"{name} | {entry}", prepare, _clean_result(entry, 1))


def _hostile() -> Iterator[Attack]:
    """Yield attacks with objects that are no data at all, as `X`, `y` and `lengths`."""
    for name, make in HOSTILE.items():
        for entry, point in ENTRY_POINTS.items():

            def as_x(make: Any = make, point: Any = point) -> Callable[[], Any]:
                call, X = point.prepare(REFERENCE, clean(1)), make()
                return lambda: call(X, clean(1).y)

            of_x: Wanted = "refused or finite" if name.startswith("list that lies") else "refused"
            yield Attack("hostile objects", f"{name} as X | {entry}", as_x, of_x)
            table = CONTAINERS["array 3-D, lengths"]

            def as_lengths(
                make: Any = make, entry: str = entry, table: Container = table
            ) -> Callable[[], Any]:
                return _with_arguments(table, entry, lengths=make())()

            yield Attack("hostile objects", f"{name} as lengths | {entry}", as_lengths)
        for entry in WITH_Y:

            def as_y(make: Any = make, entry: str = entry) -> Callable[[], Any]:
                return _with_arguments(REFERENCE, entry, y=make())()

            wanted: Wanted = "refused or finite" if name in ("range", "memory", "time index") else "refused"
            yield Attack("hostile objects", f"{name} as y | {entry}", as_y, wanted)
