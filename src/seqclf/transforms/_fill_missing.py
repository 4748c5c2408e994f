"""Missing values: filled in, and marked."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seqclf._checks import check_boolean, check_integer
from seqclf.exceptions import SeqclfWarning
from seqclf.sequences import Sequences
from seqclf.transforms._observed import check_measured, check_observed
from seqclf.transforms._samples import Samples, numbers, of_steps
from seqclf.transforms._steps import sequence_index
from seqclf.transforms._times import check_column, intervals
from seqclf.transforms._transformer import SequenceTransformer


@dataclass(kw_only=True, eq=False, repr=False)
class FillMissing(SequenceTransformer):
    """Fill in missing values (NaN), and say at each step which ones were filled and how old they are.

    A missing value becomes the last observed value of its feature in the same sequence or, before the first one, the mean of the
    feature over the samples of `fit`. After the features, two groups of features are appended, each with one for every feature that
    had missing values in `fit`: whether its value is missing (0 or 1), then the time since its last observation.

    Parameters
    ----------
    indicators : bool, default=True
        Whether both groups are appended. A network cannot tell filled from observed values without them.
    times : int or None, default=None
        Index of the feature that holds the times of the steps: known numbers that do not decrease. None: time is counted in steps.
    padding_value : float or None, default=0.0
        Padding value of padded arrays; see `seqclf.as_sequences`, with `missing="keep"`.

    Attributes
    ----------
    mean_ : torch.Tensor of shape (n_features,), float64
        Mean of the observed values of each feature.
    missing_features_ : ndarray of int
        The features that had missing values in `fit`.
    interval_ : float
        Mean time between consecutive steps in `fit`; 1 if `times` is None.
    n_features_in_ : int
        Number of features per step.
    feature_names_in_ : ndarray of shape (n_columns,)
        Column names of a data frame, or of the frames of a list, if all are strings. Those of later input must be
        the same, in the same order.

    Raises
    ------
    ValueError, TypeError
        If a parameter is out of range.
    seqclf.InvalidSequenceError
        If a feature has no observed value in `fit`, a value is infinite, a time is missing or decreases, or samples cannot be
        read as sequences of `n_features_in_` features.

    Warns
    -----
    SeqclfWarning
        If a feature has missing values that had none in `fit`. They are filled in, too, but not marked.

    See Also
    --------
    seqclf.SequenceClassifier : With `missing="indicator"` it does this itself, and scales observed values only.

    Notes
    -----
    The time since the last observation is log(1 + t / `interval_`): 0 at observed values, about 1 after two steps, 5 after 150.
    It does not depend on the unit of `times`. Before the first observation of a feature, t is the time since the first step.

    A filled value depends on earlier steps of the same sequence only, so what is filled in at a step does not change when the
    sequence goes on. Without missing values in `fit` nothing is appended. Values stay in float64 if they were read in float64;
    static features are kept, and must not be missing.

    References
    ----------
    Z. Che et al., "Recurrent neural networks for multivariate time series with missing values", Scientific Reports 8:6085, 2018,
    doi:10.1038/s41598-018-24271-9. This is their baseline "GRU-simple", which concatenates values, mask and time since the last
    observation; here, missing values are filled with the last observation instead of the mean where there is one.

    Examples
    --------
    >>> from seqclf.transforms import FillMissing
    >>> nan = float("nan")
    >>> FillMissing().fit_transform([[nan, 2.0, nan, nan], [4.0]]).values.round(decimals=2)
    tensor([[3.0000, 1.0000, 0.0000],
            [2.0000, 0.0000, 0.0000],
            [2.0000, 1.0000, 0.6900],
            [2.0000, 1.0000, 1.1000],
            [4.0000, 0.0000, 0.0000]], dtype=torch.float64)
    """

    indicators: bool = True
    times: int | None = None

    @property
    def _missing(self) -> Literal["error", "keep"]:
        return "keep"

    def _check_parameters(self) -> None:
        self._options()

    def _options(self) -> tuple[bool, int | None]:
        """Return `indicators` and `times`."""
        times = None if self.times is None else check_integer("times", self.times, least=0)
        return check_boolean("indicators", self.indicators), times

    def _learn(self, samples: Samples) -> None:
        _, times = self._options()
        sums, masses, missing, elapsed, n_intervals = [], [], [], 0.0, 0
        for block, weights in samples.blocks():
            values = block.values.double()
            seen = ~values.isnan()
            by_step = of_steps(weights, block)
            counted = seen.double() if by_step is None else seen * by_step
            sums.append(numbers((torch.where(seen, values, 0.0) * counted).sum(dim=0)))
            masses.append(numbers(counted.sum(dim=0)))
            missing.append(numbers((~seen).any(dim=0)))
            if times is not None:
                elapsed += _elapsed_in_all(block, times)
                n_intervals += block.values.shape[0] - len(block)
        mass, total = (torch.tensor(parts, dtype=torch.float64, device="cpu") for parts in (masses, sums))
        check_observed(mass)
        self.mean_: Tensor = total.sum(dim=0) / mass.sum(dim=0)
        check_measured(self.mean_)
        self.missing_features_: NDArray[np.int64] = np.flatnonzero(np.any(missing, axis=0))
        self.interval_: float = elapsed / n_intervals if elapsed > 0 else 1.0

    def _apply(self, sequences: Sequences) -> Sequences:
        indicators, times = self._options()
        values = sequences.values
        missing = values.isnan()
        source = _last_observation(sequences, ~missing)
        known = ~missing.gather(0, source)
        mean = self.mean_.to(values.device, values.dtype)
        filled = torch.where(known, values.gather(0, source), mean)
        if not indicators:
            return sequences.with_values(filled)
        self._warn_of_new(missing)
        marked = torch.from_numpy(self.missing_features_).to(values.device)
        since = (self._elapsed(sequences, source[:, marked], times) / self.interval_).log1p()
        appended = [missing[:, marked].to(values.dtype), since.to(values.dtype)]
        return sequences.with_values(torch.cat([filled, *appended], dim=1))

    def _elapsed(self, sequences: Sequences, source: Tensor, times: int | None) -> Tensor:
        """Return the time since step `source`: (n_steps, n_marked) float64."""
        if times is None:
            steps = torch.arange(source.shape[0], device=source.device)[:, None]
            return (steps - source).double()
        check_column("times", times, sequences.n_features)
        intervals(sequences, times)  # raises for times that are missing or decrease
        time = sequences.values[:, times].double()
        elapsed: Tensor = time[:, None] - time[source]
        return elapsed

    def _warn_of_new(self, missing: Tensor) -> None:
        new = missing.any(dim=0).cpu()
        new[self.missing_features_] = False
        if bool(new.any()):
            warnings.warn(
                f"Feature {int(new.nonzero()[0])} has missing values, but had none in `fit`. They are filled in, but not marked as "
                "missing: fit to samples in which they occur.",
                SeqclfWarning,
                stacklevel=4,
            )

    def _names_out(self, names: list[str]) -> list[str]:
        marked = [names[i] for i in self.missing_features_] if self._options()[0] else []
        return [*names, *(f"missing_{name}" for name in marked), *(f"since_{name}" for name in marked)]


def _elapsed_in_all(sequences: Sequences, times: int) -> float:
    """Return the sum of all intervals between steps."""
    check_column("times", times, sequences.n_features)
    return float(intervals(sequences, times).sum())


def _last_observation(sequences: Sequences, seen: Tensor) -> Tensor:
    """Return the step of the last observation of each feature, or of the first step if there is none: (n_steps, n_features)."""
    steps = torch.arange(seen.shape[0], device=seen.device)[:, None]
    last = torch.where(seen, steps, -1).cummax(dim=0).values
    first = sequences.offsets[:-1][sequence_index(sequences)][:, None]
    return last.maximum(first)  # an observation of an earlier sequence does not count
