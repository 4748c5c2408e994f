"""Version, types and public names of the installed package."""

from __future__ import annotations

import importlib.metadata
import importlib.resources
import os
from pathlib import Path

import pytest

import seqclf


def test_the_version_equals_that_of_the_distribution() -> None:
    assert seqclf.__version__ == importlib.metadata.version("seqclf")


def test_types_ship_with_the_package() -> None:
    assert importlib.resources.files("seqclf").joinpath("py.typed").is_file()


def test_every_public_name_exists() -> None:
    assert all(hasattr(seqclf, name) for name in seqclf.__all__)
    assert len(set(seqclf.__all__)) == len(seqclf.__all__)


@pytest.mark.skipif("SEQCLF_WHEEL" not in os.environ, reason="`make test` names the unpacked wheel")
def test_the_built_wheel_is_tested() -> None:
    assert Path(seqclf.__file__).is_relative_to(os.environ["SEQCLF_WHEEL"])
