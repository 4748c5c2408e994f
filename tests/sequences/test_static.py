"""Features of whole sequences stand at each of their steps."""

from __future__ import annotations

import re
import warnings

import numpy as np
import pytest
import torch
from hypothesis import given

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences import add_static_features, as_sequences
from strategies import Floats, ragged_arrays


def test_a_tiny_case_by_hand() -> None:
    sequences = as_sequences([[[1, 2], [3, 4]], [[5, 6]]])
    added = add_static_features(sequences, [[10, 20], [30, 40]])
    assert added.values.tolist() == [[1, 2, 10, 20], [3, 4, 10, 20], [5, 6, 30, 40]]
    assert sequences.n_features == 2


@given(ragged_arrays())
def test_nothing_that_was_there_changes(arrays: list[Floats]) -> None:
    sequences = as_sequences(arrays)
    numbers = np.arange(len(arrays), dtype=np.float32)
    added = add_static_features(sequences, numbers)
    assert torch.equal(added.offsets, sequences.offsets)
    assert torch.equal(added.values[:, :-1], sequences.values)
    for i, steps in enumerate(added):
        assert (steps[:, -1] == i).all()


@pytest.mark.parametrize(
    ("features", "message"),
    [
        ([1.0], "`features` must have one row for each of the 2 sequences; got shape (1,)."),
        (np.zeros((2, 1, 1)), "got shape (2, 1, 1)."),
        ([[0.0, 1.0], [0.0, np.nan]], "`features` must be finite and fit float32; got features[1, 1]=nan."),
        ([np.inf, 0.0], "got features[0, 0]=inf."),
    ],
)
def test_wrong_features_are_refused(features: object, message: str) -> None:
    with pytest.raises(InvalidSequenceError, match=re.escape(message)):
        add_static_features(as_sequences([[1, 2], [3]]), features)  # type: ignore[arg-type]


def test_views_and_read_only_features_are_taken() -> None:
    sequences = as_sequences([[0.1], [0.2]])
    features = np.array([5.0, 7.0], dtype=np.float32)
    features.flags.writeable = False
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert add_static_features(sequences, features).values[:, 1].tolist() == [5.0, 7.0]
        assert add_static_features(sequences, features[::-1]).values[:, 1].tolist() == [7.0, 5.0]
    learned = torch.tensor([5.0, 7.0], requires_grad=True)
    assert add_static_features(sequences, learned).values[:, 1].tolist() == [5.0, 7.0]
    with pytest.raises(InvalidSequenceError, match=r"fit float32; got features\[1, 0\]=1e\+300"):
        add_static_features(sequences, [1.0, 1e300])
