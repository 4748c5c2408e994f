"""How the objects of one name are built."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from seqclf.persistence._format_1._checks import Must


def _no_weights(name: str, given: Mapping[str, Any]) -> Iterator[tuple[str, tuple[int, ...]]]:
    return iter(())


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a file must hold for an object, and how it is built from that.

    Attributes
    ----------
    build : callable
        Called with the fields as keywords; with weights, these come first, a dict of name to tensor.
    fields : dict of str to Must
        All must be there.
    learned : dict of str to Must
        All or none must be there.
    weights : callable
        Name and fields -> name and shape of each float32 tensor that must be there.
    """

    build: Callable[..., Any]
    fields: Mapping[str, Must]
    learned: Mapping[str, Must] = field(default_factory=dict)
    weights: Callable[[str, Mapping[str, Any]], Iterator[tuple[str, tuple[int, ...]]]] = _no_weights


Weights = dict[str, Tensor]
