"""How the gallery saves pictures: one style, and also figures that pyplot does not know, such as `report.plot()`."""

from __future__ import annotations

from typing import Any
from weakref import WeakSet

from matplotlib import pyplot, rcParams
from matplotlib.figure import Figure
from sphinx_gallery.scrapers import figure_rst, matplotlib_scraper

WIDEST = 7.6
"""Inches: wider ones are small print on a phone."""

STYLE = {
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": "medium",
    "font.size": 11,
    "axes.prop_cycle": pyplot.cycler(
        color=["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]
    ),
}
"""Colours of the pictures that seqclf draws (Okabe & Ito): any colour vision distinguishes them."""

_saved: WeakSet[Figure] = WeakSet()


def set_style(gallery_conf: Any, name: str) -> None:
    """Set the style, after matplotlib was reset for the next script."""
    rcParams.update(STYLE)


def save_pictures(block: Any, block_vars: dict[str, Any], gallery_conf: Any) -> str:
    """Save the figures of pyplot, and the one that the last line of the block returns; return the text that shows them."""
    found: str = matplotlib_scraper(block, block_vars, gallery_conf)
    last = block_vars["example_globals"].get("___")
    if isinstance(last, Figure) and last.canvas.manager is None and last not in _saved:
        _saved.add(last)  # it stays the last one in blocks that end without an expression
        width, height = last.get_size_inches()
        last.set_size_inches(min(width, WIDEST), height)
        path = next(block_vars["image_path_iterator"])
        last.savefig(path)
        titles = [axes.get_title() for axes in last.axes if axes.get_title()]
        found += figure_rst([path], gallery_conf["src_dir"], ", ".join(titles))
    return found
