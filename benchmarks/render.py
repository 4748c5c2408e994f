"""Write the tables and the plot of the benchmarks from the measured results.

    python -m benchmarks.render

Reads `results/bench.json`, `results/bench_peers.json` and `results/bench_sweeps.json`; writes `results/bench.md`,
`results/bench_sweeps.md` and `results/roofline.png`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.engine.candidates import MODELS, Shape

Record = dict[str, Any]
RESULTS = Path(__file__).resolve().parents[1] / "results"
SAVED = {"rnn": 0, "gru": 4, "lstm": 5}
"""Numbers per unit and step that the forward pass saves for the backward pass, besides the states."""


def markdown(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table whose first column is text and whose others are numbers."""
    head = list(head)
    lines = [head, ["---", *["--:"] * (len(head) - 1)], *map(list, rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def times(ratio: float) -> str:
    """Return a ratio as text."""
    return f"{ratio:.1f}x"


def main_table(bench: Record) -> str:
    """Return training speed and memory compared with torch."""
    head = (
        "",
        "sequences/s",
        "speedup over torch packed",
        "speedup over torch padded",
        "throughput, % of a matrix product",
        "memory, % of torch packed",
    )
    rows = [
        (
            name,
            f"{row['sequences_per_second']:,.0f}",
            times(row["over_torch_packed"]),
            times(row["over_torch_padded"]),
            f"{row['share_of_matrix_product']:.0%}",
            f"{bench['memory'][name]['share_of_torch_packed']:.0%}",
        )
        for name, row in bench["training"].items()
    ]
    return markdown(head, rows)


def small_table(bench: Record) -> str:
    """Return the speed of prediction, and of batches of one sequence."""
    parts = {
        "prediction": "prediction, batch 512",
        "prediction_one": "prediction, batch 1",
        "training_one": "training, batch 1",
    }
    head = ["", *(f"{task}: over {other}" for task in parts.values() for other in ("packed", "padded"))]
    rows = [
        (
            name,
            *(
                times(bench[part][name][f"over_torch_{other}"])
                for part in parts
                for other in ("packed", "padded")
            ),
        )
        for name in MODELS
    ]
    return markdown(head, rows)


def long_tail_table(bench: Record) -> str:
    """Return the speed of training on a batch with one long sequence."""
    rows = (
        (name, times(row["over_torch_packed"]), times(row["over_torch_padded"]))
        for name, row in bench["long_tail"].items()
    )
    return markdown(("", "speedup over torch packed", "speedup over torch padded"), rows)


def grid_table(bench: Record) -> str:
    """Return the speedup over the faster of torch packed and torch padded, for other sizes."""
    sizes = list(dict.fromkeys((row["hidden_size"], row["input_size"]) for row in bench["grid"]))
    found = {
        (row["model"], row["hidden_size"], row["input_size"]): min(
            row["over_torch_packed"], row["over_torch_padded"]
        )
        for row in bench["grid"]
    }
    head = ["", *(f"{hidden} units, {inputs} feature{'s' * (inputs > 1)}" for hidden, inputs in sizes)]
    return markdown(head, ((name, *(times(found[name, *size]) for size in sizes)) for name in MODELS))


def peers_table(peers: Record) -> str:
    """Return training and prediction compared with other libraries."""
    rows = [
        (f"{model}, {peer}", *(times(row[task]["ratio"]) for task in ("training", "prediction")))
        for model, by_peer in peers["models"].items()
        for peer, row in by_peer.items()
    ]
    return markdown(("speedup over", "training", "prediction"), rows)


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


def roofline(bench: Record, path: Path) -> None:
    """Plot the speed of each model against its operations per byte, below the limits of the machine (a roofline plot)."""
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


def growth_table(bench: Record) -> str:
    """Return the cost of an epoch for growing numbers of sequences."""
    rows = (
        (f"{row['sequences']:,}", f"{row['seconds_per_1000']:.2f}", f"{row['bytes'] / 1e6:.0f}")
        for row in bench["growth"]
    )
    return markdown(("sequences", "seconds per 1,000", "additional memory, MB"), rows)


def profile_table(bench: Record) -> str:
    """Return the shares of a training step's time."""
    rows = ((name, *(f"{share:.0%}" for share in parts.values())) for name, parts in bench["profile"].items())
    return markdown(("", "kernels, forward", "kernels, backward", "everything else"), rows)


def sweeps_table(sweeps: Record) -> str:
    """Return the cost of each way to run a sweep."""
    head = ("", "seconds to start", "seconds per trial", "MB of memory")
    return markdown(
        head,
        (
            (
                name,
                f"{way['start_seconds']:.1f}",
                f"{way['seconds_per_trial']:.2f}",
                f"{way['megabytes']:.0f}",
            )
            for name, way in sweeps["ways"].items()
        ),
    )


def pages(bench: Record, peers: Record | None) -> dict[str, str]:
    """Return the sections of the page for everything that was measured."""
    sections = {
        "Training": f"A whole training step; two layers of 64 units, batch 128.\n\n{main_table(bench)}"
    }
    sections["Prediction, and one sequence at a time"] = f"Speedup over torch.\n\n{small_table(bench)}"
    if "profile" in bench:
        sections["Time within a training step"] = profile_table(bench)
    if "long_tail" in bench:
        sections["A batch with one long sequence"] = (
            f"Training; 127 sequences of at most 50 steps and one of 2,000.\n\n{long_tail_table(bench)}"
        )
    if "grid" in bench:
        sections["Other sizes"] = (
            f"Training; speedup over the faster of torch packed and torch padded.\n\n{grid_table(bench)}"
        )
    if peers is not None:
        sections["Other libraries"] = peers_table(peers)
    sections["More sequences and more padding"] = (
        f"One epoch of a GRU with seqclf's defaults.\n\n{growth_table(bench)}\n"
        f"With a padded table ten times as wide, the time of a training step changes by {bench['padding']['ratio'] - 1:+.1%}.\n"
    )
    return sections


def main() -> None:
    """Write all files."""
    bench = json.loads((RESULTS / "bench.json").read_text())
    of_peers = RESULTS / "bench_peers.json"
    sections = pages(bench, json.loads(of_peers.read_text()) if of_peers.exists() else None)
    conditions = (
        f"{bench['data']} beats, mean length {bench['mean_length']:.0f} of 187 steps; {bench['threads']} threads,"
        f" {bench['instruction_set']}, torch {bench['torch']}. Written by `make bench`."
    )
    text = "\n".join([conditions, "", *(f"## {title}\n\n{body}" for title, body in sections.items())])
    (RESULTS / "bench.md").write_text(text)
    (RESULTS / "bench_sweeps.md").write_text(
        sweeps_table(json.loads((RESULTS / "bench_sweeps.json").read_text()))
    )
    roofline(bench, RESULTS / "roofline.png")


if __name__ == "__main__":
    main()
