"""`ColumnNames`: the columns of data frames, compared with those that `fit` saw."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from seqclf._tables import column_names, is_groupby
from seqclf.exceptions import InvalidSequenceError, SeqclfWarning
from seqclf.sequences._container import Sequences
from seqclf.sequences._lazy import LazySequences
from seqclf.sequences.convert._cells import holds_cells
from seqclf.sequences.convert._frame_lists import frames_of
from seqclf.sequences.convert._groupby import selected_columns

_AT_MOST = 5  # names in a list of a message, as in scikit-learn


@dataclass(frozen=True, slots=True)
class ColumnNames:
    """Names of the columns of input data, for estimators and transformers that remember those of `fit`.

    Parameters
    ----------
    names : tuple of str or None
        None if the columns have no names.
    axis : {"step", "feature"} or None
        What a column holds: a time step in a padded table; a feature in a frame of a list, in a frame with a
        sequence in each cell, and in a group. None for data without columns.
    static : tuple of str or None, default=None
        Names of the static features of `Sequences`.

    Examples
    --------
    >>> import pandas as pd
    >>> from seqclf.sequences import ColumnNames
    >>> beats = [pd.DataFrame({"lead": [0.1, 0.9], "pressure": [1.2, 0.8]})] * 2
    >>> seen = ColumnNames.of(beats)
    >>> seen.names, seen.axis
    (('lead', 'pressure'), 'feature')
    >>> seen.check([beat[["pressure", "lead"]] for beat in beats], name="GRUClassifier")
    Traceback (most recent call last):
        ...
    seqclf.exceptions.InvalidSequenceError: The feature names should match those that were passed during fit.
    Feature names must be in the same order as they were in fit.
    Got ['pressure', 'lead'] instead of ['lead', 'pressure']. Select them by name: `x[list(model.feature_names_in_)]`.
    """

    names: tuple[str, ...] | None = None
    axis: Literal["step", "feature"] | None = None
    static: tuple[str, ...] | None = None

    @classmethod
    def of(cls, X: Any) -> Self:
        """Return the names of a data frame, of the frames of a list, of pandas' `frame.groupby(id)[columns]`, or of `Sequences`.

        Raises
        ------
        TypeError
            If only some of the names are strings.
        """
        if isinstance(X, Sequences):
            return cls(X.feature_names, None if X.feature_names is None else "feature", X.static_names)
        if isinstance(X, LazySequences | Tensor):
            return cls()
        if is_groupby(X):
            return cls(_strings(selected_columns(X)), "feature")
        shape: tuple[int, ...] = tuple(getattr(X, "shape", ()))
        kind = getattr(getattr(X, "dtype", None), "kind", "O")
        if isinstance(X, list | tuple) or (len(shape) == 1 and kind == "O" and hasattr(X, "__iter__")):
            frames = frames_of(X)
            return cls(_strings(column_names(next(iter(frames.values())))), "feature") if frames else cls()
        is_list = isinstance(X, np.ndarray) and kind == "O"  # of sequences, whatever its shape
        if len(shape) != 2 or is_list:
            return cls()
        return cls(_strings(column_names(X)), "feature" if holds_cells(X) else "step")

    def to_array(self) -> NDArray[Any] | None:
        """Return the names as scikit-learn's `feature_names_in_`; None if there are none."""
        return None if self.names is None else np.array(self.names, dtype=object)

    @property
    def feature_names_in(self) -> NDArray[Any]:
        """The names; if there are none, an AttributeError, which scikit-learn demands of `feature_names_in_`."""
        names = self.to_array()
        if names is None:
            raise AttributeError(
                "`feature_names_in_` exists only if `fit` saw data frames whose column names are all strings."
            )
        return names

    def check(self, X: Any, *, name: str, has_lengths: bool = False) -> None:
        """Raise unless `X` has the same columns in the same order.

        Parameters
        ----------
        X : object
            What a user passed as sequences. Data without names are not compared.
        name : str
            Name of the estimator, for the warning.
        has_lengths : bool, default=False
            Whether `lengths` come with a padded table, which may then have fewer columns.

        Raises
        ------
        InvalidSequenceError
            If a name or the order differs, also of static features. The columns of a padded table may be followed by others, which
            must hold padding.

        Warns
        -----
        SeqclfWarning
            If of two padded tables only one has names.
        """
        given = ColumnNames.of(X)
        if None not in (given.static, self.static) and given.static != self.static:
            select = (
                "Pass them in that order: `X.with_static(frame[[...]])`, or `static=[...]` of `from_long`."
            )
            raise InvalidSequenceError(
                _message(given.static or (), self.static or (), select, kind="static feature")
            )
        if given.axis != self.axis:
            return
        if self.names is None or given.names is None:
            if self.axis == "step" and given.names != self.names:
                _warn(name, was_named=self.names is not None)
            return
        expected, names = self.names, given.names
        if self.axis == "step":
            names = names[: len(expected)]
            expected = expected[: len(names)] if has_lengths else expected
        if names != expected:
            frame = "X" if self.axis == "step" else "x"
            select = (
                "Convert them in that order: `from_long(frame, values=list(model.feature_names_in_), ...)`."
                if isinstance(X, Sequences)
                else f"Select them by name: `{frame}[list(model.feature_names_in_)]`."
            )
            raise InvalidSequenceError(_message(names, expected, select))


def feature_names_of(X: Any, sequences: Sequences) -> tuple[str, ...] | None:
    """Return the names of the features of the sequences that data frames became; None unless all columns have strings as names."""
    try:
        columns = ColumnNames.of(X)
    except TypeError:  # only some are strings, which estimators report
        return None
    if columns.axis != "feature":
        return None
    names = tuple(name for name in columns.names or () if name not in sequences.n_tokens)
    return names if len(names) == sequences.n_features > 0 else None


def _strings(names: list[Any] | None) -> tuple[str, ...] | None:
    """Return names that are all strings; None if none is."""
    kinds = sorted({"str" if isinstance(name, str) else type(name).__name__ for name in names or ()})
    if len(kinds) > 1 and "str" in kinds:
        raise TypeError(
            "Feature names are only supported if all input features have string names; got names of types "
            f"{kinds}. Convert them: `X.columns = X.columns.astype(str)`."
        )
    return tuple(map(str, names or ())) if kinds == ["str"] else None


def _warn(name: str, *, was_named: bool) -> None:
    """Warn as scikit-learn does."""
    warnings.warn(
        f"X does not have valid feature names, but {name} was fitted with feature names"
        if was_named
        else f"X has feature names, but {name} was fitted without feature names",
        SeqclfWarning,
        stacklevel=3,
    )


def _message(given: tuple[str, ...], expected: tuple[str, ...], select: str, *, kind: str = "feature") -> str:
    """Write scikit-learn's message, which its own checks look for, and what to do: if only the order differs, `select`."""
    lines = [f"The {kind} names should match those that were passed during fit."]
    for heading, names in (
        (f"{kind.capitalize()} names unseen at fit time:", set(given) - set(expected)),
        (f"{kind.capitalize()} names seen at fit time, yet now missing:", set(expected) - set(given)),
    ):
        if names:
            more = ["..."] if len(names) > _AT_MOST else []
            lines += [heading, *(f"- {name}" for name in [*sorted(names)[:_AT_MOST], *more])]
    if len(lines) > 1:
        advice = "Rename, add or drop columns until they agree."
    else:
        lines.append(f"{kind.capitalize()} names must be in the same order as they were in fit.")
        advice = select
    return "\n".join([*lines, f"Got {list(given)!r:.200} instead of {list(expected)!r:.200}. {advice}"])
