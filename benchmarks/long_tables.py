"""How long does `from_long` take for 100,000 ids in 3 million rows, compared with one stable sort of shuffled ids?

    OMP_NUM_THREADS=1 python -m benchmarks.long_tables

Needs pandas, polars and pyarrow, and runs on one thread. Each conversion alternates with the sort, `np.argsort(ids,
kind="stable")` of small integers; the best of several turns counts. Prints seconds of processor time, which should stay below
1, and their ratio to the sort, which varies less between machines; `--json PATH` writes them as well.
"""

from __future__ import annotations

import os

os.environ.setdefault("POLARS_MAX_THREADS", "1")

import argparse
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import torch
from numpy.typing import NDArray

from seqclf import from_long

LIMIT = 1.0
LIBRARIES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "pandas": pd.DataFrame,
    "polars": lambda columns: pl.DataFrame(
        {name: as_list_if_text(column) for name, column in columns.items()}
    ),
    "arrow": pa.table,
}
ARGUMENTS: dict[str, dict[str, Any]] = {
    "no time": {},
    "integer time": {"time": "step"},
    "float time": {"time": "seconds"},
    "datetime": {"time": "date"},
    "integer time, label": {"time": "step", "target": "label"},
}


def as_list_if_text(column: NDArray[Any]) -> Any:
    """Return text as a list: polars makes a column of Python objects of an array of objects."""
    return column.tolist() if column.dtype == object else column


def columns_of(n_ids: int, n_rows: int, kind: str, *, shuffled: bool) -> dict[str, Any]:
    """Return the columns of a table."""
    rng = np.random.default_rng(0)
    codes = np.sort(rng.integers(0, n_ids, n_rows))
    step = np.arange(n_rows) - np.searchsorted(codes, codes)
    ids: dict[str, NDArray[Any]] = {
        "small integers": np.arange(n_ids),
        "64-bit integers": np.sort(rng.integers(-(2**63), 2**63 - 1, n_ids)),
        "text": np.char.mod("patient-%06d", np.arange(n_ids)).astype(object),
    }
    columns = {
        "id": ids[kind][codes],
        "step": step,
        "seconds": step * 0.1 + codes % 7,
        "date": np.datetime64("2026-01-01", "ns") + step * np.timedelta64(1_000_000_007, "ns"),
        "value": rng.normal(size=n_rows),
        "label": np.array(["N", "S", "V"], dtype=object)[codes % 3],
    }
    order = rng.permutation(n_rows)
    return {name: column[order] for name, column in columns.items()} if shuffled else columns


def seconds_of(function: Callable[[], object]) -> float:
    """Return the processor time of one call."""
    started = process_time()
    function()
    return process_time() - started


def measure(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Yield the seconds and the ratio of each case."""
    shuffled_ids = np.random.default_rng(1).integers(0, options.ids, options.rows)
    for kind in ("small integers", "64-bit integers", "text"):
        for rows in ("sorted", "shuffled"):
            columns = columns_of(options.ids, options.rows, kind, shuffled=rows == "shuffled")
            for library in options.libraries:
                frame = LIBRARIES[library](columns)
                for name, arguments in ARGUMENTS.items():
                    turns = [
                        (
                            seconds_of(lambda: np.argsort(shuffled_ids, kind="stable")),
                            seconds_of(lambda: from_long(frame, id="id", values="value", **arguments)),  # noqa: B023
                        )
                        for _ in range(options.repetitions)
                    ]
                    sort, ours = map(min, zip(*turns, strict=True))
                    case = {"library": library, "ids": kind, "rows": rows, "columns": name}
                    yield case | {"seconds": ours, "ratio": ours / sort}


def main() -> None:
    """Measure, print and, on request, write JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--ids", type=int, default=100_000)
    parser.add_argument("--rows", type=int, default=3_000_000)
    parser.add_argument("--libraries", nargs="+", choices=LIBRARIES, default=list(LIBRARIES))
    parser.add_argument("--repetitions", type=int, default=3, help="turns per case (default: 3)")
    parser.add_argument("--json", type=Path, help="also write the result to this file")
    options = parser.parse_args()
    torch.set_num_threads(1)
    pa.set_cpu_count(1)
    cases = []
    for case in measure(options):
        cases.append(case)
        names = f"{case['library']:8}{case['ids']:17}{case['rows']:10}{case['columns']:21}"
        print(f"{names}{case['seconds']:6.2f} s{case['ratio']:7.2f} sorts", flush=True)
    slowest = max(cases, key=lambda case: case["seconds"])
    print(f"slowest: {slowest['seconds']:.2f} s of processor time (should stay below {LIMIT})")
    if options.json is not None:
        result = {"cases": cases, "limit": LIMIT, "ids": options.ids, "rows": options.rows}
        options.json.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
