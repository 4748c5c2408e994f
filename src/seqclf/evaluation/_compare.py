"""Several reports -> one comparison."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Literal, TypeAlias

import numpy as np

from seqclf.evaluation._comparison import Comparison
from seqclf.evaluation._published import PublishedFigures
from seqclf.evaluation._report import Report

ScoreName: TypeAlias = Literal["precision", "recall", "f1"]
_TITLES: dict[str, str] = {"precision": "precision", "recall": "recall", "f1": "F1"}


def compare(
    models: Mapping[str, Report | PublishedFigures],
    *,
    reference: str | Mapping[str, str] | None = None,
    per_class: Sequence[ScoreName] = ("f1",),
) -> Comparison:
    """Compare the scores of several models.

    Parameters
    ----------
    models : mapping of str to Report or PublishedFigures
        Scores of each model, keyed by its name; the order is kept.
    reference : str or mapping of str to str, optional
        Name of the model that all others are compared with, or a mapping from models to their references. Adds a table
        of signed differences.
    per_class : sequence of {"precision", "recall", "f1"}, default=("f1",)
        Scores to show for each class.

    Returns
    -------
    Comparison

    Raises
    ------
    ValueError
        If `models` is empty, a reference is not among the models, or the models have different classes.
    TypeError
        If an entry is neither a `Report` nor `PublishedFigures`, or `per_class` is a string.

    Notes
    -----
    Scores are comparable only if they were computed on the same test samples. This is not checked; the column `samples`
    shows whether the numbers of samples agree.

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
            "`models` must contain at least one report; got none. Pass a mapping such as {'GRU': report}."
        )
    if isinstance(per_class, str):
        raise TypeError(f"`per_class` must be a sequence of scores; got {per_class!r}. Pass [{per_class!r}].")
    figures = {name: _figures(name, model) for name, model in models.items()}
    names = _class_names(models)
    columns = {"accuracy": ("accuracy", "", "")}
    for group, score in (("macro", "precision"), ("macro", "recall"), ("macro", "f1"), ("weighted", "f1")):
        columns[f"{group} {_TITLES[score]}"] = (group, "", score)
    for score in per_class:
        if score not in _TITLES:
            raise ValueError(f"`per_class` must contain only 'precision', 'recall' and 'f1'; got {score!r}.")
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
    """Reduce a report to the scores that a comparison shows."""
    if isinstance(model, PublishedFigures):
        return model
    if not isinstance(model, Report):
        raise TypeError(
            f"`models` must contain `Report` or `PublishedFigures`; got {type(model).__name__} for {name!r}. "
            "Convert a mapping of scores with `PublishedFigures.from_dict`."
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
    """Return the class names, which all reports must share; published figures may lack some."""
    reports = {name: model for name, model in models.items() if isinstance(model, Report)}
    if not reports:
        return list(dict.fromkeys(key for model in models.values() for key in _figures("", model).per_class))
    first, leading = next(iter(reports.items()))
    expected = leading.target_names
    for name, model in models.items():
        given = set(model.per_class)
        if given - set(expected) or (name in reports and given != set(expected)):
            raise ValueError(
                f"All models must have the same classes; got {list(expected)} in {first!r} and "
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
                f"`reference` must name models among {', '.join(map(repr, models))}; got {name!r}."
            )
    return tuple(pairs.get(model) for model in models)


def _look_up(figures: PublishedFigures, group: str, name: str, score: str) -> float | None:
    """Return one score, None (which becomes NaN) if it was not published."""
    if group == "accuracy":
        return figures.accuracy
    if group == "per_class":
        return figures.per_class.get(name, {}).get(score)
    means: Mapping[str, float] = getattr(figures, group)
    return means.get(score)
