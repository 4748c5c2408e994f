"""On a full disk, a fit goes on, and trackers leave no half-written file."""

from __future__ import annotations

from pathlib import Path

import pytest

from full_disk import run_with_limit

CODE = """
    import sys
    import warnings
    from seqclf import tracking
    from seqclf.evaluation import evaluate
    from tracking.runs import X, Y, small
    _, kind, folder, n_bytes = sys.argv
    small().fit(X, Y)  # loads all modules
    warnings.simplefilter("always")
    with warnings.catch_warnings(record=True) as caught:
        with getattr(tracking, kind)(folder) as tracker:
            limit(int(n_bytes))
            model = small(callbacks=[tracker]).fit(X, Y)
            tracker.log_report(evaluate(Y, model.predict(X)), model)
        limit(None)
    print(model.n_epochs_, sum("Training continues" in str(w.message) for w in caught))
"""


@pytest.mark.parametrize("n_bytes", [0, 40, 250, 700])
@pytest.mark.parametrize("kind", ["CsvTracker", "TensorBoardTracker", "MlflowTracker"])
def test_a_fit_goes_on(kind: str, n_bytes: int, tmp_path: Path) -> None:
    folder = tmp_path / "runs"
    n_epochs, n_warnings = run_with_limit(CODE, kind, folder, n_bytes).split()
    assert n_epochs == "2"
    assert int(n_warnings) <= 1
    assert not [path for path in folder.rglob("*") if path.name.startswith(".")]


def test_the_files_of_a_csv_tracker_are_whole(tmp_path: Path) -> None:
    for n_bytes in range(0, 1200, 150):
        folder = tmp_path / str(n_bytes)
        run_with_limit(CODE, "CsvTracker", folder, n_bytes)
        for path in folder.rglob("*.*"):
            assert path.read_bytes().endswith(b"\n")
