"""Scaling of features to mean 0 and variance 1, over real steps."""

from __future__ import annotations

import re
from typing import Any, Literal, cast

import numpy as np
import pytest
import sklearn
import torch
from hypothesis import given, settings
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

from ramps import ramps, small
from seqclf import InvalidSequenceError, ZScore, as_sequences
from strategies import Floats, ragged_arrays

ONE, TWO = [1.0, 3.0], [5.0]


def test_a_tiny_case_by_hand() -> None:
    scaler = ZScore().fit([ONE, TWO])
    assert scaler.mean_.tolist() == [3.0]
    assert scaler.scale_.tolist() == pytest.approx([(8 / 3) ** 0.5])
    assert scaler.transform([[3.0]]).values.item() == 0.0
    assert scaler.n_features_in_ == 1
    own = ZScore(per="sequence").fit_transform([ONE, TWO])
    assert own.values.flatten().tolist() == [-1.0, 1.0, 0.0]
    assert own.lengths.tolist() == [2, 1]


@settings(deadline=None, max_examples=50)
@given(ragged_arrays(n_features=2))
def test_features_have_mean_0_and_variance_1_over_real_steps(arrays: list[Floats]) -> None:
    steps = np.concatenate(arrays).astype(np.float64)
    values = ZScore().fit_transform(arrays).values.double().numpy()
    # A standard deviation as small as the rounding of float32 is noise.
    wide = steps.std(axis=0) > 1e-3 * (1 + np.abs(steps).max(axis=0))
    np.testing.assert_allclose(values[:, wide].mean(axis=0), 0, atol=1e-3)
    np.testing.assert_allclose(values[:, wide].std(axis=0), 1, atol=1e-3)


@pytest.mark.parametrize("per", ["feature", "sequence"])
def test_padding_amount_and_content_change_nothing(per: Literal["feature", "sequence"]) -> None:
    data = ramps(10)
    expected = ZScore(per=per).fit_transform(data.arrays)
    assert ZScore(per=per).fit_transform(data.padded(width=30)) == expected
    for padding in (1e6, float("nan")):
        table = data.padded(padding=padding)
        assert ZScore(per=per).fit_transform(table, lengths=data.lengths) == expected
        assert (
            ZScore(per=per).fit(table, lengths=data.lengths).transform(table, lengths=data.lengths)
            == expected
        )
    as_nan = ZScore(per=per, padding_value=float("nan")).fit_transform(data.padded(padding=float("nan")))
    assert as_nan == expected


def test_a_constant_feature_becomes_0() -> None:
    for per in ("feature", "sequence"):
        assert ZScore(per=per).fit_transform([[5.0, 5.0], [5.0]]).values.flatten().tolist() == [0.0] * 3


def test_inputs_are_unchanged() -> None:
    sequences = as_sequences([ONE, TWO])
    ZScore().fit_transform(sequences)
    ZScore(per="sequence").fit_transform(sequences)
    assert torch.equal(sequences.values.flatten(), torch.tensor([1.0, 3.0, 5.0]))


def test_it_follows_the_estimator_conventions() -> None:
    scaler = clone(ZScore(per="sequence", padding_value=None))
    assert scaler.get_params() == {
        "append_statistics": False,
        "missing": "error",
        "per": "sequence",
        "padding_value": None,
    }
    assert repr(scaler) == "ZScore(padding_value=None, per='sequence')"


def test_lengths_are_routed_to_scaler_and_classifier() -> None:
    data = ramps(24)
    broken = data.padded(padding=float("nan"))
    plain = make_pipeline(ZScore(), small()).fit(data.arrays, data.y)
    with sklearn.config_context(enable_metadata_routing=True):
        scaler = ZScore().set_fit_request(lengths=True).set_transform_request(lengths=True)
        classifier = small().set_fit_request(lengths=False, sample_weight=False, validation_data=False)
        classifier = classifier.set_predict_request(lengths=False).set_score_request(lengths=False)
        classifier.set_transform_request(lengths=False)
        classifier.set_predict_proba_request(lengths=False)
        routed = make_pipeline(scaler, classifier).fit(broken, data.y, lengths=data.lengths)
        proba = routed.predict_proba(broken, lengths=data.lengths)
    np.testing.assert_array_equal(proba, plain.predict_proba(data.arrays))


def test_missing_values_are_not_measured_and_stay_missing() -> None:
    nan = float("nan")
    holes = [[[nan, 1.0], [1.0, nan], [3.0, 2.0]], [[5.0, nan]], [[nan, 6.0], [nan, nan]]]
    scaler = ZScore(missing="keep").fit(holes)
    assert scaler.mean_.tolist() == [3.0, 3.0]
    assert scaler.scale_.tolist() == pytest.approx([(8 / 3) ** 0.5, (14 / 3) ** 0.5])
    steps = np.concatenate(holes)
    expected = (steps - [3.0, 3.0]) / scaler.scale_.numpy()
    np.testing.assert_allclose(scaler.transform(holes).values, expected, rtol=1e-6)  # NaN equals NaN
    own = ZScore(per="sequence", missing="keep").fit_transform(holes).values
    np.testing.assert_array_equal(own, [[nan, -1], [-1, nan], [1, 1], [0, nan], [nan, 0], [nan, nan]])
    weighted = ZScore(missing="keep").fit(holes, sample_weight=[1, 2, 0])
    assert weighted.mean_.tolist() == [3.5, 1.5]


