from __future__ import annotations

import sys
import time
from typing import Any

import optuna
import pytest

from seqclf import SeqclfWarning
from seqclf.tuning._progress import Progress
from seqclf.tuning._state import STATUS


def complete(value: float) -> Any:
    return optuna.create_trial(value=value)


def test_the_bar_counts_what_ended_by_whomever(capfd: pytest.CaptureFixture[str]) -> None:
    study = optuna.create_study(direction="maximize")
    study.add_trial(complete(0.25))
    with Progress(study, 3, shown=True, by_others=False) as progress:
        study.add_trial(complete(0.5))
        study.add_trial(
            optuna.create_trial(state=optuna.trial.TrialState.FAIL, user_attrs={STATUS: "surplus"})
        )
        progress.update()
    shown = capfd.readouterr().err
    assert "2/3" in shown
    assert "best=0.5000" in shown


def test_the_bar_moves_while_others_work(capfd: pytest.CaptureFixture[str], monkeypatch: Any) -> None:
    monkeypatch.setattr("seqclf.tuning._progress._PAUSE", 0.01)
    study = optuna.create_study(direction="maximize")
    with Progress(study, 1, shown=True, by_others=True) as progress:
        study.add_trial(complete(0.5))
        end = time.monotonic() + 10
        while progress._bar.n < 1 and time.monotonic() < end:
            time.sleep(0.01)
        assert progress._bar.n == 1
    assert progress._watcher is not None
    assert not progress._watcher.is_alive()


def test_without_tqdm_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("tqdm", "tqdm.auto"):
        monkeypatch.setitem(sys.modules, name, None)
    study = optuna.create_study()
    with (
        pytest.warns(SeqclfWarning, match=r"pip install 'seqclf\[progress\]'"),
        Progress(study, 1, shown=True, by_others=False) as progress,
    ):
        progress.update()
