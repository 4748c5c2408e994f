"""Tables of the speed of all models, from the measurements of the engine."""

from __future__ import annotations

from typing import Any

from benchmarks.engine.candidates import MODELS
from benchmarks.engine.figures import Figure, figures
from benchmarks.engine.instruction_sets import OLDER
from benchmarks.engine.shared import ALONE, COLUMNS, VARIANTS
from benchmarks.render.markdown import markdown, pair, times

Record = dict[str, Any]


def main_table(bench: Record) -> str:
    """Return training speed and memory compared with torch.

    The limit is the speedup of a training step that takes as long as its matrix products at full speed, and nothing else.
    """
    head = (
        "",
        "sequences/s",
        "speedup over torch packed",
        "speedup over torch padded",
        "throughput, % of a matrix product",
        "memory, % of torch packed",
        "limit of the speedup over torch padded",
    )
    rows = [
        (
            name,
            f"{row['sequences_per_second']:,.0f}",
            times(row["over_torch_packed"]),
            times(row["over_torch_padded"]),
            f"{row['share_of_matrix_product']:.0%}",
            f"{bench['memory'][name]['share_of_torch_packed']:.0%}",
            times(row["over_torch_padded"] / row["share_of_matrix_product"]),
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
    rows = [(name, *(pair(*speedups(bench[part][name])) for part in parts)) for name in MODELS]
    return markdown(("", *parts.values()), rows)


def speedups(row: Record) -> tuple[float, float]:
    """Return the speedup over torch packed, and over torch padded."""
    return row["over_torch_packed"], row["over_torch_padded"]


def long_tail_table(bench: Record) -> str:
    """Return the speed of training on a batch with one long sequence."""
    rows = ((name, *map(times, speedups(row))) for name, row in bench["long_tail"].items())
    return markdown(("", "speedup over torch packed", "speedup over torch padded"), rows)


def grid_table(bench: Record) -> str:
    """Return the speedup over the faster of torch packed and padded, and the share of the matrix product, for other sizes."""
    sizes = list(dict.fromkeys((row["hidden_size"], row["input_size"]) for row in bench["grid"]))
    found = {
        (row["model"], row["hidden_size"], row["input_size"]): (
            f"{times(min(speedups(row)))}, {row['share_of_matrix_product']:.0%}"
        )
        for row in bench["grid"]
    }
    head = ["", *(f"{hidden} units, {inputs} feature{'s' * (inputs > 1)}" for hidden, inputs in sizes)]
    return markdown(head, ((name, *(found[name, *size] for size in sizes)) for name in MODELS))


def by_set(bench: Record) -> dict[str, Record]:
    """Return the tables of each instruction set, the newest first."""
    newest = bench["instruction_set"]
    return {newest: bench, **{older: bench["instruction_sets"][older] for older in OLDER.get(newest, ())}}


def sets_table(bench: Record) -> str:
    """Return the speed of training and prediction with each instruction set."""
    sets = by_set(bench)
    head = ["", *(f"{task}, {name}" for task in ("training", "prediction") for name in sets)]
    rows = [
        (
            model,
            *(
                pair(*speedups(tables[task][model]))
                for task in ("training", "prediction")
                for tables in sets.values()
            ),
        )
        for model in MODELS
    ]
    return markdown(head, rows)


def sets_share_table(bench: Record) -> str:
    """Return the share of the matrix product's speed in training with each instruction set, for three sizes."""
    sets = by_set(bench)

    def share(tables: Record, model: str, units: int) -> str:
        rows = [{**row, "hidden_size": 64, "model": name} for name, row in tables["training"].items()]
        rows += [row for row in tables["grid"] if row["input_size"] == 1]
        row = next(row for row in rows if (row["model"], row["hidden_size"]) == (model, units))
        return f"{row['share_of_matrix_product']:.0%}"

    rows = [
        (
            model,
            *(" / ".join(share(tables, model, units) for units in (32, 64, 128)) for tables in sets.values()),
        )
        for model in MODELS
    ]
    return markdown(("", *sets), rows)


def latency_table(bench: Record, part: str = "latency") -> str:
    """Return the percentiles of the milliseconds of one call."""
    libraries = list(next(iter(bench[part].values()))["seconds"])
    rows = (
        (
            name,
            *(
                f"{1e3 * row['seconds'][who]['p50']:.2f} / {1e3 * row['seconds'][who]['p99']:.2f}"
                for who in libraries
            ),
        )
        for name, row in bench[part].items()
    )
    return markdown(("", *libraries), rows)


def streaming_table(bench: Record) -> str:
    """Return the percentiles of the microseconds of one step of a stream."""
    rows = (
        (name, f"{1e6 * row['p50']:.0f} / {1e6 * row['p99']:.0f}")
        for name, row in bench["streaming"]["seconds"].items()
    )
    return markdown(("", "one step"), rows)


def goals_table(bench: Record) -> str:
    """Return which goals are reached, for each group of figures."""
    rows = []
    for instruction_set, found in figures(bench).items():
        groups: dict[str, list[Figure]] = {}
        for figure in found:
            if figure.goal is not None:
                groups.setdefault(figure.group, []).append(figure)
        for group, members in groups.items():
            missed = [
                f"{figure.name} {figure.value:.2f} ({figure.goal:g})"
                for figure in members
                if figure.goal is not None and not figure.reaches(figure.goal)
            ]
            reached = f"{len(members) - len(missed)} of {len(members)}"
            rows.append((f"{group}, {instruction_set}", ", ".join(missed), reached))
    return markdown(("", "missed: measured (goal)", "reached"), rows, texts=2)


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


def machines_table(bench: Record) -> str:
    """Return the time of default settings and of others on idle, busy and limited machines."""
    rows = []
    for machine, tasks in bench["shared"]["machines"].items():
        for task, row in tasks.items():
            alone = bench["shared"]["machines"]["idle"][task]["seconds"]["default"]
            cells = [
                f"{row['seconds'][name] / alone:.2f}" if name in row["seconds"] else "" for name in VARIANTS
            ]
            rows.append((f"{task}, {machine}", *cells, f"{row['default_over_best']:.2f}"))
    return markdown(("", *VARIANTS, "default / best other"), rows)


def callers_table(bench: Record) -> str:
    """Return the throughput of concurrent callers."""
    titles = {ALONE: "1 caller, idle main thread", "1": "1 caller, after the main thread"}
    rows = (
        (kind, *(f"{row['throughput'][n]:.2f}x" if n in row["throughput"] else "" for n in COLUMNS))
        for kind, row in bench["shared"]["callers"].items()
    )
    return markdown(("", *(titles.get(n, f"{n} callers") for n in COLUMNS)), rows)
