"""`Report`: the scores of a classifier on one set of samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike

from seqclf.evaluation import _scores
from seqclf.evaluation._counts import Counts
from seqclf.evaluation._labels import IntArray, Label, check_labels
from seqclf.evaluation._per_class import PerClass
from seqclf.evaluation._report_checks import check_areas, check_confusion, check_target_names
from seqclf.evaluation._report_text import report_markdown, report_text
from seqclf.evaluation._scores import AverageScores

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True, eq=False, repr=False, init=False)
class Report:
    """Confusion matrix of a classifier and the scores computed from it.

    Usually created by `evaluate`; created directly, it computes the scores of any confusion matrix. Scores are computed
    from the counts on access, so they cannot contradict each other.

    Parameters
    ----------
    labels : tuple of n_classes labels
        Class labels, in the order of the rows and columns of `confusion`.
    target_names : tuple of n_classes str
        Names of the classes in tables and plots.
    confusion : array of shape (n_classes, n_classes), int
        `confusion[i, j]` is the number of samples of class i that were predicted as class j.
    roc_auc, average_precision : tuple of n_classes (float in [0, 1] or None), default=()
        Areas under the one-versus-rest curves, None where undefined; empty without probabilities.

    Raises
    ------
    ValueError
        If sizes do not match, a label or name is repeated, or the matrix does not contain counts.

    Notes
    -----
    Undefined scores are 0.0: the precision of a class that was never predicted, the recall of a class without samples,
    Matthews correlation and kappa if only one class occurs. `print(report)` shows scikit-learn's
    `classification_report`, followed by the scores it lacks.

    Only pairs of classes that occur are stored, so a report of 20,000 classes takes megabytes. The matrix is built when
    `confusion`, `to_dict` or `plot` asks for it.

    Examples
    --------
    >>> import numpy as np
    >>> from seqclf.evaluation import Report
    >>> report = Report(labels=("N", "V"), target_names=("N", "V"), confusion=np.array([[90, 2], [3, 5]]))
    >>> print(report)
                  precision    recall  f1-score   support
    <BLANKLINE>
               N       0.97      0.98      0.97        92
               V       0.71      0.62      0.67         8
    <BLANKLINE>
        accuracy                           0.95       100
       macro avg       0.84      0.80      0.82       100
    weighted avg       0.95      0.95      0.95       100
    <BLANKLINE>
    balanced accuracy 0.80, Matthews correlation 0.64, Cohen's kappa 0.64
    """

    labels: tuple[Label, ...]
    target_names: tuple[str, ...]
    roc_auc: tuple[float | None, ...]
    average_precision: tuple[float | None, ...]
    _counts: Counts

    def __init__(
        self,
        *,
        labels: Sequence[Any],
        target_names: Sequence[str],
        confusion: ArrayLike | Counts,
        roc_auc: Sequence[float | None] = (),
        average_precision: Sequence[float | None] = (),
    ) -> None:
        classes = check_labels(list(labels))
        counts = confusion if isinstance(confusion, Counts) else check_confusion(confusion, len(classes))
        check_target_names(target_names, classes)
        areas = {
            name: check_areas(name, value, len(classes))
            for name, value in (("roc_auc", roc_auc), ("average_precision", average_precision))
        }
        fields = {"labels": classes, "target_names": tuple(target_names), "_counts": counts, **areas}
        for name, value in fields.items():
            object.__setattr__(self, name, value)

    @property
    def confusion(self) -> IntArray:
        """Confusion matrix of shape (n_classes, n_classes), read-only; built on each access."""
        return self._counts.matrix()

    @property
    def n_samples(self) -> int:
        """Number of samples."""
        return self._counts.n_samples

    @property
    def per_class(self) -> PerClass:
        """Scores of each class, a mapping keyed by its name in `target_names`; also found by its label."""
        scores = _scores.class_scores(self._counts, self.roc_auc, self.average_precision)
        return PerClass(self.target_names, self.labels, scores)

    @property
    def accuracy(self) -> float:
        """Share of the samples that were predicted correctly."""
        return _scores.accuracy(self._counts)

    @property
    def macro(self) -> AverageScores:
        """Unweighted means over the classes."""
        return _scores.average_scores(self.per_class.values(), weighted=False)

    @property
    def weighted(self) -> AverageScores:
        """Means over the classes, weighted by support."""
        return _scores.average_scores(self.per_class.values(), weighted=True)

    @property
    def macro_f1(self) -> float:
        """Unweighted mean F1 of the classes, the main score for imbalanced classes."""
        return self.macro.f1

    @property
    def balanced_accuracy(self) -> float:
        """Mean recall of the classes that have samples."""
        return _scores.balanced_accuracy(self._counts)

    @property
    def mcc(self) -> float:
        """Matthews correlation of true and predicted class, in [-1, 1]."""
        return _scores.matthews_correlation(self._counts)

    @property
    def kappa(self) -> float:
        """Cohen's kappa, agreement beyond chance, in [-1, 1]."""
        return _scores.cohen_kappa(self._counts)

    @property
    def macro_roc_auc(self) -> float | None:
        """Mean ROC-AUC of the classes where it is defined."""
        return _scores.mean_of_known(self.roc_auc)

    @property
    def macro_average_precision(self) -> float | None:
        """Mean average precision of the classes where it is defined."""
        return _scores.mean_of_known(self.average_precision)

    def to_text(self, *, digits: int = 2) -> str:
        """Return the text that `print(report)` shows, with `digits` decimals."""
        return report_text(self._counts, self.per_class, digits)

    def to_markdown(self, *, digits: int = 4) -> str:
        """Return the report as a Markdown table, with `digits` decimals.

        Examples
        --------
        >>> from seqclf.evaluation import evaluate
        >>> print(evaluate(["N", "N", "V", "V"], ["N", "V", "V", "V"]).to_markdown(digits=2))
        | class | precision | recall | F1 | specificity | support |
        |:--|--:|--:|--:|--:|--:|
        | N | 1.00 | 0.50 | 0.67 | 1.00 | 2 |
        | V | 0.67 | 1.00 | 0.80 | 0.50 | 2 |
        | accuracy |  |  | 0.75 |  | 4 |
        | macro avg | 0.83 | 0.75 | 0.73 |  | 4 |
        | weighted avg | 0.83 | 0.75 | 0.73 |  | 4 |
        <BLANKLINE>
        balanced accuracy 0.75, Matthews correlation 0.58, Cohen's kappa 0.50
        """
        return report_markdown(self._counts, self.per_class, digits)

    def to_dict(self, *, confusion: bool = True) -> dict[str, Any]:
        """Return all scores as JSON types; `Report.from_dict` reads them back.

        Parameters
        ----------
        confusion : bool, default=True
            Whether to include the confusion matrix, which is quadratic in the number of classes and which `from_dict` needs.
        """
        return {
            "n_samples": self.n_samples,
            "labels": list(self.labels),
            "target_names": list(self.target_names),
            **({"confusion": self.confusion.tolist()} if confusion else {}),
            "accuracy": self.accuracy,
            "balanced_accuracy": self.balanced_accuracy,
            "mcc": self.mcc,
            "kappa": self.kappa,
            "macro": asdict(self.macro),
            "weighted": asdict(self.weighted),
            "per_class": {name: asdict(scores) for name, scores in self.per_class.items()},
        }

    @classmethod
    def from_dict(cls, figures: Mapping[str, Any]) -> Report:
        """Create a report from the result of `to_dict`.

        Parameters
        ----------
        figures : mapping
            Must contain `labels`, `target_names` and `confusion`; `roc_auc` and `average_precision` are read from
            `per_class` if present. All other entries are ignored, and computed again.

        Raises
        ------
        ValueError
            If a required entry is missing or invalid.

        Examples
        --------
        >>> import json
        >>> from seqclf.evaluation import Report, evaluate
        >>> report = evaluate(["N", "N", "V", "V"], ["N", "V", "V", "V"])
        >>> Report.from_dict(json.loads(json.dumps(report.to_dict()))) == report
        True
        """
        for key in ("labels", "target_names", "confusion"):
            if key not in figures:
                raise ValueError(
                    f"`figures` must contain `labels`, `target_names` and `confusion`; got no {key!r}. "
                    "Use `PublishedFigures` for scores without a confusion matrix."
                )
        names = tuple(figures["target_names"])
        scores = [figures.get("per_class", {}).get(name, {}) for name in names]
        return cls(
            labels=tuple(figures["labels"]),
            target_names=names,
            confusion=figures["confusion"],
            roc_auc=tuple(score.get("roc_auc") for score in scores),
            average_precision=tuple(score.get("average_precision") for score in scores),
        )

    def plot(self) -> Figure:
        """Plot the confusion matrix beside the scores of each class.

        Returns
        -------
        matplotlib.figure.Figure
            Not registered with pyplot; save it with `figure.savefig("report.png")`.

        Raises
        ------
        ImportError
            If matplotlib is not installed (extra `plots`).
        """
        from seqclf.evaluation._report_plot import plot_report

        return plot_report(self._counts, self.per_class)

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        return (
            f"Report({len(self.labels)} classes, {self.n_samples} samples, "
            f"accuracy {self.accuracy:.4f}, macro F1 {self.macro_f1:.4f})"
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Report):
            return NotImplemented
        return self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(Report, **self._fields()), ()

    def _fields(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {
            "labels": self.labels,
            "target_names": self.target_names,
            "confusion": self._counts,
            "roc_auc": self.roc_auc,
            "average_precision": self.average_precision,
        }

    def _key(self) -> tuple[Any, ...]:
        return tuple((self._fields() | {"confusion": self._counts.key()}).values())
