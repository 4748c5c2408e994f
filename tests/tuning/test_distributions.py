from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from seqclf.tuning import Choice, Either, IntRange, LogUniform, Uniform


def test_a_choice_keeps_its_options_as_a_tuple() -> None:
    assert Choice([1, None]).options == (1, None)
    assert Choice([1]) == Choice((1,))


def test_numpy_scalars_become_python_scalars() -> None:
    options = [
        *Choice(list(np.array([0.01, 0.1, 1.0]))).options,
        *Choice([np.int64(3), np.bool_(True)]).options,
    ]
    assert options == [0.01, 0.1, 1.0, 3, True]
    assert [type(option) for option in options] == [float] * 3 + [int, bool]


def test_numpy_integers_become_python_integers() -> None:
    found = IntRange(np.int64(2), np.int64(6), step=np.int64(2))  # type: ignore[arg-type]
    assert found == IntRange(2, 6, step=2)
    assert [type(value) for value in (found.low, found.high, found.step)] == [int] * 3


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Uniform(1.0, 1.0), r"Uniform needs finite bounds with low < high; got low=1.0, high=1.0"),
        (lambda: Uniform(0.0, float("inf")), "finite bounds"),
        (lambda: LogUniform(0.0, 1.0), r"`low` of LogUniform must be positive; got 0.0. Use Uniform"),
        (lambda: IntRange(3, 2), r"IntRange needs finite bounds with low < high; got low=3, high=2"),
        (lambda: IntRange(0, 8, log=True), r"`log=True` needs `low >= 1` and `step == 1`; got low=0, step=1"),
        (lambda: IntRange(2, 8, step=2, log=True), r"got low=2, step=2"),
        (lambda: IntRange(1, 3, step=0), r"`step` must be at least 1; got 0"),
        (lambda: Choice([]), "Choice needs at least one option; got none"),
    ],
)
def test_invalid_bounds_and_options_are_refused(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: Uniform("0", 1),  # type: ignore[arg-type]
            r"`low` must be a number; got '0'",
        ),
        (
            lambda: IntRange(0.5, 2),  # type: ignore[arg-type]
            r"`low` must be an integer; got 0.5",
        ),
        (lambda: Choice("gru"), r"Choice needs a list of options; got 'gru'"),
        (
            lambda: Choice({"a": 1}),  # type: ignore[arg-type]
            r"Choice needs a list",
        ),
        (
            lambda: Either([{"lr": 0.1}, 3]),  # type: ignore[list-item]
            r"must be a space \(a mapping\); got options\[1\]=3. Use Choice",
        ),
    ],
)
def test_bounds_and_options_of_the_wrong_type_are_refused(make: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        make()
