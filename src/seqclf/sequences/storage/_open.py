"""A file of sequences -> `Sequences` over mapped memory."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

import torch

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences._container import Sequences
from seqclf.sequences._mapping import map_file, version_of
from seqclf.sequences._tokens import Tokens
from seqclf.sequences.storage._layout import Layout

_LONGEST_HEADER = 100_000_000
"""Bytes, as in safetensors."""


def open_sequences(path: str | PathLike[str]) -> Sequences:
    """Return the sequences in a file, which are read from disk only when they are used.

    Parameters
    ----------
    path : path-like
        A file that `SequenceWriter` wrote.

    Returns
    -------
    Sequences
        Their tensors are views of the file: opening it reads no values, and a selection reads only what it selects. Changing a
        tensor does not change the file.

    Raises
    ------
    InvalidSequenceError
        If the file was not written by `SequenceWriter`, is incomplete, or has invalid offsets.
    OSError
        If the file cannot be read.

    See Also
    --------
    SequenceWriter : Write such a file.

    Notes
    -----
    A pickle of these sequences, or of a slice of them, refers to the file; processes that read it share its memory.

    Do not write into the file or shorten it while it is in use; replacing it, as `SequenceWriter` does, is safe. Values are not read
    here, so they are not checked to be finite; estimators check what they read.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from seqclf.sequences import SequenceWriter, open_sequences
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "beats.safetensors"
    >>> with SequenceWriter(path) as writer:
    ...     writer.append([[0.1, 0.2, 0.3], [0.4]])
    >>> open_sequences(path)[0].flatten()
    tensor([0.1000, 0.2000, 0.3000])
    """
    path = Path(path)
    layout = _read_layout(path)
    found = path.stat().st_size
    if found != layout.file_size:
        raise InvalidSequenceError(
            f"{path} must have {layout.file_size} bytes, as its header says; got {found}. Was the copy interrupted?"
        )
    views = layout.views(map_file(path, reopen))
    tokens = None
    if layout.vocabularies is not None:
        tokens = Tokens(views["codes"], layout.vocabularies)
    try:
        return Sequences(
            views["values"],
            views["offsets"],
            views.get("static"),
            tokens,
            layout.feature_names,
            layout.static_names,
        )
    except InvalidSequenceError as error:
        raise InvalidSequenceError(f"{path} does not hold valid sequences. {error}") from error


def reopen(path: str, version: tuple[int, ...], first: int, n_sequences: int) -> Sequences:
    """Return some neighbouring sequences of a file, of which the first one starts at a given byte; raise if it has changed."""
    if version_of(Path(path).stat()) != version:
        raise InvalidSequenceError(
            f"{path} must not change while pickles refer to it; its size or time of change differs. Open it again with `open_sequences`."
        )
    sequences = open_sequences(path)
    start = (first - sequences.values.storage_offset() * sequences.values.element_size()) // (
        sequences.n_features * sequences.values.element_size()
    )
    row = int(torch.searchsorted(sequences.offsets, start))
    some: Sequences = sequences[row : row + n_sequences]
    return some


def _read_layout(path: Path) -> Layout:
    with path.open("rb") as file:
        start = file.read(8)
        size = int.from_bytes(start, "little")
        try:
            if len(start) < 8 or size > _LONGEST_HEADER:
                raise ValueError("no header of safetensors")
            return Layout.read(start + file.read(size))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise InvalidSequenceError(
                f"{path} must be a file that `SequenceWriter` wrote; got {type(error).__name__}: {error}. For other files, see "
                "`as_sequences` and `from_long`."
            ) from error
