"""`sweep`: many trials, one call."""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
import time
import uuid
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from joblib import cpu_count
from numpy.typing import ArrayLike
from sklearn.metrics import check_scoring

from seqclf._checks import check_choice, check_integer, check_number
from seqclf.exceptions import SeqclfWarning
from seqclf.tracking import Tracker
from seqclf.tuning._check_space import check_space
from seqclf.tuning._distributions import Space
from seqclf.tuning._optuna import require_optuna
from seqclf.tuning._reading import read_result
from seqclf.tuning._result import SweepResult
from seqclf.tuning._running import Run
from seqclf.tuning._scoring import Scoring, Trainer, classifier_of, read_sequences, splits_of
from seqclf.tuning._spaces import look
from seqclf.tuning._storage import as_storage, watch_of
from seqclf.tuning._worker import Work, open_study

if TYPE_CHECKING:
    import optuna

PrunerName = Literal["halving", "median"]

_IDENTITY = "seqclf:identity"


def sweep(
    estimator: Any,
    space: Space,
    X: Any,
    y: ArrayLike,
    *,
    lengths: ArrayLike | None = None,
    n_trials: int,
    scoring: Scoring = "f1_macro",
    cv: Any = None,
    storage: str | Path | optuna.storages.BaseStorage | None = None,
    study_name: str | None = None,
    pruner: PrunerName | optuna.pruners.BasePruner | None = "halving",
    trackers: Sequence[Tracker] = (),
    n_jobs: int = 1,
    timeout: float | None = None,
    refit: bool = True,
    verbose: bool = False,
    random_state: int | None = None,
) -> SweepResult:
    """Look for the parameters that score best on samples they were not fitted to.

    Parameters
    ----------
    estimator : RecurrentClassifier or Pipeline that ends in one
        What to tune; it is cloned, never fitted itself.
    space : mapping
        Parameter -> `Uniform`, `LogUniform`, `IntRange`, `Choice`, `Either`, a fixed value, or, for a step of a pipeline, a
        space of its own.
    X, y, lengths
        As in `RecurrentClassifier.fit`. X is read once, as `Sequences`; they are what steps of a pipeline and `scoring` get.
    n_trials : int
        Trials wanted in all: with `storage`, those of earlier calls and of other processes count, and what is missing is run.
    scoring : str or callable, default="f1_macro"
        What is to be large: a name of scikit-learn's scorers, or `scoring(estimator, X, y) -> float`. Training computes
        "f1_macro" and "accuracy" after each epoch; with any other one, epochs are compared by the loss on the held-out part.
    cv : int, splitter, iterable of (train, test) or None, default=None
        Where trials are scored: None holds out a stratified fifth, a number makes as many stratified folds. Where samples
        belong together, give the parts: `GroupKFold(5).split(X, y, groups)`.
    storage : path, URL, optuna.storages.BaseStorage or None, default=None
        Where trials are kept: in memory, in a journal file ("sweep.journal") that processes of one host share, or in a
        database for many hosts; see `open_storage`.
    study_name : str or None, default=None
        What the sweep is called there; needed with `storage`.
    pruner : {"halving", "median"}, optuna.pruners.BasePruner or None, default="halving"
        Stops trials that are behind the others after the same number of epochs. "halving" keeps the best third after 1, 3,
        9, ... epochs, "median" those better than half of the complete ones after each; None lets all run to their end. Of
        several parts the first is compared epoch by epoch, then, for the two scores above, the mean after each part.
    trackers : sequence of Tracker, default=()
        Told of each trial: a run each, grouped by the study's name.
    n_jobs : int, default=1
        Processes of this host that run trials; -1 for one per core that this process may use. They share out the cores.
    timeout : float or None, default=None
        Seconds after which no trial is begun; the one that runs then is finished.
    refit : bool, default=True
        Whether the best parameters are fitted to all samples at the end.
    verbose : bool, default=False
        Whether to show a progress bar (extra `progress`).
    random_state : int or None, default=None
        Source of the parts, the draws and, where the estimator has no seed of its own, of its weights and batches. With one
        process the same number gives the same trials. All of them use one seed for weights and batches. None with `storage`
        takes the study's name for it, so that all calls and processes hold out the same samples.

    Returns
    -------
    SweepResult
        Also after Ctrl-C: with what was done until then, not refitted.

    Raises
    ------
    ValueError
        If the space names what is no parameter (the nearest one is told), or a study of this name tried other samples,
        parts, scores, spaces or another estimator.
    TypeError
        If the estimator is none of seqclf.
    ImportError
        Without the `tuning` extra.

    Warns
    -----
    SeqclfWarning
        After Ctrl-C, if processes end before they begin a trial, if no trial is complete, if the best parameters could not be
        fitted to all samples, and of trials that count as running where nobody can tell whether they are.

    Notes
    -----
    A trial that fails, because it diverged or memory ran out, is recorded with its reason, and the sweep goes on. One whose
    process died is recorded as failed, and its parameters are tried again, at most three times in all. What trial n draws is a
    function of `random_state`, n and the trials before: one process that goes on after its last trial draws what it would have
    drawn in one go.

    The score of the best trial is that of a choice among many on the same held-out samples, and so a little too good. Score
    `best_estimator` on samples that the sweep has not seen.

    References
    ----------
    Akiba et al. 2019, doi:10.1145/3292500.3330701 (Optuna). Bergstra et al. 2011 (TPE). Li et al. 2020, arXiv:1810.05934
    (asynchronous successive halving).

    Examples
    --------
    >>> from seqclf import GRUClassifier
    >>> from seqclf.tuning import IntRange, LogUniform, sweep
    >>> X, y = [[0.1, 0.9], [0.2, 0.8, 0.9], [0.9, 0.1], [0.8, 0.2]] * 8, ["up", "up", "down", "down"] * 8
    >>> space = {"hidden_size": IntRange(2, 8), "lr": LogUniform(1e-3, 1e-1)}
    >>> result = sweep(GRUClassifier(max_epochs=30, batch_size=8), space, X, y, n_trials=3, random_state=0)
    >>> len(result.trials), sorted(result.best_params)
    (3, ['hidden_size', 'lr'])
    >>> result.best_estimator.predict([[0.0, 0.5, 0.9]])
    array(['up'], dtype='<U4')
    """
    require_optuna()
    classifier_of(estimator)
    check_space(space, estimator)
    check_integer("n_trials", n_trials)
    n_jobs = _check_jobs(n_jobs)
    if timeout is not None and not check_number("timeout", timeout) > 0:
        raise ValueError(f"`timeout` must be a positive number of seconds or None; got {timeout!r}.")
    if study_name is not None and not (isinstance(study_name, str) and study_name):
        raise ValueError(f"`study_name` must be a name or None; got {study_name!r}.")
    if storage is not None and study_name is None:
        raise ValueError(
            "`study_name` must be given with `storage`, which may hold several; got None. Name the sweep, and use the name to go on."
        )
    if not (isinstance(scoring, str) or callable(scoring)):
        raise TypeError(f"`scoring` must be the name of a score or a function; got {scoring!r}.")
    check_scoring(estimator, scoring)
    seed = _seed(random_state, study_name if storage is not None else None)
    sequences = read_sequences(estimator, X, lengths)
    labels = np.asarray(y)
    if labels.shape != (len(sequences),):
        raise ValueError(
            f"`y` must have one label for each of the {len(sequences)} sequences; got shape {labels.shape}."
        )
    trainer = Trainer(
        estimator=estimator,
        X=sequences,
        y=labels,
        splits=splits_of(cv, labels, seed),
        scoring=scoring,
        seed=seed,
    )
    work = Work(
        space=space,
        trainer=trainer,
        trackers=_check_trackers(trackers),
        pruner=_pruner(pruner),
        study_name=study_name or f"sweep-{uuid.uuid4().hex[:8]}",
        n_trials=n_trials,
        deadline=None if timeout is None else time.monotonic() + timeout,
        shared=storage is not None or n_jobs > 1,
    )
    with _shared_storage(storage, n_jobs) as place:
        opened = as_storage(place)
        study = open_study(work, opened)
        _check_identity(study, trainer.identity() | {"space": look(dict(space))})
        run = Run(work=work, study=study, place=place, n_jobs=n_jobs, watch=watch_of(opened))
        interrupted = run.until_done(verbose=verbose)
        result = read_result(study, work)
    return result if interrupted or not refit else _refitted(result, trainer, X, lengths)


