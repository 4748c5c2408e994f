"""One process of a sweep: run trials until as many as wanted are done, by whomever."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from seqclf.tracking import Tracker
from seqclf.tuning._distributions import Space
from seqclf.tuning._liveness import at_work
from seqclf.tuning._optuna import quiet_optuna, reseeded_sampler
from seqclf.tuning._scoring import Trainer
from seqclf.tuning._state import Watch, bury_the_dead, does_not_count, will_be_missed
from seqclf.tuning._storage import as_storage, watch_of
from seqclf.tuning._trial import TrialEndedError, run_trial

if TYPE_CHECKING:
    import optuna

_PAUSE = 0.5
"""Seconds between two looks at what the others are doing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """All that a process of a sweep needs to know."""

    space: Space
    trainer: Trainer
    trackers: Sequence[Tracker]
    pruner: optuna.pruners.BasePruner
    study_name: str | None
    n_trials: int
    deadline: float | None  # of time.monotonic(), which all processes of a host share
    shared: bool  # whether other processes work on the same study


def open_study(work: Work, storage: optuna.storages.BaseStorage) -> optuna.Study:
    """Return the study, made if it does not exist yet."""
    import optuna

    with quiet_optuna():
        return optuna.create_study(
            storage=storage,
            study_name=work.study_name,
            sampler=reseeded_sampler(work.trainer.seed, shared=work.shared),
            pruner=work.pruner,
            direction="maximize",
            load_if_exists=True,
        )


def work_in_process(work: Work, storage: Any, parent: int) -> None:
    """Run trials in a process that was started for it, and that begins none once the one that started it is gone."""

    def end_if_orphaned() -> None:
        if os.getppid() != parent:
            os._exit(1)  # joblib's own loop would wait for ever for more to do

    try:
        opened = as_storage(storage)
        run_trials(work, open_study(work, opened), watch=watch_of(opened), tick=end_if_orphaned)
    except KeyboardInterrupt:
        pass  # the process that waits for this one was interrupted too, and tells


def run_trials(
    work: Work, study: optuna.Study, *, watch: Watch, tick: Callable[[], None] = lambda: None
) -> None:
    """Run trials until `n_trials` are done in all; wait for those that others run, lest one of them dies.

    `tick` is called whenever something may have happened.
    """
    with at_work() as worker:
        while work.deadline is None or time.monotonic() < work.deadline:
            tick()
            bury_the_dead(study, watch=watch)
            match next_step(study, work.n_trials, watch=watch, alone=not work.shared):
                case "run":
                    run_one(work, study, worker)
                case "wait":
                    time.sleep(_PAUSE)
                case "stop":
                    break
        tick()


def next_step(study: optuna.Study, n_trials: int, *, watch: Watch, alone: bool = False) -> str:
    """Return "run" while trials are missing, "wait" while others run the last ones, then "stop"."""
    trials = [trial for trial in study.get_trials(deepcopy=False) if not does_not_count(trial)]
    states = {trial.state.name for trial in trials}
    if len(trials) < n_trials or "WAITING" in states:
        return "run"
    running = [trial for trial in trials if trial.state.name == "RUNNING"]
    others = not alone and any(will_be_missed(trial, watch=watch) for trial in running)
    return "wait" if others else "stop"


def run_one(work: Work, study: optuna.Study, worker: Mapping[str, Any]) -> None:
    """Run the next trial; one that fails is recorded, and no more than that."""
    with quiet_optuna():
        try:
            study.optimize(
                lambda trial: run_trial(
                    trial, work.space, work.trainer, work.trackers, n_trials=work.n_trials, worker=worker
                ),
                n_trials=1,
                catch=(TrialEndedError,),
            )
        except UnboundLocalError as error:
            # What Optuna makes of a Ctrl-C between the end of a trial and its record.
            if isinstance(error.__context__, KeyboardInterrupt):
                raise KeyboardInterrupt from error
            raise
        except (ValueError, RuntimeError) as error:
            # Whoever missed this trial's heartbeats has failed it and queued it again: what came of it is nobody's.
            if not _was_taken_away(error):
                raise


def _was_taken_away(error: Exception) -> bool:
    from optuna.exceptions import UpdateFinishedTrialError

    return isinstance(error, UpdateFinishedTrialError) or "Cannot tell a FAIL trial" in str(error)
