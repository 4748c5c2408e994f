"""The status of a trial, from its Optuna state and the marks its worker left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import optuna

TrialStatus = Literal["complete", "pruned", "failed", "interrupted", "running"]

STATUS, REASON, WORKER = "seqclf:status", "seqclf:reason", "seqclf:worker"
"""User attributes of a trial. A worker sets the status before it ends a failed trial; if it is killed, there is none."""

MAX_TRIES = 3
"""Parameters whose worker died this often are not tried again: they may be the cause."""


def n_tries(trial: optuna.trial.FrozenTrial) -> int:
    """Return how often the parameters of a trial were tried, this time included."""
    # Optuna's RetryHeartbeatStaleTrialCallback keeps this list; its own reader warns that it is experimental.
    return 1 + len(trial.system_attrs.get("retry_history", ()))


def lost_its_worker(trial: optuna.trial.FrozenTrial) -> bool:
    """Return whether a trial failed because its worker died."""
    return trial.state.name == "FAIL" and STATUS not in trial.user_attrs


def is_replaced(trial: optuna.trial.FrozenTrial) -> bool:
    """Return whether another trial runs in place of this one, which therefore does not count towards `n_trials`."""
    if lost_its_worker(trial):
        return n_tries(trial) < MAX_TRIES
    return trial.state.name == "FAIL" and trial.user_attrs.get(STATUS) in ("interrupted", "surplus")


def status_of(trial: optuna.trial.FrozenTrial) -> TrialStatus:
    """Return the status of a trial."""
    match trial.state.name:
        case "COMPLETE":
            return "complete"
        case "PRUNED":
            return "pruned"
        case "FAIL":
            return "interrupted" if trial.user_attrs.get(STATUS) == "interrupted" else "failed"
        case _:
            return "running"


def reason_of(trial: optuna.trial.FrozenTrial) -> str | None:
    """Return why a trial failed; None if it did not."""
    if lost_its_worker(trial):
        outcome = "tried again" if n_tries(trial) < MAX_TRIES else f"tried {MAX_TRIES} times"
        return f"its process ended ({outcome})"
    reason: str | None = trial.user_attrs.get(REASON)
    return reason