def test_a_sequence_without_values_of_a_feature_has_its_mean_statistics() -> None:
    nan = float("nan")
    holes = [[[1.0, 2.0], [3.0, 2.5]], [[5.0, nan], [9.0, nan]], [[0.0, 9.0], [1.0, 1.0]]]
    static = ZScore(per="sequence", append_statistics=True, missing="keep").fit_transform(holes).static
    assert static is not None
    assert torch.isfinite(static).all()
    assert static[1, [1, 3]].tolist() == [0.0, 0.0]  # mean and deviation of the second feature
    np.testing.assert_allclose(static[[0, 2]][:, [1, 3]].mean(dim=0), [0.0, 0.0], atol=1e-6)


def test_missing_values_change_nothing_where_there_are_none() -> None:
    arrays = [3 * steps + 7 for steps in ramps(20).arrays]
    for options in ({}, {"per": "sequence", "append_statistics": True}):
        kept = ZScore(**cast(Any, options), missing="keep").fit_transform(arrays)
        assert kept == ZScore(**cast(Any, options)).fit_transform(arrays)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: ZScore(per=cast(Any, "batch")).fit([ONE]),
            ValueError,
            "`per` must be one of ['feature', 'sequence']; got 'batch'.",
        ),
        (
            lambda: ZScore().fit([ONE]).transform([[[1.0, 2.0]]]),
            InvalidSequenceError,
            "Sequences must have 1 feature, as in `fit`; got 2. Pass the same columns.",
        ),
        (
            lambda: ZScore(missing=cast(Any, "drop")).fit([ONE]),
            ValueError,
            "`missing` must be one of ['error', 'keep']; got 'drop'.",
        ),
        (
            lambda: ZScore().fit([[1.0, float("nan")]]),
            InvalidSequenceError,
            "Every real step must be finite; got NaN in row 0, step 1, feature 0. Fill in or drop such values first. Pass "
            '`ZScore(missing="keep")`, and `FillMissing` after it or `missing="indicator"` to the estimator.',
        ),
        (
            lambda: ZScore(missing="keep").fit([[[1.0, float("nan")]], [[2.0, float("nan")]]]),
            InvalidSequenceError,
            "Every feature must have an observed value in `fit`; got NaN only in feature 1. Drop the feature.",
        ),
        (
            lambda: ZScore(missing="keep").fit([[1.0, float("inf")]]),
            InvalidSequenceError,
            "got infinity (inf) in row 0, step 1, feature 0",
        ),
        (lambda: ZScore().transform([ONE]), sklearn.exceptions.NotFittedError, "not fitted yet"),
    ],
)
def test_errors_say_what_to_do(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        call()


def test_weights_count_samples_more_often_or_not_at_all() -> None:
    sequences = as_sequences([ONE, TWO, [9.0, 9.0]], static=[1.0, 2.0, 3.0])
    repeated = as_sequences([ONE, ONE, TWO], static=[1.0, 1.0, 2.0])
    weighted = ZScore().fit(sequences, sample_weight=[2, 1, 0])
    expected = ZScore().fit(repeated)
    torch.testing.assert_close(weighted.mean_, expected.mean_)
    torch.testing.assert_close(weighted.scale_, expected.scale_)
    torch.testing.assert_close(weighted.transform(repeated).static, expected.transform(repeated).static)
    assert ZScore().fit_transform(sequences, sample_weight=[2, 1, 0]) == weighted.transform(sequences)
    with pytest.raises(ValueError, match="`sample_weight` must hold one weight for each of the 3 sequences"):
        ZScore().fit(sequences, sample_weight=[1, 2])


def test_a_long_constant_is_exactly_0() -> None:
    constant = np.full(100_003, 0.1)  # its sum is rounded
    assert not ZScore().fit_transform([constant]).values.any()
    assert not ZScore(per="sequence").fit_transform([constant, constant[:7]]).values.any()


def test_statistics_of_a_sequence_are_mean_and_logarithms_of_deviation_and_length() -> None:
    X = [[0.0, 2.0], [5.0, 9.0, 5.0, 9.0], [1.0] * 8]
    static = ZScore(per="sequence", append_statistics=True).fit_transform(X).static
    assert static is not None
    overall = np.std(np.concatenate(X))
    deviation = np.array([1.0, 2.0, 0.0]) + 1e-3 * overall  # the constant has a logarithm, too
    expected = np.column_stack([[1.0, 7.0, 1.0], np.log(deviation), np.log([2, 4, 8])])
    expected = (expected - expected.mean(axis=0)) / expected.std(axis=0)
    np.testing.assert_allclose(static.numpy(), expected, rtol=1e-5)
