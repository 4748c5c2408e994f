"""Every instruction set of this processor gives correct and reproducible states and gradients."""

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
CHECKS = [
    "recurrence",
    "initial_states",
    "continuation",
    "linear",
    "accuracy",
    "extremes",
    "bitwise",
    "row_ends",
]  # 10 s per set


def other_sets() -> list[str]:
    """Return the sets that run here, except the one that all other tests use."""
    if not status().available:
        return []
    functions = _library.library().functions
    names = [name for name in _library._instruction_sets(functions) if _library._runs(functions, name)]
    return [name for name in names if name != status().instruction_set]


@pytest.mark.parametrize("name", other_sets())
def test_every_instruction_set_passes_the_same_tests(name: str) -> None:
    """A process uses one set only, so the tests are run again in another process."""
    files = [str(HERE / f"test_{check}.py") for check in CHECKS]
    code = f"import seqclf.kernels as k, sys, pytest; assert k.status().instruction_set == {name!r}; "
    code += "sys.exit(pytest.main(sys.argv[1:]))"
    process = subprocess.run(
        [sys.executable, "-c", code, "-q", "-p", "no:cacheprovider", *files],
        cwd=HERE.parents[1],
        env=os.environ | {"SEQCLF_ISA": name},
        capture_output=True,
        text=True,
        timeout=3600,
    )
    assert process.returncode == 0, process.stdout[-3000:] + process.stderr[-1000:]
