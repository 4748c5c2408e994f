"""Missing values: filled in, and marked."""

from __future__ import annotations

import math
import pickle
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from seqclf import InvalidSequenceError, SeqclfWarning, Sequences, as_sequences
from seqclf.transforms import FillMissing
from strategies import Floats, ragged_arrays

NAN = float("nan")
X = [[[NAN, 1.0], [2.0, 2.0], [NAN, 3.0], [NAN, 4.0], [6.0, 5.0]], [[NAN, 7.0], [4.0, 8.0]]]


@st.composite
def arrays_with_holes(draw: st.DrawFn) -> list[Floats]:
    """Sequences of two features, of which each has a value somewhere; any other value may be missing."""
    arrays = [steps.copy() for steps in draw(ragged_arrays(n_features=2))]
    for steps in arrays:
        steps[draw(st.lists(st.booleans(), min_size=len(steps), max_size=len(steps))), 0] = np.nan
        steps[draw(st.lists(st.booleans(), min_size=len(steps), max_size=len(steps))), 1] = np.nan
    arrays[-1][-1] = 1.0
    return arrays


def test_a_tiny_case_by_hand() -> None:
    filled = FillMissing().fit_transform(X)
    assert filled.values[:, 0].tolist() == [4.0, 2.0, 2.0, 2.0, 6.0, 4.0, 4.0]  # 4 is the mean of 2, 6 and 4
    assert filled.values[:, 1].tolist() == [1.0, 2.0, 3.0, 4.0, 5.0, 7.0, 8.0]
    assert filled.values[:, 2].tolist() == [1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0]
    np.testing.assert_allclose(filled.values[:, 3], np.log1p([0.0, 0.0, 1.0, 2.0, 0.0, 0.0, 0.0]))
    assert filled.lengths.tolist() == [5, 2]
    assert FillMissing(indicators=False).fit_transform(X) == filled.with_values(filled.values[:, :2])


def test_time_since_is_measured_on_the_clock_in_mean_intervals() -> None:
    hours = [[[0.0, NAN], [1.0, 5.0], [4.0, NAN], [8.0, NAN]], [[100.0, 1.0], [102.0, NAN]]]
    filler = FillMissing(times=0).fit(hours)
    assert filler.interval_ == 2.5  # 1, 3, 4 and 2 hours
    since = filler.transform(hours).values[:, 3]
    np.testing.assert_allclose(since, np.log1p(np.array([0.0, 0.0, 3.0, 7.0, 0.0, 2.0]) / 2.5))
    seconds = [np.array(steps) * [3600.0, 1.0] for steps in hours]
    np.testing.assert_allclose(FillMissing(times=0).fit_transform(seconds).values[:, 3], since)


@settings(deadline=None, max_examples=100)
@given(arrays_with_holes())
def test_it_agrees_with_pandas_and_depends_on_no_other_sequence(arrays: list[Floats]) -> None:
    filler = FillMissing().fit(arrays)
    means = pd.DataFrame(np.concatenate(arrays), dtype=np.float64).mean()
    np.testing.assert_allclose(filler.mean_, means, rtol=1e-6, atol=1e-12)
    filled = filler.transform(arrays)
    assert torch.isfinite(filled.values).all()
    marked = filler.missing_features_
    assert filled.n_features == 2 + 2 * len(marked)
    for original, steps in zip(arrays, filled, strict=True):
        assert torch.equal(filler.transform([original])[0], steps)
        expected = pd.DataFrame(original).ffill().fillna(pd.Series(filler.mean_.float().numpy()))
        np.testing.assert_array_equal(steps[:, :2].numpy(), expected.to_numpy())
        np.testing.assert_array_equal(steps[:, 2 : 2 + len(marked)].numpy(), np.isnan(original[:, marked]))
        for cut in range(1, len(original)):  # what is filled in depends on earlier steps only
            assert torch.equal(filler.transform([original[:cut]])[0], steps[:cut])


def test_without_missing_values_nothing_changes() -> None:
    sequences = as_sequences([[1.0, 2.0], [3.0]], static=[1.0, 2.0])
    assert FillMissing().fit_transform(sequences) == sequences


def test_dtype_static_features_and_input_are_kept() -> None:
    sequences = as_sequences(X, missing="keep", static=[1.0, 2.0], dtype="float64")
    before = sequences.values.clone()
    filled = FillMissing().fit_transform(sequences)
    assert filled.values.dtype == torch.float64
    assert filled.static is sequences.static
    torch.testing.assert_close(sequences.values, before, equal_nan=True)
    assert FillMissing().fit_transform(sequences.float()).values.dtype == torch.float32


