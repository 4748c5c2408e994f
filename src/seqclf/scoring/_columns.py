"""Which columns of a table hold what, and whether it has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from seqclf.exceptions import InvalidSequenceError
from seqclf.scoring._arrow import import_arrow

PREDICTION = "prediction"


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Names of the columns with the sequences, ids and static features."""

    sequence: tuple[str, ...]
    id: tuple[str, ...]
    static: tuple[str, ...]

    @classmethod
    def of(cls, column: Any, id: Any, static: Any) -> Columns:
        """Check the arguments of a scorer: each column has one role."""
        columns = cls(sequence=_names("column", column), id=_names("id", id), static=_names("static", static))
        if not columns.sequence:
            raise ValueError("`column` must name the column with the sequences; got none.")
        for name in columns.all:
            if columns.all.count(name) > 1:
                raise ValueError(
                    f"`column`, `id` and `static` must name different columns; got {name!r} twice. Remove one."
                )
        return columns

    @property
    def all(self) -> tuple[str, ...]:
        """All columns that are read."""
        return (*self.id, *self.sequence, *self.static)

    def check(self, schema: Any, place: str) -> None:
        """Raise unless an Arrow schema has the columns, with sequences of numbers and static numbers."""
        for name in self.all:
            n_found = schema.names.count(name)
            if n_found != 1:
                must = "exist" if not n_found else "be unique"
                raise ValueError(
                    f"Column {name!r} must {must} in {place}; got the columns {schema.names!r:.200}. "
                    f"{'Rename one of them.' if n_found else 'Name one of these.'}"
                )
        types = import_arrow("pyarrow.types")
        for name in self.sequence:
            kind = schema.field(name).type
            if types.is_null(kind):  # no rows, or null in each
                continue
            if not is_list(kind):
                raise InvalidSequenceError(
                    f"Column {name!r} must hold a list of numbers in each row; got type {kind} in {place}. {_advice(kind, name)}"
                )
            steps = kind.value_type
            if not is_number(steps.value_type if is_list(steps) else steps):
                raise InvalidSequenceError(
                    f"The lists of column {name!r} must hold numbers, or lists with one number per feature; got type {kind} in {place}. "
                    "Convert them to numbers."
                )
        for name in self.static:
            kind = schema.field(name).type
            if not is_number(kind):
                raise InvalidSequenceError(
                    f"Static features must be numbers; got type {kind} in column {name!r} of {place}. Encode it as numbers."
                )


def output_names(ids: tuple[str, ...], classes: list[Any]) -> list[str]:
    """Return the names of the predicted columns; raise if one is an id column, or two classes have the same text."""
    names = [PREDICTION, *(f"probability_{label}" for label in classes)]
    for name in (*ids, *names):
        if (*ids, *names).count(name) > 1:
            raise ValueError(
                f"Each column of the result must have its own name; got {name!r} twice, from `id` and the classes {classes!r:.200}. "
                "Rename the column of ids or the class."
            )
    return names


def is_number(kind: Any) -> bool:
    """Return whether an Arrow type is a number or a boolean."""
    types = import_arrow("pyarrow.types")
    return bool(
        types.is_floating(kind) or types.is_integer(kind) or types.is_boolean(kind) or types.is_null(kind)
    )


def is_list(kind: Any) -> bool:
    """Return whether an Arrow type is one of lists."""
    types = import_arrow("pyarrow.types")
    return bool(types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind))


def _names(argument: str, names: Any) -> tuple[str, ...]:
    found = () if names is None else (names,) if isinstance(names, str) else tuple(names)
    for name in found:
        if not isinstance(name, str):
            raise TypeError(
                f"`{argument}` must be the name of a column, or a list of names; got {name!r:.80}."
            )
    return found


def _advice(kind: Any, name: str) -> str:
    if is_number(kind):
        return (
            "If the table has one row per step, convert it: `for table in seqclf.from_long_batches(batches, id=...)`, and score "
            "`model.predict_proba(table.sequences)`."
        )
    return f"Select the column with the sequences instead of {name!r}."
