"""Figures are created without pyplot, and a missing matplotlib is reported."""

from __future__ import annotations

import io
import sys

import pytest

from seqclf.evaluation._plotting import COLORS, new_figure


def test_a_figure_has_the_given_size_and_is_not_registered_with_pyplot() -> None:
    pyplot = sys.modules.get("matplotlib.pyplot")
    before = [] if pyplot is None else pyplot.get_fignums()  # of other tests
    assert new_figure(4, 3).get_size_inches().tolist() == [4, 3]
    pyplot = sys.modules.get("matplotlib.pyplot")
    assert pyplot is None or pyplot.get_fignums() == before


def test_a_figure_can_be_saved() -> None:
    image = io.BytesIO()
    new_figure(4, 3).savefig(image, format="png")
    assert image.getvalue().startswith(b"\x89PNG")


def test_colours_are_distinct() -> None:
    assert len(set(COLORS)) == len(COLORS)


def test_without_matplotlib_the_message_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r"Plots need matplotlib, .* `pip install 'seqclf\[plots\]'`"):
        new_figure(4, 3)