def test_weights_count_in_the_mean() -> None:
    filler = FillMissing().fit([[1.0, NAN], [5.0], [99.0]], sample_weight=[3, 1, 0])
    assert filler.mean_.tolist() == [2.0]


def test_a_feature_with_missing_values_in_later_samples_only_is_filled_with_a_warning() -> None:
    filler = FillMissing().fit(X)
    with pytest.warns(SeqclfWarning, match="Feature 1 has missing values, but had none in `fit`") as caught:
        filled = filler.transform([[[1.0, NAN], [NAN, 9.0], [2.0, NAN]]])
    assert caught[0].filename == __file__
    assert filled.values[:, 1].tolist() == pytest.approx([30 / 7, 9.0, 9.0])
    assert filled.n_features == 4


def test_names_say_what_a_feature_is() -> None:
    assert FillMissing().fit(X).get_feature_names_out().tolist() == ["x0", "x1", "missing_x0", "since_x0"]
    assert FillMissing(indicators=False).fit(X).get_feature_names_out(["a", "b"]).tolist() == ["a", "b"]
    frames = [pd.DataFrame(steps, columns=["pulse", "time"]) for steps in X]
    filler = FillMissing().fit(frames)
    assert filler.get_feature_names_out().tolist() == ["pulse", "time", "missing_pulse", "since_pulse"]
    assert filler.feature_names_in_.tolist() == ["pulse", "time"]


def test_it_is_a_transformer_of_scikit_learn() -> None:
    filler = clone(FillMissing(times=1)).fit(X)
    assert repr(filler) == "FillMissing(times=1)"
    assert pickle.loads(pickle.dumps(filler)).transform(X) == filler.transform(X)


def test_padding_is_never_filled() -> None:
    table = np.full((2, 6, 2), NAN)
    for row, steps in zip(table, X, strict=True):
        row[: len(steps)] = steps
    expected = FillMissing().fit_transform(X)
    assert FillMissing().fit_transform(table, lengths=[5, 2]) == expected
    assert FillMissing(padding_value=NAN).fit_transform(table) == expected
    with pytest.raises(InvalidSequenceError, match="NaN at the end of a row must have one reading"):
        FillMissing().fit(table)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: FillMissing().fit([[[NAN, 1.0]], [[NAN, 2.0]]]), InvalidSequenceError, "Every feature must have an observed value in `fit`; got NaN only in feature 0."),
        (lambda: FillMissing().fit([[1.0, math.inf]]), InvalidSequenceError, "got infinity (inf) in row 0, step 1, feature 0"),
        (lambda: FillMissing().fit([[1.5e308, 1.5e308, NAN]]), InvalidSequenceError, "Values must be small enough to be measured in float64; got [inf]. Rescale the data."),
        (lambda: FillMissing(times=0).fit(X), InvalidSequenceError, "Every step must have a time; got NaN in row 0, step 0 of feature 0."),
        (lambda: FillMissing(times=1).fit(X).transform([[[1.0, 2.0], [NAN, 1.0]]]), InvalidSequenceError, "Times must not decrease within a sequence; got 1.0 after 2.0 in row 0, step 1 of feature 1."),
        (lambda: FillMissing(times=2).fit(X), ValueError, "`times` must be the index of one of the 2 features, from 0; got 2."),
        (lambda: FillMissing(times=1).fit(X).set_params(times=2).transform(X), ValueError, "`times` must be the index of one of the 2 features, from 0; got 2."),
        (lambda: FillMissing(times="time").fit(X), TypeError, "`times` must be an integer"),  # type: ignore[arg-type]
        (lambda: FillMissing(indicators=1).fit(X), TypeError, "`indicators` must be True or False; got 1."),  # type: ignore[arg-type]
        (lambda: FillMissing().fit(X).transform([[NAN]]), InvalidSequenceError, "Sequences must have 2 features, as in `fit`; got 1."),
        (lambda: FillMissing().fit(Sequences(torch.ones(2, 1), torch.tensor([0, 1, 2]), torch.tensor([[NAN], [1.0]]))), InvalidSequenceError, "`static` must hold finite numbers that fit float32; got static[0, 0]=nan. Fill in missing values"),
    ],
)  # fmt: skip
def test_errors_say_what_to_do(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        call()
