"""The ratios of a measurement that must not fall, and those that are to be reached."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks.engine.candidates import MODELS
from benchmarks.engine.instruction_sets import OLDER
from benchmarks.engine.shared import ALONE, COLUMNS, REQUESTS, TASKS

Record = dict[str, Any]
TRAINING, PREDICTION = "training", "prediction, batch 512"
SHARE = "training, share of the matrix product's speed"
BEST = "training, speedup over the faster of torch's two"
MEMORY = "memory of a training step, share of torch packed's"
CALLERS = "throughput of several callers over one after another"
MACHINES = {
    "idle": "time on an idle machine over the best of one thread and passive",
    "busy": "time on a busy machine over the best of one thread and passive",
    "one processor": "time on one processor over one thread",
}
PACKED, PADDED = "over torch packed", "over torch padded"

EVERYWHERE: dict[str, dict[str, float]] = {
    TRAINING: {
        f"GRU {PACKED}": 10,
        f"BiGRU {PACKED}": 10,
        f"BiRNN {PACKED}": 8,
        f"BiLSTM {PACKED}": 8,
        f"GRU {PADDED}": 5,
        f"BiGRU {PADDED}": 4.5,
        f"BiRNN {PADDED}": 4,
        f"BiLSTM {PADDED}": 4,
    }
}
"""Goals on each instruction set."""

NEWEST: dict[str, dict[str, float]] = {
    TRAINING: {**EVERYWHERE[TRAINING], f"LSTM {PADDED}": 4},
    PREDICTION: {f"LSTM {PADDED}": 3, f"BiLSTM {PADDED}": 3},
    SHARE: {"RNN": 0.65, "GRU": 0.8, "LSTM": 0.8, "BiRNN": 0.75, "BiGRU": 0.87, "BiLSTM": 0.87},
    f"{SHARE}, 32 units": dict.fromkeys(MODELS, 0.5),
    **{f"{SHARE}, {units} units": dict.fromkeys(MODELS, 0.85) for units in (128, 256)},
    **{
        f"{BEST}, {units} units": {"RNN": 3, "GRU": 3, "LSTM": 2.5, "BiRNN": 3, "BiGRU": 3, "BiLSTM": 2.5}
        for units in (128, 256)
    },
    MEMORY: {"BiRNN": 0.5},
    MACHINES["idle"]: dict.fromkeys(TASKS, 1.02),
    MACHINES["busy"]: dict.fromkeys(TASKS, 1.3),
    MACHINES["one processor"]: dict.fromkeys(TASKS, 1.2),
    CALLERS: {
        f"{kind}, {callers} callers": 1.0
        for kind, requests in REQUESTS.items()
        for callers in COLUMNS
        if callers == ALONE or int(callers) <= requests
    },
}
"""Goals on the newest instruction set of the processor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A measured ratio, and the goal for it if there is one.

    Parameters
    ----------
    group, name : str
        What was measured.
    value : float
        The ratio.
    goal : float or None
        What is to be reached.
    at_most : bool
        Whether small ratios are good ones.
    """

    group: str
    name: str
    value: float
    goal: float | None = None
    at_most: bool = False

    def reaches(self, bound: float) -> bool:
        """Return whether the ratio is as good as the bound."""
        return self.value <= bound if self.at_most else self.value >= bound


def figures(record: Record) -> dict[str, list[Figure]]:
    """Return the ratios of a measurement, for each instruction set of the processor.

    Parameters
    ----------
    record : dict of str
        Content of `results/bench.json`.
    """
    newest = record["instruction_set"]
    found = {newest: list(_with_goals(_of_newest(record), NEWEST))}
    for older in OLDER.get(newest, ()):
        tables = record.get("instruction_sets", {}).get(older, {})
        found[older] = list(_with_goals(_of_tables(tables), EVERYWHERE))
    return found


def _with_goals(found: Iterator[Figure], goals: dict[str, dict[str, float]]) -> Iterator[Figure]:
    for figure in found:
        goal = goals.get(figure.group, {}).get(figure.name)
        yield Figure(
            group=figure.group, name=figure.name, value=figure.value, goal=goal, at_most=figure.at_most
        )


def _of_newest(record: Record) -> Iterator[Figure]:
    """Yield everything that is measured with one instruction set only, after the tables."""
    yield from _of_tables(record)
    for part, group in {
        "training_one": "training, batch 1",
        "prediction_one": "prediction, batch 1",
        "long_tail": "training, one long sequence",
    }.items():
        yield from _speedups(record.get(part, {}), group)
    for name, row in record.get("memory", {}).items():
        yield Figure(group=MEMORY, name=name, value=row["share_of_torch_packed"], at_most=True)
    for part, group in {"latency": "latency, median", "latency_512": "latency of 512, median"}.items():
        for name, row in record.get(part, {}).items():
            median = {who: of["p50"] for who, of in row["seconds"].items()}
            ours = median.pop("seqclf")
            for who, theirs in median.items():
                yield Figure(group=group, name=f"{name}, over {who}", value=theirs / ours)
    yield from _of_shared(record.get("shared", {}))


def _of_shared(shared: Record) -> Iterator[Figure]:
    for machine, tasks in shared.get("machines", {}).items():
        for task, row in tasks.items():
            yield Figure(group=MACHINES[machine], name=task, value=row["default_over_best"], at_most=True)
    for kind, row in shared.get("callers", {}).items():
        for callers, ratio in row["throughput"].items():
            yield Figure(group=CALLERS, name=f"{kind}, {callers} callers", value=ratio)


def _of_tables(tables: Record) -> Iterator[Figure]:
    """Yield the ratios of the tables that are measured with each instruction set."""
    yield from _speedups(tables.get("training", {}), TRAINING)
    yield from _speedups(tables.get("prediction", {}), PREDICTION)
    for name, row in tables.get("training", {}).items():
        yield Figure(group=SHARE, name=name, value=row["share_of_matrix_product"])
    sizes: dict[tuple[int, str], list[Record]] = {}
    for row in tables.get("grid", []):
        sizes.setdefault((row["hidden_size"], row["model"]), []).append(row)
    for (units, name), rows in sizes.items():
        share = min(row["share_of_matrix_product"] for row in rows)
        best = min(min(row["over_torch_packed"], row["over_torch_padded"]) for row in rows)
        yield Figure(group=f"{SHARE}, {units} units", name=name, value=share)
        yield Figure(group=f"{BEST}, {units} units", name=name, value=best)


def _speedups(rows: Record, group: str) -> Iterator[Figure]:
    for name, row in rows.items():
        for key, other in (("over_torch_packed", PACKED), ("over_torch_padded", PADDED)):
            yield Figure(group=group, name=f"{name} {other}", value=row[key])
