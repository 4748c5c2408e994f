"""Robust scaling of groups of sequences."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from seqclf import InvalidSequenceError, as_sequences
from seqclf.transforms import scale_groups
from strategies import Floats, ragged_arrays


@settings(deadline=None, max_examples=50)
@given(ragged_arrays(n_features=2), st.data())
def test_it_agrees_with_a_plain_loop(arrays: list[Floats], data: st.DataObject) -> None:
    groups = np.array([data.draw(st.integers(0, 2)) for _ in arrays])
    expected = {}
    for group in np.unique(groups):
        rows = np.float64(
            np.concatenate([steps for steps, g in zip(arrays, groups, strict=True) if g == group])
        )
        low, median, high = np.percentile(rows, [25, 50, 75], axis=0)
        size = np.maximum(np.abs(low), np.abs(high))
        # Of a smaller spread, two ways to interpolate leave fewer digits than are compared.
        assume(((high == low) | (high - low > 1e-9 * size)).all())
        expected[group] = (rows - median) / np.where(high > low, high - low, 1)
        assume((np.abs(expected[group]) < 1e38).all())
    scaled = scale_groups(as_sequences(arrays, dtype="float64"), groups)
    for group, rows in expected.items():
        got = np.concatenate([scaled[i] for i in np.flatnonzero(groups == group)])
        np.testing.assert_allclose(got, rows, rtol=1e-5, atol=1e-5)


def test_level_and_amplitude_of_a_person_disappear() -> None:
    rng = np.random.default_rng(0)
    beats = [rng.normal(size=(20, 1)) for _ in range(6)]
    other = [3.0 * beat + 100.0 for beat in beats]
    scaled = scale_groups(as_sequences([*beats, *other]), np.repeat(["a", "b"], 6))
    np.testing.assert_allclose(scaled[:6].values, scaled[6:].values, atol=1e-4)


def test_static_features_are_scaled_over_sequences() -> None:
    X = as_sequences([[1.0, 5.0], [2.0], [3.0], [9.0]], static=[1.0, 2.0, 3.0, 7.0])
    scaled = scale_groups(X, [0, 0, 0, 1], static=True)
    assert scaled.static is not None
    assert scaled.static.flatten().tolist() == [-1.0, 0.0, 1.0, 0.0]
    assert (scaled.values == X.values).all()


@pytest.mark.parametrize(
    ("sequences", "options", "message"),
    [
        ([[1.0]], {"groups": [0]}, r"`sequences` must be Sequences; got list\. Convert them with `as_sequences`"),
        (as_sequences([[1.0]]), {"groups": [0, 1]}, r"one entry for each of the 1 sequences; got shape \(2,\)\. Select"),
        (as_sequences([[1.0]]), {"groups": [0], "static": True}, r"must have static features to scale; got none\. Add"),
        (as_sequences([[1.0]]), {"groups": [0], "static": 1}, r"`static` must be True or False; got 1"),
        (
            as_sequences([[0.0, 1e-39, 2e-39, 3e-39, 4e-39, 1.0]], dtype="float64"),
            {"groups": [0]},
            r"must fit float32 \(at most 3\.4e38\); got 1 in row 5 of column 0, where the quartiles of its group differ by 2\.5e-39",
        ),
        (as_sequences([[1.0, np.nan]], missing="keep"), {"groups": [0]}, r"missing; got NaN in row 1\. Fill"),
    ],
)  # fmt: skip
def test_what_cannot_be_scaled_is_refused(sequences: Any, options: Any, message: str) -> None:
    with pytest.raises((TypeError, InvalidSequenceError), match=message):
        scale_groups(sequences, **options)
