"""Long tables, one row per step -> `Sequences`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from seqclf._checks import check_choice
from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences._container import Sequences
from seqclf.sequences._finite import MissingValues
from seqclf.sequences._numbers import is_missing_type
from seqclf.sequences._tokens import Tokens
from seqclf.sequences.convert._columns import column_names, encode_ids
from seqclf.sequences.convert._encoding import AUTO, encode
from seqclf.sequences.convert._groups import Groups, group_rows
from seqclf.sequences.convert._long_columns import Rows, choose_columns, numeric_columns
from seqclf.sequences.convert._tokens import concatenated


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LongTable:
    """Sequences of a long table, in the order of their ids.

    Attributes
    ----------
    sequences : Sequences
        One for each id.
    labels : numpy.ndarray of shape (n_sequences,) or None
        The value of `target` for each id; None without `target`.
    ids : numpy.ndarray of shape (n_sequences,)
        Sorted.
    columns : tuple
        Names of the columns that became features, in their order.

    Examples
    --------
    >>> import pandas as pd
    >>> from seqclf import from_long
    >>> from_long(pd.DataFrame({"beat": [8, 8, 5], "lead": [0.1, 0.2, 0.3]}), id="beat").ids
    array([5, 8])
    """

    sequences: Sequences
    labels: NDArray[Any] | None
    ids: NDArray[Any]
    columns: tuple[Any, ...]


def from_long(
    frame: Any,
    *,
    id: Any,
    time: Any = None,
    values: Any = None,
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
        Numbers or datetimes that order the steps of a sequence; each occurs once per id. They do not become a
        feature. None: the steps of a sequence are in the order of the rows.
    values : column name or list of these, default=None
        Columns that become features. None: all numeric columns but `id`, `time`, `tokens` and `target`, in the order of
        the table.
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
        differ would become equal in float32; a time occurs twice in a sequence; the label changes within a
        sequence; or the table has no rows. The message names the id.
    ValueError
        If a column does not exist, exists twice, or is named in two arguments.
    TypeError
        If `frame` is not a table.

    Warns
    -----
    SeqclfWarning
        If `values` is None and columns that are not numeric are left out.

    See Also
    --------
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

    An event log, with a categorical and a numeric column:

    >>> log = pd.DataFrame({"case": [1, 1, 2], "activity": ["register", "pay", "register"], "cost": [0.0, 9.5, 0.0]})
    >>> cases = from_long(log, id="case", tokens="activity").sequences
    >>> cases
    Sequences(2 sequences, 1 feature, 1 token column, lengths 1 to 2, 3 steps)
    >>> cases.tokens.vocabularies
    {'activity': ('pay', 'register')}
    """
    check_choice("dtype", dtype, ("float32", "float64"))
    check_choice("missing", missing, ("error", "keep"))
    names = column_names(frame)
    if names is None:
        raise TypeError(
            f"`frame` must be a DataFrame of pandas or polars, or an Arrow table; got {type(frame).__name__}. "
            "Use `as_sequences` for arrays and lists."
        )
    chosen = _as_list(values)
    vocabularies = (
        dict(tokens) if isinstance(tokens, Mapping) else dict.fromkeys(_as_list(tokens) or (), AUTO)
    )
    categorical = list(vocabularies)
    _check_names(
        frame,
        names,
        {"id": [id], "time": [time], "target": [target], "values": chosen, "tokens": categorical},
    )
    if len(frame[id]) == 0:
        raise InvalidSequenceError(
            "Found array with 0 sample(s) while a minimum of 1 is required; got a table without rows. "
            "Was everything filtered out?"
        )
    codes, ids = encode_ids(frame[id], id)
    rows = Rows(frame, ids, codes)
    times = None if time is None else rows.times(time)
    groups = group_rows(codes, times, len(ids))
    if times is not None:
        rows.refuse_repeated_times(groups, times)
    if chosen is None:
        others = [name for name in names if name not in (id, time, target, *categorical)]
        columns = numeric_columns(rows, others, at_least=0 if categorical else 1)
    else:
        columns = choose_columns(rows, chosen, at_least=0 if categorical else 1)
    sequences = _sequences(columns, groups, rows, np.dtype(dtype), missing)
    if categorical:
        sequences = sequences.with_tokens(_tokens(vocabularies, groups, rows))
    return LongTable(
        sequences=sequences,
        labels=None if target is None else rows.labels(groups, target),
        ids=ids,
        columns=tuple(columns),
    )


def _as_list(values: Any) -> list[Any] | None:
    if values is None:
        return None
    # Arrays and pandas' Index have axes; a NumPy scalar has none.
    is_list = isinstance(values, list | tuple) or (hasattr(values, "tolist") and np.ndim(values) > 0)
    return list(values) if is_list else [values]


def _check_names(frame: Any, names: list[Any], arguments: dict[str, list[Any] | None]) -> None:
    """Raise unless each argument names its own columns."""
    used: dict[Any, str] = {}
    for argument, columns in arguments.items():
        for name in columns or ():
            if name is None and argument != "id":
                continue
            if is_missing_type(type(name)):
                raise TypeError(f"`{argument}` must name a column; got {name!r}.")
            if names.count(name) > 1:
                raise ValueError(
                    f"`{argument}` must name one column; {names.count(name)} are named {name!r}. Rename one."
                )
            if name not in names:
                in_index = name in getattr(getattr(frame, "index", None), "names", ())
                advice = "Pass `frame.reset_index()`." if in_index else f"The columns are {names!r:.200}."
                where = "a level of the index" if in_index else "not in the table"
                raise ValueError(f"`{argument}` must name a column; got {name!r}, which is {where}. {advice}")
            if name in used:
                raise ValueError(
                    f"A column must have one role; got {name!r} in `{used[name]}` and in `{argument}`. "
                    "Remove it from one of them."
                )
            used[name] = argument


def _tokens(vocabularies: Mapping[Any, Any], groups: Groups, rows: Rows) -> Tokens:
    """Encode categorical columns, in the order of the groups."""
    columns = {}
    for name, vocabulary in vocabularies.items():
        codes, known = encode(rows.table[name], vocabulary, name, partial(_place, rows, name))
        columns[name] = groups.arrange(codes), known
    return concatenated(columns)


def _place(rows: Rows, name: Any, row: int) -> str:
    return f" in column {name!r} for {rows.place(row)}"


def _sequences(
    columns: dict[Any, NDArray[Any]],
    groups: Groups,
    rows: Rows,
    dtype: np.dtype[Any],
    missing: MissingValues,
) -> Sequences:
    """Copy columns in the order of the groups."""
    values = np.empty((len(rows.codes), len(columns)), dtype=dtype)
    with np.errstate(over="ignore", invalid="ignore"):  # reported below
        for feature, (name, column) in enumerate(columns.items()):
            arranged = groups.arrange(column)
            values[:, feature] = arranged
            if dtype == np.float32:
                rows.refuse_merged(groups, arranged, name)
    rows.check_finite(groups, values, columns, missing)
    return Sequences.unchecked(torch.from_numpy(values), torch.from_numpy(groups.offsets))
