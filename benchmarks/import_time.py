"""How long does `import seqclf` take, compared with `import torch, sklearn`?

    python -m benchmarks.import_time

Each import runs in a new process; the two alternate, so that both see the same machine. Only the import is timed, not the start
of the interpreter. Prints the median of each and their ratio, which should stay below 1.15; `--json PATH` writes them.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from statistics import median

IMPORTS = {"torch, sklearn": "import torch, sklearn", "seqclf": "import seqclf"}
LIMIT = 1.15


def seconds_of(statement: str) -> float:
    """Run a statement in a new interpreter and return how long it took."""
    code = f"from time import perf_counter as now; begin = now(); {statement}; print(now() - begin)"
    return float(
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    )


def measure(repetitions: int) -> dict[str, float]:
    """Return the median seconds of each import, from alternating processes."""
    seconds: dict[str, list[float]] = {name: [] for name in IMPORTS}
    for turn in range(repetitions + 1):
        for name, statement in IMPORTS.items():
            took = seconds_of(statement)
            if turn > 0:  # the first turn fills the file cache
                seconds[name].append(took)
    return {name: median(all_seconds) for name, all_seconds in seconds.items()}


def main() -> None:
    """Measure, print and, on request, write JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repetitions", type=int, default=9, help="processes per import (default: 9)")
    parser.add_argument("--json", type=Path, help="also write the result to this file")
    options = parser.parse_args()
    seconds = measure(options.repetitions)
    ratio = seconds["seqclf"] / seconds["torch, sklearn"]
    for name, took in seconds.items():
        print(f"import {name:16}{took:7.2f} s")
    print(f"ratio{ratio:25.2f}    (should stay below {LIMIT})")
    if options.json is not None:
        options.json.write_text(
            json.dumps({"seconds": seconds, "ratio": ratio, "limit": LIMIT}, indent=2) + "\n"
        )


if __name__ == "__main__":
    main()
