"""Measure what other libraries reach on the eight sets of unequal length.

    python -m benchmarks.archive --data FOLDER
    python -m benchmarks.archive --data FOLDER --entries "tsai GRU" --sets PLAID --seeds 0

Run from the root of the repository. FOLDER holds `<name>_TRAIN.ts` and `<name>_TEST.ts` of the UCR/UEA archive. The libraries get an
environment of their own in build/archive (2 GB); the docstring of each module says how a library is run. Every classifier trains on the
training part and predicts the test part once per seed, in a process with one thread and no GPU. Each result is saved at once to
results/archive/peers.json; what is there already is not measured again, so an interrupted command resumes.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import mean
from typing import Any

from benchmarks.archive.measure import ENTRIES
from benchmarks.archive.sets import SETS, ArchiveSet
from benchmarks.peers.environment import make_environment
from benchmarks.process import ROOT, ServingProcess, limited_environment

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
SCORES = ("accuracy", "macro_f1", "seconds", "processor_seconds")
Record = dict[str, Any]


def read_record(path: Path, cap: int) -> Record:
    """Return an empty record, or one with what was measured before."""
    record: Record = {
        "command": "python -m benchmarks.archive --data FOLDER",
        "note": "`seconds` depend on other load of the machine, `processor_seconds` do not; the first run of a process also compiles.",
        "machine": platform.machine(),
        "processors": os.cpu_count(),
        "threads": 1,
        "cap_processor_seconds": cap,
        "versions": {},
        "runs": {},
        "mean": {},
    }
    if path.exists():
        old = json.loads(path.read_text())
        record |= {key: old[key] for key in ("versions", "runs", "mean")}
    return record


def forget_other_versions(record: Record, entry: str, versions: dict[str, str]) -> None:
    """Drop the runs of an entry that come from other versions."""
    if record["versions"].get(entry) != versions:
        record["runs"].pop(entry, None)
        record["versions"][entry] = versions


def summarise(record: Record) -> None:
    """Average the seeds of each set, and the sets of each entry that has all of them; list what was not measured."""
    record["mean"] = {}
    for entry in ENTRIES:
        sets = record["runs"].get(entry, {})
        means: dict[str, Any] = {}
        for name in SETS:
            measured = [run for run in sets.get(name, {}).values() if "accuracy" in run]
            if measured:
                means[name] = {key: mean(run[key] for run in measured) for key in SCORES}
                means[name]["seeds"] = len(measured)
        complete = set(means) == set(SETS)
        record["mean"][entry] = {
            "accuracy_of_all_sets": mean(row["accuracy"] for row in means.values()) if complete else None,
            "sets": means,
            "not_measured": [name for name in SETS if not sets.get(name)],
        }


def too_long(runs: dict[str, Any], steps: dict[str, int], name: str, cap: float) -> str | None:
    """Return why a run would exceed the cap, or None: its cost grows with the padded steps from the largest set measured so far."""
    measured = {
        other: mean(run["processor_seconds"] for run in seeds.values() if "processor_seconds" in run)
        for other, seeds in runs.items()
        if any("processor_seconds" in run for run in seeds.values())
    }
    if name in measured or not measured:
        return None
    largest = max(measured, key=lambda other: steps[other])
    expected = measured[largest] * steps[name] / steps[largest]
    if expected <= cap:
        return None
    return f"more than {cap:g} s of processor time: about {expected:.0f} s expected, {measured[largest]:.0f} s for {largest}"


def save(record: Record, path: Path) -> None:
    """Write the record; an interruption leaves the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(record, indent=1) + "\n")
    partial.replace(path)


def print_table(record: Record) -> None:
    """Print the mean accuracy of each entry on each set."""
    print(f"\n{'':40}" + "".join(f"{name[:10]:>12}" for name in SETS) + f"{'all':>8}")
    for entry, row in record["mean"].items():
        cells = (row["sets"].get(name) for name in SETS)
        text = "".join(f"{cell['accuracy']:12.3f}" if cell else f"{'-':>12}" for cell in cells)
        overall = row["accuracy_of_all_sets"]
        print(f"{entry:40}{text}" + (f"{overall:8.3f}" if overall is not None else f"{'-':>8}"))


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Measure other libraries on the sets of unequal length.")
    parser.add_argument("--data", type=Path, required=True, help="folder of the .ts files")
    parser.add_argument("--entries", nargs="+", choices=ENTRIES, default=list(ENTRIES))
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument(
        "--cap", type=int, default=600, help="processor seconds of one run; longer ones are left out"
    )
    parser.add_argument("--environment", type=Path, default=ROOT / "build" / "archive")
    parser.add_argument("--out", type=Path, default=ROOT / "results" / "archive" / "peers.json")
    return parser.parse_args()


def start(python: Path, entry: str, options: argparse.Namespace, folder: Path) -> ServingProcess:
    """Return a process that measures one classifier: send a set and a seed, receive the scores."""
    arguments = ["--entry", entry, "--data", str(options.data.resolve()), "--cap", str(options.cap)]
    return ServingProcess(
        python,
        entry,
        ["benchmarks.archive.measure", *arguments],
        environment=limited_environment(1),
        log=folder / f"{ENTRIES[entry][1]}.log",
    )


def main() -> None:
    """Measure what is missing, and print the table."""
    options = parse()
    python = make_environment(options.environment, REQUIREMENTS)
    record = read_record(options.out, options.cap)
    steps = {name: ArchiveSet.load(options.data, name).padded_steps for name in SETS}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        processes: dict[str, ServingProcess] = {}
        for seed in options.seeds:
            for name in options.sets:
                for entry in options.entries:
                    if entry not in processes:
                        process = stack.enter_context(start(python, entry, options, folder))
                        processes[entry] = process
                        forget_other_versions(record, entry, process.warm_up)
                    seeds = record["runs"].setdefault(entry, {}).setdefault(name, {})
                    if str(seed) in seeds:
                        continue
                    reason = too_long(record["runs"][entry], steps, name, options.cap)
                    seeds[str(seed)] = (
                        {"left_out": reason} if reason else processes[entry].ask(f"{name} {seed}")
                    )
                    print(entry, name, seed, seeds[str(seed)], flush=True)
                    summarise(record)
                    save(record, options.out)
    print_table(record)


if __name__ == "__main__":
    main()
