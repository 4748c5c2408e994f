"""The default members of an ensemble: different representations of the same sequences."""

from __future__ import annotations

from typing import Any

from seqclf.estimators._automatic import DataSize
from seqclf.estimators._variants import GRUClassifier, LSTMClassifier
from seqclf.sequences import Sequences
from seqclf.transforms import Views


def default_members(sequences: Sequences) -> list[Any]:
    """Return the estimators that `SequenceEnsemble` uses if it is given none.

    All are bidirectional, with automatic values for everything but `scale`. For long sequences, most of them read the shape of
    features, for short ones, the level. These values were chosen by cross-validation inside of training sets.

    Parameters
    ----------
    sequences : Sequences
        The training samples. They are long if their median length is 64 steps or more, and they have no tokens.

    Returns
    -------
    list of estimators
        Five estimators, not fitted.

    Examples
    --------
    >>> from seqclf import as_sequences
    >>> from seqclf.estimators import default_members
    >>> for member in default_members(as_sequences([[0.1] * 100, [0.2] * 80])):
    ...     print(type(member).__name__, member.scale)
    GRUClassifier views
    GRUClassifier Views(views=('shape', 'shape_difference'))
    GRUClassifier Views(views=('level', 'level_difference'))
    LSTMClassifier views
    LSTMClassifier Views(views=('shape', 'shape_difference'))
    """
    shape = Views(views=("shape", "shape_difference"))
    level = Views(views=("level", "level_difference"))
    scales: tuple[Any, ...]
    if DataSize.of(sequences).is_long:
        scales = ("views", shape, level, "views", shape)
    else:
        scales = ("standard", level, "views", "standard", level)
    cells = (GRUClassifier, GRUClassifier, GRUClassifier, LSTMClassifier, LSTMClassifier)
    return [cell(bidirectional=True, scale=scale) for cell, scale in zip(cells, scales, strict=True)]
