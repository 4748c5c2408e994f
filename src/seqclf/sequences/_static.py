"""What is known of a whole sequence, said at each of its steps."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import ArrayLike

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences._container import Sequences
from seqclf.sequences._numbers import numeric_array


def add_static_features(sequences: Sequences, features: ArrayLike) -> Sequences:
    """Repeat features of whole sequences at each of their steps, behind the features that are there.

    The usual way to tell a recurrent network what does not change with time: the age of a patient, the interval before a
    beat, the device that measured.

    Parameters
    ----------
    sequences : Sequences
        What to add to; it is left unchanged.
    features : array-like of shape (n_sequences,) or (n_sequences, n_static)
        What to add to each sequence, of the order of 1 like all features of a network.

    Returns
    -------
    Sequences
        The same lengths, with `n_static` features more.

    Raises
    ------
    InvalidSequenceError
        If `features` are not one row of finite numbers for each sequence.

    Examples
    --------
    >>> from seqclf import add_static_features, as_sequences
    >>> add_static_features(as_sequences([[0.1, 0.2], [0.3]]), [5.0, 7.0]).values
    tensor([[0.1000, 5.0000],
            [0.2000, 5.0000],
            [0.3000, 7.0000]])
    """
    given = numeric_array(features)
    if given.ndim not in (1, 2) or len(given) != len(sequences):
        raise InvalidSequenceError(
            f"`features` must have one row for each of the {len(sequences)} sequences; got shape {given.shape}. "
            "Select the same samples in both."
        )
    given = given[:, None] if given.ndim == 1 else given
    with np.errstate(over="ignore"):
        table = given.astype(np.float32)  # a copy: torch takes neither negative strides nor what is read-only
    bad = np.argwhere(~np.isfinite(table))
    if len(bad):
        i, j = bad[0]
        raise InvalidSequenceError(
            f"`features` must be finite and fit float32; got features[{i}, {j}]={given[i, j]}. Fill in what is missing, and "
            "say in a further feature that it was."
        )
    rows = torch.from_numpy(table).to(sequences.device)
    repeated = rows.repeat_interleave(sequences.lengths, dim=0, output_size=len(sequences.values))
    return sequences.with_values(torch.cat([sequences.values, repeated], dim=1))
