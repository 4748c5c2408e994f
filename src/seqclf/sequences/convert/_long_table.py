"""`LongTable`: the sequences of a table with one row per step, and how they are read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from seqclf._checks import check_choice
from seqclf._tables import column_names
from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences._container import Sequences
from seqclf.sequences._finite import MissingValues
from seqclf.sequences._numbers import is_missing_type
from seqclf.sequences._tokens import Tokens
from seqclf.sequences.convert._columns import encode_ids
from seqclf.sequences.convert._encoding import AUTO, encode
from seqclf.sequences.convert._groups import Groups, group_rows
from seqclf.sequences.convert._long_columns import Rows, choose_columns, numeric_columns
from seqclf.sequences.convert._long_constant import warn_of_constant_columns
from seqclf.sequences.convert._long_static import read_static_columns
from seqclf.sequences.convert._tokens import concatenated
from seqclf.sequences.convert._unordered_times import warn_of_unordered_times

_SHOWN = 5  # columns and labels, in `repr`


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
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
    >>> table = from_long(pd.DataFrame({"beat": [8, 8, 5], "lead": [0.1, 0.2, 0.3]}), id="beat")
    >>> table
    LongTable(2 sequences, columns ['lead'])
    >>> table.ids
    array([5, 8])
    """

    sequences: Sequences
    labels: NDArray[Any] | None
    ids: NDArray[Any]
    columns: tuple[Any, ...]

    def __repr__(self) -> str:
        n = len(self.sequences)
        shown = [f"{n} sequence{'s' if n != 1 else ''}", f"columns {_first_of(self.columns)}"]
        if self.labels is not None:
            shown.append(f"labels {_first_of(dict.fromkeys(self.labels.tolist()))}")
        return f"LongTable({', '.join(shown)})"


@dataclass(frozen=True, slots=True, kw_only=True)
class LongColumns:
    """What the columns of a long table are: the arguments of `from_long`."""

    id: Any
    time: Any
    values: list[Any] | None
    static: list[Any]
    vocabularies: Mapping[Any, Any]  # of the categorical columns
    target: Any
    dtype: Literal["float32", "float64"]
    missing: MissingValues
    check_order: bool = True  # of rows, if `time` is None

    @classmethod
    def of(
        cls,
        *,
        id: Any,
        time: Any,
        values: Any,
        static: Any,
        tokens: Any,
        target: Any,
        dtype: Any,
        missing: Any,
    ) -> LongColumns:
        """Check the arguments that can be checked without a table."""
        check_choice("dtype", dtype, ("float32", "float64"))
        check_choice("missing", missing, ("error", "keep"))
        return cls(
            id=id,
            time=time,
            values=_as_list(values),
            static=_as_list(static) or [],
            vocabularies=dict(tokens)
            if isinstance(tokens, Mapping)
            else dict.fromkeys(_as_list(tokens) or (), AUTO),
            target=target,
            dtype=dtype,
            missing=missing,
        )

    def check(self, frame: Any) -> list[Any]:
        """Return the names of a table's columns; raise unless each argument names its own ones."""
        names = column_names(frame)
        if names is None:
            raise TypeError(
                f"`frame` must be a DataFrame of pandas or polars, or an Arrow table; got {type(frame).__name__}. "
                "Use `as_sequences` for arrays and lists."
            )
        roles = {"id": [self.id], "time": [self.time], "target": [self.target], "values": self.values}
        _check_names(frame, names, {**roles, "static": self.static, "tokens": list(self.vocabularies)})
        return names

    def read(self, frame: Any, *, first_row: int = 0) -> LongTable:
        """Convert a table, or the rows of one from `first_row` on."""
        names = self.check(frame)
        if len(frame[self.id]) == 0:
            refuse_no_rows()
        codes, ids = encode_ids(frame[self.id], self.id, first_row=first_row)
        rows = Rows(frame, ids, codes, first_row)
        times = None if self.time is None else rows.times(self.time)
        groups = group_rows(codes, times, len(ids))
        if times is not None:
            rows.refuse_repeated_times(groups, times)
        categorical = self.vocabularies
        if self.values is None:
            named = (self.id, self.time, self.target, *self.static, *categorical)
            others = [name for name in names if name not in named]
            columns = numeric_columns(rows, others, at_least=0 if categorical else 1)
        else:
            columns = choose_columns(rows, self.values, id=self.id, at_least=0 if categorical else 1)
        sequences = _sequences(columns, groups, rows, np.dtype(self.dtype), self.missing)
        if columns and all(isinstance(name, str) for name in columns):
            sequences = sequences.with_feature_names(columns)
        if self.time is None and self.check_order:
            roles = (self.id, self.target, *self.static, *categorical)
            warn_of_unordered_times(
                frame,
                [name for name in names if name not in roles],
                groups,
                place=rows.place,
                cure="Pass `time={}`; if the order of the rows is right, drop the column.",
                stacklevel=3,
            )
        if self.values is None:
            warn_of_constant_columns(sequences.values.numpy(), groups.offsets, list(columns))
        if self.static:
            static = read_static_columns(rows, groups, self.static)
            are_text = all(isinstance(name, str) for name in self.static)
            sequences = sequences.with_static(static, names=self.static if are_text else None)
        if categorical:
            sequences = sequences.with_tokens(_tokens(categorical, groups, rows))
        return LongTable(
            sequences=sequences,
            labels=None if self.target is None else rows.labels(groups, self.target),
            ids=ids,
            columns=tuple(columns),
        )


def refuse_no_rows() -> None:
    """Raise, because there are no rows."""
    raise InvalidSequenceError(
        "Found array with 0 sample(s) while a minimum of 1 is required; got a table without rows. "
        "Was everything filtered out?"
    )


def _as_list(values: Any) -> list[Any] | None:
    if values is None:
        return None
    # Arrays and pandas' Index have axes; a NumPy scalar has none.
    is_list = isinstance(values, list | tuple) or (hasattr(values, "tolist") and np.ndim(values) > 0)
    return list(values) if is_list else [values]


def _first_of(items: Iterable[Any]) -> str:
    """Return the first items of a list as text, and how many there are if these are not all."""
    items = list(items)
    shown = ", ".join(f"{item!r:.40}" for item in items[:_SHOWN])
    return f"[{shown}, ... ({len(items)})]" if len(items) > _SHOWN else f"[{shown}]"


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
            if name in used and (used[name], argument) != ("time", "values"):
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
