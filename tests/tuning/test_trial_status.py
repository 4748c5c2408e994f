"""One hand-made trial of each kind."""

from __future__ import annotations

from typing import Any

import optuna
import pytest

from seqclf.tuning._trial_status import REASON, STATUS, is_replaced, lost_its_worker, reason_of, status_of


def trial(
    state: str, attributes: dict[str, Any] | None = None, *, n_tries: int = 1
) -> optuna.trial.FrozenTrial:
    return optuna.create_trial(
        state=optuna.trial.TrialState[state],
        value=0.5 if state == "COMPLETE" else None,
        user_attrs=attributes,
        system_attrs={"retry_history": list(range(n_tries - 1))},
    )


@pytest.mark.parametrize(
    ("made", "status", "counts", "reason"),
    [
        (trial("COMPLETE"), "complete", True, None),
        (trial("PRUNED"), "pruned", True, None),
        (trial("FAIL", {STATUS: "failed", REASON: "MemoryError: "}), "failed", True, "MemoryError: "),
        (
            trial("FAIL", {STATUS: "interrupted", REASON: "interrupted"}),
            "interrupted",
            False,
            "interrupted",
        ),
        (trial("FAIL", {STATUS: "surplus"}), "failed", False, None),
        (trial("FAIL"), "failed", False, "its process ended (tried again)"),
        (trial("FAIL", n_tries=2), "failed", False, "its process ended (tried again)"),
        (trial("FAIL", n_tries=3), "failed", True, "its process ended (tried 3 times)"),
        (trial("RUNNING"), "running", True, None),
        (trial("WAITING"), "running", True, None),
    ],
)
def test_status_reason_and_whether_a_trial_counts(
    made: Any, status: str, counts: bool, reason: str | None
) -> None:
    assert (status_of(made), not is_replaced(made), reason_of(made)) == (status, counts, reason)


def test_only_a_failed_trial_without_a_status_lost_its_worker() -> None:
    assert lost_its_worker(trial("FAIL"))
    assert not lost_its_worker(trial("FAIL", {STATUS: "failed"}))
    assert not lost_its_worker(trial("RUNNING"))
