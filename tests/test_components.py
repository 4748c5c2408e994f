"""A name, an instance or a factory becomes a component."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
import torch

from seqclf._components import Seam, is_function_of


@dataclass
class Brush:
    width: int = 1


@dataclass
class MadeToMeasure(Brush):
    def __init__(self, spec: int, generator: torch.Generator) -> None:
        self.width = spec


SEAM: Seam[int, Brush] = Seam(
    parameter="brush",
    names={"fine": lambda spec, generator: Brush(1)},
    is_instance=lambda value: isinstance(value, Brush),
    kind="a Brush",
)
GENERATOR = torch.Generator().manual_seed(0)


@pytest.mark.parametrize(
    ("choice", "width"),
    [
        ("fine", 1),
        (Brush(4), 4),
        (Brush, 1),
        (partial(Brush, width=3), 3),
        (MadeToMeasure, 7),
        (lambda spec, generator: Brush(spec + 1), 8),
    ],
)
def test_every_form_makes_a_component(choice: Any, width: int) -> None:
    assert SEAM.build(choice, 7, GENERATOR).width == width


def test_an_instance_is_copied() -> None:
    brush = Brush(4)
    made = SEAM.build(brush, 7, GENERATOR)
    assert made == brush
    assert made is not brush


def test_a_factory_gets_the_generator() -> None:
    seen = []

    def factory(spec: int, generator: torch.Generator) -> Brush:
        seen.append(generator)
        return Brush()

    SEAM.build(factory, 7, GENERATOR)
    assert seen == [GENERATOR]


@pytest.mark.parametrize(
    ("choice", "error", "message"),
    [
        ("coarse", ValueError, "`brush` must be one of ['fine'], a Brush or a factory of one; got 'coarse'."),
        (3, TypeError, "`brush` must be one of ['fine'], a Brush or a factory of one; got 3."),
        (None, TypeError, "`brush` must be one of ['fine'], a Brush or a factory of one; got None."),
        (
            lambda: Brush(),
            TypeError,
            "A factory of `brush` must take two arguments, `factory(spec, generator)`; got",
        ),
        (lambda spec, generator: 3, TypeError, "A factory of `brush` must return a Brush; got 3 from"),
    ],
)
def test_anything_else_is_rejected(choice: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        SEAM.build(choice, 7, GENERATOR)


def test_functions_are_distinguished_by_their_arguments() -> None:
    class Callable3:
        def __call__(self, a: int, b: int, c: int) -> int:
            return a + b + c

    assert is_function_of(lambda a, b, c: 0, 3)
    assert is_function_of(lambda a, b, c=None: 0, 3)
    assert is_function_of(Callable3(), 3)
    assert not is_function_of(lambda a, b: 0, 3)
    assert not is_function_of(Callable3, 3)
    assert not is_function_of(partial(lambda a, b, c: 0, 1), 3)
    assert not is_function_of(3, 3)


def test_without_names_the_message_lists_none() -> None:
    nameless: Seam[int, Brush] = Seam(
        parameter="brush", names={}, is_instance=SEAM.is_instance, kind="a Brush"
    )
    with pytest.raises(
        ValueError, match=re.escape("`brush` must be a Brush or a factory of one; got 'fine'.")
    ):
        nameless.check("fine")
