"""What a model file holds, from its header alone."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seqclf.exceptions import InvalidModelFileError
from seqclf.persistence._load import check_format

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ModelDescription:
    """What a model file holds; created by `describe_file`.

    Attributes
    ----------
    kind : str
        The estimator, such as "GRUClassifier", or "Pipeline(TokenEncoder, GRUClassifier)".
    classes : ndarray of shape (n_classes,)
        The labels.
    n_features : int
        Features per step.
    n_columns : int or None
        Columns of the 2-D table that it was fitted to, each of them a step; None if it was fitted to sequences.
    n_epochs : int or None
        Epochs that it was trained for; None for an ensemble.
    parameters : dict of str to object
        Parameters of the estimator, the last step of a pipeline. Components, such as `MinMax(...)`, are shown as text.
    changed_parameters : dict of str to object
        Those that differ from the default.
    omitted : dict of str to str
        Parameters that the file does not hold, and what they were; `fit` raises an error until they are set.
    custom_modules : dict of str to str
        Places in the network for which `load` needs a module, and the classes that these modules had.
    scores : dict or None
        `report.to_dict(confusion=False)` of the report that was saved; None if there was none.
    notes : dict of str to str
        The notes that were saved.
    training_state : bool
        Whether `partial_fit` continues bit for bit where training ended.
    versions : dict of str to str
        Versions of seqclf, torch, NumPy and scikit-learn that wrote the file.
    format : int
        Version of the format.
    n_weights : int
        Number of weights of all networks.
    size : int
        Size of the file in bytes.

    Examples
    --------
    See `describe_file`.
    """

    kind: str
    classes: NDArray[Any]
    n_features: int
    n_columns: int | None
    n_epochs: int | None
    parameters: Mapping[str, Any]
    changed_parameters: Mapping[str, Any]
    omitted: Mapping[str, str]
    custom_modules: Mapping[str, str]
    scores: Mapping[str, Any] | None
    notes: Mapping[str, str]
    training_state: bool
    versions: Mapping[str, str]
    format: int
    n_weights: int
    size: int

    def __repr__(self) -> str:
        changed = ", ".join(
            f"{name}={_cut(repr(value), 60)}" for name, value in self.changed_parameters.items()
        )
        rows = {
            "classes": f"{len(self.classes)}: {_cut(', '.join(map(_shown, self.classes.tolist())), 100)}",
            "features": str(self.n_features),
            "columns": "" if self.n_columns is None else f"{self.n_columns}, one per step",
            "parameters": changed or "the default ones",
            "epochs": "" if self.n_epochs is None else str(self.n_epochs),
            "weights": f"{self.n_weights:,}",
            "scores": _scores(self.scores),
            "notes": ", ".join(self.notes),
            "omitted": ", ".join(f"{name} ({what})" for name, what in self.omitted.items()),
            "custom modules": ", ".join(f"{key} ({kind})" for key, kind in self.custom_modules.items()),
            "training state": "kept" if self.training_state else "",
            "versions": _versions(self.versions),
            "file": f"{self.size:,} bytes, format {self.format}",
        }
        shown = {name: text for name, text in rows.items() if text}
        width = max(map(len, shown))
        lines = [f"{name:<{width}}  {text}" for name, text in shown.items()]
        return "\n".join([self.kind, *(f"  {line}" for line in lines)])


def describe_file(path: str | os.PathLike[str]) -> ModelDescription:
    """Describe a model file without loading the model, for a registry or a model card.

    Parameters
    ----------
    path : str or path
        A file that `seqclf.save` wrote.

    Returns
    -------
    ModelDescription
        What the file holds, as attributes; printing it shows a summary.

    Raises
    ------
    seqclf.InvalidModelFileError
        If the file is not a model file of a format that this version of seqclf can read.

    Notes
    -----
    Only the header is read, a few kilobytes however large the file is. `load` checks whether the rest is undamaged.

    Examples
    --------
    >>> import os, tempfile
    >>> import seqclf
    >>> X, y = [[0.1, 0.9], [0.2, 0.8, 0.9], [0.9, 0.1], [0.8, 0.2]] * 8, ["up", "up", "down", "down"] * 8
    >>> path = os.path.join(tempfile.mkdtemp(), "model.safetensors")
    >>> model = seqclf.GRUClassifier(hidden_size=8, max_epochs=20, random_state=0).fit(X, y)
    >>> seqclf.save(model, path)
    >>> seqclf.describe_file(path)
    GRUClassifier
      classes     2: 'down', 'up'
      features    1
      parameters  max_epochs=20, random_state=0, hidden_size=8
      epochs      20
      weights     746
      versions    seqclf ..., numpy ..., scikit-learn ..., torch ...
      file        ... bytes, format 1
    """
    from seqclf.persistence._format_1 import describe
    from seqclf.persistence._model_file import MODEL_FILE

    path = Path(path)
    try:
        header = MODEL_FILE.header(path)
        check_format(header.content)
        return ModelDescription(**describe(header.content, header.shapes), size=path.stat().st_size)
    except InvalidModelFileError as error:
        raise InvalidModelFileError(f"{path}: {error}") from error


def _shown(label: Any) -> str:
    """Return a label as text; an array of dtype object may hold NumPy scalars, whose `repr` names their type."""
    return repr(label.item() if isinstance(label, np.generic) else label)


def _cut(text: str, most: int) -> str:
    """Return text of at most `most` characters; the last one shows whether something is missing."""
    return text if len(text) <= most else text[: most - 1] + "\N{HORIZONTAL ELLIPSIS}"


def _versions(versions: Mapping[str, str]) -> str:
    """Return versions, that of seqclf first."""
    return ", ".join(
        f"{name} {version}"
        for name, version in sorted(versions.items(), key=lambda item: item[0] != "seqclf")
    )


def _scores(scores: Mapping[str, Any] | None) -> str:
    if scores is None:
        return ""
    of_classes = ", ".join(f"{name} {one['f1']:.3f}" for name, one in scores["per_class"].items())
    return (
        f"accuracy {scores['accuracy']:.4f}, macro F1 {scores['macro']['f1']:.4f} on {scores['n_samples']:,} samples; F1 "
        f"{_cut(of_classes, 100)}"
    )
