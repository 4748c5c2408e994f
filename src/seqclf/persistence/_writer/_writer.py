"""`Writer`: any value that a model is made of -> JSON, with its tensors beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from seqclf._omitted import Omitted
from seqclf.persistence._writer._arrays import array_fields, scalar_fields
from seqclf.persistence._writer._errors import CannotBeSavedError
from seqclf.persistence._writer._kinds import Kind
from seqclf.persistence._writer._learned import Earlier, TrainingState
from seqclf.persistence._writer._modules import MODULES, has_expected_weights, hook_in
from seqclf.persistence._writer._objects import OBJECTS

__all__ = ["CannotBeSavedError", "Writer"]

KINDS: dict[type, Kind] = OBJECTS | MODULES


class Writer:
    """Collects the tensors of a model while it is turned into JSON.

    A tensor is called by the path of its place in the JSON, so that neither can refer to anything but the other.

    Attributes
    ----------
    tensors : dict of str to torch.Tensor
        Copies, on the CPU.
    """

    def __init__(self, *, training_state: bool) -> None:
        self.tensors: dict[str, Tensor] = {}
        self._training_state = training_state

    def value(self, value: Any, path: str) -> Any:
        """Return JSON for a value at a path; raise `CannotBeSavedError` if it, or a part of it, has no name in the file."""
        if value is None or type(value) in (bool, int, str):
            return value
        if type(value) is float:
            return value if math.isfinite(value) else {"is": "float", "value": repr(value)}
        if type(value) is list:
            return self._items(value, path)
        if type(value) is Earlier:
            pairs = [
                [name, self._parameter(name, one, f"{path}.{name}")] for name, one in value.values.items()
            ]
            return {"is": "dict", "items": pairs}
        kind = KINDS.get(type(value))
        if isinstance(value, nn.Module) and (kind is None or not has_expected_weights(value)):
            return self._custom(value, path)
        if isinstance(value, TrainingState) and not self._training_state:
            return None
        if kind is not None:
            return self._object(kind, value, path)
        return {"is": _plain_name(value, path)} | self._plain_fields(value, path)

    def _plain_fields(self, value: Any, path: str) -> dict[str, Any]:
        if type(value) is tuple:
            return {"items": self._items(value, path)}
        if isinstance(value, Mapping):
            pairs = list(value.items())
            keys = [self.value(key, f"{path}.key{i}") for i, (key, _) in enumerate(pairs)]
            return {
                "items": [
                    [key, self.value(one, f"{path}.{i}")]
                    for i, (key, (_, one)) in enumerate(zip(keys, pairs, strict=True))
                ]
            }
        if type(value) is bytes:
            return {"hex": value.hex()}
        if isinstance(value, np.ndarray):
            return array_fields(value, path, self._items)
        if isinstance(value, np.generic):
            fields = scalar_fields(value, path)
            return fields | {"value": self.value(fields["value"], path)}
        if type(value) in (Tensor, nn.Parameter):
            self.tensors[path] = copied(value, path)
            return {}
        if isinstance(value, torch.Generator):
            self.tensors[path] = value.get_state().cpu().clone()
            return {"device": value.device.type}
        if type(value) is Omitted:
            return {"parameter": value.parameter, "what": value.what}
        name, keys, *rest = value.get_state(legacy=True)  # a RandomState
        if name != "MT19937":
            raise CannotBeSavedError(path, f"a RandomState of {name}")
        self.tensors[path] = torch.from_numpy(keys.astype(np.int64))
        return {"rest": [int(rest[0]), int(rest[1]), float(rest[2])]}

    def _items(self, values: Any, path: str) -> list[Any]:
        return [self.value(one, f"{path}.{i}") for i, one in enumerate(values)]

    def _object(self, kind: Kind, value: Any, path: str) -> dict[str, Any]:
        if isinstance(value, nn.Module) and (hook := hook_in(value)) is not None:
            raise CannotBeSavedError(path, f"a {type(value).__name__} with {hook}")
        for name, tensor in kind.tensors(value).items():
            self.tensors[f"{path}.{name}"] = copied(tensor, path)
        fields = {
            name: self.value(_python(one), f"{path}.{name}") for name, one in kind.fields(value).items()
        }
        for name, one in kind.parameters(value).items():
            fields[name] = self._parameter(name, one, f"{path}.{name}")
        return {"is": kind.name} | fields

    def _parameter(self, name: str, value: Any, path: str) -> Any:
        """Return JSON for a parameter of an estimator; one that cannot be written is omitted."""
        before = dict(self.tensors)
        try:
            return self.value(value, path)
        except CannotBeSavedError as error:
            self.tensors = before
            return {"is": "omitted", "parameter": name, "what": error.what}

    def _custom(self, module: nn.Module, path: str) -> dict[str, Any]:
        """Write the weights of a module whose class is not ours; `load` needs the module itself."""
        if "module" not in path.split("."):
            raise CannotBeSavedError(path, f"a module, {type(module).__qualname__}")
        for name, tensor in module.state_dict().items():
            if not isinstance(tensor, Tensor):
                raise CannotBeSavedError(
                    path, f"a {type(module).__qualname__} with a state that is not a tensor, {name!r}"
                )
            self.tensors[f"{path}.{name}"] = copied(tensor, path)
        return {"is": "custom", "class": type(module).__qualname__}


def _python(value: Any) -> Any:
    """Return a NumPy scalar as Python's: what a network or an input contract is made of is a plain number or text."""
    return value.item() if isinstance(value, np.generic) else value


def copied(tensor: Tensor, path: str) -> Tensor:
    """Return a dense copy on the CPU: safetensors takes no tensors that share memory."""
    if tensor.layout != torch.strided or tensor.is_quantized or tensor.is_complex():
        raise CannotBeSavedError(path, f"a tensor of {tensor.dtype}, {tensor.layout}")
    return tensor.detach().cpu().contiguous().clone()


def _plain_name(value: Any, path: str) -> str:
    """Return the name of a value without a class of ours."""
    for kind, name in _PLAIN:
        if type(value) is kind or (kind in _WITH_SUBCLASSES and isinstance(value, kind)):
            return name
    what = getattr(value, "__qualname__", None)  # of functions and classes
    raise CannotBeSavedError(
        path, what if isinstance(what, str) else f"an object of {type(value).__qualname__}"
    )


_PLAIN: tuple[tuple[Any, str], ...] = (
    (tuple, "tuple"),
    (Mapping, "dict"),
    (bytes, "bytes"),
    (np.ndarray, "array"),
    (np.generic, "scalar"),
    (Tensor, "tensor"),
    (nn.Parameter, "tensor"),
    (torch.Generator, "generator"),
    (np.random.RandomState, "random state"),
    (Omitted, "omitted"),
)
_WITH_SUBCLASSES = (Mapping, np.generic)
