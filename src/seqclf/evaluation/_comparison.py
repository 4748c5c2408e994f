"""Several reports -> one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from seqclf.evaluation._comparison_text import comparison_markdown, comparison_text
from seqclf.evaluation._published import PublishedFigures
from seqclf.evaluation._report import Report
from seqclf.evaluation._scores import FloatArray

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ScoreName: TypeAlias = Literal["precision", "recall", "f1"]
_TITLES: dict[str, str] = {"precision": "precision", "recall": "recall", "f1": "F1"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Comparison:
    """Figures of several classifiers side by side; made by `compare`.

    Parameters
    ----------
    models : tuple of n_models str
        Names of the rows.
    columns : tuple of n_columns str
        Names of the figures: `accuracy`, `macro precision`, `macro recall`, `macro F1`, `weighted F1`, then
        `F1 N` and so on for each class.
    values : array of shape (n_models, n_columns), float64, read-only
        The figures; NaN where unknown.
    n_samples : tuple of n_models (int or None)
        Size of the test part of each, None where unknown.
    references : tuple of n_models (str or None)
        The model each one is compared with, None for those that are not.

    Examples
    --------
    >>> from seqclf.evaluation import PublishedFigures, compare, evaluate
    >>> ours = evaluate(["N", "N", "N", "V", "V"], ["N", "N", "V", "V", "V"])
    >>> theirs = PublishedFigures(accuracy=0.75, per_class={"V": {"f1": 0.5}})
    >>> print(compare({"ours": ours, "theirs": theirs}, reference="theirs"))
                                 macro   macro  macro  weighted    F1     F1
            samples  accuracy  precision  recall     F1        F1     N      V
    <BLANKLINE>
    ours          5     0.800      0.833   0.833  0.800     0.800  0.800  0.800
    theirs        -     0.750          -       -      -         -      -  0.500
    <BLANKLINE>
    Difference from the reference
    <BLANKLINE>
                               macro   macro  macro  weighted  F1      F1
          reference  accuracy  precision  recall  F1      F1   N       V
    <BLANKLINE>
    ours     theirs    +0.050  -          -       -       -    -  +0.300
    """

    models: tuple[str, ...]
    columns: tuple[str, ...]
    values: FloatArray
    n_samples: tuple[int | None, ...]
    references: tuple[str | None, ...]

    def __post_init__(self) -> None:
        values = np.array(self.values, dtype=np.float64)
        values.setflags(write=False)
        object.__setattr__(self, "values", values)

    @property
    def differences(self) -> FloatArray:
        """Each row minus its reference's: shape (n_models, n_columns), NaN where either is unknown."""
        rows = [
            self.values[i] - self.values[self.models.index(name)]
            if name
            else np.full(len(self.columns), np.nan)
            for i, name in enumerate(self.references)
        ]
        return np.array(rows)

    def value(self, model: str, column: str) -> float | None:
        """Return one figure, None where unknown.

        Examples
        --------
        >>> from seqclf.evaluation import PublishedFigures, compare
        >>> compare({"paper": PublishedFigures(accuracy=0.98)}).value("paper", "accuracy")
        0.98
        """
        for name, what, among in (("model", model, self.models), ("column", column, self.columns)):
            if what not in among:
                raise ValueError(
                    f"`{name}` must be one of {', '.join(map(repr, among))}; got {what!r}. Choose one."
                )
        return _known(self.values[self.models.index(model), self.columns.index(column)])

    def to_text(self, *, digits: int = 3) -> str:
        """Return the table that `print(comparison)` shows, with `digits` decimals."""
        return comparison_text(self, digits)

    def to_markdown(self, *, digits: int = 3) -> str:
        """Return the same as a Markdown table, with `digits` decimals."""
        return comparison_markdown(self, digits)

    def to_dict(self) -> dict[str, Any]:
        """Return all figures as JSON types, None where unknown."""
        differences = self.differences
        return {
            "columns": list(self.columns),
            "models": {
                name: {
                    "n_samples": self.n_samples[i],
                    "reference": self.references[i],
                    "values": [_known(value) for value in self.values[i]],
                    "differences": [_known(value) for value in differences[i]]
                    if self.references[i]
                    else None,
                }
                for i, name in enumerate(self.models)
            },
        }

    def plot(self) -> Figure:
        """Draw a bar for each model in each column.

        Returns
        -------
        matplotlib.figure.Figure
            Independent of pyplot: nothing is opened; `figure.savefig("comparison.png")` writes it.

        Raises
        ------
        ImportError
            Without the `plots` extra.
        """
        from seqclf.evaluation._comparison_plot import plot_comparison

        return plot_comparison(self)

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        return f"Comparison({len(self.models)} models, {len(self.columns)} columns)"

    def __reduce__(self) -> tuple[Any, ...]:
        # An unpickled array would be writeable.
        return _rebuild, (self.models, self.columns, np.array(self.values), self.n_samples, self.references)


