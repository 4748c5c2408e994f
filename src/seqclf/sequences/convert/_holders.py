"""Objects that hold sequences and their labels, such as `Heartbeats` and `LongTable`: refused, saying what to pass."""

from __future__ import annotations

from typing import Any, Final

from seqclf.sequences._container import Sequences
from seqclf.sequences._lazy import LazySequences

_LABELS: Final = ("target", "labels")  # what such objects call them


def refuse_holder(X: Any) -> None:
    """Raise if `X` holds sequences as its attribute `sequences`, whatever its type."""
    if not isinstance(getattr(X, "sequences", None), Sequences | LazySequences):
        return
    labels = next((name for name in _LABELS if hasattr(X, name)), None)
    pass_y = "" if labels is None else f", and `.{labels}` as y: `fit(X.sequences, X.{labels})`"
    raise TypeError(
        f"X must be sequences; got {type(X).__name__}, which holds them. Pass its `.sequences`{pass_y}."
    )
