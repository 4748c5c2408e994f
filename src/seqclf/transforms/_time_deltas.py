"""Times of steps -> the time since the previous step."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from seqclf._checks import check_boolean, check_integer
from seqclf.sequences import Sequences
from seqclf.transforms._samples import Samples
from seqclf.transforms._times import check_column, intervals
from seqclf.transforms._transformer import SequenceTransformer


@dataclass(kw_only=True, eq=False, repr=False)
class TimeDeltas(SequenceTransformer):
    """Replace the times of steps by the time since the previous step.

    A network that reads raw times sees when a sequence was recorded, which new sequences do not share. What it needs of irregular
    steps is how far apart they are.

    Parameters
    ----------
    column : int, default=0
        Index of the feature that holds times: numbers that do not decrease within a sequence, in any unit, from any origin.
    log : bool, default=False
        Whether `log(1 + time)` is taken, for gaps that differ by orders of magnitude. It depends on the unit: choose one in which a
        typical gap is about 1 or more.
    keep : bool, default=False
        Whether the times themselves are kept, with the time since the previous step as an additional last feature.
    padding_value : float or None, default=0.0
        Padding value of padded arrays; see `seqclf.as_sequences`.

    Attributes
    ----------
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
        If a time is less than the one before it, or samples cannot be read as sequences of `n_features_in_` features.

    Notes
    -----
    The first step of each sequence has no previous one and gets 0, so that lengths do not change. Equal times give 0, too.
    Without `log`, the cumulative sum over a sequence plus its first time gives the times back; the first time itself is lost
    unless `keep` is set. Pass times in float64 (lists and arrays of Python's or NumPy's default type are): float32 rounds seconds
    since 1970 to two minutes. Static features are kept, and `fit` learns nothing from values.

    Put it before scaling and before `Differences`.

    Examples
    --------
    >>> from seqclf.transforms import TimeDeltas
    >>> X = [[[100.0, 0.5], [101.0, 0.7], [131.0, 0.6]], [[7.0, 0.1]]]
    >>> TimeDeltas().fit_transform(X).values[:, 0].tolist()
    [0.0, 1.0, 30.0, 0.0]
    """

    column: int = 0
    log: bool = False
    keep: bool = False

    def _check_parameters(self) -> None:
        self._options()

    def _options(self) -> tuple[int, bool, bool]:
        """Return `column`, `log` and `keep`."""
        column = check_integer("column", self.column, least=0)
        return column, check_boolean("log", self.log), check_boolean("keep", self.keep)

    def _learn(self, samples: Samples) -> None:
        column, *_ = self._options()
        check_column("column", column, samples.n_features)

    def _apply(self, sequences: Sequences) -> Sequences:
        column, log, keep = self._options()
        since = intervals(sequences, column)
        since = (since.log1p() if log else since).to(sequences.values.dtype)[:, None]
        if keep:
            return sequences.with_values(torch.cat([sequences.values, since], dim=1))
        values = sequences.values.clone()
        values[:, column] = since[:, 0]
        return sequences.with_values(values)

    def _names_out(self, names: list[str]) -> list[str]:
        column, _, keep = self._options()
        delta = f"delta_{names[column]}"
        return [*names, delta] if keep else [*names[:column], delta, *names[column + 1 :]]
