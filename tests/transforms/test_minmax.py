"""Scaling of features to a range, over real steps."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

from ramps import ramps, small
from seqclf import InvalidSequenceError, MinMax, as_sequences
from strategies import Floats, ragged_arrays


def test_a_tiny_case_by_hand() -> None:
    scaler = MinMax().fit([[1.0, 3.0], [5.0]])
    assert (scaler.data_min_.tolist(), scaler.data_range_.tolist()) == ([1.0], [4.0])
    assert scaler.transform([[0.0, 2.0]]).values.flatten().tolist() == [-0.25, 0.25]
    own = MinMax(per="sequence", feature_range=(-1, 1)).fit_transform([[1.0, 2.0, 3.0], [5.0]])
    assert own.values.flatten().tolist() == [-1.0, 0.0, 1.0, -1.0]
    assert own.lengths.tolist() == [3, 1]


@settings(deadline=None, max_examples=50)
@given(ragged_arrays(n_features=2))
def test_the_extremes_become_those_of_the_range(arrays: list[Floats]) -> None:
    values = MinMax(feature_range=(2.0, 3.0)).fit_transform(arrays).values.numpy()
    steps = np.concatenate(arrays)
    np.testing.assert_allclose(values.min(axis=0), 2.0, atol=1e-5)
    wide = np.ptp(steps.astype(np.float64), axis=0) > 1e-3
    np.testing.assert_allclose(values.max(axis=0)[wide], 3.0, atol=1e-4)


@settings(deadline=None, max_examples=50)
@given(ragged_arrays())
def test_each_sequence_can_be_scaled_by_its_own_extremes(arrays: list[Floats]) -> None:
    together = MinMax(per="sequence").fit_transform(arrays)
    for one, array in zip(together, arrays, strict=True):
        torch.testing.assert_close(one, MinMax().fit_transform([array]).values)


def test_padding_is_not_measured() -> None:
    table, lengths = np.array([[5.0, 9.0, 0.0], [7.0, 8.0, 6.0]]), [2, 3]
    scaled = MinMax().fit_transform(table, lengths=lengths)
    assert scaled == MinMax().fit_transform([[5.0, 9.0], [7.0, 8.0, 6.0]])
    assert scaled.values.min().item() == 0.0
    assert scaled[0][0].item() == 0.0


def test_it_works_in_a_pipeline_and_can_be_cloned() -> None:
    data = ramps()
    model = make_pipeline(clone(MinMax(feature_range=(-1.0, 1.0))), small()).fit(data.arrays, data.y)
    assert model.predict(data.arrays).shape == (48,)
    assert model[0].feature_range == (-1.0, 1.0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"per": "row"}, "`per` must be one of ['feature', 'sequence']; got 'row'."),
        (
            {"feature_range": (1.0, 0.0)},
            "`feature_range` must be the minimum and a larger maximum; got (1.0, 0.0). (0, 1) is the default.",
        ),
    ],
)
def test_invalid_parameters_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        MinMax(**options).fit([[1.0, 2.0]])


def test_another_number_of_features_is_refused() -> None:
    scaler = MinMax().fit(as_sequences([[1.0, 2.0]]))
    with pytest.raises(InvalidSequenceError, match="Sequences must have 1 feature, as in `fit`; got 2"):
        scaler.transform(np.ones((1, 2, 2)))


def test_missing_values_are_not_measured_and_stay_missing() -> None:
    nan = float("nan")
    holes = [[[nan, 1.0], [1.0, nan], [5.0, 2.0]], [[3.0, nan]], [[nan, 5.0], [nan, nan]]]
    scaled = MinMax(missing="keep").fit_transform(holes).values
    expected = [[nan, 0.0], [0.0, nan], [1.0, 0.25], [0.5, nan], [nan, 1.0], [nan, nan]]
    np.testing.assert_array_equal(scaled, expected)
    own = MinMax(per="sequence", missing="keep").fit_transform(holes).values
    np.testing.assert_array_equal(own, [[nan, 0], [0, nan], [1, 1], [0, nan], [nan, 0], [nan, nan]])
