"""Check the fixed values of a space: a list of options, or a distribution of another library, is not one of them."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from torch import nn

from seqclf.evaluation import Split
from seqclf.tuning._cross_validation import CrossValidation
from seqclf.tuning._distributions import Choice, Either, IntRange, LogUniform, Space, Uniform


def refuse_other_distributions(space: Space) -> None:
    """Raise if a value is a distribution of SciPy or Optuna, which a trial would pass to the estimator as it is."""
    from optuna.distributions import BaseDistribution

    for name, value in _fixed_values(space):
        is_class = isinstance(value, type)
        if not is_class and (hasattr(value, "rvs") or isinstance(value, BaseDistribution)):
            library = "Optuna" if isinstance(value, BaseDistribution) else "SciPy"
            raise TypeError(
                f"A distribution in `space` must be one of `seqclf.tuning`; got {type(value).__name__} of {library} for {name!r}. "
                "Pass `Uniform(low, high)`, `LogUniform(low, high)`, `IntRange(low, high)` or `Choice([...])`."
            )


def refuse_lists_of_options(space: Space, validation: CrossValidation) -> None:
    """Raise if a value is a list, or another collection, that its parameter does not accept.

    Some parameters accept collections, such as `pooling=("last", "mean")`. Only a fit shows which: of a few samples for one epoch,
    and only where a space has such a value.
    """
    for name, value in _fixed_values(space):
        is_text = isinstance(value, str | bytes)
        if is_text or isinstance(value, nn.Module) or not isinstance(value, Iterable):
            continue
        error = _error_of(name, value, validation)
        if error is not None:
            options = value.tolist() if isinstance(value, np.ndarray) else list(value)
            raise ValueError(
                f"A value in `space` must be a distribution, or a fixed value that its parameter accepts; got {value!r:.100} for "
                f"{name!r}. Pass `Choice({options!r:.100})` to try each of them, or `Uniform`, `LogUniform` or `IntRange` for a range."
            ) from error


def _fixed_values(space: Space, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the name of each parameter that a space fixes, and its value."""
    for key, value in space.items():
        if isinstance(value, Either):
            for option in value.options:
                yield from _fixed_values(option, prefix)
        elif isinstance(value, Mapping):
            yield from _fixed_values(value, f"{prefix}{key}__")
        elif not isinstance(value, Uniform | LogUniform | IntRange | Choice):
            yield f"{prefix}{key}", value


def _error_of(name: str, value: Any, validation: CrossValidation) -> Exception | None:
    """Return the error by which an estimator refuses a value; None if it accepts it, or fails for another reason."""
    estimator = validation.estimator
    prefix = f"{estimator.steps[-1][0]}__" if hasattr(estimator, "steps") else ""
    quick = {"max_epochs": 1, "callbacks": (), "verbose": False, "device": "cpu"}
    params = {f"{prefix}{key}": one for key, one in quick.items()} | {name: value}
    few = np.sort(
        np.concatenate([np.flatnonzero(validation.y == label)[:2] for label in np.unique(validation.y)])
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # such as of small validation sets
        try:
            validation.fit_split(params, Split(train=few, test=few), ())
        except Exception as error:
            own_name = re.escape(name.rpartition("__")[2])
            return error if re.search(rf"`{own_name}\b", str(error)) else None
    return None
