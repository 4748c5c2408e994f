"""Missing values inside of an estimator: observed values are scaled, the others filled in and marked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, Self

from numpy.typing import ArrayLike
from sklearn.base import clone
from sklearn.utils.validation import has_fit_parameter
from torch import cat

from seqclf.sequences import Sequences
from seqclf.transforms import FillMissing, MinMax, Views, ZScore

MissingChoice = Literal["error", "indicator"] | FillMissing
"""A name, or the transformer that fills missing values in."""


def new_filler(choice: MissingChoice) -> FillMissing | None:
    """Return what fills missing values in; None if they are refused."""
    if isinstance(choice, FillMissing):
        copied: FillMissing = clone(choice)
        return copied
    if not isinstance(choice, str) or choice not in ("error", "indicator"):
        raise ValueError(
            f"`missing` must be one of ['error', 'indicator'] or a `FillMissing`; got {choice!r:.100}. "
            "Pass an instance, such as `FillMissing(times=0)`."
        )
    return FillMissing() if choice == "indicator" else None


def accepted(choice: MissingChoice) -> Literal["error", "keep"]:
    """Return what input conversion does with missing values."""
    return "error" if new_filler(choice) is None else "keep"


@dataclass(slots=True, eq=False)
class ScaleAndFill:
    """A transformer that measures and scales observed values, fills in the others, and appends indicators unscaled.

    What fills in must see scaled values: the level of a sequence that is scaled by its own mean is not that of the training samples.
    What marks must see times as they came. So there are two of them.
    """

    transformer: Any
    marker: FillMissing
    filler: FillMissing = field(init=False)
    scaler: ZScore | MinMax | Views | None = field(init=False)
    others: list[Any] = field(init=False)  # transformers of filled values

    def __post_init__(self) -> None:
        from sklearn.pipeline import (
            Pipeline,  # here, because it imports sklearn.preprocessing and rich: 0.04 s
        )

        steps = [] if self.transformer is None else [self.transformer]
        if isinstance(self.transformer, Pipeline):
            steps = [step for _, step in self.transformer.steps if step not in (None, "passthrough")]
        scales_first = bool(steps) and isinstance(steps[0], ZScore | MinMax | Views)
        self.scaler = steps[0].set_params(missing="keep") if scales_first else None
        self.others = steps[1:] if scales_first else steps
        self.filler = FillMissing(indicators=False)

    def fit(self, sequences: Sequences, sample_weight: ArrayLike | None = None) -> Self:
        """Measure the observed values of training samples."""
        self.marker.fit(sequences, sample_weight=sample_weight)
        scaled = sequences
        if self.scaler is not None:
            scaled = self.scaler.fit(sequences, sample_weight=sample_weight).transform(sequences)
        filled = self.filler.fit(scaled, sample_weight=sample_weight).transform(scaled)
        for transformer in self.others:
            weighted = sample_weight is not None and has_fit_parameter(transformer, "sample_weight")
            transformer.fit(filled, **({"sample_weight": sample_weight} if weighted else {}))
            filled = transformer.transform(filled)
        return self

    def transform(self, sequences: Sequences) -> Sequences:
        """Return scaled sequences without missing values, and their indicators as the last features."""
        marks = self.marker.transform(sequences).values[:, sequences.n_features :]
        scaled = sequences if self.scaler is None else self.scaler.transform(sequences)
        filled = self.filler.transform(scaled)
        for transformer in self.others:
            filled = transformer.transform(filled)
        if self.transformer is None:
            filled = filled.float()  # raises if that loses information; scaling could have kept it
        if not marks.shape[1]:
            return filled
        if filled.values.shape[0] != marks.shape[0]:
            raise ValueError(
                "`scale` must keep the lengths of sequences if missing values are marked at each step; got "
                f"{filled.values.shape[0]} steps for {marks.shape[0]}. Fill in before the lengths change, in front of the estimator: "
                "`make_pipeline(FillMissing(), Downsample(factor=4), GRUClassifier())`."
            )
        return filled.with_values(cat([filled.values, marks.to(filled.values.dtype)], dim=1))

    @property
    def n_marks(self) -> int:
        """Number of features that are appended unscaled."""
        return 2 * len(self.marker.missing_features_) if self.marker.indicators else 0
