"""Each instruction set of this processor gives right states and gradients, and the same bits each time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kernels.cases import needs_kernels
from seqclf.kernels import _library, status

pytestmark = needs_kernels
HERE = Path(__file__).parent
CHECKS = ["recurrence", "accuracy", "extremes", "bitwise", "row_ends"]  # 10 s each


def other_sets() -> list[str]:
    """List what runs here, less what all other tests run with."""
    if not status().available:
        return []
    functions = _library.library().functions
    names = [name for name in _library._instruction_sets(functions) if _library._runs(functions, name)]
    return [name for name in names if name != status().instruction_set]


@pytest.mark.parametrize("name", other_sets())
def test_every_instruction_set_passes_the_same_tests(name: str) -> None:
    """It is chosen once per process: the tests are run again in another."""
    files = [str(HERE / f"test_{check}.py") for check in CHECKS]
    code = f"import seqclf.kernels as k, sys, pytest; assert k.status().instruction_set == {name!r}; "
    code += "sys.exit(pytest.main(sys.argv[1:]))"
    process = subprocess.run(
        [sys.executable, "-c", code, "-q", "-p", "no:cacheprovider", *files],
        cwd=HERE.parents[1],
        env=os.environ | {"SEQCLF_ISA": name},
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert process.returncode == 0, process.stdout[-3000:] + process.stderr[-1000:]
