"""`BatchScorer`: a table in memory in, a table of predictions out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from seqclf._checks import check_choice
from seqclf.exceptions import InvalidSequenceError
from seqclf.scoring._arrow import import_arrow
from seqclf.scoring._bad_rows import DESCRIPTIONS, Fault, find_faults
from seqclf.scoring._columns import Columns, output_names
from seqclf.scoring._frames import as_arrow, like_input
from seqclf.scoring._predictions import predictions_table, read_sequences
from seqclf.sequences import too_large

_CURE = 'Fix the row, or pass errors="null" to write null for its prediction.'


@dataclass(frozen=True, slots=True)
class BatchScorer:
    """Score tables that have a sequence in each row: a function for pandas UDFs, Ray and Dask.

    Parameters
    ----------
    model : estimator or Pipeline
        A fitted classifier with `predict_proba`.
    column : str or list of str
        The column with the sequences: lists of numbers, or lists of lists with one number per feature. Several columns, with lists of
        equal lengths in each row, are the features in that order.
    id : str, list of str or None, default=None
        Columns that are copied to the result.
    static : str, list of str or None, default=None
        Columns of numbers that are the static features.
    missing : {"error", "keep"}, default="error"
        "keep": null and NaN inside of sequences stay, for a model with `missing="indicator"`.
    errors : {"raise", "null"}, default="raise"
        What happens to rows that cannot be scored, because the sequence is null or empty, has unequal columns, or a value is missing,
        infinite or too large for the model. "null": their predictions are null.

    Raises
    ------
    TypeError
        If `model` has no `predict_proba`, or a name is not a string.
    ValueError
        If a parameter has a value it must not have, a column has two roles, or a column of the result would have the name of another.
    sklearn.exceptions.NotFittedError
        If `model` is not fitted.

    See Also
    --------
    score_table : Score files.

    Notes
    -----
    Calls raise `InvalidSequenceError` for rows that cannot be scored, and `ValueError` if the table lacks a column. Scorers can be
    pickled if the model can. The number of threads is that of torch.

    Examples
    --------
    >>> import pandas as pd
    >>> from seqclf import GRUClassifier
    >>> from seqclf.scoring import BatchScorer
    >>> model = GRUClassifier(hidden_size=4, random_state=0).fit([[0.1, 0.9], [0.9, 0.1, 0.0]] * 8, ["up", "down"] * 8)
    >>> score = BatchScorer(model, column="values", id="beat", errors="null")
    >>> table = score(pd.DataFrame({"beat": [7, 8, 9], "values": [[0.1, 0.8], [0.9, 0.2], []]}))
    >>> table["prediction"].fillna("null").tolist()
    ['up', 'down', 'null']
    >>> list(table.columns)
    ['beat', 'prediction', 'probability_down', 'probability_up']
    """

    model: Any
    column: str | Sequence[str]
    id: str | Sequence[str] | None = None
    static: str | Sequence[str] | None = None
    missing: Literal["error", "keep"] = "error"
    errors: Literal["raise", "null"] = "raise"

    def __post_init__(self) -> None:
        check_choice("missing", self.missing, ("error", "keep"))
        check_choice("errors", self.errors, ("raise", "null"))
        if not hasattr(self.model, "predict_proba"):
            raise TypeError(
                f"`model` must be a fitted classifier with `predict_proba`; got {type(self.model).__name__}."
            )
        check_is_fitted(self.model)
        columns = self.columns
        output_names(columns.id, self.classes)
        _check_order(self.model, columns.sequence)

    @property
    def columns(self) -> Columns:
        """The columns that are read."""
        return Columns.of(self.column, self.id, self.static)

    @property
    def parameters(self) -> dict[str, Any]:
        """All parameters but the model, as values of JSON."""
        columns = self.columns
        names = {"column": columns.sequence, "id": columns.id, "static": columns.static}
        return {name: list(some) for name, some in names.items()} | {
            "missing": self.missing,
            "errors": self.errors,
        }

    @property
    def classes(self) -> list[Any]:
        """The classes, in the order of their probabilities."""
        classes = np.asarray(self.model.classes_)
        # `tolist` returns nanoseconds as integers.
        return [*classes] if classes.dtype.kind in "mM" else list(classes.tolist())

    def __call__(self, table: Any, *, place: str = "the table", first_row: int = 0) -> Any:
        """Return the ids, the prediction and the probability of each class, for each row.

        Parameters
        ----------
        table : DataFrame, Table or RecordBatch
            Of pandas, polars or pyarrow. May have no rows.
        place : str, default="the table"
            Where it comes from, for error messages.
        first_row : int, default=0
            The number of its first row, for error messages.

        Returns
        -------
        DataFrame, Table or RecordBatch
            Like the input, with the same rows in the same order (and the index of pandas). Columns: those of `id`, `prediction`, the
            most probable class, and `probability_*` for each class, float64.
        """
        columns = self.columns
        data = as_arrow(table, columns.all)
        columns.check(data.schema, place)
        try:
            proba, scored = self._proba(data, columns, place, first_row)
        except InvalidSequenceError as error:
            if str(error).startswith(place):
                raise
            last = first_row + data.num_rows - 1
            raise InvalidSequenceError(f"{place}, rows {first_row} to {last}: {error}") from error
        result = predictions_table(data.select(columns.id), self.classes, proba, scored)
        return like_input(result, table, columns.id)

    def _proba(
        self, data: Any, columns: Columns, place: str, first_row: int
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return the probabilities of the rows that can be scored, and which these are."""
        scored = np.ones(data.num_rows, dtype=np.bool_)
        nothing = np.empty((0, len(self.classes)))
        if not data.num_rows:
            return nothing, scored
        lists = [_as_lists(_one_chunk(data[name])) for name in columns.sequence]
        static = [_one_chunk(data[name]) for name in columns.static]
        faults = find_faults(lists, static, self.missing)
        scored = faults == Fault.NONE
        if not scored.all():
            if self.errors == "raise":
                row = int((~scored).argmax())
                _raise_fault(Fault(faults[row]), f"{place}, row {first_row + row}", self.missing)
            lists, static = ([one.filter(_mask(scored)) for one in some] for some in (lists, static))
        if not scored.any():
            return nothing, scored
        sequences, rows = read_sequences(lists, static, self.missing), scored.nonzero()[0]
        while len(rows):
            try:
                return self.model.predict_proba(sequences), scored
            except InvalidSequenceError as error:
                wrong = list(error.rows)  # too large for the model, which only the model can know
                if not wrong:
                    raise
                if self.errors == "raise":
                    reason = too_large(sequences, wrong, first="the row", cure=_CURE)
                    raise InvalidSequenceError(
                        f"{place}, row {first_row + rows[wrong[0]]}: {reason}"
                    ) from error
            scored[rows[wrong]] = False
            others = np.delete(np.arange(len(rows)), wrong)
            rows = rows[others]
            sequences = sequences[others] if len(others) else sequences
        return nothing, scored


def _one_chunk(column: Any) -> Any:
    pa = import_arrow()
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _as_lists(column: Any) -> Any:
    """Return a column of null without another type as one of lists."""
    pa = import_arrow()
    return column.cast(pa.list_(pa.float32())) if pa.types.is_null(column.type) else column


def _mask(scored: NDArray[np.bool_]) -> Any:
    return import_arrow().array(scored)


def _raise_fault(fault: Fault, place: str, missing: str) -> None:
    must, got = DESCRIPTIONS[fault]
    cure = _CURE
    if fault == Fault.MISSING and missing == "error":
        cure += ' If the model was fitted with `missing="indicator"`, pass missing="keep".'
    raise InvalidSequenceError(f"{place}: {must}; got {got}. {cure}")


def _check_order(model: Any, names: tuple[str, ...]) -> None:
    """Raise if several columns are not the features that `fit` saw, in their order."""
    seen = getattr(model, "feature_names_in_", None)
    if len(names) > 1 and seen is not None and list(seen) != list(names):
        raise ValueError(
            f"`column` must name the features that `fit` saw, in their order; got {list(names)!r:.200} instead of "
            f"{list(seen)!r:.200}. Pass `column=list(model.feature_names_in_)`, or rename the columns."
        )
