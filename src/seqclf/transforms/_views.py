"""Level, shape and differences of each feature, as separate features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import torch
from torch import Tensor

from seqclf._checks import check_choice, check_sequence
from seqclf.sequences import Sequences
from seqclf.transforms._fill_missing import FillMissing
from seqclf.transforms._samples import Samples, numbers, of_steps
from seqclf.transforms._steps import changes
from seqclf.transforms._transformer import SequenceTransformer
from seqclf.transforms._zscore import ZScore

View = Literal["level", "shape", "level_difference", "shape_difference"]


@dataclass(kw_only=True, eq=False, repr=False)
class Views(SequenceTransformer):
    """Replace each feature by several views of it, each scaled to the order of 1.

    Parameters
    ----------
    views : sequence of {"level", "shape", "level_difference", "shape_difference"}, default=("level", "shape", "shape_difference")
        "level": the feature, scaled by its mean and standard deviation over the training samples. "shape": scaled by those of
        its own sequence, which removes level and amplitude. "level_difference", "shape_difference": the difference of either
        to the previous step, divided by its root mean square over the training samples. With "shape" or "shape_difference",
        level, amplitude and length of each sequence are appended as static features, as
        `ZScore(per="sequence", append_statistics=True)` does.
    missing : {"error", "keep"}, default="error"
        "keep": missing values (NaN) are not measured and stay NaN in "level" and "shape". A missing value has a difference of
        0, and the next observed one its difference to the last observed one.
    padding_value : float or None, default=0.0
        Padding value of padded arrays; see `seqclf.as_sequences`.

    Attributes
    ----------
    n_features_in_ : int
        Number of features per step in `fit`.
    feature_names_in_ : ndarray of shape (n_columns,)
        Column names of a data frame, or of the frames of a list, if all are strings. Those of later input must be
        the same, in the same order.

    Raises
    ------
    ValueError
        If `views` is empty, or one of them is unknown.
    seqclf.InvalidSequenceError
        If samples cannot be read as sequences, or do not have `n_features_in_` features.

    Notes
    -----
    n features become n times the number of views: first all features of the first view, then those of the second, and so on.
    Lengths do not change. Some classes differ by level (the pitch of a speaker, a weight), others by shape (a gesture, a heartbeat
    that was recorded with another gain). A network does not learn from few samples how to compute one from the other.

    Examples
    --------
    >>> from seqclf.transforms import Views
    >>> seen = Views(views=("level", "shape")).fit_transform([[1.0, 2.0, 3.0], [11.0, 12.0, 13.0]])
    >>> seen.values.T.round(decimals=1)
    tensor([[-1.2000, -1.0000, -0.8000,  0.8000,  1.0000,  1.2000],
            [-1.2000,  0.0000,  1.2000, -1.2000,  0.0000,  1.2000]])
    >>> seen.static.shape
    torch.Size([2, 3])
    """

    views: Sequence[View] = ("level", "shape", "shape_difference")
    missing: Literal["error", "keep"] = "error"

    def _check_parameters(self) -> None:
        views = check_sequence("views", self.views, f"views, some of {list(get_args(View))}")
        if not views:
            raise ValueError(f"`views` must hold at least one of {list(get_args(View))}; got none.")
        for number, view in enumerate(views):
            check_choice(f"views[{number}]", view, get_args(View))
        check_choice("missing", self.missing, ("error", "keep"))

    def _learn(self, samples: Samples) -> None:
        weight = None if samples.weights is None else samples.weights[:, 0].numpy()
        kinds = {view.removesuffix("_difference") for view in self.views}
        self._bases, self._fillers, self._sizes = {}, {}, {}
        for kind, scaler in (
            ("level", ZScore(missing=self.missing)),
            ("shape", ZScore(per="sequence", append_statistics=True, missing=self.missing)),
        ):
            if kind in kinds:
                scaler.fit(samples.sequences, sample_weight=weight)
                scaled = samples.mapped(scaler.transform)
                self._bases[kind] = scaler
                if self.missing == "keep":
                    filler = FillMissing(indicators=False)
                    self._fillers[kind] = filler.fit(scaled.sequences, sample_weight=weight)
                self._sizes[kind] = self._size_of_differences(kind, scaled)

    def _size_of_differences(self, kind: str, scaled: Samples) -> Tensor:
        """Return the root mean square of the differences of each feature, (n_features,); 1 for one that never changes."""
        squares, masses = [], []
        for block, weights in scaled.blocks():
            square, by_step = self._differences(kind, block).double().square(), of_steps(weights, block)
            squares.append(numbers(square.sum(dim=0) if by_step is None else (square * by_step).sum(dim=0)))
            masses.append(float(len(square) if by_step is None else by_step.sum()))
        mean = torch.tensor(squares, dtype=torch.float64, device="cpu").sum(dim=0) / sum(masses)
        return torch.where(mean > 0, mean.sqrt(), 1.0)

    def _apply(self, sequences: Sequences) -> Sequences:
        scaled = {kind: base.transform(sequences) for kind, base in self._bases.items()}
        parts = []
        for view in self.views:
            kind = view.removesuffix("_difference")
            values = scaled[kind].values
            if view != kind:
                values = self._differences(kind, scaled[kind]) / self._sizes[kind].to(values)
            parts.append(values)
        # Last, because it is the one with statistics.
        static = list(scaled.values())[-1].static
        return Sequences.unchecked(torch.cat(parts, dim=1), sequences.offsets, static, sequences.tokens)

    def _differences(self, kind: str, scaled: Sequences) -> Tensor:
        """Return the differences to the previous step, (n_steps, n_features); those of a missing value are 0."""
        known = self._fillers[kind].transform(scaled) if kind in self._fillers else scaled
        return changes(known.values, known.offsets)

    def _names_out(self, names: list[str]) -> list[str]:
        return [f"{view}_{name}" for view in self.views for name in names]
