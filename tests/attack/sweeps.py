"""The sweep whose journal is attacked."""

from __future__ import annotations

from pathlib import Path

from attack.samples import clean
from contract.entry_points import REFERENCE, small
from seqclf.tuning import Choice, SweepResult, sweep


def swept(path: Path, n_trials: int) -> SweepResult:
    """Run trials until the journal holds `n_trials`."""
    X, y = REFERENCE.make(clean(1)), clean(1).y
    return sweep(
        *(small(), {"hidden_size": Choice([2, 3])}, X, y),
        n_trials=n_trials,
        storage=path,
        study_name="s",
        random_state=0,
        refit=False,
    )
