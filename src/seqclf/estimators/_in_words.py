"""A parameter -> text that is equal for equal parameters, in any process."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping
from functools import partial
from logging import Logger
from pathlib import PurePath
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np
import torch
from torch import Tensor

from seqclf._strict_json import write_json

_LONGEST = 200
"""Characters of a text; a longer one is cut, with a digest of the whole."""

_VERSIONED = ("seqclf", "torch", "numpy", "sklearn")
"""Packages whose version is compared: their functions are described by name alone."""


def in_words(value: Any) -> str:
    """Describe a value: a number or a text as it is, a class by its name, an object by its attributes.

    A function is described by its name, its code, its defaults and the variables around it that it uses; global variables and
    functions that it calls are not. Random generators are described by their class: what they draw is a function of the seed of a fit.
    """
    text = write_json(_described(value, ()))
    if len(text) <= _LONGEST:
        return text
    return f"{text[:60]}... (SHA-256 {hashlib.sha256(text.encode()).hexdigest()[:32]})"


def _described(value: Any, holders: tuple[int, ...]) -> Any:
    """Return a value as JSON; `holders` are the identities of the objects that hold it."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):  # 0.0 and 0 are the same parameter
        return (int(value) if value.is_integer() else value) if math.isfinite(value) else str(value)
    if isinstance(value, type | BuiltinFunctionType):
        return _name(value)
    if isinstance(value, ModuleType | Logger):  # they hold half of the program
        return value.__name__ if isinstance(value, ModuleType) else value.name
    if isinstance(value, FunctionType) and value.__module__.partition(".")[0] in _VERSIONED:
        return _name(value)
    if isinstance(value, Tensor) or (isinstance(value, np.ndarray) and value.dtype != object):
        return _array(value)
    if isinstance(value, torch.Generator | np.random.RandomState | np.random.Generator):
        return _described(type(value), ())
    if id(value) in holders:
        return "an object that holds this one"
    key = _name(value) if isinstance(value, FunctionType) else _name(type(value))
    return {key: _content(value, (*holders, id(value)))}


def _name(value: Any) -> str:
    return f"{value.__module__}.{value.__qualname__}"


def _content(value: Any, holders: tuple[int, ...]) -> Any:
    if isinstance(value, Mapping):
        return [[_described(key, holders), _described(one, holders)] for key, one in value.items()]
    if isinstance(value, list | tuple):
        return [_described(one, holders) for one in value]
    if isinstance(value, set | frozenset):
        return sorted(write_json(_described(one, holders)) for one in value)
    if isinstance(value, np.ndarray):
        return [value.shape, [_described(one, holders) for one in value.ravel().tolist()]]
    if isinstance(value, FunctionType):
        return _function(value, holders)
    if isinstance(value, partial):
        return [_described(one, holders) for one in (value.func, value.args, value.keywords)]
    if isinstance(value, MethodType):
        return [value.__func__.__qualname__, _described(value.__self__, holders)]
    if isinstance(value, bytes | PurePath):  # a path keeps what it has computed in attributes
        return str(value)
    slots = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
    names = sorted({*getattr(value, "__dict__", {}), *slots} - {"__dict__", "__weakref__"})
    if not names:  # a type in C, whose text shows what it holds: `operator.itemgetter(1)`
        return re.sub(r" at 0x[0-9a-fA-F]+", "", repr(value))
    return {name: _described(getattr(value, name, None), holders) for name in names}


def _function(value: FunctionType, holders: tuple[int, ...]) -> list[Any]:
    code = hashlib.sha256(write_json(_code(value.__code__)).encode()).hexdigest()[:12]
    around = dict(zip(value.__code__.co_freevars, value.__closure__ or (), strict=True))
    used = {name: _described(cell.cell_contents, holders) for name, cell in around.items() if _is_set(cell)}
    return [code, *(_described(one, holders) for one in (value.__defaults__, value.__kwdefaults__)), used]


def _code(code: CodeType) -> list[Any]:
    constants = [_code(one) if isinstance(one, CodeType) else _described(one, ()) for one in code.co_consts]
    return [code.co_code.hex(), list(code.co_names), list(code.co_varnames), constants]


def _is_set(cell: Any) -> bool:
    try:
        return cell.cell_contents is not cell
    except ValueError:
        return False


def _array(value: Any) -> dict[str, Any]:
    array = value.detach().cpu().contiguous() if isinstance(value, Tensor) else np.ascontiguousarray(value)
    dense = array.flatten().view(torch.uint8).numpy() if isinstance(array, Tensor) else array
    digest = hashlib.sha256(dense.tobytes()).hexdigest()
    return {"dtype": str(array.dtype), "shape": list(array.shape), "sha256": digest}
