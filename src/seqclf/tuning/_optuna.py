"""Optuna, imported where it is used and no earlier."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import optuna


def require_optuna() -> None:
    """Say which extra brings Optuna where it is missing."""
    try:
        import optuna  # noqa: F401
    except ImportError as error:
        raise ImportError(
            "Sweeps need Optuna; it is not installed. Run `pip install 'seqclf[tuning]'`."
        ) from error


_FAR_APART = 0x9E3779B1
"""Seeds of neighbouring trials differ in many bits."""


@contextmanager
def quiet_optuna() -> Iterator[None]:
    """Keep Optuna's log, a line for each trial, to itself: a sweep prints nothing unless asked."""
    import optuna

    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.CRITICAL)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(verbosity)


@contextmanager
def expected_experiments() -> Iterator[None]:
    """Silence Optuna's warning that a feature may change: heartbeats, retries and the like have been there since 2021."""
    from optuna.exceptions import ExperimentalWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        yield


def reseeded_sampler(seed: int, *, shared: bool) -> optuna.samplers.BaseSampler:
    """Return a TPE sampler whose draws are a function of the seed, the trial's number and the trials before it.

    So a sweep that goes on draws what it would have drawn in one go, and processes that start together with one seed draw
    different trials. `shared` makes it keep away from what others are trying at the moment.
    """
    import optuna

    class Reseeded(optuna.samplers.BaseSampler):
        """TPE, made anew for each trial: it keeps nothing from one to the next but its generator."""

        def __init__(self) -> None:
            # For those who end a trial and never began one.
            self._tpe = optuna.samplers.TPESampler(seed=seed)

        def before_trial(self, study: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
            with expected_experiments():  # of `constant_liar`, until Optuna 5
                self._tpe = optuna.samplers.TPESampler(
                    seed=(seed + _FAR_APART * (trial.number + 1)) % 2**32, constant_liar=shared
                )
            self._tpe.before_trial(study, trial)

        def infer_relative_search_space(self, study: Any, trial: Any) -> Any:
            return self._tpe.infer_relative_search_space(study, trial)

        def sample_relative(self, study: Any, trial: Any, search_space: Any) -> Any:
            return self._tpe.sample_relative(study, trial, search_space)

        def sample_independent(self, study: Any, trial: Any, param_name: str, param_distribution: Any) -> Any:
            return self._tpe.sample_independent(study, trial, param_name, param_distribution)

        def after_trial(self, study: Any, trial: Any, state: Any, values: Any) -> None:
            self._tpe.after_trial(study, trial, state, values)

    return Reseeded()
