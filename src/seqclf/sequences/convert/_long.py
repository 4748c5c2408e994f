"""Long tables, one row per step -> `Sequences`."""

from __future__ import annotations

from typing import Any, Literal

from seqclf.sequences._finite import MissingValues
from seqclf.sequences.convert._long_table import LongColumns, LongTable


def from_long(
    frame: Any,
    *,
    id: Any,
    time: Any = None,
    values: Any = None,
    static: Any = None,
    tokens: Any = None,
    target: Any = None,
    dtype: Literal["float32", "float64"] = "float32",
    missing: MissingValues = "error",
) -> LongTable:
    """Convert a table with one row per step, where a column identifies the sequence.

    Parameters
    ----------
    frame : DataFrame or Table
        Of pandas, polars or pyarrow. Its rows may be in any order if `time` is given.
    id : column name
        Column that identifies the sequence of each row. Select an index level with `frame.reset_index()`.
    time : column name, default=None
        Numbers or datetimes that order the steps of a sequence; each occurs once per id. They become a feature only if
        `values` names the column too, and it holds numbers. None: the steps of a sequence are in the order of the rows.
    values : column name or list of these, default=None
        Columns that become features of the steps. None: all numeric columns that no other argument names, in the order of the
        table.
    static : column name or list of these, default=None
        Columns of numbers that are the same in all rows of an id, such as the age of a patient. They become static features, and the
        names their `static_names`; see `as_sequences`.
    tokens : column name, list of these, or dict of column name to vocabulary, default=None
        Categorical columns, of text or integers, such as the activity of an event. A vocabulary is a list of tokens, or "auto"
        for all tokens that occur, as without a dict; see `as_sequences`.
    target : column name, default=None
        Column that holds the label of the sequence in each of its rows.
    dtype : {"float32", "float64"}, default="float32"
        Type of the values; see `as_sequences`.
    missing : {"error", "keep"}, default="error"
        "keep": missing values of features stay as NaN; see `as_sequences`.

    Returns
    -------
    LongTable
        `sequences`, `labels`, `ids` and `columns`. Sequences are sorted by id, as by `frame.groupby(id)`.

    Raises
    ------
    InvalidSequenceError
        If an id, a time, a value or a label is missing; a token is neither text nor an integer; a value is not a finite number in float32, or values that
        differ would become equal in float32; a time occurs twice in a sequence; the label or a static feature changes within a
        sequence; or the table has no rows. The message names the id.
    ValueError
        If a column does not exist, exists twice, or is named in two arguments other than `time` and `values`.
    TypeError
        If `frame` is not a table.

    Warns
    -----
    SeqclfWarning
        If `values` is None, and columns that are not numeric are left out; or columns become features that are constant
        within each id but not the same in all, as a label or an age is; or `time` is None, and a column of times goes back within an id.

    See Also
    --------
    from_long_batches : Convert a table that comes in batches, such as a large file.
    as_sequences : Convert padded tables, lists of arrays, and pandas' `frame.groupby(id)[columns]`.

    Examples
    --------
    >>> import pandas as pd
    >>> from seqclf import from_long
    >>> frame = pd.DataFrame(
    ...     {
    ...         "beat": [2, 1, 1, 2, 2],
    ...         "time": [0.0, 0.2, 0.1, 0.1, 0.2],
    ...         "lead": [5.0, 2.0, 1.0, 6.0, 7.0],
    ...         "label": ["V", "N", "N", "V", "V"],
    ...     }
    ... )
    >>> table = from_long(frame, id="beat", time="time", target="label")
    >>> [steps.flatten().tolist() for steps in table.sequences]
    [[1.0, 2.0], [5.0, 6.0, 7.0]]
    >>> table.ids.tolist(), table.labels.tolist(), table.columns
    ([1, 2], ['N', 'V'], ('lead',))

    A feature of the whole sequence, and the time as a feature of the steps:

    >>> frame["age"] = [61, 34, 34, 61, 61]
    >>> table = from_long(frame, id="beat", time="time", values=["lead", "time"], static="age", target="label")
    >>> table
    LongTable(2 sequences, columns ['lead', 'time'], labels ['N', 'V'])
    >>> table.sequences.static.flatten().tolist()
    [34.0, 61.0]

    An event log, with a categorical and a numeric column:

    >>> log = pd.DataFrame({"case": [1, 1, 2], "activity": ["register", "pay", "register"], "cost": [0.0, 9.5, 0.0]})
    >>> cases = from_long(log, id="case", tokens="activity").sequences
    >>> cases
    Sequences(2 sequences, 1 feature, 1 token column, lengths 1 to 2, 3 steps)
    >>> cases.tokens.vocabularies
    {'activity': ('pay', 'register')}
    """
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
    return columns.read(frame)
