"""Every public class and function shows an example; pytest runs it."""

from __future__ import annotations

import importlib
import inspect

import pytest

ROOMS = (
    *("sequences", "kernels", "nn", "training", "sampling"),
    *("estimators", "evaluation", "datasets", "transforms", "exceptions", "tuning"),
)


def _public(room: str) -> list[tuple[str, object]]:
    module = importlib.import_module(f"seqclf.{room}")
    names = getattr(module, "__all__", [name for name in vars(module) if name[0].isupper()])
    return [(f"{room}.{name}", getattr(module, name)) for name in names]


OBJECTS = [
    pytest.param(thing, id=name)
    for room in ROOMS
    for name, thing in _public(room)
    if inspect.isclass(thing) or inspect.isfunction(thing)
]


@pytest.mark.parametrize("thing", OBJECTS)
def test_has_an_example(thing: object) -> None:
    assert ">>>" in (inspect.getdoc(thing) or "")
    assert thing.__doc__ is not None
