"""Scores of any kind -> probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np

from seqclf.audit._arrays import Floats


def first_of(output: Any, n: int) -> Any:
    """Return the scores of a model that returns them with its hidden state: the first element of a tuple."""
    while isinstance(output, tuple) and output and (isinstance(output[0], tuple) or _has_rows(output[0], n)):
        output = output[0]
    return output


def _has_rows(value: Any, n: int) -> bool:
    shape: tuple[int, ...] = tuple(getattr(value, "shape", ()))
    return len(shape) > 0 and shape[0] == n


def as_scores(scores: Any, n: int) -> Floats:
    """Return scores as float64 of shape (n, n_scores); raise if they are not one finite row per sequence."""
    given = scores
    for method in ("detach", "cpu", "numpy"):  # tensors of torch and TensorFlow
        scores = getattr(scores, method)() if hasattr(scores, method) else scores
    try:
        array = np.asarray(scores, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"`model` must return an array of scores, or a tuple that begins with it; got {type(given).__name__}. Wrap the model "
            "so that it returns the scores alone."
        ) from error
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2 or array.shape[0] != n:
        raise ValueError(
            f"`model` must return scores of shape ({n}, n_classes) or ({n},) for {n} sequences; got {array.shape}. "
            "Return one row per sequence."
        )
    if not np.isfinite(array).all():
        row = int(np.argwhere(~np.isfinite(array))[0, 0])
        raise ValueError(
            f"`model` must return finite scores; got {array[row].tolist()} for row {row}. "
            "Do its weights contain NaN?"
        )
    return array


def kind_of(scores: Floats) -> str:
    """Return what scores are: "probabilities" or "logits", or the singular for a single column."""
    in_unit_interval = bool(((scores >= 0) & (scores <= 1 + 1e-3)).all())
    if scores.shape[1] == 1:
        return "probability" if in_unit_interval else "logit"
    sums_to_one = bool((abs(scores.sum(axis=1) - 1) < 1e-3).all())
    return "probabilities" if in_unit_interval and sums_to_one else "logits"


def to_probabilities(scores: Floats, kind: str) -> Floats:
    """Return a probability for each class, two columns for binary scores."""
    if kind == "logits":
        shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))
    if kind == "logit":
        scores = 1 / (1 + np.exp(-np.clip(scores, -700, 700)))
    return scores if scores.shape[1] > 1 else np.hstack([1 - scores, scores])
