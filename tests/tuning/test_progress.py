from __future__ import annotations

import time
from typing import Any

import optuna
import pytest

from seqclf.tuning._progress import progress_bar
from seqclf.tuning._trial_status import STATUS


def complete(value: float) -> Any:
    return optuna.create_trial(value=value)


def test_the_bar_counts_trials_that_ended_and_shows_the_best_score(capfd: pytest.CaptureFixture[str]) -> None:
    study = optuna.create_study(direction="maximize")
    study.add_trial(complete(0.25))
    with progress_bar(study, 3):
        study.add_trial(complete(0.5))
        study.add_trial(
            optuna.create_trial(state=optuna.trial.TrialState.FAIL, user_attrs={STATUS: "surplus"})
        )
    shown = capfd.readouterr().err
    assert "2/3" in shown
    assert "best=0.5000" in shown


def test_the_bar_is_updated_while_other_processes_work(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seqclf.tuning._progress._INTERVAL_SECONDS", 0.01)
    study = optuna.create_study(direction="maximize")
    with progress_bar(study, 1) as bar:
        study.add_trial(complete(0.5))
        end = time.monotonic() + 300
        while bar.n < 1 and time.monotonic() < end:
            time.sleep(0.01)
        assert bar.n == 1
