"""Pickles of estimators and transformers carry the version of seqclf that wrote them."""

from __future__ import annotations

import warnings
from importlib.metadata import version
from typing import Any

from sklearn.base import BaseEstimator

from seqclf.exceptions import SeqclfWarning

VERSION = version("seqclf")

_KEY = "_seqclf_version"


class Versioned(BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """A scikit-learn estimator that warns if another version of seqclf pickled it.

    scikit-learn compares versions for its own estimators only.
    """

    def __getstate__(self) -> dict[str, Any]:
        return with_version(super().__getstate__())

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(without_version(state))


def with_version(state: dict[str, Any]) -> dict[str, Any]:
    """Return the state of a pickle and the version that writes it."""
    return {**state, _KEY: VERSION}


def without_version(state: dict[str, Any]) -> dict[str, Any]:
    """Return the state of a pickle without its version; warn if that is another one."""
    written_by = state.get(_KEY)
    if written_by != VERSION:
        other = "an older version" if written_by is None else f"seqclf {written_by}"
        warnings.warn(
            f"A pickle must be read by the version of seqclf that wrote it; got one of {other}, and this is seqclf {VERSION}: "
            "predictions may fail or differ. Read it with the version that wrote it, and keep the model as a file of "
            "`seqclf.save`, which later versions read.",
            SeqclfWarning,
            stacklevel=3,
        )
    return {name: value for name, value in state.items() if name != _KEY}
