"""Optuna, imported only where it is used."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager


def require_optuna() -> None:
    """Raise unless Optuna is installed, and name the extra that installs it."""
    try:
        import optuna  # noqa: F401
    except ImportError as error:
        raise ImportError(
            "Sweeps need Optuna, which is not installed. Run `pip install 'seqclf[tuning]'`."
        ) from error


@contextmanager
def quiet_optuna() -> Iterator[None]:
    """Silence Optuna's log, which has a line for each trial."""
    import optuna

    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.CRITICAL)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(verbosity)


@contextmanager
def no_experimental_warnings() -> Iterator[None]:
    """Silence Optuna's warnings about experimental features: heartbeats and retries have been experimental since 2021."""
    from optuna.exceptions import ExperimentalWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        yield
