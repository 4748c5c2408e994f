"""Any model -> a function from padded arrays to scores."""

from __future__ import annotations

import copy
import inspect
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class Model:
    """A callable, an estimator or a torch module, called alike: table and lengths in, probabilities out.

    A torch module is copied: batch statistics that it gathers in training mode, and random numbers that its dropout
    draws, must not change what the user goes on with.
    """

    def __init__(self, model: Any, *, flat: bool, dtype: np.dtype[Any]) -> None:
        self.is_module = is_torch_module(model)
        self.module: Any = copy.deepcopy(model) if self.is_module else None
        self._function: Any = self.module if self.is_module else getattr(model, "predict_proba", model)
        if not callable(self._function):
            raise TypeError(
                "`model` must be callable, or have `predict_proba`; got "
                f"{type(model).__name__}. Pass a function that maps a padded array to scores."
            )
        signature_of: Any = self.module.forward if self.module is not None else self._function
        self.takes_lengths, self._by_name = _lengths_argument(signature_of)
        self._flat, self._dtype = flat, dtype
        self._kind: str | None = None
        self._calls = 0

    def __call__(self, table: Floats, lengths: Integers) -> Floats:
        """Return a probability per class, of shape (n, n_classes), for a table of shape (n, time, feature)."""
        if self.is_module:
            import torch

            gpus = gpus_of(self.module)
            with torch.no_grad(), torch.random.fork_rng(devices=gpus):
                self._calls += 1  # other random numbers for each call, or dropout would look like no dropout
                for generator in (torch.default_generator, *(torch.cuda.default_generators[i] for i in gpus)):
                    generator.manual_seed(self._calls)
                scores = self.scores(table, lengths)
        else:
            scores = self.scores(table, lengths)
        return self._probabilities(_as_scores(scores, len(table)))

    def scores(self, table: Floats, lengths: Integers) -> Any:
        """Return what the model itself returns; a module gets tensors, and its gradient flows."""
        X: Any = table.astype(np.float32 if self.is_module else self._dtype)
        X = X[..., 0] if self._flat else X
        given: Any = lengths.copy()
        if self.is_module:
            import torch

            device = next((p.device for p in self.module.parameters()), "cpu")
            X, given = (
                torch.from_numpy(X).to(device),
                torch.from_numpy(given),
            )  # packing wants lengths on the CPU
        if not self.takes_lengths:
            return self._function(X)
        return self._function(X, lengths=given) if self._by_name else self._function(X, given)

    def _probabilities(self, scores: Floats) -> Floats:
        """Turn scores into probabilities; what they are is decided by the first ones seen."""
        if self._kind is None:
            self._kind = _kind_of(scores)
        if self._kind == "logits":
            shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
            return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))
        if self._kind == "logit":
            scores = 1 / (1 + np.exp(-np.clip(scores, -700, 700)))
        return scores if scores.shape[1] > 1 else np.hstack([1 - scores, scores])


def gpus_of(module: Any) -> list[int]:
    """Return the GPUs on which a torch module draws random numbers."""
    return sorted({parameter.device.index for parameter in module.parameters() if parameter.is_cuda})


def is_torch_module(model: Any) -> bool:
    """Tell whether it is a torch module, without importing torch for a model that is none."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(model, torch.nn.Module)


def _lengths_argument(function: Callable[..., Any]) -> tuple[bool, bool]:
    """Tell whether a function takes lengths, and whether by that name."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):  # a builtin without a signature
        return False, False
    if any(parameter.name == "lengths" for parameter in parameters):
        return True, True
    needed = [
        p
        for p in parameters
        if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]
    return len(needed) >= 2, False


def _as_scores(scores: Any, n: int) -> Floats:
    """Return scores as float64 of shape (n, any)."""
    for method in ("detach", "cpu", "numpy"):  # tensors of torch and TensorFlow
        scores = getattr(scores, method)() if hasattr(scores, method) else scores
    array = np.asarray(scores, dtype=np.float64)
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
            f"`model` must return finite scores; got {array[row].tolist()} for row {row}. Is it trained with NaN?"
        )
    return array


def _kind_of(scores: Floats) -> str:
    """Tell probabilities from logits: one column or one per class."""
    between = bool(((scores >= 0) & (scores <= 1 + 1e-3)).all())
    if scores.shape[1] == 1:
        return "probability" if between else "logit"
    return "probabilities" if between and bool((abs(scores.sum(axis=1) - 1) < 1e-3).all()) else "logits"
