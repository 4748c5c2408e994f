"""The layout of `Sequences`: checks, and offsets from lengths."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences._tokens import Tokens

FLOATS = (torch.float32, torch.float64)


def offsets_of(lengths: Tensor) -> Tensor:
    """Return the start of each sequence, followed by the end of the last one: (n_sequences + 1,)."""
    return torch.nn.functional.pad(lengths.cumsum(0), (1, 0))


def check_layout(
    values: Tensor, offsets: Tensor, static: Tensor | None, tokens: Tokens | None = None
) -> None:
    """Raise unless the tensors describe sequences of at least one step each."""
    if not isinstance(values, Tensor) or not isinstance(offsets, Tensor):
        raise TypeError(
            f"`values` and `offsets` must be tensors; got {type(values).__name__} and "
            f"{type(offsets).__name__}. Use `as_sequences` to convert arrays and lists."
        )
    if values.ndim != 2 or values.dtype not in FLOATS or (values.shape[1] == 0 and tokens is None):
        raise InvalidSequenceError(
            "`values` must be float32 or float64 of shape (n_steps, n_features) with at least one feature, or `tokens`; "
            f"got {values.dtype} of shape {tuple(values.shape)}. Use `as_sequences` to convert."
        )
    _check_offsets(offsets, n_steps=values.shape[0])
    if static is not None:
        _check_static(static, n_sequences=offsets.shape[0] - 1)
    if tokens is not None:
        check_tokens(tokens, n_steps=values.shape[0])


def refuse_tokens(tokens: Tokens | None, result: str) -> None:
    """Raise if sequences with tokens are converted to something that holds numbers only."""
    if tokens is not None:
        raise TypeError(
            f"{result} has no place for tokens; got the columns {list(tokens.vocabularies)!r:.100}. Pass `Sequences` "
            "themselves, or drop them with `sequences.with_tokens(None)`."
        )


def check_tokens(tokens: Tokens, *, n_steps: int) -> None:
    """Raise unless there is one row of codes for each step."""
    if not isinstance(tokens, Tokens):
        raise TypeError(
            f"`tokens` must be `Tokens` or None; got {type(tokens).__name__}. Encode them with "
            "`as_sequences(X, vocabulary=...)` or a `TokenEncoder`."
        )
    if tokens.codes.shape[0] != n_steps:
        raise InvalidSequenceError(
            f"`tokens` must have one row for each of the {n_steps} steps; got {tokens.codes.shape[0]}. Were steps dropped "
            "from one of them?"
        )


def check_is_sequences(value: object) -> None:
    """Raise unless `value` has the layout of `Sequences`."""
    if not all(hasattr(type(value), name) for name in ("values", "offsets", "lengths")):
        raise TypeError(
            f"`sequences` must be `Sequences`; got {type(value).__name__}. Convert it with `as_sequences`."
        )


def check_same_number(what: str, counts: Iterable[tuple[str, int]]) -> None:
    """Raise unless all parts, which are named, have as many features as the first."""
    first = None
    for name, count in counts:
        if first is None:
            first = name, count
        elif count != first[1]:
            raise InvalidSequenceError(
                f"All parts must have the same number of {what}; got {first[1]} in {first[0]} and {count} in {name}. Select the same "
                f"{what} in each part."
            )


def _check_offsets(offsets: Tensor, *, n_steps: int) -> None:
    if offsets.ndim != 1 or offsets.dtype != torch.int64 or offsets.shape[0] == 0:
        raise InvalidSequenceError(
            "`offsets` must be int64 of shape (n_sequences + 1,); "
            f"got {offsets.dtype} of shape {tuple(offsets.shape)}. Use `as_sequences` to convert."
        )
    if int(offsets[0]) != 0 or int(offsets[-1]) != n_steps:
        raise InvalidSequenceError(
            f"`offsets` must start at 0 and end at the number of steps, {n_steps}; "
            f"got {int(offsets[0])} and {int(offsets[-1])}. Were steps dropped after the offsets were computed?"
        )
    empty = (offsets[1:] <= offsets[:-1]).nonzero()  # a difference could overflow
    if empty.numel():
        i = int(empty[0])
        raise InvalidSequenceError(
            "Every sequence must have at least one step; got "
            f"offsets[{i}]={int(offsets[i])} and offsets[{i + 1}]={int(offsets[i + 1])}. "
            "Drop empty sequences."
        )


def _check_static(static: Tensor, *, n_sequences: int) -> None:
    if not isinstance(static, Tensor):
        raise TypeError(
            f"`static` must be a tensor or None; got {type(static).__name__}. "
            "Use `Sequences.with_static` to convert arrays and lists."
        )
    wrong_shape = static.ndim != 2 or static.shape[0] != n_sequences or static.shape[1] == 0
    if wrong_shape or static.dtype != torch.float32:
        raise InvalidSequenceError(
            f"`static` must be float32 of shape ({n_sequences}, n_static_features) with at least one feature; "
            f"got {static.dtype} of shape {tuple(static.shape)}. Use `Sequences.with_static` to convert."
        )
