"""How the objects of one class are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor


def _nothing(value: Any) -> dict[str, Any]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """The name of a class in the file, and what is written of its objects.

    Attributes
    ----------
    name : str
        A key of the reader's dictionary; never imported.
    fields : callable
        Object -> mapping of name to value; each must be written.
    parameters : callable
        Object -> mapping of name to value; one that cannot be written is omitted.
    tensors : callable
        Object -> mapping of name to tensor, weights that the class always has.
    """

    name: str
    fields: Callable[[Any], Mapping[str, Any]] = _nothing
    parameters: Callable[[Any], Mapping[str, Any]] = _nothing
    tensors: Callable[[Any], Mapping[str, Tensor]] = _nothing
