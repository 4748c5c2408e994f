"""Objects that are no data, or that lie about what they are."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import numpy as np
import pandas as pd

import seqclf
from attack.attacks import OwnError


class LiesAboutItsLength(list[Any]):
    def __len__(self) -> int:
        return 8


class ArrayRaises:
    shape, dtype, ndim = (8, 3), np.dtype(np.float32), 2

    def __len__(self) -> int:
        return 8

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        raise OwnError("no array")


class ArrayIsAList:
    def __array__(self, *_: Any, **__: Any) -> list[int]:
        return [1, 2, 3]


class ShapeLies:
    """Says that it is a table, but holds one number."""

    shape, dtype, ndim = (8, 3), np.dtype(np.float32), 2

    def __len__(self) -> int:
        return 8

    def __array__(self, *_: Any, **__: Any) -> Any:
        return np.array(1.0)


class ItemsRaise:
    def __len__(self) -> int:
        return 8

    def __getitem__(self, key: Any) -> NoReturn:
        raise OwnError("no items")


class NeverEnds:
    """An iterator without end, which must not be consumed."""

    def __iter__(self) -> Iterator[int]:
        return self

    def __next__(self) -> int:
        return 1


class ReprRaises:
    def __repr__(self) -> NoReturn:
        raise OwnError("no text")


def _recursive() -> list[Any]:
    recursive: list[Any] = []
    recursive.append(recursive)
    return recursive


HOSTILE: dict[str, Callable[[], Any]] = {
    "list that lies about its length": lambda: LiesAboutItsLength([[1.0, 2.0], [3.0]]),
    "array that raises": ArrayRaises,
    "array that is a list": ArrayIsAList,
    "table that is a number": ShapeLies,
    "items that raise": ItemsRaise,
    "iterator without end": NeverEnds,
    "object whose text raises": ReprRaises,
    "list of hostile objects": lambda: [ArrayRaises()] * 8,
    "generator": lambda: ([1.0, 2.0] for _ in range(8)),
    "map": lambda: map(float, range(8)),
    "set": lambda: set(range(8)),
    "dict": lambda: {i: [1.0] for i in range(8)},
    "dict view": lambda: {i: [1.0] for i in range(8)}.values(),
    "text": lambda: "abcdefgh",
    "bytes": lambda: b"abcdefgh",
    "file": lambda: tempfile.TemporaryFile(),  # noqa: SIM115
    "number": lambda: 3,
    "NaN": lambda: float("nan"),
    "boolean": lambda: True,
    "ellipsis": lambda: ...,
    "function": lambda: len,
    "class": lambda: list,
    "module": lambda: seqclf,
    "exception": lambda: ValueError("x"),
    "object": object,
    "list that holds itself": _recursive,
    "deep list": lambda: [[[[[[[1.0]]]]]]] * 8,
    "array without axes": lambda: np.array(1.0),
    "array of 64 axes": lambda: np.ones([1] * 32),
    "structured array": lambda: np.zeros(8, dtype=[("a", "f4"), ("b", "f4")]),
    "array of text": lambda: np.array(["a"] * 8),
    "array of records": lambda: np.zeros((8, 3), dtype="V4"),
    "empty frame": pd.DataFrame,
    "frame of text": lambda: pd.DataFrame({"a": ["x"] * 8}),
    "frame with one column twice": lambda: pd.DataFrame([["x", 1.0]] * 8, columns=["a", "a"]),
    "time index": lambda: pd.date_range("2020-01-01", periods=8),
    "range": lambda: range(8),
    "memory": lambda: memoryview(b"abcdefgh"),
}
