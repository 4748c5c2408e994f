"""`Comparison`: the scores of several classifiers side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from seqclf.evaluation._comparison_text import UNKNOWN, Row, comparison_markdown, comparison_text
from seqclf.evaluation._scores import FloatArray

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Comparison:
    """Scores of several classifiers side by side; created by `compare`.

    Parameters
    ----------
    models : tuple of n_models str
        Names of the models, one per row.
    columns : tuple of n_columns str
        Names of the scores: `accuracy`, `macro precision`, `macro recall`, `macro F1`, `weighted F1`, then
        `F1 N` and so on, one for each class.
    values : array of shape (n_models, n_columns), float64, read-only
        The scores; NaN where unknown.
    n_samples : tuple of n_models (int or None)
        Number of test samples of each model, None where unknown.
    references : tuple of n_models (str or None)
        Name of the reference of each model, None where it has none.

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
        """Scores minus those of the reference: shape (n_models, n_columns), NaN where either is unknown."""
        rows = [
            self.values[i] - self.values[self.models.index(name)]
            if name
            else np.full(len(self.columns), np.nan)
            for i, name in enumerate(self.references)
        ]
        return np.array(rows)

    def value(self, model: str, column: str) -> float | None:
        """Return one score, None where unknown.

        Examples
        --------
        >>> from seqclf.evaluation import PublishedFigures, compare
        >>> compare({"paper": PublishedFigures(accuracy=0.98)}).value("paper", "accuracy")
        0.98
        """
        for name, value, known in (("model", model, self.models), ("column", column, self.columns)):
            if value not in known:
                raise ValueError(f"`{name}` must be one of {', '.join(map(repr, known))}; got {value!r}.")
        return _known(self.values[self.models.index(model), self.columns.index(column)])

    def to_text(self, *, digits: int = 3) -> str:
        """Return the text that `print(comparison)` shows, with `digits` decimals."""
        return comparison_text(self.columns, self._score_rows(), self._difference_rows(), digits)

    def to_markdown(self, *, digits: int = 3) -> str:
        """Return the same as Markdown tables, with `digits` decimals."""
        return comparison_markdown(self.columns, self._score_rows(), self._difference_rows(), digits)

    def to_dict(self) -> dict[str, Any]:
        """Return all scores as JSON types, None where unknown."""
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
        """Plot a group of bars for each column, one bar per model.

        Returns
        -------
        matplotlib.figure.Figure
            Not registered with pyplot; save it with `figure.savefig("comparison.png")`.

        Raises
        ------
        ImportError
            If matplotlib is not installed (extra `plots`).
        """
        from seqclf.evaluation._comparison_plot import plot_comparison

        return plot_comparison(self.models, self.columns, self.values, self.references)

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        return f"Comparison({len(self.models)} models, {len(self.columns)} columns)"

    def __reduce__(self) -> tuple[Any, ...]:
        # Not the default, which would unpickle a writeable array.
        return _rebuild, (self.models, self.columns, np.array(self.values), self.n_samples, self.references)

    def _score_rows(self) -> list[Row]:
        """Return each model with its number of samples and its scores."""
        n_samples = [UNKNOWN if n is None else str(n) for n in self.n_samples]
        return list(zip(self.models, n_samples, self.values.tolist(), strict=True))

    def _difference_rows(self) -> list[Row]:
        """Return each model that has a reference, with the reference and the differences."""
        rows = zip(self.models, self.references, self.differences.tolist(), strict=True)
        return [(model, reference, values) for model, reference, values in rows if reference is not None]


def _known(value: float) -> float | None:
    """Return a Python float, None for NaN."""
    return None if np.isnan(value) else float(value)


def _rebuild(models: Any, columns: Any, values: Any, n_samples: Any, references: Any) -> Comparison:
    """Unpickle a comparison."""
    return Comparison(
        models=models, columns=columns, values=values, n_samples=n_samples, references=references
    )
