"""The chart of docs/results.md, from the committed scores: a row for each model, a dot for each median.

The chart is HTML, so that its colours follow the theme and its text stays readable on a phone.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from html import escape
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parents[2]
METRICS = {"accuracy": "accuracy", "macro_f1": "macro F1"}
SOURCES = {"seqclf": "seqclf", "notebook": "course notebook", "public": "other public code"}
STEPS = (0.01, 0.02, 0.05, 0.1)
MOST_TICKS = 6

Runs = list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A model, and the runs of each source: dictionaries with both metrics and, where known, a seed."""

    title: str
    runs: dict[str, Runs]


def comparison() -> dict[str, str]:
    """Return the chart, and the table of the scores that other public code states."""
    return {"scores_chart": chart(read_rows()), "public_code": public_table(read_public())}


def read_public() -> dict[str, Any]:
    """Return the models of other public code."""
    published = json.loads((ROOT / "examples" / "heartbeats_published.json").read_text())
    models: dict[str, Any] = published["models"]
    return models


def read_rows() -> list[Row]:
    """Return the rows from top to bottom: the model table, the best models, other public code."""
    results = ROOT / "results" / "mitbih"
    ours = json.loads((results / "models.json").read_text())
    best = json.loads((results / "best.json").read_text())
    ours |= {key: best[key] for key in ("beats", "intervals", "best")}
    notebook = json.loads((ROOT / "examples" / "course_notebook.json").read_text())["models"]
    rows = []
    for key, row in ours.items():
        runs = {"seqclf": [scores_of(run) for run in row["runs"]]}
        theirs = notebook.get(key, {})
        if "accuracy" in theirs:
            runs["notebook"] = [{"accuracy": theirs["accuracy"], "macro_f1": theirs["macro"]["f1"]}]
        rows.append(Row(title=row["title"], runs=runs))
    return rows + [Row(title=row["title"], runs={"public": row["runs"]}) for row in read_public().values()]


def scores_of(run: dict[str, Any]) -> dict[str, Any]:
    """Return the seed and both metrics of a run of ours."""
    report = run["report"]
    return {"seed": run["seed"], "accuracy": report["accuracy"], "macro_f1": report["macro"]["f1"]}


def chart(rows: list[Row]) -> str:
    """Return the chart as HTML, without an empty line, which would end it for Markdown."""
    axes = {metric: ticks_of(rows, metric) for metric in METRICS}
    legend = "".join(f'<span><i class="{source}"></i>{title}</span>' for source, title in SOURCES.items())
    head = "".join(f"<span>{title}</span>" for title in METRICS.values())
    body = "".join(
        f'<div class="line"><span>{escape(row.title)}</span>'
        + "".join(track(row, metric, axes[metric]) for metric in METRICS)
        + "</div>"
        for row in rows
    )
    scale = "".join(f'<span class="scale">{numbers(ticks)}</span>' for ticks in axes.values())
    return (
        '<div class="seqclf-dots" role="img" aria-label="Accuracy and macro F1 of each model; the tables below hold the numbers">'
        f'<div class="legend">{legend}</div><div class="line titles"><span></span>{head}</div>{body}'
        f'<div class="line"><span></span>{scale}</div></div>'
    )


def ticks_of(rows: list[Row], metric: str) -> list[float]:
    """Return the ticks of an axis: it shows each run of ours, and starts at a multiple of the distance between ticks."""
    least = min(run[metric] for row in rows for run in row.runs.get("seqclf", []))
    for step in STEPS:
        low = math.floor(least / step) * step
        n_steps = round((1 - low) / step)
        if n_steps < MOST_TICKS:
            break
    return [1 - step * i for i in range(n_steps, -1, -1)]


def numbers(ticks: list[float]) -> str:
    """Return the numbers below an axis."""
    return "".join(f'<b style="left: {place(tick, ticks):.1%}">{tick:.2f}</b>' for tick in ticks)


def place(value: float, ticks: list[float]) -> float:
    """Return where on its axis a value is, from 0 to 1."""
    return (value - ticks[0]) / (1 - ticks[0])


def track(row: Row, metric: str, ticks: list[float]) -> str:
    """Return the marks of a row on one axis: all seeds small, their median large; what lies to the left, as a number."""
    lines = "".join(f'<s style="left: {place(tick, ticks):.1%}"></s>' for tick in ticks)
    marks, outside = "", []
    for source, runs in row.runs.items():
        middle = median(run[metric] for run in runs)
        if middle < ticks[0]:
            outside.append(f'<b class="{source}">◂ {middle:.2f}</b>')
            continue
        seeds = runs if len(runs) > 1 else []
        marks += "".join(mark(run[metric], ticks, f"{source} seed", label_of(source, run)) for run in seeds)
        what = f"{SOURCES[source]}, median of {len(runs)} seeds" if seeds else SOURCES[source]
        marks += mark(middle, ticks, source, what)
    return f'<span class="track">{lines}{"".join(outside)}{marks}</span>'


def label_of(source: str, run: dict[str, Any]) -> str:
    """Return what a small mark is."""
    return f"{SOURCES[source]}, seed {run['seed']}"


def mark(value: float, ticks: list[float], kind: str, what: str) -> str:
    """Return one mark."""
    left = max(0.0, place(value, ticks))
    return f'<i class="{kind}" style="left: {left:.1%}" title="{what}: {value:.4f}"></i>'


def public_table(models: dict[str, Any]) -> str:
    """Return the scores of other public code as Markdown: medians over the seeds, and where they are stated."""
    lines = ["| | accuracy | macro F1 | seeds | test set | source |", "|---|---:|---:|---:|---|---|"]
    for row in models.values():
        scores = [f"{median(run[metric] for run in row['runs']):.3f}" for metric in METRICS]
        at = f" at {row['commit'][:7]}" if row["commit"] else ""
        source = f"[{row['file']}]({row['source']}){at}"
        cells = [row["title"], *scores, str(len(row["runs"])), row["test_set"], source]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)
