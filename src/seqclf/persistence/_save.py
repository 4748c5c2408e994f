"""A fitted model -> one file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sklearn.utils.validation import check_is_fitted

from seqclf._checks import check_boolean
from seqclf._files import replacing
from seqclf.estimators import SequenceClassifier, SequenceEnsemble

if TYPE_CHECKING:
    from seqclf.evaluation import Report

FORMAT = 1
"""Version of the format that is written. Readers of earlier versions stay, each in a module of its own."""


def save(
    model: Any,
    path: str | os.PathLike[str],
    *,
    report: Report | None = None,
    notes: Mapping[str, str] | None = None,
    training_state: bool = False,
) -> None:
    """Write a fitted model to one file, which `seqclf.load` reads without executing anything.

    Parameters
    ----------
    model : estimator or Pipeline
        A fitted classifier or ensemble of seqclf, or a `sklearn.pipeline.Pipeline` of transformers of seqclf that ends in one.
    path : str or path
        The file, by convention `*.safetensors`. An existing file, or the target of a link, is replaced once the new one is complete,
        and keeps its mode.
    report : seqclf.evaluation.Report or None, default=None
        Scores to store, which `seqclf.describe_file` shows.
    notes : dict of str to str or None, default=None
        What else the users of the file should know, such as `{"data": ..., "limits": ...}`; `seqclf.describe_file` shows it, too.
    training_state : bool, default=False
        Whether to store the states of the optimizer and the random generators, so that `partial_fit` of the loaded model continues
        bit for bit. They make the file up to three times as large.

    Raises
    ------
    TypeError
        If `model` is not one of these, or has components that a file cannot hold; if `notes` is not a dict of text.
    sklearn.exceptions.NotFittedError
        If the model is not fitted.

    See Also
    --------
    load : Read the file.
    describe_file : See what a file holds.

    Notes
    -----
    The file is in the format of safetensors: weights and statistics as tensors, everything else as JSON in its metadata. It holds
    parameters, weights, fitted transformers, classes, class frequencies, what `fit` learned about the input, the history, and the
    versions of seqclf, torch, NumPy and scikit-learn. The same model gives the same bytes.

    Functions and objects that only training uses, such as callbacks, are omitted. `describe_file` lists them, and `fit` of the
    loaded model raises an error that names them until they are set again.

    Examples
    --------
    >>> import os, tempfile
    >>> import seqclf
    >>> X, y = [[0.1, 0.9], [0.2, 0.8, 0.9], [0.9, 0.1], [0.8, 0.2]] * 8, ["up", "up", "down", "down"] * 8
    >>> model = seqclf.GRUClassifier(hidden_size=8, random_state=0).fit(X, y)
    >>> path = os.path.join(tempfile.mkdtemp(), "model.safetensors")
    >>> seqclf.save(model, path)
    >>> seqclf.load(path).predict([[0.1, 0.7]])
    array(['up'], dtype='<U4')
    """
    from seqclf.evaluation import Report
    from seqclf.persistence._model_file import MODEL_FILE
    from seqclf.persistence._writer import CannotBeSavedError, Writer

    _check_model(model)
    if report is not None and not isinstance(report, Report):
        raise TypeError(
            f"`report` must be a `seqclf.evaluation.Report` or None; got {type(report).__name__}. `evaluate` makes one."
        )
    _check_notes(notes)
    writer = Writer(training_state=check_boolean("training_state", training_state))
    try:
        written = writer.value(model, "model")
    except CannotBeSavedError as error:
        raise TypeError(
            f"A model must consist of what a file can hold; got {error.what}"
            f"{f' at `{error.path}`' if error.path else ''}. Use components of seqclf, or joblib, which can also save objects that run code."
        ) from error
    for _, step in getattr(model, "steps", ()):  # here, because all of them are now known to be of seqclf
        if step not in (None, "passthrough"):
            check_is_fitted(step)
    content = {
        "format": FORMAT,
        "model": written,
        "report": None if report is None else report.to_dict(confusion=False),
        "versions": _versions(),
    }
    if notes:  # files without notes have no such name
        content["notes"] = dict(notes)
    with replacing(Path(path)) as file:
        MODEL_FILE.write(file, content, writer.tensors)


def _check_notes(notes: Any) -> None:
    if notes is None:
        return
    if not isinstance(notes, Mapping):
        raise TypeError(f"`notes` must be a dict of text, or None; got {type(notes).__name__}.")
    for name, text in notes.items():
        if not (isinstance(name, str) and isinstance(text, str)):
            raise TypeError(
                f"`notes` must be a dict of text; got {name!r:.40} of type {type(name).__name__} with a value of type "
                f"{type(text).__name__}. Write numbers as text."
            )


def _check_model(model: Any) -> None:
    from sklearn.pipeline import Pipeline  # here, because it imports sklearn.preprocessing and rich: 0.04 s

    last = model.steps[-1][1] if type(model) is Pipeline else model
    if not isinstance(last, SequenceClassifier | SequenceEnsemble):
        raise TypeError(
            "`model` must be a classifier or an ensemble of seqclf, or a Pipeline that ends in one; got "
            f"{type(last).__name__}. {_advice(last)}"
        )
    check_is_fitted(last)


def _advice(model: Any) -> str:
    """Say what to do about a model that a file cannot hold."""
    if hasattr(model, "best_estimator_") or hasattr(model, "param_grid"):
        return "Of a search, save `best_estimator_`."
    if hasattr(model, "steps"):
        return "Put all steps into one Pipeline, whose last one is the classifier."
    return "joblib can save other estimators; load such files only if you made them."


def _versions() -> dict[str, str]:
    names = ("seqclf", "torch", "numpy", "scikit-learn")
    return {name: version(name) for name in names}
