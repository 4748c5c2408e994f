"""Scaling of the features, inside of an estimator."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils.validation import has_fit_parameter
from torch import Tensor

from seqclf.estimators._missing import MissingChoice, ScaleAndFill, new_filler
from seqclf.exceptions import SeqclfWarning
from seqclf.sequences import LazySequences, Sequences, blocks_of, check_computed, is_mapped
from seqclf.transforms import MinMax, Views, ZScore

ScaleChoice = Literal["auto", "views", "standard", "sequence"] | Any | None
"""A name, a transformer of `Sequences`, or None."""

LARGE, SMALL = 10.0, 0.01
"""Root mean squares of a feature beyond which training is slow or ends at the most frequent class."""

NAMES: dict[str, Callable[[], Any]] = {
    "views": Views,
    "standard": ZScore,
    "sequence": lambda: ZScore(per="sequence", append_statistics=True),
}


@dataclass(frozen=True, slots=True)
class Scaling:
    """A fitted transformer of `Sequences`; None scales nothing."""

    transformer: Any

    @property
    def removes_units(self) -> bool:
        """Whether each sequence is scaled by its own statistics, and these are forgotten."""
        transformer = (
            self.transformer.transformer if isinstance(self.transformer, ScaleAndFill) else self.transformer
        )
        steps = [step for _, step in getattr(transformer, "steps", [("", transformer)])]
        return any(
            getattr(step, "per", None) == "sequence" and not getattr(step, "append_statistics", False)
            for step in steps
        )

    def apply(self, sequences: Sequences | LazySequences) -> Sequences | LazySequences:
        """Return sequences as a network reads them, in float32; those on disk are scaled when they are selected."""
        if isinstance(sequences, LazySequences):
            return sequences.mapped(self._scaled)
        return (
            LazySequences(sequences, self._scaled) if is_mapped(sequences.values) else self._scaled(sequences)
        )

    def _scaled(self, sequences: Sequences) -> Sequences:
        scaled = sequences if self.transformer is None else self.transformer.transform(sequences)
        if not isinstance(scaled, Sequences) or len(scaled) != len(sequences):
            length = f" of length {len(scaled)}" if hasattr(scaled, "__len__") else ""
            raise TypeError(
                f"`scale` must return as many `Sequences` as it gets, {len(sequences)}; got {type(scaled).__name__}{length} from "
                f"{type(self.transformer).__name__}. Use a transformer of `seqclf.transforms`, or write one that returns "
                "`Sequences`."
            )
        if scaled.values.dtype == torch.float32 and scaled is sequences:
            return scaled
        return rounded(scaled, sequences)


def rounded(scaled: Sequences, given: Sequences | None = None) -> Sequences:
    """Return scaled sequences in float32; raise unless all values are finite, naming the value of those that were given."""
    single = scaled.with_values(scaled.values.to(torch.float32))
    check_computed(single, scaled if given is None else given)
    return single


def fit_scaling(
    choice: ScaleChoice,
    sequences: Sequences | LazySequences,
    weights: NDArray[np.float64] | None = None,
    *,
    missing: MissingChoice = "error",
) -> tuple[Scaling, Sequences | LazySequences]:
    """Measure training samples, and return them scaled; warn if features stay far from the order of 1."""
    transformer, filler, n_marks = _transformer(choice), new_filler(missing), 0
    if filler is not None:
        transformer = ScaleAndFill(transformer, filler)
    if transformer is None:
        # Raises if that loses information; scaling could have kept it.
        if isinstance(sequences, LazySequences) or is_mapped(sequences.values):
            for _, block in blocks_of(sequences):
                block.float()
        else:
            sequences = sequences.float()
    else:
        known = weights is not None and has_fit_parameter(transformer, "sample_weight")
        # Others, such as the user's, learn from `Sequences`: from a copy, if some of those on disk were selected.
        reads_blocks = isinstance(sequences, Sequences) or isinstance(transformer, ZScore | MinMax | Views)
        transformer.fit(
            sequences if reads_blocks else sequences[:], **({"sample_weight": weights} if known else {})
        )
    scaling = Scaling(transformer)
    scaled = scaling.apply(sequences)
    if filler is not None:
        n_marks = transformer.n_marks
    if not isinstance(choice, str):  # the named ones end at the order of 1
        _warn_of_unscaled(scaled, choice, n_marks)
    return scaling, scaled


def _transformer(choice: ScaleChoice) -> Any:
    if choice is None:
        return None
    if isinstance(choice, str):
        if choice not in NAMES:
            raise ValueError(f"`scale` must be one of {list(NAMES)}, a transformer or None; got {choice!r}.")
        return NAMES[choice]()
    if isinstance(choice, type) or not (hasattr(choice, "fit") and hasattr(choice, "transform")):
        raise TypeError(
            f"`scale` must be one of {list(NAMES)}, a transformer with `fit` and `transform`, or None; got {choice!r:.100}. "
            "Pass an instance, such as `MinMax()`."
        )
    return clone(choice)


def _warn_of_unscaled(scaled: Sequences | LazySequences, choice: ScaleChoice, n_marks: int) -> None:
    """Warn of the feature that is farthest from the order of 1; the last `n_marks` are not scaled."""
    n_scaled = scaled.n_features - n_marks
    squares, static_squares = [], []  # numbers: a tensor would keep its block's memory from being given back
    for _, block in blocks_of(scaled):
        squares.append(block.values[:, :n_scaled].double().square().sum(dim=0).tolist())
        if block.static is not None:
            static_squares.append(block.static.double().square().sum(dim=0).tolist())
    n_steps = int(scaled.lengths.sum())
    for what, sums, count in (("Feature", squares, n_steps), ("Static feature", static_squares, len(scaled))):
        found = (
            _far_from_one((torch.tensor(sums, dtype=torch.float64, device="cpu").sum(dim=0) / count).sqrt())
            if sums
            else None
        )
        if found is not None:
            feature, size = found
            cure = 'Pass scale="standard".' if choice is None else "Scale it inside of the transformer."
            warnings.warn(
                f"{what} {feature} has a root mean square of {size:.3g}; recurrent networks learn from features of the order of 1, "
                f"and may predict the most frequent class only. {cure}",
                SeqclfWarning,
                stacklevel=5,
            )


def _far_from_one(size: Tensor) -> tuple[int, float] | None:
    """Return the feature farthest from the order of 1 and its root mean square, if that is too far."""
    distance = torch.where(size > 0, size.log().abs(), torch.zeros_like(size))
    far = ((size > LARGE) | (size < SMALL)) & (size > 0)
    if not far.any():
        return None
    feature = int(torch.where(far, distance, torch.zeros_like(distance)).argmax())
    return feature, float(size[feature])
