"""Compare all combinations of options with their export, of which the tests take a covering.

    cd tests && PYTHONPATH=.:.. python -m export [FIRST STEP]

FIRST and STEP select every STEP-th of the combinations, for several processes.
"""

from __future__ import annotations

import sys
import tempfile
import warnings
from itertools import product
from pathlib import Path

from export.test_networks import OPTIONS, check


def main(first: str = "0", step: str = "1") -> None:
    """Check them, and write the largest error."""
    warnings.simplefilter("ignore")
    every = [dict(zip(OPTIONS, one, strict=True)) for one in product(*OPTIONS.values())][
        int(first) :: int(step)
    ]
    with tempfile.TemporaryDirectory() as folder:
        errors = [check(one, Path(folder)) for one in every]
    sys.stdout.write(f"{len(every)} combinations, largest error {max(errors):.2g}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
