"""Figures are made without pyplot, and a missing matplotlib is explained."""

from __future__ import annotations

import io
import sys

import pytest

from seqclf.evaluation._plotting import COLORS, new_figure


def test_a_figure_has_the_size_asked_for_and_pyplot_knows_nothing_of_it() -> None:
    assert new_figure(4, 3).get_size_inches().tolist() == [4, 3]
    pyplot = sys.modules.get("matplotlib.pyplot")
    assert pyplot is None or pyplot.get_fignums() == []


def test_a_figure_can_be_written() -> None:
    picture = io.BytesIO()
    new_figure(4, 3).savefig(picture, format="png")
    assert picture.getvalue().startswith(b"\x89PNG")


def test_colours_differ() -> None:
    assert len(set(COLORS)) == len(COLORS)


def test_without_matplotlib_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r"Plots need matplotlib; .* `pip install 'seqclf\[plots\]'`"):
        new_figure(4, 3)
