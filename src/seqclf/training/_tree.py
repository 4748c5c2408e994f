"""Nested values -> JSON and tensors, and back."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor


def flatten(value: Any, tensors: dict[str, Tensor], path: str) -> Any:
    """Return a value as JSON that refers to copies of its tensors, which are added to `tensors` by their path.

    Raises
    ------
    TypeError
        If it consists of more than dictionaries, lists, tuples, tensors, numbers, text, booleans and None.
    """
    if value is None or isinstance(value, bool | str):
        return value
    if type(value) is int:
        return value
    if isinstance(value, float):  # NumPy's float64 too
        return float(value) if math.isfinite(value) else {"float": str(float(value))}
    if isinstance(value, Tensor) and value.layout == torch.strided and not value.is_quantized:
        # A copy, because safetensors refuses tensors that share memory, such as tied weights.
        tensors[path] = value.detach().to("cpu", copy=True).contiguous()
        return {"tensor": path}
    if isinstance(value, dict):
        # Numbered, because different keys may have the same text.
        pairs = [
            [flatten(key, tensors, f"{path}.{i}"), flatten(one, tensors, _unused(f"{path}.{key}", tensors))]
            for i, (key, one) in enumerate(value.items())
        ]
        return {"dict": pairs}
    if type(value) in (list, tuple):
        items = [flatten(one, tensors, f"{path}.{i}") for i, one in enumerate(value)]
        return items if type(value) is list else {"tuple": items}
    raise TypeError(f"`{path}` is of {type(value).__module__}.{type(value).__qualname__}")


def unflatten(value: Any, tensors: dict[str, Tensor]) -> Any:
    """Undo `flatten`; the result consists of plain values and tensors only, whatever the JSON holds."""
    if isinstance(value, list):
        return [unflatten(one, tensors) for one in value]
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "float":
        return float(content)
    if kind == "tensor":
        return tensors[content]
    if kind == "dict":
        return {unflatten(key, tensors): unflatten(one, tensors) for key, one in content}
    if kind == "tuple":
        return tuple(unflatten(one, tensors) for one in content)
    raise ValueError(f"a value of kind {kind!r:.40}")


def _unused(path: str, tensors: dict[str, Tensor]) -> str:
    """Return a path that no tensor has: the keys 0 and "0" have the same text."""
    return path if path not in tensors else _unused(f"{path}_", tensors)
