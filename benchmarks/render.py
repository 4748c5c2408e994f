"""Make the table and the picture of the pages out of the measured figures.

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
"""Numbers per unit and step that the forward pass keeps for the backward pass, besides the states."""


def markdown(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table whose first column is text and whose others are numbers."""
    head = list(head)
    lines = [head, ["---", *["--:"] * (len(head) - 1)], *map(list, rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def times(ratio: float) -> str:
    """Return a ratio as readers say it."""
    return f"{ratio:.1f}x"


def main_table(bench: Record) -> str:
    """Return training and prediction beside torch."""
    head = (
        "",
        "sequences/s",
        "over torch packed",
        "over torch padded",
        "of a matrix product",
        "memory of torch packed",
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
    """Return prediction, and batches of one sequence."""
    parts = {"prediction": "512", "prediction_one": "1", "training_one": "training, 1"}
    head = ["", *(f"{batch}: over {other}" for batch in parts.values() for other in ("packed", "padded"))]
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
    """Return training on a batch with one long sequence."""
    rows = (
        (name, times(row["over_torch_packed"]), times(row["over_torch_padded"]))
        for name, row in bench["long_tail"].items()
    )
    return markdown(("", "over torch packed", "over torch padded"), rows)


def grid_table(bench: Record) -> str:
    """Return the better of torch's two in other sizes."""
    sizes = list(dict.fromkeys((row["hidden_size"], row["input_size"]) for row in bench["grid"]))
    found = {
        (row["model"], row["hidden_size"], row["input_size"]): min(
            row["over_torch_packed"], row["over_torch_padded"]
        )
        for row in bench["grid"]
    }
    head = ["", *(f"{hidden}, input {inputs}" for hidden, inputs in sizes)]
    return markdown(head, ((name, *(times(found[name, *size]) for size in sizes)) for name in MODELS))


def peers_table(peers: Record) -> str:
    """Return training and prediction beside other libraries."""
    rows = [
        (f"{model}, {peer}", *(times(row[task]["ratio"]) for task in ("training", "prediction")))
        for model, by_peer in peers["models"].items()
        for peer, row in by_peer.items()
    ]
    return markdown(("seqclf is faster than", "training", "prediction"), rows)


def bytes_per_step(shape: Shape) -> float:
    """Return what a real step moves between caches and memory in training, in bytes of float32.

    Forward: values in, states and what is kept out. Backward: the same in again with the states' gradients, and the
    values' gradients out.
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
    """Draw what the machine allows at each ratio of operations to bytes, and where the models are."""
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
    """Return the cost of an epoch of more and more sequences."""
    rows = (
        (f"{row['sequences']:,}", f"{row['seconds_per_1000']:.2f}", f"{row['bytes'] / 1e6:.0f}")
        for row in bench["growth"]
    )
    return markdown(("sequences", "seconds per 1,000", "MB beyond what was held"), rows)


def profile_table(bench: Record) -> str:
    """Return where the time of a training step goes."""
    rows = ((name, *(f"{share:.0%}" for share in parts.values())) for name, parts in bench["profile"].items())
    return markdown(("", "kernels, forward", "kernels, backward", "all else"), rows)


def sweeps_table(sweeps: Record) -> str:
    """Return what each way to run a sweep costs."""
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
    """Return the parts of the page that were measured."""
    parts = {"Training": f"Two layers of 64 units, batch 128, one whole step.\n\n{main_table(bench)}"}
    parts["Prediction, and one sequence at a time"] = f"By batch, over torch.\n\n{small_table(bench)}"
    if "profile" in bench:
        parts["Where a training step's time goes"] = profile_table(bench)
    if "long_tail" in bench:
        parts["One sequence far longer"] = (
            f"Training; 127 sequences of at most 50 steps and one of 2,000.\n\n{long_tail_table(bench)}"
        )
    if "grid" in bench:
        parts["Other sizes"] = (
            f"Training, over the better of torch packed and torch padded.\n\n{grid_table(bench)}"
        )
    if peers is not None:
        parts["Other libraries"] = peers_table(peers)
    parts["Growth"] = (
        f"One epoch of a GRU with seqclf's defaults.\n\n{growth_table(bench)}\n"
        f"With padding ten times wider, a training step's time changes by {bench['padding']['ratio'] - 1:+.1%}.\n"
    )
    return parts


def main() -> None:
    """Write the files."""
    bench = json.loads((RESULTS / "bench.json").read_text())
    of_peers = RESULTS / "bench_peers.json"
    parts = pages(bench, json.loads(of_peers.read_text()) if of_peers.exists() else None)
    conditions = (
        f"{bench['data']} beats, mean length {bench['mean_length']:.0f} of 187 steps; {bench['threads']} threads,"
        f" {bench['instruction_set']}, torch {bench['torch']}. Written by `make bench`."
    )
    text = "\n".join([conditions, "", *(f"## {title}\n\n{part}" for title, part in parts.items())])
    (RESULTS / "bench.md").write_text(text)
    (RESULTS / "bench_sweeps.md").write_text(
        sweeps_table(json.loads((RESULTS / "bench_sweeps.json").read_text()))
    )
    roofline(bench, RESULTS / "roofline.png")


if __name__ == "__main__":
    main()
