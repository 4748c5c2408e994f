"""Is a bidirectional network of 64 units and 2 layers really the best? Plot scores against training time over cells and sizes.

    python examples/compare_sizes.py                                            # simulated beats
    python examples/compare_sizes.py --data path/to/mitdb --train 10000

All combinations of cell, width, depth and direction; scores are those on the validation set of `best_model.py`, because sizes
are chosen by them. Everything else has the estimator's defaults, except batches of 64.

Writes `sizes.json`, `sizes.md` and `sizes.png` into `--out`.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from best_model import validation_split
from experiment import PLAIN, new_parser, parse, read_beats, replace_text
from runs import Model, Row, add_options, run_missing
from seqclf import RecurrentClassifier
from seqclf.nn import Cell

CELLS: tuple[Cell, ...] = ("rnn", "gru", "lstm")
WIDTHS = (32, 64, 128)
DEPTHS = (1, 2, 3)
COLORS = {32: "#009E73", 64: "#0072B2", 128: "#D55E00"}
MARKERS = {1: "o", 2: "s", 3: "^"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """One point of the grid."""

    cell: Cell
    width: int
    depth: int
    bidirectional: bool

    @property
    def key(self) -> str:
        """Key in the results."""
        return f"{self.cell}_{self.width}x{self.depth}{'_bidirectional' if self.bidirectional else ''}"

    @property
    def title(self) -> str:
        """Title in the table."""
        return f"{'Bi' if self.bidirectional else ''}{self.cell.upper()} {self.width} x {self.depth}"

    def make(self, parameters: dict[str, Any]) -> RecurrentClassifier:
        """Return a classifier of this size."""
        return RecurrentClassifier(
            cell=self.cell,
            hidden_size=self.width,
            num_layers=self.depth,
            bidirectional=self.bidirectional,
            **PLAIN | {"batch_size": 64} | parameters,
        )


GRID = [
    Size(cell=cell, width=width, depth=depth, bidirectional=bidirectional)
    for cell, width, depth, bidirectional in product(CELLS, WIDTHS, DEPTHS, (False, True))
]


def main(arguments: list[str] | None = None) -> dict[str, Row]:
    """Run the script; return the rows of the table."""
    options = read_command_line(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    beats = read_beats(options, seed=0)
    split = validation_split(beats, options.train)
    sizes = [size for size in GRID if size.cell in options.cells and size.width <= options.widest]
    models = {size.key: Model(title=size.title, make=size.make) for size in sizes}
    rows = run_missing("compare_sizes.py", options, options.out / "sizes.json", models, beats, split)
    replace_text(options.out / "sizes.md", table(rows) + "\n")
    plot(rows).savefig(options.out / "sizes.png", dpi=120, bbox_inches="tight")
    print(table(rows))
    return rows


def seconds(row: Row) -> float:
    """Return the median training time."""
    return float(np.median([run["fit_seconds"] for run in row["runs"]]))


def table(rows: Mapping[str, Row]) -> str:
    """Return all rows as Markdown, sorted by macro F1, best first."""
    lines = ["| | accuracy | macro F1 | seconds to train |", "|---|---:|---:|---:|"]
    lines += [
        f"| {row['title']} | {row['accuracy']:.4f} | {row['macro_f1']:.4f} | {seconds(row):.0f} |"
        for row in sorted(rows.values(), key=lambda row: -row["macro_f1"])
    ]
    return "\n".join(lines)


def plot(rows: Mapping[str, Row]) -> Figure:
    """Plot both scores against training time, a line from one layer to three; a ring marks the course notebook's size."""
    figure = Figure(figsize=(11, 6.5), layout="constrained")
    panels = figure.subplots(2, len(CELLS), sharex=True, sharey="row")
    for row_of_panels, (name, title) in zip(
        panels, (("accuracy", "accuracy"), ("macro_f1", "macro F1")), strict=True
    ):
        row_of_panels[0].set_ylabel(title)
        for axes, cell in zip(row_of_panels, CELLS, strict=True):
            for width, bidirectional in product(WIDTHS, (False, True)):
                line = [
                    size
                    for size in GRID
                    if (size.cell, size.width, size.bidirectional) == (cell, width, bidirectional)
                    and size.key in rows
                ]
                _draw_line(axes, line, rows, name)
            axes.set(xscale="log")
            axes.grid(color="0.9")
            axes.spines[["top", "right"]].set_visible(False)
    for axes, cell in zip(panels[0], CELLS, strict=True):
        axes.set_title(cell.upper())
    for axes in panels[-1]:
        axes.set_xlabel("seconds to train")
    first = panels[0][0]
    handles = [
        *(first.plot([], [], "-", color=COLORS[width], label=f"{width} units")[0] for width in WIDTHS),
        first.plot([], [], "--", color="0.4", label="one direction")[0],
        first.plot([], [], "-", color="0.4", label="two directions")[0],
        *(
            first.plot([], [], MARKERS[depth], color="0.4", label=f"{depth} layer{'s' * (depth > 1)}")[0]
            for depth in DEPTHS
        ),
        first.plot([], [], "o", color="none", markeredgecolor="black", markersize=11, label="64 x 2")[0],
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=9, frameon=False, fontsize=8)
    return figure


def _draw_line(axes: Any, sizes: list[Size], rows: Mapping[str, Row], name: str) -> None:
    """Plot one width and direction, from one layer to three."""
    if not sizes:
        return
    x, y = [seconds(rows[size.key]) for size in sizes], [rows[size.key][name] for size in sizes]
    color = COLORS[sizes[0].width]
    axes.plot(x, y, "-" if sizes[0].bidirectional else "--", color=color, linewidth=1.2)
    for size, seconds_, score in zip(sizes, x, y, strict=True):
        axes.plot(seconds_, score, MARKERS[size.depth], color=color, markersize=5)
        if (size.width, size.depth) == (64, 2):
            axes.plot(seconds_, score, "o", color="none", markeredgecolor="black", markersize=11)


def read_command_line(arguments: list[str] | None) -> argparse.Namespace:
    """Return the options."""
    parser = new_parser(
        "Compare cells, widths, depths and directions by score and training time.", beats=2000
    )
    parser.add_argument("--cells", nargs="+", choices=CELLS, default=list(CELLS), help="default: all")
    parser.add_argument(
        "--widest", type=int, default=max(WIDTHS), help="skip wider ones (default: %(default)s)"
    )
    add_options(parser, seeds=[0])
    return parse(parser, arguments)


if __name__ == "__main__":
    main()
