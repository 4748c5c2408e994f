"""The reference lists every public name, and nothing else."""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from pathlib import Path

import pytest

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
PACKAGES = (
    *("sequences", "transforms", "estimators", "evaluation", "audit", "datasets", "nn", "training"),
    *("sampling", "kernels", "streaming", "tracking", "tuning", "persistence", "export", "scoring"),
)


def names_in(source: str) -> list[str]:
    """Return the names that a page documents: `py:data` and the entries of its autosummaries."""
    found = re.findall(r"^\.\. py:data:: (\w+)$", source, flags=re.MULTILINE)
    for entries in re.findall(
        r"^\.\. autosummary::\n(?:   :.*\n)*\n((?:   \w+\n)+)", source, flags=re.MULTILINE
    ):
        found += entries.split()
    return found


def page(name: str) -> str:
    return (REFERENCE / f"{name}.rst").read_text(encoding="utf-8")


def test_names_come_from_both_directives() -> None:
    source = (
        ".. autosummary::\n   :toctree: generated\n   :nosignatures:\n\n   Sequences\n   pad\n\n"
        ".. py:data:: DS1\n   :type: tuple\n\n   Records.\n"
    )
    assert names_in(source) == ["DS1", "Sequences", "pad"]


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_of_a_package_is_in_the_reference(package: str) -> None:
    assert sorted(names_in(page(package))) == sorted(import_module(f"seqclf.{package}").__all__)


def test_every_exception_is_in_the_reference() -> None:
    module = import_module("seqclf.exceptions")
    own = [
        name
        for name, value in vars(module).items()
        if inspect.isclass(value) and value.__module__ == module.__name__
    ]
    assert sorted(names_in(page("exceptions"))) == sorted(own)


def test_every_top_level_name_is_in_the_reference() -> None:
    listed = re.findall(r"^:obj:`(\w+)`", page("seqclf"), flags=re.MULTILINE)
    assert sorted(listed) == sorted(import_module("seqclf").__all__)


def test_every_package_is_in_the_reference() -> None:
    folder = Path(str(import_module("seqclf").__file__)).parent
    packages = {
        path.parent.name
        for path in folder.glob("*/__init__.py")
        if "__all__" in path.read_text(encoding="utf-8")
    }
    assert packages == set(PACKAGES)
