"""High-pass filter: each step minus running medians around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from seqclf._checks import check_integers
from seqclf.sequences import Sequences
from seqclf.transforms._transformer import SequenceTransformer

_MOST_STEPS: Final = 4_000_000  # of a block with its padding, which bounds the memory


@dataclass(kw_only=True, eq=False, repr=False)
class RemoveBaseline(SequenceTransformer):
    """Subtract the slow part of each feature, as running medians estimate it.

    Parameters
    ----------
    windows : sequence of int, default=(25, 75)
        Numbers of steps, each odd, of the running medians, which are applied one after another. The first must be more than twice as
        long as the waves to keep. (25, 75) is 0.2 and 0.6 s of an ECG at 125 Hz.
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
        If `windows` is empty, or does not hold positive odd integers.
    seqclf.InvalidSequenceError
        If samples cannot be read as sequences, or do not have `n_features_in_` features.

    See Also
    --------
    BaselineWander : Augmentation that adds a slow wave.
    seqclf.datasets.BeatCut : Removes the baseline of a whole record before it is cut, which is better if you have the record.

    Notes
    -----
    A running median ignores waves shorter than half its window, so subtracting it leaves short waves unchanged; a linear filter would
    distort the steps on both sides of them. Windows extend beyond the ends of a sequence, where its first and last step are repeated. From
    a sequence much shorter than the windows, little more than its level is removed.

    Each step depends on later ones, so streams cannot use this transformer, and `to_onnx` does not export it: apply it before the model.
    Values in float64 stay in float64. Static features are kept. `fit` learns nothing from the values.

    References
    ----------
    de Chazal, O'Dwyer & Reilly, IEEE Trans Biomed Eng 51(7):1196-1206 (2004), doi:10.1109/TBME.2004.827359.

    Examples
    --------
    >>> from seqclf.transforms import RemoveBaseline
    >>> pulse_on_a_ramp = [[1.0, 2.0, 3.0, 9.0, 5.0, 6.0, 7.0]]
    >>> RemoveBaseline(windows=(5,)).fit_transform(pulse_on_a_ramp).values.flatten()
    tensor([ 0.,  0.,  0.,  4., -1., -1.,  0.], dtype=torch.float64)
    """

    windows: Sequence[int] = (25, 75)

    def _check_parameters(self) -> None:
        self._odd_windows()

    def _odd_windows(self) -> tuple[int, ...]:
        windows = check_integers("windows", self.windows)
        for i, window in enumerate(windows):
            if window % 2 == 0:
                raise ValueError(
                    f"`windows` must be odd, so that they have a middle step; got windows[{i}]={window}. Pass {window + 1}."
                )
        if not windows:
            raise ValueError(
                "`windows` must hold at least one number of steps; got none. (25, 75) is the default."
            )
        return windows

    def _apply(self, sequences: Sequences) -> Sequences:
        windows = self._odd_windows()
        offsets = sequences.offsets.cpu().numpy()
        values = sequences.values.detach().cpu().numpy()
        filtered = np.empty_like(values)
        for first, last in _blocks(offsets, min(max(windows) // 2, int(np.diff(offsets).max()))):
            rows = slice(offsets[first], offsets[last])
            block, lengths = values[rows], np.diff(offsets[first : last + 1])
            baseline = block
            for window in windows:
                baseline = running_median(baseline, lengths, window)
            filtered[rows] = block - baseline
        return sequences.with_values(torch.from_numpy(filtered).to(sequences.device))


def running_median(
    values: NDArray[np.floating], lengths: NDArray[np.int64], window: int
) -> NDArray[np.floating]:
    """Return the median of the window around each row of its sequence, whose first and last rows are repeated outside."""
    from scipy.ndimage import median_filter  # a dependency of scikit-learn; takes time to import

    # Beyond the longest sequence, a wider window holds as many more copies of its first row as of its last: the same median.
    half = min(window // 2, int(lengths.max()))
    padded = lengths + 2 * half
    index = np.repeat(np.arange(len(lengths)), padded)
    firsts = np.cumsum(lengths) - lengths
    place = np.arange(padded.sum()) - np.repeat(np.cumsum(padded) - padded, padded) - half  # in its sequence
    wide = values[firsts[index] + place.clip(0, lengths[index] - 1)]
    is_real = (place >= 0) & (place < lengths[index])
    # All sequences in one call, one feature at a time: the filter takes its fast path for one dimension only.
    columns = [
        median_filter(np.ascontiguousarray(column), 2 * half + 1, mode="nearest")[is_real]
        for column in wide.T
    ]
    return np.column_stack(columns)


def _blocks(offsets: NDArray[np.int64], half: int) -> list[tuple[int, int]]:
    """Return ranges of sequences that have a bounded number of steps with their padding, or are one sequence."""
    ends = np.cumsum(np.diff(offsets) + 2 * half)
    blocks, first = [], 0
    while first < len(ends):
        done = ends[first - 1] if first else 0
        last = max(int(np.searchsorted(ends, done + _MOST_STEPS, side="right")), first + 1)
        blocks.append((first, last))
        first = last
    return blocks
