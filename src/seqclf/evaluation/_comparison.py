"""`Comparison`: figures of several classifiers side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from seqclf.evaluation._comparison_text import comparison_markdown, comparison_text
from seqclf.evaluation._scores import FloatArray

if TYPE_CHECKING:
    from matplotlib.figure import Figure


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


def _known(value: float) -> float | None:
    """Return a Python float, None for NaN."""
    return None if np.isnan(value) else float(value)


def _rebuild(models: Any, columns: Any, values: Any, n_samples: Any, references: Any) -> Comparison:
    """Unpickle."""
    return Comparison(
        models=models, columns=columns, values=values, n_samples=n_samples, references=references
    )
