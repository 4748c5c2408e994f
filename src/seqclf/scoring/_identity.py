"""What predicts in a model, as a digest: equal for equal models of different runs, whether in memory or from a file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

import numpy as np
import torch
from sklearn.pipeline import Pipeline
from torch import Tensor, nn

from seqclf._pickling import PackedGenerator, PackedTensor
from seqclf.estimators import SequenceClassifier, SequenceEnsemble
from seqclf.training import History

_PLAIN = (bool, int, float, complex, str, bytes, type(None), torch.dtype, torch.device)
_NAMED = (type, FunctionType, BuiltinFunctionType, MethodType)
_RUN = (History, torch.Generator, PackedGenerator)
"""What differs from run to run, and may be left out of a file."""


def identify(model: Any) -> str:
    """Return a digest of what predicts in a fitted model."""
    digest = _Digest()
    digest.add(model)
    return digest.hexdigest()


class _Digest:
    """A digest of values, and of the classes and attributes of objects.

    It is not that of a pickle, in which a NumPy scalar, a generator or a tensor with a gradient differs from what a file returns.
    """

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self._open: list[int] = []  # the objects around a value: circles end there

    def hexdigest(self) -> str:
        """Return the digest so far."""
        return self._hash.hexdigest()

    def add(self, value: Any) -> None:
        """Add a value."""
        if isinstance(value, np.generic) and value.dtype.kind in "biufcUS":
            value = value.item()
        if isinstance(value, _RUN):
            value = None
        if isinstance(value, _PLAIN):
            self._write(type(value).__name__, repr(value))
        elif isinstance(value, _NAMED):
            self._write("name", f"{value.__module__}.{value.__qualname__}")
        elif isinstance(value, Tensor):
            packed = PackedTensor.of(value)
            self._write(str(packed.dtype), packed.shape, packed.data.tobytes())
        elif id(value) in self._open:
            self._write("circle", len(self._open) - self._open.index(id(value)))
        else:
            self._open.append(id(value))
            self._add_object(value)
            self._open.pop()

    def _add_object(self, value: Any) -> None:
        if isinstance(value, np.ndarray | np.generic) and value.dtype.kind != "O":
            self._write(value.dtype.str, value.shape, value.tobytes())
        elif type(value) is dict:
            self._add_all("dict", (item for pair in value.items() for item in pair))
        elif type(value) in (list, tuple):
            self._add_all(type(value).__name__, value)
        elif isinstance(value, nn.Module):
            attributes: dict[str, Any] = value.__getstate__()  # type: ignore[no-untyped-call]  # of typeshed
            self._add_all(type(value).__qualname__, [_without_run(_plain_hooks(attributes))])
        else:
            self._add_all(type(value).__qualname__, _parts(value))

    def _add_all(self, kind: str, values: Iterable[Any]) -> None:
        self._write(kind)
        for value in values:
            self.add(value)
        self._write("end")

    def _write(self, *parts: object) -> None:
        """Add parts, each after its length."""
        for part in parts:
            content = part if isinstance(part, bytes) else str(part).encode()
            self._hash.update(f"{len(content)}:".encode())
            self._hash.update(content)


def _parts(value: Any) -> Iterable[Any]:
    """Return what an object consists of; of a model, only what predicts, because a file may lack the rest."""
    if isinstance(value, SequenceClassifier):
        if type(value).predict_proba is SequenceClassifier.predict_proba:
            model = value._model
            shift = model.prior.shift if value.prior_correction else None
            return model.network, model.contract, model.classes, shift
    elif isinstance(value, SequenceEnsemble):
        if type(value).predict_proba is SequenceEnsemble.predict_proba:
            return value._ensemble.contract, *value.members_
    elif type(value) is Pipeline:
        return [step for _, step in value.steps if step not in (None, "passthrough")]
    try:
        make, arguments, *rest = value.__reduce_ex__(4)
    except (TypeError, AttributeError) as error:
        raise TypeError(
            f"`model` must be picklable, so that results can be recognised as its own; got: {error}. Define its parts in a module."
        ) from error
    state, items, pairs = (*rest, None, None, None)[:3]
    return make, arguments, _without_run(state), [*(items or ())], [*(pairs or ())]


def _without_run(state: Any) -> Any:
    """Return attributes without those of a run, and those that are None."""
    if isinstance(state, tuple) and len(state) == 2:  # of an object with slots
        return tuple(_without_run(one) for one in state)
    if not isinstance(state, dict):
        return state
    return {name: value for name, value in state.items() if not isinstance(value, (type(None), *_RUN))}


def _plain_hooks(attributes: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes of a module that count in predictions: hooks without their numbers, which are the process's."""
    return {
        name: [*value.values()] if name.endswith("_hooks") and isinstance(value, dict) else value
        for name, value in attributes.items()
        if name != "training"
    }
