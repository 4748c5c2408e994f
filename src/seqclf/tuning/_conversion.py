"""A space -> what Optuna, scikit-learn and W&B draw from."""

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
    """Draw one trial's parameters from an Optuna trial.

    Parameters
    ----------
    trial : optuna.Trial
        Whose study chooses.
    space : mapping
        What each parameter may be.

    Returns
    -------
    dict
        For `set_params`.

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
                # Optuna wants a last value that is reached.
                high -= (high - low) % distribution.step
                return trial.suggest_int(name, low, high, step=distribution.step, log=distribution.log)
            case Choice():
                labels = labels_of(distribution)
                return distribution.options[labels.index(trial.suggest_categorical(name, labels))]

    return draw_parameters(space, draw)


@dataclass(frozen=True, slots=True)
class _LogInteger:
    """Integers of which each order of magnitude is as likely, as scikit-learn draws them: by `rvs`."""

    low: int
    high: int

    def rvs(self, random_state: np.random.RandomState) -> int:
        # Half an integer more at both ends, so that these are no rarer than their neighbours.
        ends = math.log(self.low - 0.5), math.log(self.high + 0.5)
        return int(np.clip(round(math.exp(random_state.uniform(*ends))), self.low, self.high))


def sklearn_distributions(space: Space) -> dict[str, Any] | list[dict[str, Any]]:
    """Return a space as scikit-learn's `RandomizedSearchCV` takes it.

    Parameters
    ----------
    space : mapping
        What each parameter may be.

    Returns
    -------
    dict or list of dict
        `param_distributions`; with an `Either` a list, an entry for each combination of its options.

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
            more = [inner for option in value.options for inner in _sklearn_spaces(option, prefix)]
        elif isinstance(value, Mapping):
            more = _sklearn_spaces(value, f"{name}__")
        else:
            more = [{name: _sklearn_distribution(value)}]
        spaces = [known | new for known in spaces for new in more]
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
    """Return a space as the configuration of a W&B sweep.

    Parameters
    ----------
    space : mapping
        What each parameter may be.
    method : {"bayes", "random", "grid"}, default="bayes"
        How W&B draws.
    metric : str, default="f1_macro"
        What your function logs for W&B to look at.
    goal : {"maximize", "minimize"}, default="maximize"
        Which way is better.

    Returns
    -------
    dict
        For `wandb.sweep`.

    Notes
    -----
    W&B knows no parameters that depend on others: it draws those in all options of an `Either`, and `resolve`, which turns
    its `wandb.config` into parameters, leaves out what does not count.

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
        "parameters": {
            decision.name: _wandb_parameter(decision.distribution) for decision in decisions(space)
        },
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
            ends = {"min": distribution.low, "max": distribution.high}
            return {"distribution": "q_log_uniform_values", "q": 1, **ends}
        case IntRange():
            return {"values": list(range(distribution.low, distribution.high + 1, distribution.step))}
        case Choice():
            return {"values": labels_of(distribution)}
