"""Sequences -> a file, batch by batch."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import ExitStack
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Literal, Self

import numpy as np
from numpy.typing import ArrayLike

from seqclf._checks import check_choice, check_integer
from seqclf._files import replacing
from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences._container import Sequences
from seqclf.sequences._finite import MissingValues, check_finite
from seqclf.sequences._layout import check_same_number
from seqclf.sequences._precision import rounded
from seqclf.sequences.convert import as_sequences, padded_shape, warn_of_swapped_axes
from seqclf.sequences.storage._layout import Layout

_BLOCK = 1 << 20
"""Numbers that are copied at once when the file is completed."""


class SequenceWriter:
    """Write sequences to a file batch by batch, for `open_sequences`.

    Parameters
    ----------
    path : path-like
        The file. It is created or replaced when the writer is closed; until then, hidden files next to it hold the content.
    n_features : int or None, default=None
        Number of features of each step; None takes that of the first batch.
    dtype : {"float32", "float64"}, default="float32"
        Type of the values in the file. A batch that float32 cannot hold raises, as in `as_sequences`: "float64" holds it.
    missing : {"error", "keep"}, default="error"
        "keep": values may be NaN.

    Attributes
    ----------
    n_sequences, n_steps : int
        Number of sequences and steps written so far.

    Raises
    ------
    InvalidSequenceError
        If a batch does not hold valid sequences, or differs from the first in its features, static features or tokens, or from the
        data frames before in the names or the order of columns. None of the batch is written, and others can follow.

    See Also
    --------
    open_sequences : Read the file.

    Notes
    -----
    Memory does not grow with what is written. If the `with` block raises an error, or the writer is never closed, an existing file
    stays as it was. The format is that of safetensors (https://github.com/huggingface/safetensors): the tensors `values`,
    `offsets` and, if there are any, `static` and `codes` of tokens.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from seqclf.sequences import SequenceWriter, open_sequences
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "beats.safetensors"
    >>> with SequenceWriter(path) as writer:
    ...     writer.append([[0.1, 0.2, 0.3], [0.4]])
    ...     writer.append([[0.5, 0.6]])
    >>> open_sequences(path)
    Sequences(3 sequences, 1 feature, lengths 1 to 3, 6 steps, on disk)
    """

    def __init__(
        self,
        path: str | PathLike[str],
        n_features: int | None = None,
        *,
        dtype: Literal["float32", "float64"] = "float32",
        missing: MissingValues = "error",
    ) -> None:
        check_choice("dtype", dtype, ("float32", "float64"))
        check_choice("missing", missing, ("error", "keep"))
        self.path: Path = Path(path)
        self.n_features = None if n_features is None else check_integer("n_features", n_features)
        self.n_sequences: int = 0
        self.n_steps: int = 0
        self._dtype, self._missing = dtype, missing
        self._first: Sequences | None = (
            None  # none of the sequences of the first batch: what the others must be like
        )
        self._names: dict[str, tuple[str, ...]] = {}
        self._open = ExitStack()
        self._file = self._open.enter_context(replacing(self.path))
        self._lengths, self._codes, self._static = (
            self._open.enter_context(tempfile.TemporaryFile(dir=self.path.parent))  # noqa: SIM115
            for _ in range(3)
        )
        self._closed = False

    def append(
        self,
        X: Any,
        *,
        lengths: ArrayLike | None = None,
        padding_value: float | None = 0.0,
        static: Any = None,
    ) -> None:
        """Write the next batch.

        Parameters
        ----------
        X : array, list of arrays, Sequences, ..., as accepted by `seqclf.as_sequences`
            Without sequences, as batches of a filtered Arrow dataset may be, nothing is written. One recording is a list of one:
            `[recording]`. A 2-D array alone may also be a padded table, and is refused unless `lengths`, or `n_features=1`, says so.
        lengths, padding_value, static
            As in `seqclf.as_sequences`.
        """
        if self._closed:
            raise ValueError(
                f"Batches must be appended before the writer is closed; got one for {self.path}."
            )
        if _is_empty(X):
            return
        self._check_reading(X, lengths)
        if self._first is None:
            warn_of_swapped_axes(X, stacklevel=2)
        batch = as_sequences(
            X,
            lengths=lengths,
            padding_value=padding_value,
            static=static,
            dtype=None,
            missing=self._missing,
            check_axes=False,
        )
        if batch is X:
            check_finite(batch, missing=self._missing)
        batch = self._as_stored(batch)
        batch = batch.to("cpu")
        names = {"features": batch.feature_names, "static features": batch.static_names}
        for kind, given in names.items():
            self._check_names(kind, given)
        self._check_like_first(batch)
        files = (self._file, self._lengths, self._codes, self._static)
        ends = [file.tell() for file in files]
        try:
            self._write(batch)
        except BaseException:  # a full disk, Ctrl-C
            for file, end in zip(files, ends, strict=True):
                file.seek(end)
                file.truncate()
            raise
        if self._first is None:
            self._first = batch[:0]
        self._names = {kind: given for kind, given in names.items() if given is not None} | self._names
        self.n_sequences += len(batch)
        self.n_steps += batch.values.shape[0]

    def _as_stored(self, batch: Sequences) -> Sequences:
        """Return a batch in the dtype of the file."""
        if self._dtype == "float64":
            return batch.double()
        exact = 'SequenceWriter(path, dtype="float64")'
        values = rounded(batch.values, batch.offsets, exact=exact)
        return batch.with_values(values).with_feature_names(batch.feature_names)

    def close(self) -> None:
        """Complete the file, and move it to `path`; does nothing if that was done."""
        if self._closed:
            return
        if self._first is None:
            self.discard()
            raise InvalidSequenceError(
                f"A file must hold at least one sequence; got none for {self.path}. Append a batch before closing."
            )
        self._closed = True
        with self._open:
            layout = Layout.of(self._first, n_sequences=self.n_sequences, n_steps=self.n_steps)
            self._file.write(bytes(layout.n_filling))
            _write_offsets(self._lengths, self._file)
            for part in (self._codes, self._static):
                part.seek(0)
                shutil.copyfileobj(part, self._file, _BLOCK)
            self._file.seek(0)
            self._file.write(layout.header())

    def discard(self) -> None:
        """Discard what was written; a file that was there before stays as it was."""
        if not self._closed:
            self._closed = True
            self._open.__exit__(InterruptedError, InterruptedError(), None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.discard()

    def __del__(self) -> None:
        if not getattr(self, "_closed", True):
            self.discard()

    def _check_reading(self, X: Any, lengths: ArrayLike | None) -> None:
        """Raise if a 2-D array may be one sequence or a table with a sequence in each row."""
        shape = padded_shape(X)
        is_table = lengths is not None or (self.n_features == 1 and shape[1:] != (1,))
        if len(shape) == 2 and not is_table:
            raise InvalidSequenceError(
                f"A batch must have one reading; got a 2-D array of shape {shape}, which may be one sequence or a padded table. Pass "
                "`[X]` for one sequence; for a table, pass `lengths` or `as_sequences(X)`, or create the writer with `n_features=1`."
            )

    def _check_names(self, kind: str, names: tuple[str, ...] | None) -> None:
        """Raise unless data frames have the columns of those before."""
        before = self._names.get(kind)
        if before is not None and names is not None and names != before:
            raise InvalidSequenceError(
                f"The {kind} of each batch must have the names of those before, {list(before)!r:.200}, in this order; "
                f"got {list(names)!r:.200}. Select them in one order; if only their positions count, pass arrays."
            )

    def _check_like_first(self, batch: Sequences) -> None:
        """Raise unless a batch has the features, static features and vocabularies of those before."""
        expected = batch.n_features if self.n_features is None else self.n_features
        check_same_number("features", (("the file", expected), ("the batch", batch.n_features)))
        self.n_features = expected
        if self._first is None:
            return
        static = self._first.n_static_features
        check_same_number("static features", (("the file", static), ("the batch", batch.n_static_features)))
        mine = self._first.tokens
        if (mine is None) != (batch.tokens is None) or (
            mine is not None and batch.tokens is not None and not batch.tokens.has(mine.vocabularies)
        ):
            raise InvalidSequenceError(
                f"Each batch must have the token columns and vocabularies of the first, {list(self._first.n_tokens)!r:.200}; got "
                f"{list(batch.n_tokens)!r:.200}. Encode all batches with one vocabulary or one fitted `TokenEncoder`."
            )

    def _write(self, batch: Sequences) -> None:
        if self._first is None:  # space for the header, which is written last
            self._file.write(bytes(Layout.of(batch, n_sequences=0, n_steps=0).header_size))
        for file, tensor in (
            (self._file, batch.values),
            (self._lengths, batch.lengths),
            (self._codes, None if batch.tokens is None else batch.tokens.codes),
            (self._static, batch.static),
        ):
            if tensor is not None:
                file.write(tensor.detach().contiguous().numpy().tobytes())


def _is_empty(X: Any) -> bool:
    try:
        return len(X) == 0
    except TypeError:  # without a length, which `as_sequences` reports
        return False


def _write_offsets(lengths: BinaryIO, file: BinaryIO) -> None:
    """Write where each sequence starts, and the end of the last one."""
    lengths.seek(0)
    start = np.zeros(1, dtype=np.int64)
    file.write(start.tobytes())
    while block := lengths.read(8 * _BLOCK):
        ends = np.cumsum(np.frombuffer(block, dtype=np.int64)) + start
        file.write(ends.tobytes())
        start = ends[-1:]
