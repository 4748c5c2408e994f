"""matplotlib figures without pyplot, which has global state."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Okabe & Ito's palette without yellow, then three of Paul Tol's colours: distinguishable with any colour vision.
COLORS = (
    *("#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7"),
    *("#332288", "#999933", "#882255"),
)


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure of this size in inches."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(
            "Plots need matplotlib, which is not installed. Run `pip install 'seqclf[plots]'`."
        ) from error
    return Figure(figsize=(width, height), layout="constrained")
