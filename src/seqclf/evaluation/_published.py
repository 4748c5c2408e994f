"""`PublishedFigures`: the scores that a publication reports."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_SCORES = ("precision", "recall", "f1")


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedFigures:
    """Published scores of a classifier whose predictions are not available.

    Parameters
    ----------
    accuracy : float in [0, 1], optional
        Share of the samples that were predicted correctly.
    macro, weighted : mapping of str to float, default={}
        Means over the classes, unweighted and weighted by support: any of `precision`, `recall`, `f1`.
    per_class : mapping of str to mapping of str to float, default={}
        Scores of each class, keyed by its name: any of `precision`, `recall`, `f1` and `support`. Classes may be
        missing.
    n_samples : int, optional
        Number of test samples. Default: the sum of the supports, if every class has one.

    Raises
    ------
    ValueError
        If a score has an unknown name or is outside [0, 1].

    Notes
    -----
    Scores printed with two decimals have a rounding error of up to 0.005; smaller differences are not meaningful.

    Examples
    --------
    >>> from seqclf.evaluation import PublishedFigures
    >>> paper = PublishedFigures(accuracy=0.9818, macro={"f1": 0.90}, per_class={"S": {"recall": 0.81}})
    >>> paper.per_class["S"]["recall"]
    0.81
    """

    accuracy: float | None = None
    macro: Mapping[str, float] = field(default_factory=dict)
    weighted: Mapping[str, float] = field(default_factory=dict)
    per_class: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    n_samples: int | None = None

    def __post_init__(self) -> None:
        if self.accuracy is not None:
            _check_share("accuracy", self.accuracy)
        for name in ("macro", "weighted"):
            object.__setattr__(self, name, _check_scores(name, getattr(self, name), _SCORES))
        per_class = {
            name: _check_scores(f"per_class[{name!r}]", scores, (*_SCORES, "support"))
            for name, scores in self.per_class.items()
        }
        object.__setattr__(self, "per_class", per_class)
        supports = [scores.get("support") for scores in per_class.values()]
        if self.n_samples is None and supports and None not in supports:
            object.__setattr__(self, "n_samples", int(sum(support or 0 for support in supports)))

    @classmethod
    def from_dict(cls, figures: Mapping[str, Any]) -> PublishedFigures:
        """Create published figures from a mapping, for example one read from JSON.

        Parameters
        ----------
        figures : mapping
            Any of `accuracy`, `macro`, `weighted`, `per_class`, `n_samples`, as in the constructor. Other entries, such as
            a title, are ignored.

        Examples
        --------
        >>> from seqclf.evaluation import PublishedFigures
        >>> PublishedFigures.from_dict({"title": "GRU", "accuracy": 0.9818}).accuracy
        0.9818
        """
        known = ("accuracy", "macro", "weighted", "per_class", "n_samples")
        return cls(**{key: figures[key] for key in known if figures.get(key) is not None})

    def to_dict(self) -> dict[str, Any]:
        """Return the scores as JSON types; `PublishedFigures.from_dict` reads them back."""
        return {
            "accuracy": self.accuracy,
            "macro": dict(self.macro),
            "weighted": dict(self.weighted),
            "per_class": {name: dict(scores) for name, scores in self.per_class.items()},
            "n_samples": self.n_samples,
        }


def _check_scores(where: str, scores: Mapping[str, float], allowed: tuple[str, ...]) -> dict[str, float]:
    """Return a copy of the scores; raise for an unknown name or an invalid value."""
    for name, value in scores.items():
        if name not in allowed:
            raise ValueError(
                f"`{where}` must contain only {', '.join(map(repr, allowed))}; got {name!r}. "
                "Rename it (sensitivity is 'recall', positive predictivity is 'precision')."
            )
        if name != "support":
            _check_share(f"{where}[{name!r}]", value)
        elif not value >= 0 or not math.isfinite(value):
            raise ValueError(
                f"`{where}['support']` must be a finite number of samples, at least 0; got {value!r}. "
                "Omit it if it is unknown."
            )
    return dict(scores)


def _check_share(where: str, value: float) -> None:
    """Raise unless the value is in [0, 1]."""
    if not 0 <= value <= 1:  # also False for NaN
        raise ValueError(
            f"`{where}` must be in [0, 1]; got {value!r}. Divide percentages by 100, and omit unknown scores."
        )
