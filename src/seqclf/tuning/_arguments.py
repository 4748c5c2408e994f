"""Check and complete the arguments of `sweep`."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.metrics import check_scoring

from seqclf._checks import check_choice, check_integer, check_number
from seqclf.tracking import Tracker
from seqclf.training import current_group

if TYPE_CHECKING:
    import optuna


def check_alone() -> None:
    """Raise in a block of `seqclf.distributed`, whose processes would all run the same trials."""
    n_processes = current_group().n_processes
    if n_processes > 1:
        raise RuntimeError(
            f"A sweep must run outside of `seqclf.distributed()`; got one in a group of {n_processes} processes. Trials are independent: "
            "start `sweep` in each process with the same `storage` and `study_name`, without the block."
        )


def check_timeout(timeout: Any) -> float | None:
    """Return a timeout as a positive number of seconds, or None."""
    if timeout is None:
        return None
    seconds = check_number("timeout", timeout)
    if not seconds > 0:
        raise ValueError(f"`timeout` must be a positive number of seconds or None; got {timeout!r}.")
    return seconds


def check_study_name(study_name: Any, storage: Any) -> None:
    """Raise unless a study has a name where its storage may hold several."""
    if study_name is not None and not (isinstance(study_name, str) and study_name):
        raise ValueError(f"`study_name` must be a non-empty string or None; got {study_name!r}.")
    if storage is not None and study_name is None:
        raise ValueError(
            "`study_name` must be given with `storage`, which may hold several studies; got None. Name the sweep, and pass the "
            "same name to resume it."
        )


def check_score(scoring: Any, estimator: Any, *, weighted: bool) -> None:
    """Raise unless `scoring` is the name of a scorer or a callable that looks like one, and takes weights if there are any."""
    if not (isinstance(scoring, str) or callable(scoring)):
        raise TypeError(f"`scoring` must be the name of a scorer or a callable; got {scoring!r}.")
    try:
        check_scoring(estimator, scoring)
    except ValueError as error:
        raise ValueError(
            f"`scoring` must be the name of a scorer of scikit-learn or a callable; got {scoring!r:.80} ({error!s:.200}). "
            "`sklearn.metrics.get_scorer_names()` lists them."
        ) from error
    if weighted and not isinstance(scoring, str) and not _takes_weights(scoring):
        raise TypeError(
            f"`scoring` must take `sample_weight` where samples are weighted; got {scoring!r:.80} with the signature "
            f"{inspect.signature(scoring)}. Write `scoring(estimator, X, y, sample_weight)`."
        )


def _takes_weights(scoring: Callable[..., Any]) -> bool:
    try:
        inspect.signature(scoring).bind(None, None, None, sample_weight=None)
    except TypeError:
        return False
    return True


def check_trackers(trackers: Any) -> tuple[Tracker, ...]:
    """Return the trackers as a tuple; raise if one lacks a tracker's methods, which would only show during a trial."""
    if not isinstance(trackers, Iterable):
        raise TypeError(f"`trackers` must be a sequence of trackers; got {trackers!r}. Pass [{trackers!r}].")
    try:
        found = tuple(trackers)
    except TypeError as error:  # such as a tensor without axes
        raise TypeError(
            f"`trackers` must be a sequence of trackers; got {trackers!r:.80} ({error})."
        ) from error
    for i, tracker in enumerate(found):
        if isinstance(tracker, type) or not isinstance(tracker, Tracker):
            raise TypeError(
                f"`trackers` must contain objects with the methods of `seqclf.tracking.Tracker`; got trackers[{i}]={tracker!r}."
            )
    return found


def as_pruner(pruner: Any) -> optuna.pruners.BasePruner:
    """Convert the name of a pruner, or None, to an Optuna pruner; return an Optuna pruner as is."""
    import optuna

    if pruner is None:
        return optuna.pruners.NopPruner()
    if isinstance(pruner, optuna.pruners.BasePruner):
        return pruner
    check_choice("pruner", pruner, ("halving", "median", None))
    if pruner == "median":
        return optuna.pruners.MedianPruner()
    return optuna.pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=3)


def as_seed(random_state: Any, study_name: str | None) -> int:
    """Return `random_state` or, if it is None, a seed made from the name of a stored study or the system's entropy."""
    if random_state is not None:
        return check_integer("random_state", random_state, least=0)
    if study_name is not None:
        return int.from_bytes(hashlib.blake2b(study_name.encode(), digest_size=3).digest())
    return int(np.random.SeedSequence().generate_state(1)[0]) // 2