@contextlib.contextmanager
def _shared_storage(storage: Any, n_jobs: int) -> Iterator[Any]:
    """Yield the storage; a file for a while where several processes are to share what is to be kept nowhere."""
    from optuna.storages import InMemoryStorage

    if n_jobs > 1 and isinstance(storage, InMemoryStorage):
        raise ValueError(
            f"Several processes cannot share a storage in memory; got n_jobs={n_jobs}. Pass None, a file or a URL."
        )
    if storage is not None or n_jobs == 1:
        yield storage
        return
    with tempfile.TemporaryDirectory(prefix="seqclf-sweep-") as folder:
        yield Path(folder) / "sweep.journal"


def _refitted(result: SweepResult, trainer: Trainer, X: Any, lengths: Any) -> SweepResult:
    """Return the result with its best parameters fitted to all samples."""
    try:
        best = result.best_params
    except ValueError as error:
        warnings.warn(f"No trial is complete, so nothing is refitted. {error}", SeqclfWarning, stacklevel=3)
        return result
    try:
        return replace(result, best_estimator=trainer.fit_all(best, X, lengths))
    except (KeyboardInterrupt, Exception) as error:
        why = "interrupted" if isinstance(error, KeyboardInterrupt) else f"{type(error).__name__}: {error}"
        warnings.warn(
            f"The best parameters were not fitted to all samples ({why}); the trials are returned. "
            "`estimator.set_params(**result.best_params).fit(X, y)` tries again.",
            SeqclfWarning,
            stacklevel=3,
        )
        return result


