"""Convert a space for Optuna, scikit-learn and W&B."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from scipy.stats import loguniform, randint, uniform

from seqclf.tuning._distributions import Choice, Distribution, Either, IntRange, LogUniform, Space, Uniform
from seqclf.tuning._spaces import decisions, draw_parameters, labels_of

if TYPE_CHECKING:
    import optuna


def suggest(trial: optuna.Trial, space: Space) -> dict[str, Any]:
    """Draw the parameters of an Optuna trial from a space.

    Parameters
    ----------
    trial : optuna.Trial
        Trial of an Optuna study, whose sampler draws the values.
    space : mapping
        Values of each parameter.

    Returns
    -------
    dict
        Parameters for `set_params`.

    Examples
    --------
    >>> import optuna
    >>> from seqclf.tuning import Choice, IntRange, suggest
    >>> fixed = optuna.trial.FixedTrial({"hidden_size": 64, "cell": "gru"})
    >>> suggest(fixed, {"hidden_size": IntRange(32, 128), "cell": Choice(["gru", "lstm"])})
    {'hidden_size': 64, 'cell': 'gru'}
    """

    def draw(name: str, distribution: Distribution) -> Any:
        match distribution:
            case Uniform():
                return trial.suggest_float(name, distribution.low, distribution.high)
            case LogUniform():
                return trial.suggest_float(name, distribution.low, distribution.high, log=True)
            case IntRange():
                low, high = distribution.low, distribution.high
                # Optuna requires a multiple of the step.
                high -= (high - low) % distribution.step
                return trial.suggest_int(name, low, high, step=distribution.step, log=distribution.log)
            case Choice():
                labels = labels_of(distribution)
                return distribution.options[labels.index(trial.suggest_categorical(name, labels))]

    return draw_parameters(space, draw)


@dataclass(frozen=True, slots=True)
class _LogInteger:
    """Log-uniform integers for scikit-learn, which calls `rvs`; SciPy has only continuous ones."""

    low: int
    high: int

    def rvs(self, random_state: np.random.RandomState) -> int:
        # Half a unit beyond both bounds: otherwise rounding would draw the bounds half as often.
        bounds = math.log(self.low - 0.5), math.log(self.high + 0.5)
        return int(np.clip(round(math.exp(random_state.uniform(*bounds))), self.low, self.high))


def sklearn_distributions(space: Space) -> dict[str, Any] | list[dict[str, Any]]:
    """Convert a space to the `param_distributions` of scikit-learn's `RandomizedSearchCV`.

    Parameters
    ----------
    space : mapping
        Values of each parameter.

    Returns
    -------
    dict or list of dict
        With an `Either`, a list with one entry per option; with several, one per combination.

    Examples
    --------
    >>> from sklearn.model_selection import RandomizedSearchCV
    >>> from seqclf import GRUClassifier
    >>> from seqclf.tuning import Choice, LogUniform, sklearn_distributions
    >>> space = {"lr": LogUniform(1e-3, 1e-1), "hidden_size": Choice([4, 8])}
    >>> search = RandomizedSearchCV(GRUClassifier(max_epochs=1), sklearn_distributions(space), n_iter=2, cv=2)
    >>> X, y = [[0.1, 0.9], [0.9, 0.1]] * 8, [1, 0] * 8
    >>> sorted(search.fit(X, y).best_params_)
    ['hidden_size', 'lr']
    """
    spaces = _sklearn_spaces(space, "")
    return spaces[0] if len(spaces) == 1 else spaces


def _sklearn_spaces(space: Space, prefix: str) -> list[dict[str, Any]]:
    spaces: list[dict[str, Any]] = [{}]
    for key, value in space.items():
        name = f"{prefix}{key}"
        if isinstance(value, Either):
            branches = [inner for option in value.options for inner in _sklearn_spaces(option, prefix)]
        elif isinstance(value, Mapping):
            branches = _sklearn_spaces(value, f"{name}__")
        else:
            branches = [{name: _sklearn_distribution(value)}]
        spaces = [known | branch for known in spaces for branch in branches]
    return spaces


def _sklearn_distribution(value: Any) -> Any:
    match value:
        case Uniform():
            return uniform(value.low, value.high - value.low)
        case LogUniform():
            return loguniform(value.low, value.high)
        case IntRange(log=True):
            return _LogInteger(value.low, value.high)
        case IntRange(step=1):
            return randint(value.low, value.high + 1)
        case IntRange():
            return list(range(value.low, value.high + 1, value.step))
        case Choice():
            return list(value.options)
        case _:
            return [value]


def wandb_config(
    space: Space,
    *,
    method: Literal["bayes", "random", "grid"] = "bayes",
    metric: str = "f1_macro",
    goal: Literal["maximize", "minimize"] = "maximize",
) -> dict[str, Any]:
    """Convert a space to the configuration of a W&B sweep.

    Parameters
    ----------
    space : mapping
        Values of each parameter.
    method : {"bayes", "random", "grid"}, default="bayes"
        Search strategy of W&B.
    metric : str, default="f1_macro"
        Name under which your function logs the score.
    goal : {"maximize", "minimize"}, default="maximize"
        Direction of the search.

    Returns
    -------
    dict
        Argument of `wandb.sweep`.

    Notes
    -----
    W&B has no conditional parameters: it draws those of every option of an `Either`. `resolve`, which converts `wandb.config`
    to parameters, ignores the options that were not chosen.

    Examples
    --------
    >>> from seqclf.tuning import IntRange, LogUniform, wandb_config
    >>> wandb_config({"lr": LogUniform(1e-3, 1e-1), "num_layers": IntRange(1, 3)})["parameters"]
    {'lr': {'distribution': 'log_uniform_values', 'min': 0.001, 'max': 0.1},
     'num_layers': {'distribution': 'int_uniform', 'min': 1, 'max': 3}}
    """
    return {
        "method": method,
        "metric": {"name": metric, "goal": goal},
        "parameters": {name: _wandb_parameter(distribution) for name, distribution in decisions(space)},
    }


def _wandb_parameter(distribution: Distribution) -> dict[str, Any]:
    match distribution:
        case Uniform():
            return {"distribution": "uniform", "min": distribution.low, "max": distribution.high}
        case LogUniform():
            return {"distribution": "log_uniform_values", "min": distribution.low, "max": distribution.high}
        case IntRange(step=1, log=False):
            return {"distribution": "int_uniform", "min": distribution.low, "max": distribution.high}
        case IntRange(log=True):
            bounds = {"min": distribution.low, "max": distribution.high}
            return {"distribution": "q_log_uniform_values", "q": 1, **bounds}
        case IntRange():
            return {"values": list(range(distribution.low, distribution.high + 1, distribution.step))}
        case Choice():
            return {"values": labels_of(distribution)}
