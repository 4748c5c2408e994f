"""`sweep`: search a space by many trials in one call."""

from __future__ import annotations

import tempfile
import time
import uuid
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from joblib import cpu_count
from numpy.typing import ArrayLike

from seqclf._checks import check_boolean, check_integer, check_n_jobs
from seqclf._processes import at_most_threads
from seqclf.exceptions import SeqclfWarning
from seqclf.tracking import Tracker
from seqclf.tuning._arguments import (
    as_pruner,
    as_seed,
    check_alone,
    check_score,
    check_study_name,
    check_timeout,
    check_trackers,
)
from seqclf.tuning._check_space import check_space
from seqclf.tuning._cross_validation import CrossValidation, Scoring, classifier_of
from seqclf.tuning._distributions import Space
from seqclf.tuning._fixed_values import (
    refuse_bad_parameters,
    refuse_lists_of_options,
    refuse_other_distributions,
)
from seqclf.tuning._optuna import require_optuna
from seqclf.tuning._read_result import read_result
from seqclf.tuning._result import SweepResult
from seqclf.tuning._run_sweep import run_sweep
from seqclf.tuning._samples import new_cross_validation
from seqclf.tuning._storage import as_storage, monitor_of
from seqclf.tuning._study import SweepConfig, check_identity, open_study

if TYPE_CHECKING:
    import optuna

PrunerName = Literal["halving", "median"]


