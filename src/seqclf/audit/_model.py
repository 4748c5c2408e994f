"""Any model -> a function from a padded table and lengths to probabilities."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

from seqclf._inspection import uninspected
from seqclf.audit._arrays import Floats, Integers
from seqclf.audit._scores import as_scores, first_of, kind_of, to_probabilities


class Model:
    """A callable from a padded table and lengths to probabilities."""

    def __init__(self, function: Callable[..., Any], *, flat: bool, dtype: np.dtype[Any]) -> None:
        self.takes_lengths, self._by_keyword = _lengths_parameter(function)
        self._function = function
        self._flat, self._dtype = flat, dtype
        self._kind: str | None = None

    def __call__(self, table: Floats, lengths: Integers) -> Floats:
        """Return probabilities of shape (n, n_classes) for a table of shape (n, time, feature)."""
        scores = as_scores(self.scores(table, lengths), len(table))
        if self._kind is None:  # the scores of the unmodified table decide
            self._kind = kind_of(scores)
        return to_probabilities(scores, self._kind)

    def scores(self, table: Floats, lengths: Integers) -> Any:
        """Return what the model itself returns; of a tuple, such as `(logits, hidden)`, the first element."""
        X = table.astype(self._dtype)
        with uninspected():  # the values of an audit need not be like those of the training samples
            return first_of(self._call(X[..., 0] if self._flat else X, lengths.copy()), len(table))

    def _call(self, X: Any, lengths: Any) -> Any:
        if not self.takes_lengths:
            return self._function(X)
        return self._function(X, lengths=lengths) if self._by_keyword else self._function(X, lengths)


class TorchModel(Model):
    """A torch module, called with tensors.

    The module is copied, so that batch statistics updated in training mode do not reach the user's.
    """

    def __init__(self, module: nn.Module, *, flat: bool) -> None:
        if type(module).forward is nn.Module.forward:
            raise TypeError(f"`model` must have a method `forward`; got {type(module).__name__} without one.")
        self.module = copy.deepcopy(module)
        super().__init__(self.module.forward, flat=flat, dtype=np.dtype(np.float32))
        self._function = self.module  # not its `forward`, which runs no hooks
        parameters = list(self.module.parameters())
        self._device = parameters[0].device if parameters else torch.device("cpu")
        self._float = next((p.dtype for p in parameters if p.is_floating_point()), torch.float32)
        self.gpus = sorted({parameter.device.index for parameter in parameters if parameter.is_cuda})
        self._n_calls = 0

    def __call__(self, table: Floats, lengths: Integers) -> Floats:
        """Return probabilities without gradients and with a new seed: with one seed, dropout would go unnoticed."""
        with torch.no_grad(), torch.random.fork_rng(devices=self.gpus):
            self._n_calls += 1
            cuda = [torch.cuda.default_generators[i] for i in self.gpus]
            for generator in (torch.default_generator, *cuda):
                generator.manual_seed(self._n_calls)
            return super().__call__(table, lengths)

    def _call(self, X: Any, lengths: Any) -> Any:
        # Packing needs the lengths on the CPU.
        inputs = torch.from_numpy(X).to(self._device, self._float)
        try:
            return super()._call(inputs, torch.from_numpy(lengths))
        except (AttributeError, TypeError) as error:
            raise TypeError(
                f"`model` must map a padded tensor to scores; {type(self.module).__name__} raised {type(error).__name__}: {error}. "
                "Audit a network that maps `Sequences` in its fitted estimator."
            ) from error


def as_model(model: Any, *, flat: bool, dtype: np.dtype[Any]) -> Model:
    """Wrap a torch module, an estimator or a callable."""
    if isinstance(model, type):
        raise TypeError(
            f"`model` must be an instance; got the class {model.__name__}. Create one, or fit it first."
        )
    if isinstance(model, nn.Module):
        return TorchModel(model, flat=flat)
    for name in ("predict_proba", "decision_function"):
        if callable(method := getattr(model, name, None)):
            return Model(method, flat=flat, dtype=dtype)
    if callable(model):
        return Model(model, flat=flat, dtype=dtype)
    raise TypeError(
        "`model` must be callable, or have `predict_proba` or `decision_function`; got "
        f"{type(model).__name__}. Pass a function that maps a padded array to scores."
    )


def _lengths_parameter(function: Callable[..., Any]) -> tuple[bool, bool]:
    """Return whether a function takes lengths, and whether by keyword."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # a builtin without a signature
        return False, False
    by_keyword = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    if any(p.name == "lengths" and p.kind in by_keyword for p in parameters):
        return True, True
    by_position = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    required = [p for p in parameters if p.default is p.empty and p.kind in by_position]
    return len(required) >= 2, False
