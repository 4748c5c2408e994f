"""Differences between consecutive steps."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from seqclf._checks import check_boolean
from seqclf.sequences import Sequences
from seqclf.transforms._steps import changes
from seqclf.transforms._transformer import SequenceTransformer


@dataclass(kw_only=True, eq=False, repr=False)
class Differences(SequenceTransformer):
    """Append to each feature its difference to the previous step, or replace the feature by it.

    Parameters
    ----------
    append : bool, default=True
        Whether the features themselves are kept, followed by their differences.
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
    TypeError
        If `append` is not a bool.
    seqclf.InvalidSequenceError
        If samples cannot be read as sequences, or do not have `n_features_in_` features.

    See Also
    --------
    ZScore : After it, or before it: differences of a slow signal are small, and may need a scale of their own.

    Notes
    -----
    The first step of each sequence has no previous one: its difference is 0, so that lengths do not change. The cumulative
    sum over a sequence, plus its first value, gives the feature back. Values stay in float64 if they were read in float64.
    Static features are kept. `fit` learns nothing from values.

    Examples
    --------
    >>> from seqclf import Differences
    >>> Differences().fit_transform([[1.0, 3.0, 2.0], [5.0]]).values
    tensor([[ 1.,  0.],
            [ 3.,  2.],
            [ 2., -1.],
            [ 5.,  0.]], dtype=torch.float64)
    >>> Differences(append=False).fit_transform([[1.0, 3.0, 2.0], [5.0]]).values.flatten()
    tensor([ 0.,  2., -1.,  0.], dtype=torch.float64)

    Scale each sequence by its own mean and deviation, keep both as static features, and append the differences of the result:

    >>> from sklearn.pipeline import make_pipeline
    >>> from seqclf import GRUClassifier, ZScore
    >>> model = GRUClassifier(scale=make_pipeline(ZScore(per="sequence", append_statistics=True), Differences()))
    """

    append: bool = True

    def _check_parameters(self) -> None:
        self._appends()

    def _appends(self) -> bool:
        return check_boolean("append", self.append)

    def _apply(self, sequences: Sequences) -> Sequences:
        values = sequences.values
        kept = [values] if self._appends() else []
        return sequences.with_values(torch.cat([*kept, changes(values, sequences.offsets)], dim=1))

    def _names_out(self, names: list[str]) -> list[str]:
        return [*(names if self._appends() else []), *(f"diff_{name}" for name in names)]
