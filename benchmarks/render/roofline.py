"""Speed of each model against its operations per byte, below the limits of the machine (a roofline plot)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.engine.candidates import MODELS, Shape

SAVED = {"rnn": 0, "gru": 4, "lstm": 5}
"""Numbers per unit and step that the forward pass saves for the backward pass, besides the states."""


def bytes_per_step(shape: Shape) -> float:
    """Return the bytes of float32 that training moves between caches and memory for each real step.

    Forward reads the values and writes the states and what it saves. Backward reads all of these and the gradient of the states,
    and writes the gradient of the values.
    """
    directions = 2 if shape.bidirectional else 1
    width = shape.hidden_size * directions
    numbers = 0
    for layer in range(shape.num_layers):
        inputs = shape.input_size if layer == 0 else width
        kept = SAVED[shape.cell] * width
        numbers += (inputs + width + kept) + (inputs + 2 * width + kept) + (inputs if layer else 0)
    return 4.0 * numbers


def roofline(bench: dict[str, Any], path: Path) -> None:
    """Draw the plot."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import LogLocator, NullLocator, StrMethodFormatter

    product = float(np.median([row["matrix_product_gflops"] for row in bench["training"].values()]))
    copy = bench["copy_gigabytes_per_second"]
    figure = Figure(figsize=(7.5, 4.2), layout="constrained")
    axes = figure.add_subplot()
    intensity = np.geomspace(1, 300, 200)
    axes.plot(intensity, np.minimum(product, copy * intensity), color="#555555", linewidth=2)
    axes.annotate(f"matrix product, {product:.0f} GFLOP/s", (290, product * 1.06), ha="right", va="bottom")
    axes.annotate(f"memory, {copy:.0f} GB/s", (2.4, copy * 1.7), ha="left", va="center")
    colors = {"rnn": "#cc6677", "gru": "#117733", "lstm": "#332288"}
    for name, shape in MODELS.items():
        x, y = shape.operations(1, training=True) / bytes_per_step(shape), bench["training"][name]["gflops"]
        axes.plot(
            x, y, "D" if shape.bidirectional else "o", color=colors[shape.cell], markersize=8, label=name
        )
    axes.set(xscale="log", yscale="log", xlabel="operations per byte", ylabel="GFLOP/s, whole training step")
    axes.set_ylim(30, product * 1.8)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter(StrMethodFormatter("{x:g}"))
        axis.set_minor_locator(NullLocator())
    axes.legend(loc="lower right", ncols=2, frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=120)
