"""Samples of any container -> their first steps, and what a model predicts from them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import numpy as np

from seqclf._inspection import uninspected
from seqclf.evaluation._labels import IntArray
from seqclf.evaluation._probabilities import check_proba
from seqclf.evaluation._scores import FloatArray


def lengths_of(X: Any) -> IntArray:
    """Return the number of steps of each of `Sequences`, or of each item of a list: (n_samples,)."""
    # `Sequences` are not imported, because they need torch, and this package does not.
    if hasattr(X, "prefixes"):
        return np.asarray(X.lengths.cpu().numpy(), dtype=np.int64)
    if not isinstance(X, list | tuple):
        raise TypeError(
            f"`X` must be `Sequences` or a list of sequences; got {type(X).__name__}. Pass `as_sequences(X)`, with `lengths` if you "
            "know them: the prefix of a padded row may be padding."
        )
    lengths = np.array([len(one) for one in X], dtype=np.int64)
    if (lengths == 0).any():
        raise ValueError(
            f"Each sequence must have at least one step; got none in X[{int(lengths.argmin())}]. Leave it out."
        )
    return lengths


def cut(X: Any, chosen: IntArray, n_steps: IntArray) -> Any:
    """Return the first `n_steps[i]` steps of sequence `chosen[i]`, in a container of the same kind."""
    if hasattr(X, "prefixes"):
        return X[chosen].prefixes(n_steps)
    return [X[i][:n] for i, n in zip(chosen.tolist(), n_steps.tolist(), strict=True)]


def steps_read(lengths: IntArray, share: float) -> IntArray:
    """Return the number of steps in this share of each sequence, rounded down, at least 1: (n_samples,)."""
    # Rounding must not lose a step: 0.29 of 100 is 28.999999999999996 in float64.
    steps: IntArray = np.floor(lengths * share + 1e-9).astype(np.int64)
    return np.maximum(1, steps)


def predictions(
    model: Any, X: Any, lengths: IntArray, shares: FloatArray
) -> Iterator[tuple[IntArray, FloatArray]]:
    """Yield, for each share, the steps read (n_samples,) and the probabilities (n_samples, n_classes).

    Only prefixes that grew are predicted again: a sequence of 5 steps has 5 of them, however many shares there are.
    """
    classes = list(model.classes_)
    known, proba = np.zeros_like(lengths), np.zeros((len(lengths), len(classes)))
    for share in shares.tolist():
        n_steps = steps_read(lengths, share)
        grown = np.flatnonzero(n_steps > known)
        if grown.size:
            # Parts of sequences may be flatter than all training samples.
            with uninspected() if share < 1 else nullcontext():
                found = model.predict_proba(cut(X, grown, n_steps[grown]))
            proba = proba.copy()
            proba[grown] = check_proba(found, len(grown), classes)
        known = n_steps
        yield n_steps, proba
