"""Text, lists of tokens, and frames with categorical columns -> `Sequences` with tokens."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from seqclf._tables import column_names
from seqclf.exceptions import InvalidSequenceError, SeqclfWarning
from seqclf.sequences._container import Sequences
from seqclf.sequences._numbers import Origin, numeric_array
from seqclf.sequences._tokens import Tokens
from seqclf.sequences.convert._columns import read_numbers
from seqclf.sequences.convert._encoding import check_vocabulary, encode, is_auto, values_of
from seqclf.sequences.convert._frame_lists import check_frames, frames_of
from seqclf.sequences.convert._lists import from_list

ONLY = "token"
"""Name of the column of sequences that have one without a name."""


def from_tokens(X: Any, vocabulary: Any) -> Sequences:
    """Encode tokens; numeric columns of frames become features."""
    if isinstance(X, Sequences):
        return _recoded(X, vocabulary)
    items = _as_list(X)
    if not items:
        raise InvalidSequenceError(
            "Found array with 0 sample(s) while a minimum of 1 is required; got an empty list. "
            "Was everything filtered out?"
        )
    frames = frames_of(items)
    if frames:
        return _from_frames(items, frames, vocabulary)
    if isinstance(vocabulary, Mapping):
        if list(vocabulary) != [ONLY]:
            raise ValueError(
                "`vocabulary` must be a list of tokens for sequences of one token per step; got a dict of "
                f"{list(vocabulary)!r:.100}. A dict names columns of data frames."
            )
        vocabulary = vocabulary[ONLY]
    return _from_lists(items, vocabulary)


def concatenated(columns: Mapping[Any, tuple[NDArray[np.int64], tuple[Any, ...]]]) -> Tokens:
    """Return the tokens of columns that were encoded one by one."""
    codes = np.stack([codes for codes, _ in columns.values()], axis=1)
    return Tokens.unchecked(
        torch.from_numpy(codes), {name: vocabulary for name, (_, vocabulary) in columns.items()}
    )


def _as_list(X: Any) -> list[Any]:
    if isinstance(X, list | tuple):
        return list(X)
    if isinstance(X, str | bytes):
        raise TypeError(
            f"X must be a list of sequences; got the {type(X).__name__} {X!r:.60}. Pass `[X]` if it is one sequence."
        )
    shape = tuple(getattr(X, "shape", ()))
    values = values_of(X) if len(shape) < 2 else None
    if values is not None:
        return values
    raise TypeError(
        f"Tokens must come as a list of strings, of lists or of data frames; got {type(X).__name__} of shape {shape}. Pass one "
        "column of a table of texts, `from_long` for a table with one row per step, and the rows of a padded array without "
        "their padding."
    )


def _from_lists(items: list[Any], vocabulary: Any) -> Sequences:
    """Encode strings, whose characters are tokens, or lists of tokens."""
    rows = [_tokens_of(item, row) for row, item in enumerate(items)]
    offsets = _offsets([len(row) for row in rows])
    is_text = {isinstance(item, str) for item in items}
    if len(is_text) > 1:
        raise InvalidSequenceError(
            "Every sequence must be a string, whose characters are the tokens, or a list of tokens; got both. Pass "
            "`list(text)` for each string."
        )
    if is_text == {True} and is_auto(vocabulary, ONLY) and len(rows) > 1 and offsets[-1] == len(rows):
        warnings.warn(
            f"Each string of a list is a sequence, and its characters are the tokens; got {len(rows)} strings of one character. "
            "If they are the tokens of one sequence, pass `[X]`.",
            SeqclfWarning,
            stacklevel=4,
        )
    encoded = encode(list(chain.from_iterable(rows)), vocabulary, ONLY, _place(offsets))
    return _without_features(offsets, concatenated({ONLY: encoded}))


def _tokens_of(item: Any, row: int) -> list[Any]:
    if isinstance(item, str | list | tuple):
        return list(item)
    if hasattr(item, "tolist") and np.ndim(item) == 1:
        return list(item.tolist())
    if hasattr(item, "to_list"):  # polars
        return list(item.to_list())
    raise InvalidSequenceError(
        f"Every sequence must be a string or a list of tokens; got {item!r:.60} in row {row}. If X is one sequence of tokens, "
        "pass `[X]`."
    )


def _from_frames(items: list[Any], frames: dict[int, Any], vocabulary: Any) -> Sequences:
    """Encode the categorical columns of frames; the others are features."""
    if len(frames) < len(items):
        row = next(row for row in range(len(items)) if row not in frames)
        raise InvalidSequenceError(
            f"Every sequence must be a data frame if one is; got {type(items[row]).__name__} in row {row}."
        )
    check_frames(items)
    names = column_names(items[0]) or []
    chosen = _chosen(names, items, vocabulary)
    offsets = _offsets([len(item) for item in items])
    columns = {
        name: encode(
            list(chain.from_iterable(values_of(item[name]) or () for item in items)),
            of_column,
            name,
            _place(offsets),
        )
        for name, of_column in chosen.items()
    }
    tokens = concatenated(columns)
    numeric = [name for name in names if name not in chosen]
    if not numeric:
        return _without_features(offsets, tokens)
    arrays = [
        np.column_stack([numeric_array(item[name].to_numpy(), Origin(row=row)) for name in numeric])
        for row, item in enumerate(items)
    ]
    return from_list(arrays).with_tokens(tokens)


def _chosen(names: list[Any], items: Iterable[Any], vocabulary: Any) -> dict[Any, Any]:
    """Return the vocabulary of each categorical column."""
    if isinstance(vocabulary, Mapping):
        unknown = [name for name in vocabulary if name not in names]
        if unknown or not vocabulary:
            raise ValueError(
                f"`vocabulary` must name columns of the frames, {names!r:.200}; got {unknown or list(vocabulary)!r:.100}."
            )
        return dict(vocabulary)
    if not isinstance(vocabulary, str):
        raise ValueError(
            'The vocabulary of data frames must be a dict of columns, or "auto"; got '
            f"{type(vocabulary).__name__}. Pass `{{column: vocabulary}}`."
        )
    chosen = [name for name in names if any(read_numbers(item[name]) is None for item in items)]
    if not chosen:
        raise InvalidSequenceError(
            f"With `vocabulary={vocabulary!r}`, columns that do not hold numbers are tokens; got only numeric columns, {names!r:.200}. "
            'Name the columns whose numbers are codes: `vocabulary={column: "auto"}`.'
        )
    return dict.fromkeys(chosen, vocabulary)


def _recoded(sequences: Sequences, vocabulary: Any) -> Sequences:
    """Return sequences that have tokens with the codes of other vocabularies."""
    tokens = sequences.tokens
    if tokens is None:
        raise ValueError(
            "`vocabulary` is for sequences with tokens; got `Sequences` of numbers only. Convert the tokens themselves, or drop "
            "`vocabulary`."
        )
    if isinstance(vocabulary, str):
        vocabulary = dict.fromkeys(tokens.vocabularies, vocabulary)
    elif not isinstance(vocabulary, Mapping):
        vocabulary = {ONLY: vocabulary}
    wanted = {
        name: tokens.vocabularies.get(name, ()) if is_auto(one, name) else check_vocabulary(one, name)
        for name, one in vocabulary.items()
    }
    return sequences.with_tokens(tokens.recoded(wanted))


def _offsets(lengths: list[int]) -> NDArray[np.int64]:
    if 0 in lengths:
        raise InvalidSequenceError(
            f"Every sequence must have at least one step; got none in row {lengths.index(0)}. Drop empty sequences."
        )
    return np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])


def _without_features(offsets: NDArray[np.int64], tokens: Tokens) -> Sequences:
    values = torch.empty(int(offsets[-1]), 0, dtype=torch.float32, device="cpu")
    return Sequences.unchecked(values, torch.from_numpy(offsets), tokens=tokens)


def _place(offsets: NDArray[np.int64]) -> Any:
    def place(position: int) -> str:
        row = int(np.searchsorted(offsets, position, side="right")) - 1
        return f" in row {row}, step {position - int(offsets[row])}"

    return place
