"""What is pushed -> the new steps of each stream."""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NoReturn

import numpy as np
import torch
from torch import Tensor

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences import Sequences, padded_shape


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkReader:
    """Converts chunks as `as_sequences` converts sequences; chunks may be empty, and all steps of an array are real.

    Parameters
    ----------
    convert : callable
        A list of arrays, `Sequences` or another container of sequences -> `Sequences`, checked against what `fit` saw.
    n_features : int
        Features of each step.
    n_static_features : int, default=0
        Features of whole sequences.
    has_tokens : bool, default=False
        Whether steps have tokens.
    """

    convert: Callable[[Any], Sequences]
    n_features: int
    n_static_features: int = 0
    has_tokens: bool = False

    def read(self, chunk: Any, n_streams: int, index: Tensor | None) -> Sequences:
        """Return the steps of each stream, without static features; a stream may have none."""
        if isinstance(chunk, Sequences) and chunk.static is not None:
            raise InvalidSequenceError(
                f"Static features must be set when a sequence begins; got {chunk.n_static_features} of them with its steps. Pass them to "
                "`stream.reset(streams, static=...)`, and push `sequences.with_static(None)`."
            )
        if n_streams == 1 and (quick := self._read_plain(chunk)) is not None:
            return quick
        chunks = self._listed(chunk, n_streams)
        kept = None
        if isinstance(chunks, list | tuple):
            _check_number(len(chunks), n_streams)
            kept = [i for i, one in enumerate(chunks) if not _is_empty(one)]
            if not kept:
                return Sequences.unchecked(
                    torch.empty(0, self.n_features, dtype=torch.float32, device="cpu"),
                    torch.zeros(n_streams + 1, dtype=torch.int64, device="cpu"),
                )
            chunks = [chunks[i] for i in kept]
        try:
            steps = self.convert(chunks)
        except InvalidSequenceError as error:
            named = range(n_streams) if index is None else index.tolist()
            rows = [named[i] for i in (range(n_streams) if kept is None else kept)]
            raise InvalidSequenceError(
                f"{error} (The rows are the chunks of streams {rows!r:.100}.)"
            ) from error
        if kept is None:
            _check_number(len(steps), n_streams)
        elif len(kept) < n_streams:
            return _with_empty(steps, kept, n_streams)
        return Sequences.unchecked(steps.values, steps.offsets, None, steps.tokens)

    def _read_plain(self, chunk: Any) -> Sequences | None:
        """Return the steps of a plain array of finite numbers, a copy, without the cost of `convert`; None for anything else."""
        if type(chunk) is not np.ndarray or self.has_tokens or chunk.dtype.char not in "fd" or not chunk.size:
            return None
        if chunk.ndim == 1 and self.n_features == 1:
            chunk = chunk[:, None]
        if chunk.ndim != 2 or chunk.shape[1] != self.n_features or not math.isfinite(chunk.sum()):
            return None
        values = torch.from_numpy(chunk.copy(order="C"))
        return Sequences.unchecked(values, _ends(len(chunk)))

    def _listed(self, chunk: Any, n_streams: int) -> Any:
        """Return an array as a list of chunks, and anything else as it is."""
        first = chunk[0] if isinstance(chunk, list | tuple) and chunk else chunk
        if isinstance(first, numbers.Real):
            _raise_number(first, n_streams, self.n_features)
        shape = _shape_of_numbers(chunk)
        if len(shape) == 1 and shape[0] and self.n_features > 1:
            raise InvalidSequenceError(
                f"A chunk must have shape (n_steps, {self.n_features}); got {shape}. Pass `x[None]` for one step."
            )
        if len(shape) in (1, 2) and n_streams == 1:
            return [chunk]
        if len(shape) == 3:
            return list(chunk)
        if shape:
            advice = "`x[:, None]` for one step of each stream, or `x[:, :, None]` for steps of one feature"
            if len(shape) == 1:
                advice = "`x[:, None, None]` for one step of each stream"
            raise InvalidSequenceError(
                f"The chunks of {n_streams} streams must be a list of arrays, or an array of shape (n_streams, n_steps, n_features); got "
                f"shape {shape}. Pass {advice}."
            )
        return chunk


@lru_cache(maxsize=16)
def _ends(n_steps: int) -> Tensor:
    """Return the offsets of one stream, which nobody changes."""
    return torch.tensor([0, n_steps], dtype=torch.int64, device="cpu")


def _shape_of_numbers(chunk: Any) -> tuple[int, ...]:
    """Return the shape of an array, tensor or frame of numbers; () for containers of sequences."""
    if isinstance(chunk, Tensor | np.ndarray) and chunk.ndim == 1 and str(chunk.dtype) != "object":
        return tuple(chunk.shape)
    return padded_shape(chunk)


def _is_empty(one: Any) -> bool:
    """Return whether a chunk has no steps."""
    shape = getattr(one, "shape", None)
    if shape is not None:
        return len(shape) > 0 and shape[0] == 0
    return hasattr(one, "__len__") and len(one) == 0


def _raise_number(got: numbers.Real, n_streams: int, n_features: int) -> NoReturn:
    """Raise for numbers in place of chunks."""
    if n_features > 1:
        advice = f"For one step of {n_features} features, pass an array of shape (1, {n_features})."
    elif n_streams > 1:
        advice = f"For one step of each stream, pass `[[{float(got):g}], ...]`."
    else:
        advice = f"For one step of one feature, pass `[[{float(got):g}]]` or `np.array([{float(got):g}])`."
    raise InvalidSequenceError(
        f"A chunk must hold the steps of a stream; got the number {float(got):g}. {advice}"
    )


def _check_number(got: int, n_streams: int) -> None:
    if got != n_streams:
        raise ValueError(
            f"There must be one chunk for each of the {n_streams} streams; got {got}. Name the streams that have new steps: "
            "`push(chunks, streams=[...])`. For a single stream pass `[chunk]`, or an array."
        )


def _with_empty(steps: Sequences, kept: list[int], n_streams: int) -> Sequences:
    """Return the steps of all streams, of which only those at `kept` have any."""
    lengths = torch.zeros(n_streams, dtype=torch.int64, device="cpu")
    lengths[kept] = steps.lengths
    offsets = torch.nn.functional.pad(lengths.cumsum(0), (1, 0))
    return Sequences.unchecked(steps.values, offsets, None, steps.tokens)
