from __future__ import annotations

import re

import pytest

from seqclf.tuning import SweepResult, TrialRecord

TRIALS = (
    TrialRecord(number=0, status="pruned", params={"lr": 9.0}, intermediate_values=(0.9,)),
    TrialRecord(
        number=1,
        status="complete",
        score=0.5,
        params={"lr": 0.1},
        intermediate_values=(0.3, 0.5),
        seconds=2.0,
    ),
    TrialRecord(number=2, status="complete", score=0.7, params={"lr": 0.2}),
    TrialRecord(number=3, status="complete", score=0.7, params={"lr": 0.3}),
    TrialRecord(number=4, status="failed", params={"lr": 0.4}, reason="MemoryError: too much"),
)
RESULT = SweepResult(study_name="demo", scoring="f1_macro", trials=TRIALS)


def test_the_best_trial_is_the_first_complete_one_with_the_highest_score() -> None:
    assert RESULT.best_trial is TRIALS[2]
    assert RESULT.best_params == {"lr": 0.2}
    assert RESULT.best_score == 0.7
    assert repr(RESULT) == "SweepResult('demo', 1 pruned, 3 complete, 1 failed, best f1_macro 0.7000)"


def test_without_a_complete_trial_the_error_gives_the_first_reason() -> None:
    failed = SweepResult(study_name="demo", scoring="f1_macro", trials=(TRIALS[0], TRIALS[4]))
    with pytest.raises(ValueError, match=r"got 1 pruned, 1 failed. Trial 4 failed: MemoryError: too much."):
        _ = failed.best_trial
    assert repr(failed) == "SweepResult('demo', 1 pruned, 1 failed, no score)"


@pytest.mark.parametrize(
    ("reason", "end"),
    [
        ("TypeError: got [4, 8].", "got [4, 8]."),
        ("ValueError: Is it nan?", "Is it nan?"),
        ("MemoryError: too much", "too much."),
    ],
)
def test_a_reason_ends_with_one_full_stop(reason: str, end: str) -> None:
    trials = (TrialRecord(number=0, status="failed", reason=reason),)
    with pytest.raises(ValueError, match=rf"{re.escape(end)}\Z"):
        _ = SweepResult(study_name="demo", scoring="f1_macro", trials=trials).best_trial


def test_the_dataframe_has_a_row_per_trial() -> None:
    pytest.importorskip("pandas")
    table = RESULT.to_dataframe()
    assert list(table.columns) == [
        "number",
        "status",
        "score",
        "seconds",
        "n_intermediate_values",
        "reason",
        "params_lr",
    ]
    assert table["n_intermediate_values"].tolist() == [1, 2, 0, 0, 0]
    assert table["params_lr"].tolist() == [9.0, 0.1, 0.2, 0.3, 0.4]
    assert table["reason"].tolist()[4] == "MemoryError: too much"
