"""Write the tables and the plot of the benchmarks from the measured results.

    python -m benchmarks.render

Reads `results/bench.json`, `results/bench_peers.json`, `results/bench_sweeps.json` and `results/scaling.json`; writes
`results/bench.md`, `results/bench_sweeps.md`, `results/roofline.png`, and tables and a picture of `results/scaling.json`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.render import engine
from benchmarks.render.markdown import markdown, times
from benchmarks.render.roofline import roofline
from benchmarks.render.scaling import write as write_scaling

Record = dict[str, Any]
RESULTS = Path(__file__).resolve().parents[2] / "results"
SECTIONS: list[tuple[str, str, list[tuple[str, Callable[[Record], str]]]]] = [
    (
        "Training",
        "training",
        [("A whole training step; two layers of 64 units, batch 128.", engine.main_table)],
    ),
    (
        "Prediction, and one sequence at a time",
        "prediction",
        [("Speedup over torch packed / over torch padded.", engine.small_table)],
    ),
    (
        "Instruction sets",
        "instruction_sets",
        [
            (
                "Speedup over torch packed / over torch padded; batch 128 in training, 512 in prediction. torch is restricted to the"
                " same instruction set.",
                engine.sets_table,
            ),
            (
                "Training: share of the speed of a matrix product with the same instruction set; 32 / 64 / 128 units.",
                engine.sets_share_table,
            ),
        ],
    ),
    (
        "Latency of one prediction",
        "latency",
        [("Milliseconds from a sequence to its logits: median / 99th percentile.", engine.latency_table)],
    ),
    (
        "Latency of 512 predictions",
        "latency_512",
        [
            (
                "Milliseconds from a list of 512 sequences to their logits: median / 99th percentile.",
                partial(engine.latency_table, part="latency_512"),
            )
        ],
    ),
    (
        "Latency of one step of a stream",
        "streaming",
        [
            (
                'Two GRU layers of 64 units on one thread; microseconds: median / 99th percentile. "push" is the way from an array to'
                " probabilities, the others are the layers alone.",
                engine.streaming_table,
            )
        ],
    ),
    (
        "Busy and limited machines",
        "shared",
        [
            (
                "A fit of a GRU with seqclf's defaults to 2,000 beats for two epochs, and their prediction. Time relative to that of the"
                " default on an idle machine.",
                engine.machines_table,
            ),
            (
                "Throughput of several threads that call one model, or that fit one model each, relative to the same work one after"
                " another.",
                engine.callers_table,
            ),
        ],
    ),
    ("Time within a training step", "profile", [("", engine.profile_table)]),
    (
        "A batch with one long sequence",
        "long_tail",
        [
            (
                "Training; 127 sequences of at most 50 steps and one of 2,000.",
                engine.long_tail_table,
            )
        ],
    ),
    (
        "Other sizes",
        "grid",
        [
            (
                "Training; speedup over the faster of torch packed and torch padded, and throughput as % of a matrix product.",
                engine.grid_table,
            )
        ],
    ),
]


def peers_table(peers: Record) -> str:
    """Return training and prediction compared with other libraries."""
    rows = [
        (f"{model}, {peer}", *(times(row[task]["ratio"]) for task in ("training", "prediction")))
        for model, by_peer in peers["models"].items()
        for peer, row in by_peer.items()
    ]
    return markdown(("speedup over", "training", "prediction"), rows)


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


def sections(bench: Record, peers: Record | None) -> dict[str, str]:
    """Return the sections of the page for everything that was measured."""
    found = {
        title: "\n".join(f"{text}\n\n{table(bench)}".lstrip() for text, table in tables)
        for title, part, tables in SECTIONS
        if part in bench
    }
    if peers is not None:
        found["Other libraries"] = peers_table(peers)
    found["More sequences and more padding"] = (
        f"One epoch of a GRU with seqclf's defaults.\n\n{engine.growth_table(bench)}\n"
        f"With a padded table ten times as wide, the time of a training step changes by {bench['padding']['ratio'] - 1:+.1%}.\n"
    )
    found["Goals"] = f"Figures that have a goal, and those that miss it.\n\n{engine.goals_table(bench)}"
    return found


def main() -> None:
    """Write all files."""
    bench = json.loads((RESULTS / "bench.json").read_text())
    of_peers = RESULTS / "bench_peers.json"
    bodies = sections(bench, json.loads(of_peers.read_text()) if of_peers.exists() else None)
    conditions = (
        f"{bench['data']} beats, mean length {bench['mean_length']:.0f} of 187 steps; {bench['threads']} threads,"
        f" {bench['instruction_set']}, torch {bench['torch']}. Written by `make bench`."
    )
    text = "\n".join([conditions, "", *(f"## {title}\n\n{body}" for title, body in bodies.items())])
    (RESULTS / "bench.md").write_text(text)
    (RESULTS / "bench_sweeps.md").write_text(
        sweeps_table(json.loads((RESULTS / "bench_sweeps.json").read_text()))
    )
    roofline(bench, RESULTS / "roofline.png")
    write_scaling(json.loads((RESULTS / "scaling.json").read_text()), RESULTS)


if __name__ == "__main__":
    main()
