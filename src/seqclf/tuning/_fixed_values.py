"""Check what no trial varies: the fixed values of a space, and the parameters of the estimator."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from torch import nn

from seqclf.evaluation import Split
from seqclf.training import EpochRecord, as_callbacks
from seqclf.tuning._check_space import parameters_of
from seqclf.tuning._cross_validation import CrossValidation, classifier_of
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


def _fixed_values(space: Space, prefix: str = "", *, in_options: bool = True) -> Iterator[tuple[str, Any]]:
    """Yield the name of each parameter that a space fixes, and its value; also those that only an option of `Either` fixes."""
    for key, value in space.items():
        if isinstance(value, Either):
            for option in value.options if in_options else ():
                yield from _fixed_values(option, prefix)
        elif isinstance(value, Mapping):
            yield from _fixed_values(value, f"{prefix}{key}__", in_options=in_options)
        elif not isinstance(value, Uniform | LogUniform | IntRange | Choice):
            yield f"{prefix}{key}", value


def refuse_bad_parameters(space: Space, validation: CrossValidation) -> None:
    """Raise the error of a parameter that no trial varies, because every trial would fail with it.

    Only a fit shows it, of a few samples for one epoch. An error of anything else, such as too few samples, is left to the trials.
    """
    estimator = validation.estimator
    fixed = dict(_fixed_values(space, in_options=False))
    error = _error_of_fit(fixed, validation)
    named = None if error is None else re.match(r"`(\w+)", str(error))
    if error is None or named is None:
        return
    is_own = named[1] in classifier_of(estimator).get_params(deep=False)
    is_varied = named[1] in {name.rpartition("__")[2] for name in parameters_of(space) if name not in fixed}
    if is_own and not is_varied:
        raise error


def _error_of(name: str, value: Any, validation: CrossValidation) -> Exception | None:
    """Return the error by which an estimator refuses a value; None if it accepts it, or fails for another reason."""
    error = _error_of_fit({name: value}, validation)
    own_name = re.escape(name.rpartition("__")[2])
    return error if error is not None and re.search(rf"`{own_name}\b", str(error)) else None


def _error_of_fit(params: Mapping[str, Any], validation: CrossValidation) -> Exception | None:
    """Return the error of a fit to a few samples for one epoch, of which the user's callbacks learn nothing."""
    estimator = validation.estimator
    prefix = f"{estimator.steps[-1][0]}__" if hasattr(estimator, "steps") else ""
    few = np.sort(
        np.concatenate([np.flatnonzero(validation.y == label)[:2] for label in np.unique(validation.y)])
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # such as of small validation sets
        try:
            callbacks = as_callbacks(classifier_of(estimator).callbacks)[:0]  # checked, and left out
            quiet = {f"{prefix}callbacks": callbacks, f"{prefix}verbose": False}
            validation.fit_split(quiet | dict(params), Split(train=few, test=few), (_FirstEpoch(),))
        except Exception as error:
            return error
    return None


class _FirstEpoch:
    """Ends training after one epoch."""

    def on_epoch_end(self, record: EpochRecord) -> bool:
        """Return that training ends."""
        return True
