"""Fail if a ratio of the last measurement fell below what it must not fall below.

    python -m benchmarks.engine.floors
    python -m benchmarks.engine.floors --propose

Compares `results/bench.json` with `floors.json`, and prints each figure that is worse than its floor, or missing. `--propose` writes
the floors of this measurement: 85 % of each figure, on a machine that did nothing else. Goals (`figures.py`) are not enforced.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from benchmarks.engine.figures import figures
from benchmarks.process import ROOT

Record = dict[str, Any]
Floors = dict[str, dict[str, dict[str, float]]]
"""Instruction set -> group -> name -> floor."""
PATH = Path(__file__).with_name("floors.json")
MARGIN = 0.85


def propose(record: Record, margin: float = MARGIN) -> Floors:
    """Return floors for each figure: `margin` of it, or for one that must be small, what it is `margin` of."""
    floors: Floors = {}
    for instruction_set, found in figures(record).items():
        for figure in found:
            floor = figure.value / margin if figure.at_most else figure.value * margin
            group = floors.setdefault(instruction_set, {}).setdefault(figure.group, {})
            group[figure.name] = float(f"{floor:.3g}")
    return floors


def failures(record: Record, floors: Floors) -> list[str]:
    """Return a line for each figure that is worse than its floor or was not measured.

    Floors of instruction sets that this processor lacks do not count.
    """
    lines = []
    for instruction_set, found in figures(record).items():
        measured = {(figure.group, figure.name): figure for figure in found}
        for group, by_name in floors.get(instruction_set, {}).items():
            for name, floor in by_name.items():
                figure = measured.get((group, name))
                place = f"{instruction_set}, {group}: {name}"
                if figure is None:
                    lines.append(f"{place} was not measured.")
                elif not figure.reaches(floor):
                    bound = "at most" if figure.at_most else "at least"
                    lines.append(f"{place} must be {bound} {floor:.3g}; got {figure.value:.3g}.")
    return lines


def main() -> None:
    """Compare or propose."""
    parser = argparse.ArgumentParser(description="Compare a measurement with its floors.")
    parser.add_argument("--record", type=Path, default=ROOT / "results" / "bench.json")
    parser.add_argument("--propose", action="store_true", help="write floors that follow from the record")
    options = parser.parse_args()
    record = json.loads(options.record.read_text())
    floors: Floors = json.loads(PATH.read_text()) if PATH.exists() else {}
    if options.propose:
        floors |= propose(record)
        PATH.write_text(json.dumps(floors, indent=1) + "\n")
        return
    lines = failures(record, floors)
    count = sum(len(group) for groups in floors.values() for group in groups.values())
    print(*lines, f"{len(lines)} of {count} figures are below their floor.", sep="\n")
    raise SystemExit(bool(lines))


if __name__ == "__main__":
    main()