def _check_identity(study: optuna.Study, identity: Mapping[str, str]) -> None:
    """Remember what the scores of a study are of; refuse to mix others with them."""
    known = study.user_attrs.get(_IDENTITY)
    if known is None:
        if study.direction.name != "MAXIMIZE" or study.get_trials(deepcopy=False):
            raise ValueError(
                f"`study_name` must be new or that of a sweep; study {study.study_name!r} was made by something else. "
                "Choose another name."
            )
        study.set_user_attr(_IDENTITY, dict(identity))
        return
    for name, value in identity.items():
        if known.get(name) != value:
            raise ValueError(
                f"All trials of a study must have the same {name}; study {study.study_name!r} has "
                f"{known.get(name)!r}, and this call {value!r}. Choose another `study_name`, or what it was begun with."
            )


def _pruner(pruner: Any) -> optuna.pruners.BasePruner:
    import optuna

    if pruner is None:
        return optuna.pruners.NopPruner()
    if isinstance(pruner, optuna.pruners.BasePruner):
        return pruner
    check_choice("pruner", pruner, ("halving", "median", None))
    if pruner == "median":
        return optuna.pruners.MedianPruner()
    return optuna.pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=3)


def _seed(random_state: Any, study_name: str | None) -> int:
    """Return a number for all draws: the one given, one made from the study's name, or the system's entropy."""
    if random_state is not None:
        check_integer("random_state", random_state, least=0)
        return int(random_state)
    if study_name is not None:
        return int.from_bytes(hashlib.blake2b(study_name.encode(), digest_size=3).digest())
    return int(np.random.SeedSequence().generate_state(1)[0]) // 2


def _check_jobs(n_jobs: Any) -> int:
    """Return the number of processes; -1 is one per core."""
    check_integer("n_jobs", n_jobs, least=-1)
    if n_jobs == 0:
        raise ValueError("`n_jobs` must be positive, or -1 for one per core; got 0.")
    return cpu_count() if n_jobs == -1 else int(n_jobs)


def _check_trackers(trackers: Any) -> tuple[Tracker, ...]:
    """Return the trackers; one that is no tracker would only be told of after each trial."""
    if not isinstance(trackers, Iterable):
        raise TypeError(f"`trackers` must be a sequence of trackers; got {trackers!r}. Pass [{trackers!r}].")
    found = tuple(trackers)
    for i, tracker in enumerate(found):
        if isinstance(tracker, type) or not isinstance(tracker, Tracker):
            raise TypeError(
                f"`trackers` must hold trackers, with the methods of `seqclf.tracking.Tracker`; got {tracker!r} at {i}."
            )
    return found