def compare(
    models: Mapping[str, Report | PublishedFigures],
    *,
    reference: str | Mapping[str, str] | None = None,
    per_class: Sequence[ScoreName] = ("f1",),
) -> Comparison:
    """Put reports side by side.

    Parameters
    ----------
    models : mapping of str to Report or PublishedFigures
        What to compare, by name; the order is kept.
    reference : str or mapping of str to str, optional
        The model that all others are compared with; or, for pairs, the reference of each model that has
        one. Adds a table of signed differences.
    per_class : sequence of {"precision", "recall", "f1"}, default=("f1",)
        The scores to show for each class.

    Returns
    -------
    Comparison

    Raises
    ------
    ValueError
        If there is nothing to compare, a reference is not among the models, or the classes have different
        names.
    TypeError
        If an entry is neither a `Report` nor `PublishedFigures`, or `per_class` is text.

    Notes
    -----
    Figures compare classifiers only if they come from the same test samples, which is not known here: the
    column `samples` shows at least whether their number agrees.

    Examples
    --------
    >>> from seqclf.evaluation import PublishedFigures, compare
    >>> table = compare(
    ...     {"GRU": PublishedFigures(accuracy=0.9818), "LSTM": PublishedFigures(accuracy=0.9646)},
    ...     reference="GRU",
    ... )
    >>> table.differences[1, 0].round(4)
    np.float64(-0.0172)
    """
    if not models:
        raise ValueError(
            "`models` must hold at least one report; got none. Pass a mapping such as {'GRU': report}."
        )
    if isinstance(per_class, str):
        raise TypeError(f"`per_class` must be a sequence of names; got {per_class!r}. Write [{per_class!r}].")
    figures = {name: _figures(name, model) for name, model in models.items()}
    names = _class_names(models)
    columns = {"accuracy": ("accuracy", "", "")}
    for group, score in (("macro", "precision"), ("macro", "recall"), ("macro", "f1"), ("weighted", "f1")):
        columns[f"{group} {_TITLES[score]}"] = (group, "", score)
    for score in per_class:
        if score not in _TITLES:
            raise ValueError(
                f"`per_class` may hold 'precision', 'recall', 'f1'; got {score!r}. Choose among them."
            )
        columns |= {f"{_TITLES[score]} {name}": ("per_class", name, score) for name in names}
    table = [[_look_up(entry, *where) for where in columns.values()] for entry in figures.values()]
    return Comparison(
        models=tuple(models),
        columns=tuple(columns),
        values=np.array(table, dtype=np.float64),
        n_samples=tuple(entry.n_samples for entry in figures.values()),
        references=_references(tuple(models), reference),
    )


def _figures(name: str, model: Report | PublishedFigures) -> PublishedFigures:
    """Reduce a report to what a comparison shows."""
    if isinstance(model, PublishedFigures):
        return model
    if not isinstance(model, Report):
        raise TypeError(
            f"`models` must hold `Report` or `PublishedFigures`; got {type(model).__name__} for {name!r}. "
            "Read a mapping of figures with `PublishedFigures.from_dict`."
        )
    shown = (*_TITLES, "support")
    return PublishedFigures(
        accuracy=model.accuracy,
        macro=asdict(model.macro),
        weighted=asdict(model.weighted),
        per_class={name: {key: getattr(s, key) for key in shown} for name, s in model.per_class.items()},
        n_samples=model.n_samples,
    )


def _class_names(models: Mapping[str, Report | PublishedFigures]) -> list[str]:
    """Return the names of the classes, which all reports share; a paper may give only some of them."""
    reports = {name: model for name, model in models.items() if isinstance(model, Report)}
    if not reports:
        return list(dict.fromkeys(key for model in models.values() for key in _figures("", model).per_class))
    first, leading = next(iter(reports.items()))
    expected = leading.target_names
    for name, model in models.items():
        given = set(model.per_class)
        if given - set(expected) or (name in reports and given != set(expected)):
            raise ValueError(
                f"All models must name the same classes; got {list(expected)} in {first!r} and "
                f"{list(model.per_class)} in {name!r}. Pass the same `target_names` to `evaluate`."
            )
    return list(expected)


def _references(models: tuple[str, ...], reference: str | Mapping[str, str] | None) -> tuple[str | None, ...]:
    """Return the reference of each model."""
    if reference is None:
        return (None,) * len(models)
    pairs = reference if isinstance(reference, Mapping) else {m: reference for m in models if m != reference}
    named = [*pairs, *pairs.values(), *([reference] if isinstance(reference, str) else [])]
    for name in named:
        if name not in models:
            raise ValueError(
                f"`reference` must name models among {', '.join(map(repr, models))}; got {name!r}. "
                "Use a key of `models`."
            )
    return tuple(pairs.get(model) for model in models)


def _look_up(figures: PublishedFigures, group: str, name: str, score: str) -> float | None:
    """Return one figure, None (which becomes NaN) where it was not published."""
    if group == "accuracy":
        return figures.accuracy
    if group == "per_class":
        return figures.per_class.get(name, {}).get(score)
    means: Mapping[str, float] = getattr(figures, group)
    return means.get(score)


def _known(value: float) -> float | None:
    """Return a Python float, None for NaN."""
    return None if np.isnan(value) else float(value)


def _rebuild(models: Any, columns: Any, values: Any, n_samples: Any, references: Any) -> Comparison:
    """Unpickle."""
    return Comparison(
        models=models, columns=columns, values=values, n_samples=n_samples, references=references
    )
