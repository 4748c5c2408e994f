"""How long does `import seqclf` take, compared with `import torch, sklearn`?

    python -m benchmarks.import_time

Each import runs in a new process; the two alternate. Only the import is timed, not the start of the interpreter. Prints the
medians and their ratio, which should stay below 1.15, and writes them as JSON with `--json PATH`. On a busy machine, trust
the ratio of processor times: that of wall times varies by 0.1 there.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from statistics import median

BASE, OURS = "import torch, sklearn", "import seqclf"
LIMIT = 1.15
CODE = """
from time import perf_counter, process_time
wall, processor = perf_counter(), process_time()
{statement}
print(perf_counter() - wall, process_time() - processor)
"""


def seconds_of(statement: str) -> dict[str, float]:
    """Run a statement in a new interpreter and return the time it took."""
    command = [sys.executable, "-c", CODE.format(statement=statement)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    wall, processor = map(float, printed.split())
    return {"wall": wall, "processor": processor}


def measure(repetitions: int) -> dict[str, dict[str, float]]:
    """Return the median seconds of both imports, by clock."""
    for statement in (BASE, OURS):  # fills the file cache
        seconds_of(statement)
    turns = [{statement: seconds_of(statement) for statement in (BASE, OURS)} for _ in range(repetitions)]
    return {
        clock: {statement: median(turn[statement][clock] for turn in turns) for statement in (BASE, OURS)}
        for clock in ("wall", "processor")
    }


def main() -> None:
    """Measure, print and, on request, write JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repetitions", type=int, default=9, help="processes per import (default: 9)")
    parser.add_argument("--json", type=Path, help="also write the result to this file")
    options = parser.parse_args()
    seconds = measure(options.repetitions)
    ratios = {clock: medians[OURS] / medians[BASE] for clock, medians in seconds.items()}
    print(f"{'':12}{BASE:>24}{OURS:>16}{'ratio':>8}   (should stay below {LIMIT})")
    for clock, medians in seconds.items():
        print(f"{clock + ' time':12}{medians[BASE]:22.2f} s{medians[OURS]:14.2f} s{ratios[clock]:8.2f}")
    if options.json is not None:
        result = {"seconds": seconds, "ratio": ratios, "limit": LIMIT, "repetitions": options.repetitions}
        options.json.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
