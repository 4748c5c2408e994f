"""Objects that hold sequences and their labels, such as `Heartbeats` and `LongTable`: refused, saying what to pass."""

from __future__ import annotations

from typing import Any, Final

from seqclf.sequences._container import Sequences
from seqclf.sequences._lazy import LazySequences

_LABELS: Final = ("target", "labels")  # what such objects call them


def refuse_holder(X: Any) -> None:
    """Raise if `X`, or each item of a list, holds sequences as its attribute `sequences`, whatever its type."""
    if isinstance(X, list | tuple) and X and _is_holder(X[0]):
        labels = _labels_of(X[0])
        pass_y = "" if labels is None else f", and the concatenated `.{labels}` as y"
        raise TypeError(
            f"X must be sequences; got a list of {type(X[0]).__name__}, which hold them. Pass "
            f"`Sequences.concatenate([one.sequences for one in X])`{pass_y}."
        )
    if _is_holder(X):
        labels = _labels_of(X)
        pass_y = "" if labels is None else f", and `.{labels}` as y: `fit(X.sequences, X.{labels})`"
        raise TypeError(
            f"X must be sequences; got {type(X).__name__}, which holds them. Pass its `.sequences`{pass_y}."
        )


def _is_holder(X: Any) -> bool:
    return isinstance(getattr(X, "sequences", None), Sequences | LazySequences)


def _labels_of(holder: Any) -> str | None:
    return next((name for name in _LABELS if hasattr(holder, name)), None)
