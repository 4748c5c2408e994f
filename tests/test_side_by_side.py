"""Calls in several processes, beside other users of such processes."""

from __future__ import annotations

import operator
import subprocess
import sys

from joblib.externals.loky import reusable_executor

from seqclf._processes import run_side_by_side

BESIDE_JOBLIB = """
import operator
import joblib
from seqclf._processes import run_side_by_side

print(sorted(run_side_by_side(operator.neg, [1, 2, 3], 2, stacklevel=2)))
print(joblib.Parallel(n_jobs=2)(joblib.delayed(operator.neg)(i) for i in range(3)))
print(sorted(run_side_by_side(operator.neg, [1, 2, 3], 2, stacklevel=2)))
"""


def test_joblib_has_its_own_processes() -> None:
    process = subprocess.run(
        [sys.executable, "-c", BESIDE_JOBLIB], capture_output=True, text=True, timeout=3600
    )
    ours = "[(0, -1), (1, -2), (2, -3)]\n"
    assert process.stdout == f"{ours}[0, -1, -2]\n{ours}", process.stderr


def test_the_pool_of_joblib_is_left_alone() -> None:
    before = reusable_executor._executor
    assert sorted(run_side_by_side(operator.neg, [1, 2], 2, stacklevel=2)) == [(0, -1), (1, -2)]
    assert reusable_executor._executor is before
