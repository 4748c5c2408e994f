"""On a full disk, a fit goes on, and trackers leave no half-written file."""

from __future__ import annotations

from pathlib import Path

import pytest

from full_disk import run_with_limit
from seqclf import load

CODE = """
    import sys
    import warnings
    from pathlib import Path
    from seqclf import tracking
    from seqclf.evaluation import evaluate
    from tracking.runs import X, Y, small
    _, kind, folder = sys.argv
    small().fit(X, Y)  # a first fit may import what needs a temporary file
    for n_bytes in (0, 40, 120, 250, 700, 1050, 100_000):
        warnings.simplefilter("always")
        with warnings.catch_warnings(record=True) as caught:
            with getattr(tracking, kind)(Path(folder) / str(n_bytes)) as tracker:
                limit(n_bytes)
                model = small(callbacks=[tracker]).fit(X, Y)
                tracker.log_report(evaluate(Y, model.predict(X)), model)
            limit(None)
        print(model.n_epochs_, sum("Training continues" in str(warning.message) for warning in caught))
"""


@pytest.mark.parametrize("kind", ["CsvTracker", "TensorBoardTracker", "MlflowTracker"])
def test_a_fit_goes_on(kind: str, tmp_path: Path) -> None:
    printed = [line.split() for line in run_with_limit(CODE, kind, tmp_path).splitlines()]
    assert [n_epochs for n_epochs, _ in printed] == ["2"] * 7
    assert {n_warnings for _, n_warnings in printed} <= {"0", "1"}
    assert printed[-1][1] == "0"
    assert not list(tmp_path.rglob("*.part"))
    if kind == "CsvTracker":
        assert printed[0][1] == "1"
        assert len(list(tmp_path.rglob("*.csv"))) >= 6
        assert all(path.read_bytes().endswith(b"\n") for path in tmp_path.rglob("*.[cj]s*"))
        assert all(map(load, tmp_path.rglob("*.safetensors")))
