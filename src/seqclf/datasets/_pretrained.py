"""`load_pretrained`: fitted models that come with the package."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from seqclf._checks import check_choice

if TYPE_CHECKING:
    from seqclf.estimators import SequenceClassifier
    from seqclf.persistence import ModelDescription

_FILES: Final = {"heartbeats": "heartbeats.safetensors"}


def load_pretrained(name: Literal["heartbeats"]) -> SequenceClassifier:
    """Load a fitted model that comes with the package.

    Parameters
    ----------
    name : {"heartbeats"}
        "heartbeats": the class of a single heartbeat, one of `AAMI_CLASSES`, from one lead of an ECG. A bidirectional GRU, trained on
        the MIT-BIH Arrhythmia Database.

    Returns
    -------
    SequenceClassifier
        On the CPU, independent of earlier calls.

    Raises
    ------
    ValueError
        If there is no such model.

    Warns
    -----
    SeqclfWarning
        By the model, if a beat has more than 187 steps: it was sampled or cut in another way.

    See Also
    --------
    describe_pretrained : Data, scores and limits of the model.
    cut_beats : Cut records into beats as the model needs them.
    read_heartbeat_csv : Read the published beats, which already are as the model needs them.

    Notes
    -----
    The model predicts something for every input, so beats must be like those that it was trained on:

    - one lead, if possible MLII (modified limb lead II);
    - sampled at 125 Hz;
    - from the R peak, for 1.2 times the median RR interval of the 10 seconds around it; at most 187 steps;
    - in a table of 187 columns, padded with zeros at the end, or as a list of arrays, or `Sequences`.

    `cut_beats` makes such beats of records at any sampling rate. The unit does not matter, because the model scales each beat to
    [0, 1]. A table with another number of columns, or several leads, is an error. Another sampling rate is noticed only if beats
    become too long; an inverted lead, or a beat that starts elsewhere, is not noticed.

    It is not a medical device, and for people whose beats it was not trained on its scores are much lower; see
    `describe_pretrained`.

    Examples
    --------
    >>> from seqclf.datasets import load_pretrained, make_heartbeats
    >>> model = load_pretrained("heartbeats")
    >>> X = make_heartbeats(4, random_state=0).sequences  # or read_heartbeat_csv("beats.csv").sequences
    >>> model.predict_proba(X).shape
    (4, 5)
    >>> model.classes_
    array(['F', 'N', 'Q', 'S', 'V'], dtype='<U1')
    """
    from seqclf.persistence import load  # here and below: records and CSV files need no estimators

    with _file(name) as path:
        model: SequenceClassifier = load(path)
    return model


def describe_pretrained(name: Literal["heartbeats"]) -> ModelDescription:
    """Describe a model of `load_pretrained`: how it was trained, its scores on a test set, and its limits.

    Parameters
    ----------
    name : {"heartbeats"}
        The model.

    Returns
    -------
    seqclf.persistence.ModelDescription
        `scores` holds the scores on the test set; `notes` says in words what the data, the training and the limits are.

    Raises
    ------
    ValueError
        If there is no such model.

    See Also
    --------
    load_pretrained : Load the model.
    seqclf.describe_file : Describe any model file.

    Examples
    --------
    >>> from seqclf.datasets import describe_pretrained
    >>> description = describe_pretrained("heartbeats")
    >>> description.kind, description.n_columns
    ('GRUClassifier', 187)
    >>> sorted(description.notes)
    ['citation', 'data', 'evaluation', 'input', 'licence', 'limits', 'training']
    """
    from seqclf.persistence import describe_file

    with _file(name) as path:
        return describe_file(path)


@contextmanager
def _file(name: Literal["heartbeats"]) -> Iterator[Path]:
    """Yield the path of a model file; the package may be inside of an archive."""
    check_choice("name", name, _FILES)
    with resources.as_file(resources.files("seqclf.datasets").joinpath(_FILES[name])) as path:
        yield path
