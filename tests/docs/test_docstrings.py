"""Every public class and function has an example, which pytest runs."""

from __future__ import annotations

import importlib
import inspect

import pytest

PACKAGES = (
    *("sequences", "kernels", "nn", "training", "sampling", "transforms", "datasets", "exceptions"),
    *("evaluation", "audit", "estimators", "export", "tracking", "tuning"),
)


def _public(package: str) -> list[tuple[str, object]]:
    module = importlib.import_module(f"seqclf.{package}")
    names = getattr(module, "__all__", [name for name in vars(module) if name[0].isupper()])
    return [(f"{package}.{name}", getattr(module, name)) for name in names]


OBJECTS = [
    pytest.param(public, id=name)
    for package in PACKAGES
    for name, public in _public(package)
    if inspect.isclass(public) or inspect.isfunction(public)
]


@pytest.mark.parametrize("public", OBJECTS)
def test_has_an_example(public: object) -> None:
    assert ">>>" in (inspect.getdoc(public) or "")
    assert public.__doc__ is not None
