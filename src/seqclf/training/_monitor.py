"""The value that early stopping monitors, and how it is read from an epoch."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from seqclf._components import accepts

MonitorName = Literal["valid_loss", "valid_macro_f1", "valid_accuracy"]
MONITORS: tuple[MonitorName, ...] = get_args(MonitorName)

Metric = Callable[[NDArray[Any], NDArray[Any]], float]
"""True and predicted classes of the validation set, each (n_samples,) -> a number where larger is better."""

Monitor = MonitorName | Metric


def check_monitor(monitor: Any) -> None:
    """Raise unless `monitor` is a known name or a callable of two arguments; a scorer takes an estimator."""
    if isinstance(monitor, str) and monitor in MONITORS:
        return
    if isinstance(monitor, str) or not callable(monitor):
        raise ValueError(
            f"`monitor` must be one of {list(MONITORS)} or a callable `(y_true, y_pred) -> float`; got {monitor!r}."
        )
    if not accepts(monitor, 2):
        raise TypeError(
            f"`monitor` must take the true and the predicted labels, `(y_true, y_pred)`; got {monitor!r:.100} with the signature "
            f"{inspect.signature(monitor)}. Pass the metric itself, not a scorer of it."
        )


def measure(metric: Metric, target: NDArray[np.int64], predicted: NDArray[np.int64]) -> float:
    """Return the value of a custom metric; raise unless it is a finite number."""
    value = metric(target, predicted)
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise TypeError(f"`monitor` must return a number; got {value!r:.80}.") from error
    if not np.isfinite(number):
        raise ValueError(f"`monitor` must return a finite number; got {number}.")
    return number