def sweep(
    estimator: Any,
    space: Space,
    X: Any,
    y: ArrayLike,
    *,
    lengths: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
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
    """Search for the parameters that score best on held-out samples.

    Parameters
    ----------
    estimator : classifier of seqclf, or Pipeline that ends in one
        Estimator to tune; it is cloned and never fitted itself.
    space : mapping
        Parameter -> `Uniform`, `LogUniform`, `IntRange`, `Choice`, `Either`, a fixed value or, for a step of a pipeline, a space.
    X, y, lengths
        As in `SequenceClassifier.fit`. X is converted once; the steps of a pipeline and `scoring` receive `Sequences`.
    sample_weight : array-like of shape (n_samples,), default=None
        Weights in the loss, as in `fit`, and in the score on held-out samples. A custom `scoring` must take `sample_weight`.
        The other steps of a pipeline, and the reports of trackers, count each sample once.
    n_trials : int
        Total number of trials. With `storage`, trials of earlier calls and of other processes count, and the missing ones
        are run.
    scoring : str or callable, default="f1_macro"
        Score to maximise: the name of a scikit-learn scorer, or `scoring(estimator, X, y) -> float`. Training computes
        "f1_macro" and "accuracy" after each epoch, without weights. With any other score, and with `sample_weight`, epochs are
        compared by the `monitor` of the estimator, by default the validation loss: for pruning by another score, pass a
        callable `monitor` that computes it. If the space varies the monitor, they are compared by the validation loss.
    cv : int, splitter, iterable of (train, test) or None, default=None
        Held-out samples: a stratified fifth for None, that many stratified folds for an integer. For grouped samples, pass the
        splits: `GroupKFold(5).split(X, y, groups)`.
    storage : path, URL, optuna.storages.BaseStorage or None, default=None
        Where to keep trials: in memory, in a journal file ("sweep.journal") for the processes of one host, or in a database for
        many hosts; see `open_storage`.
    study_name : str or None, default=None
        Name of the sweep in its storage; required with `storage`.
    pruner : {"halving", "median"}, optuna.pruners.BasePruner or None, default="halving"
        Stops trials that score worse than others after the same number of epochs. "halving" keeps the best third after 1, 3,
        9, ... epochs; "median" stops a trial below the median of the complete ones after any epoch; None stops none. With
        several splits, the epochs of the first one are compared, then, for "f1_macro" and "accuracy", the mean after each split.
    trackers : sequence of Tracker, default=()
        Run trackers; each trial is a run, grouped by `study_name`.
    n_jobs : int, default=1
        Number of processes on this host, at most one per available core, which is what -1 means. They share the cores, as affinity
        and the CPU quota of a container allow, and the GPUs in turn.
    timeout : float or None, default=None
        Seconds after which no new trial begins; running trials finish.
    refit : bool, default=True
        Whether to fit the best parameters to all samples at the end.
    verbose : bool, default=False
        Whether to show a progress bar.
    random_state : int or None, default=None
        Seed of the splits and the sampler and, unless the estimator has its own, of the weights and batches of every trial. With
        one process, the same seed gives the same trials. With `storage`, None derives the seed from `study_name`, so that
        all calls and processes hold out the same samples.

    Returns
    -------
    SweepResult
        After Ctrl-C, the trials so far, without a refit.

    Raises
    ------
    ValueError
        If the space names an unknown parameter, or has a list where `Choice` is meant, or if the study of this name has other samples,
        splits, scoring, space or estimator. If the estimator refuses a parameter that the space does not vary.
    TypeError
        If the estimator is not a classifier of seqclf, or the space has a distribution of SciPy or Optuna. If the estimator refuses
        a parameter that the space does not vary.
    ImportError
        Without the `tuning` extra.

    Warns
    -----
    SeqclfWarning
        After Ctrl-C; if processes die before they begin a trial; if no trial is complete; if the refit fails; if trials are
        marked as running in processes that cannot be monitored.

    Notes
    -----
    A trial that fails, for example because it diverges or runs out of memory, is recorded with its reason, and the sweep
    continues. If the process of a trial dies, the trial is recorded as failed and its parameters are tried again, at most three
    times in total. The draws of a trial are a function of `random_state`, its number and the trials before it: a single process
    that resumes draws what an uninterrupted one would have drawn.

    The best score is the maximum over many trials on the same held-out samples, and therefore optimistic, more so with
    `early_stopping`, which monitors the held-out samples of each split. Evaluate `best_estimator` on samples that the sweep
    has not seen.

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
    check_alone()
    require_optuna()
    classifier_of(estimator)
    check_space(space, estimator)
    refuse_other_distributions(space)
    n_trials = check_integer("n_trials", n_trials)
    n_jobs = check_n_jobs(n_jobs)
    refit, verbose = check_boolean("refit", refit), check_boolean("verbose", verbose)
    timeout = check_timeout(timeout)
    check_study_name(study_name, storage)
    check_score(scoring, estimator, weighted=sample_weight is not None)
    seed = as_seed(random_state, study_name if storage is not None else None)
    validation = new_cross_validation(
        estimator,
        space,
        X,
        y,
        lengths=lengths,
        sample_weight=sample_weight,
        cv=cv,
        scoring=scoring,
        seed=seed,
    )
    refuse_lists_of_options(space, validation)
    refuse_bad_parameters(space, validation)
    config = SweepConfig(
        space=space,
        validation=validation,
        trackers=check_trackers(trackers),
        pruner=as_pruner(pruner),
        study_name=study_name or f"sweep-{uuid.uuid4().hex[:8]}",
        n_trials=n_trials,
        deadline=None if timeout is None else time.monotonic() + timeout,
        call=uuid.uuid4().hex,
    )
    with _shareable(storage, n_jobs) as shareable, at_most_threads(cpu_count()):
        opened = as_storage(shareable)
        study = open_study(config, opened)
        check_identity(study, config)
        done = run_sweep(config, shareable, study, monitor_of(opened), n_jobs=n_jobs, verbose=verbose)
        result = read_result(study, config)
        return _refitted(result, config.validation, X, lengths) if done and refit else result


@contextmanager
def _shareable(storage: Any, n_jobs: int) -> Iterator[Any]:
    """Yield a storage that `n_jobs` processes can open: instead of memory, a temporary journal file."""
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


def _refitted(result: SweepResult, validation: CrossValidation, X: Any, lengths: Any) -> SweepResult:
    """Return the result with its best parameters fitted to all samples."""
    try:
        best = result.best_params
    except ValueError as error:
        warnings.warn(f"No trial is complete, so nothing is refitted. {error}", SeqclfWarning, stacklevel=3)
        return result
    try:
        return replace(result, best_estimator=validation.refit(best, X, lengths))
    except (KeyboardInterrupt, Exception) as error:
        reason = "interrupted" if isinstance(error, KeyboardInterrupt) else f"{type(error).__name__}: {error}"
        warnings.warn(
            f"The refit of the best parameters failed ({reason}); the trials are returned. To try again, call "
            "`estimator.set_params(**result.best_params).fit(X, y)`.",
            SeqclfWarning,
            stacklevel=3,
        )
        return result
