"""Long tables that come in batches of rows -> `Sequences`, as soon as they are complete."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from seqclf._tables import column_names
from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences._finite import MissingValues
from seqclf.sequences.convert._columns import encode_ids
from seqclf.sequences.convert._encoding import AUTO
from seqclf.sequences.convert._long_table import LongColumns, LongTable, refuse_no_rows
from seqclf.sequences.convert._pieces import as_table, concatenated_rows, library_of, rows_between


def from_long_batches(
    batches: Iterable[Any],
    *,
    id: Any,
    time: Any = None,
    values: Any = None,
    static: Any = None,
    tokens: Mapping[Any, Any] | None = None,
    target: Any = None,
    dtype: Literal["float32", "float64"] = "float32",
    missing: MissingValues = "error",
) -> Iterator[LongTable]:
    """Convert a table with one row per step that comes in batches of rows and is sorted by id.

    Parameters
    ----------
    batches : iterable of DataFrames, Tables or RecordBatches
        Of pandas, polars or pyarrow, all of one library and with the same columns. A batch may begin and end within a sequence, and
        may be empty. Ids must not decrease from row to row.
    id, time, values, static, target, dtype, missing
        As in `from_long`. If `values` is None, the numeric columns of the first sequences are those of all.
    tokens : dict of column name to vocabulary, default=None
        Categorical columns. A vocabulary is a list of tokens; "auto" is refused, because no batch holds all tokens.

    Yields
    ------
    LongTable
        The sequences that were completed by the next batch, as `from_long` returns them; together, and in their order, those of the
        whole table.

    Raises
    ------
    InvalidSequenceError
        As by `from_long`, with rows counted from the start of the first batch; if ids decrease, or the columns or their types differ between batches.
    TypeError
        If `batches` is one table, or holds anything else than tables of one library.
    ValueError
        If a column does not exist, exists twice, or is named in two arguments other than `time` and `values`; or a vocabulary is "auto".

    Warns
    -----
    SeqclfWarning
        As by `from_long`, of the first sequences that are complete.

    See Also
    --------
    from_long : Convert a whole table.
    SequenceWriter : Store the sequences in a file.

    Notes
    -----
    The rows of the last id are kept until another id follows. Memory holds these and one batch.

    Examples
    --------
    >>> import pandas as pd
    >>> from seqclf.sequences import from_long_batches
    >>> batches = [
    ...     pd.DataFrame({"beat": [1, 1, 2], "lead": [0.1, 0.2, 0.3]}),
    ...     pd.DataFrame({"beat": [2, 3], "lead": [0.4, 0.5]}),
    ... ]
    >>> for table in from_long_batches(batches, id="beat"):
    ...     print(table.ids, [steps.flatten().tolist() for steps in table.sequences.double()])
    [1] [[0.10000000149011612, 0.20000000298023224]]
    [2] [[0.30000001192092896, 0.4000000059604645]]
    [3] [[0.5]]
    """
    if column_names(batches) is not None or not hasattr(batches, "__iter__"):
        raise TypeError(
            f"`batches` must be an iterable of tables; got {type(batches).__name__}. Pass one table to `from_long`; of an Arrow dataset, "
            "pass `dataset.to_batches()`."
        )
    columns = LongColumns.of(
        id=id,
        time=time,
        values=values,
        static=static,
        tokens=tokens,
        target=target,
        dtype=dtype,
        missing=missing,
    )
    for name, vocabulary in columns.vocabularies.items():
        if isinstance(vocabulary, str) and vocabulary == AUTO:
            raise ValueError(
                f'A vocabulary must be given for each token column, because no batch holds all tokens; got "auto" for {name!r}. '
                f"Pass `tokens={{{name!r}: [...]}}`."
            )
    return _convert(batches, columns)


def _convert(batches: Iterable[Any], columns: LongColumns) -> Iterator[LongTable]:
    rows = _Rows(columns.id)
    first: Any = None
    for number, batch in enumerate(batches):
        table = as_table(batch)
        if first is None:
            columns.check(table)
            first = rows_between(table, 0, 0)
        _check_like_first(table, first, number)
        complete = rows.append(table)
        if complete is not None:
            converted = columns.read(complete.table, first_row=complete.first_row)
            columns = replace(columns, values=list(converted.columns), check_order=False)
            yield converted
    if not rows.pieces:
        refuse_no_rows()
    yield columns.read(concatenated_rows(rows.pieces), first_row=rows.first_row)


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    """Rows of the table, from `first_row` on."""

    table: Any
    first_row: int


@dataclass(slots=True, eq=False)
class _Rows:
    """The rows of the last id so far, of which more may follow."""

    id: Any
    pieces: list[Any] = field(default_factory=list)
    first_row: int = 0
    n_read: int = 0

    def append(self, table: Any) -> _Piece | None:
        """Add a batch; return the rows of the ids that are complete, if any."""
        n_rows = len(table[self.id])
        if not n_rows:
            return None
        codes, ids = encode_ids(table[self.id], self.id, first_row=self.n_read)
        self._refuse_decrease(codes, ids)
        start = int(np.searchsorted(codes, codes[-1]))  # of the last id in this batch
        continues = self._is_continued_by(table)
        if start == 0 and continues:
            self.pieces.append(table)
            self.n_read += n_rows
            return None
        complete = [*self.pieces, *([rows_between(table, 0, start)] if start else [])]
        piece = _Piece(concatenated_rows(complete), self.first_row) if complete else None
        self.pieces = [rows_between(table, start, n_rows)]
        self.first_row = self.n_read + start
        self.n_read += n_rows
        return piece

    def _is_continued_by(self, table: Any) -> bool:
        """Return whether a batch starts with the id of the rows before; raise if it starts with a smaller one."""
        if not self.pieces:
            return True
        last = self.pieces[-1]
        n_rows = len(last[self.id])
        pair = concatenated_rows([rows_between(last, n_rows - 1, n_rows), rows_between(table, 0, 1)])
        codes, ids = encode_ids(pair[self.id], self.id)  # compares ids as `from_long` does
        if codes[0] > codes[1]:
            self._raise_decrease(ids[codes[0]], ids[codes[1]], self.n_read)
        return bool(codes[0] == codes[1])

    def _refuse_decrease(self, codes: Any, ids: Any) -> None:
        less = codes[1:] < codes[:-1]
        if less.any():
            at = int(less.argmax())
            self._raise_decrease(ids[codes[at]], ids[codes[at + 1]], self.n_read + at + 1)

    def _raise_decrease(self, before: Any, after: Any, row: int) -> None:
        raise InvalidSequenceError(
            f"The rows of an id must be together, and ids must ascend, so that a sequence is complete when the next one starts; got id "
            f"{after} after id {before} (row {row}). Sort the table by {self.id!r}."
        )


def _check_like_first(table: Any, first: Any, number: int) -> None:
    """Raise unless a batch is a table of the library of the first one, with its columns."""
    if library_of(table) != library_of(first):
        raise TypeError(
            f"All batches must be tables of one library; got {type(first).__name__} and, as batch {number}, "
            f"{type(table).__name__}. Convert them."
        )
    expected, names = column_names(first), column_names(table)
    if names != expected:
        raise InvalidSequenceError(
            f"All batches must have the same columns in the same order; got {expected!r:.200} and, in batch {number}, {names!r:.200}. "
            "Select them by name."
        )
