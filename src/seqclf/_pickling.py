"""Tensors and random generators -> NumPy arrays and bytes, which any process can unpickle.

Under `multiprocessing`, torch would pickle a tensor as a handle of shared memory, which only the process that made it can serve;
and a tensor of a GPU cannot be unpickled on a machine without one.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn


@dataclass(frozen=True, kw_only=True, eq=False)
class PackedTensor:
    """A tensor as the bytes of its elements."""

    data: NDArray[np.uint8]
    dtype: torch.dtype
    shape: tuple[int, ...]
    requires_grad: bool
    is_parameter: bool

    @classmethod
    def of(cls, tensor: Tensor) -> PackedTensor:
        """Copy a tensor to the CPU if it is elsewhere."""
        dense = tensor.detach().cpu().contiguous()
        return cls(
            data=dense.reshape(-1).view(torch.uint8).numpy()
            if dense.numel()
            else np.empty(0, dtype=np.uint8),
            dtype=tensor.dtype,
            shape=tuple(tensor.shape),
            requires_grad=tensor.requires_grad,
            is_parameter=isinstance(tensor, nn.Parameter),
        )

    def unpack(self) -> Tensor:
        """Return the tensor, on the CPU."""
        # joblib maps large arrays into memory, read-only.
        data = self.data if self.data.flags.writeable else self.data.copy()
        if data.size:
            tensor = torch.from_numpy(data).view(self.dtype).reshape(self.shape)
        else:  # NumPy's stride of an empty array may be 0, which `view` refuses
            tensor = torch.empty(self.shape, dtype=self.dtype, device="cpu")
        return (
            nn.Parameter(tensor, self.requires_grad)
            if self.is_parameter
            else tensor.requires_grad_(self.requires_grad)
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class PackedGenerator:
    """The state of a random generator."""

    device: str
    state: NDArray[np.uint8]

    @classmethod
    def of(cls, generator: torch.Generator) -> PackedGenerator:
        """Copy the state."""
        return cls(device=generator.device.type, state=generator.get_state().cpu().numpy())

    def unpack(self) -> torch.Generator:
        """Return the generator; on a machine without its device, one of the CPU that is seeded from the state."""
        try:
            generator = torch.Generator(self.device)
        except RuntimeError:
            return self.seeded()
        return generator.set_state(torch.from_numpy(self.state.copy()))

    def seeded(self) -> torch.Generator:
        """Return a generator of the CPU that is seeded from the state."""
        seed = np.random.SeedSequence(self.state.tolist()).generate_state(1)[0]
        return torch.Generator("cpu").manual_seed(int(seed))


def pack(value: Any) -> Any:
    """Return a copy of a value in which tensors and generators are packed; the value itself if it holds none."""
    return _replaced(value, {Tensor: PackedTensor.of, torch.Generator: PackedGenerator.of})


def unpack(value: Any) -> Any:
    """Undo `pack`."""
    return _replaced(value, {kind: kind.unpack for kind in (PackedTensor, PackedGenerator)})


def _replaced(value: Any, changes: Mapping[Any, Any]) -> Any:
    """Copy a value with other objects in place of those of the given types; what was one object stays one."""
    substitutes = _substitutes(value, changes)
    return copy.deepcopy(value, substitutes) if substitutes else value


def device_or_cpu(device: str) -> str:
    """Return a type of device, or "cpu" where this machine or this torch does not have it."""
    try:
        torch.empty(0, dtype=torch.uint8, device=device)
    except (RuntimeError, AssertionError, NotImplementedError):
        return "cpu"
    return device


def _substitutes(value: Any, changes: Mapping[Any, Any]) -> dict[int, Any]:
    """Return, by identity, what replaces each object of the given types inside a value: a memo for `copy.deepcopy`."""
    found: dict[int, Any] = {}
    seen: dict[int, Any] = {}  # keeps the objects alive, because their identities are keys
    remaining = [value]
    while remaining:
        one = remaining.pop()
        if id(one) in seen or isinstance(one, _LEAVES):
            continue
        seen[id(one)] = one
        change = next((change for kind, change in changes.items() if isinstance(one, kind)), None)
        if change is not None:
            found[id(one)] = change(one)
        elif isinstance(one, dict):
            remaining += [*one.keys(), *one.values()]
        elif isinstance(one, list | tuple | set | frozenset):
            remaining += one
        else:
            remaining += _attributes(one)
    return found


def _attributes(value: Any) -> list[Any]:
    slots = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
    return [*getattr(value, "__dict__", {}).values(), *(getattr(value, name, None) for name in slots)]


_LEAVES = (
    str,
    bytes,
    int,
    float,
    complex,
    type(None),
    type,
    FunctionType,
    ModuleType,
    np.ndarray,
    np.generic,
)
