"""Missing values inside of an estimator."""

from __future__ import annotations

import pickle
import re
import warnings
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.utils import get_tags

from ramps import ramps, small
from seqclf import (
    Differences,
    InvalidSequenceError,
    MinMax,
    SeqclfWarning,
    ZScore,
    as_sequences,
)
from seqclf.audit import audit_padding
from seqclf.estimators._missing import ScaleAndFill
from seqclf.estimators._scaling import fit_scaling
from seqclf.transforms import Downsample, FillMissing
from seqclf.tuning import Choice, Uniform, sweep
from strategies import Floats

NAN = float("nan")
DATA = ramps(32)


def with_holes(arrays: list[Floats], feature: int = 1, seed: int = 0) -> list[NDArray[np.float64]]:
    """Return far values, of which some of one feature are missing: at the start, inside and at the end of sequences."""
    rng = np.random.default_rng(seed)
    holes = [(1000 + 500 * steps).astype(np.float64) for steps in arrays]
    for steps in holes:
        steps[rng.random(len(steps)) < 0.3, feature] = NAN
    return holes


HOLES = with_holes(DATA.arrays)


def values_of(scale: Any, X: Any, **options: Any) -> torch.Tensor:
    """Return what the network reads."""
    sequences = as_sequences(X, missing="keep", dtype=None)
    return fit_scaling(scale, sequences, **({"missing": "indicator"} | options))[1][:].values


def test_a_tiny_case_by_hand() -> None:
    X = [[[1.0, NAN], [3.0, 4.0], [5.0, NAN]], [[7.0, 8.0]]]
    seen = values_of("standard", X)
    level, marks = seen[:, :2].numpy(), seen[:, 2:].numpy()
    np.testing.assert_allclose(level[:, 0], (np.array([1, 3, 5, 7]) - 4) / 5**0.5, rtol=1e-6)
    np.testing.assert_allclose(
        level[:, 1], [0, -1, -1, 1], atol=1e-6
    )  # 6 is the mean of 4 and 8, 2 their deviation
    np.testing.assert_allclose(marks, [[1, 0], [0, 0], [1, np.log(2)], [0, 0]], rtol=1e-6)


@pytest.mark.parametrize(
    ("scale", "steps"),
    [
        ("standard", [ZScore(missing="keep"), FillMissing()]),
        (MinMax(), [MinMax(missing="keep"), FillMissing()]),
        ("sequence", [ZScore(per="sequence", append_statistics=True, missing="keep"), FillMissing()]),
        (None, [FillMissing()]),
    ],
    ids=["standard", "MinMax", "sequence", "None"],
)
@pytest.mark.filterwarnings("ignore:Feature 0 has a root mean square")
def test_it_predicts_as_a_pipeline_does(scale: Any, steps: list[Any]) -> None:
    inside = small(scale=scale, missing="indicator").fit(HOLES, DATA.y)
    outside = make_pipeline(*steps, small(scale=None)).fit(HOLES, DATA.y)
    proba = inside.predict_proba(HOLES)
    np.testing.assert_array_equal(outside.predict_proba(HOLES), proba)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(inside)).predict_proba(HOLES), proba)
    one_at_a_time = np.concatenate([inside.predict_proba([steps]) for steps in HOLES])
    np.testing.assert_array_equal(one_at_a_time, proba)
    kept = as_sequences(HOLES, missing="keep", dtype=None)
    np.testing.assert_array_equal(inside.predict_proba(kept), proba)
    np.testing.assert_array_equal(clone(inside).fit(kept, DATA.y).predict_proba(kept), proba)
    assert inside.n_features_in_ == 2


def test_a_model_learns_despite_holes_and_from_holes() -> None:
    assert small(missing="indicator").fit(HOLES, DATA.y).score(HOLES, DATA.y) > 0.9
    rng = np.random.default_rng(0)
    X = [rng.normal(size=(10, 1)) for _ in DATA.y]
    for steps, label in zip(X, DATA.y, strict=True):
        steps[rng.random(10) < (0.6 if label else 0.2)] = NAN
    assert small(missing="indicator").fit(X, DATA.y).score(X, DATA.y) > 0.9


@pytest.mark.parametrize(
    "scale",
    [
        make_pipeline(ZScore(per="sequence", append_statistics=True), Differences()),
        make_pipeline(Differences(), ZScore()),
        Differences(),
    ],
    ids=["scaler first", "scaler last", "no scaler"],
)
@pytest.mark.filterwarnings("ignore:Feature 0 has a root mean square")
def test_other_transformers_see_filled_values_and_indicators_stay_as_they_are(scale: Any) -> None:
    sequences = as_sequences(HOLES, missing="keep", dtype=None)
    marks = FillMissing().fit_transform(sequences).values[:, 2:].float()
    seen = values_of(scale, HOLES)
    assert seen.shape[1] == 4 + 2
    assert torch.equal(seen[:, 4:], marks)
    assert torch.isfinite(seen).all()


def test_a_sequence_scaled_by_itself_is_filled_at_its_own_level() -> None:
    X = [[0.0, 2.0], [NAN, 1000.0, 1002.0], [4.0, 6.0]]
    seen = values_of(make_pipeline(ZScore(per="sequence"), Differences()), X)
    assert seen[2:5, 0].tolist() == [0.0, -1.0, 1.0]


def test_time_is_read_before_it_is_scaled() -> None:
    X = [[[1.7e9, NAN], [1.7e9 + 10, 1.0], [1.7e9 + 40, NAN]], [[100.0, 2.0], [150.0, NAN]]]
    seen = values_of("standard", X, missing=FillMissing(times=0))
    np.testing.assert_allclose(seen[:, 3], np.log1p(np.array([0, 0, 30, 0, 50]) / 30), rtol=1e-6)


@pytest.mark.filterwarnings("ignore:Feature 0 has a root mean square")
def test_weights_count_in_what_is_measured() -> None:
    weights = np.array([2.0, 1.0] * 16)
    repeated = [steps for steps, weight in zip(HOLES, weights, strict=True) for _ in range(int(weight))]
    sequences = as_sequences(HOLES, missing="keep", dtype=None)
    for scale in ("standard", None):
        kept = fit_scaling(scale, sequences, weights, missing="indicator")[0].transformer
        twice = fit_scaling(scale, as_sequences(repeated, missing="keep", dtype=None), missing="indicator")[0]
        torch.testing.assert_close(kept.filler.mean_, twice.transformer.filler.mean_)


def test_a_rare_indicator_is_not_reported_as_too_small() -> None:
    steps = np.random.default_rng(0).normal(size=(20_000, 1))
    steps[10] = NAN  # the root mean square of its indicator is 0.007
    assert values_of(None, [steps]).shape[1] == 3
    assert values_of(make_pipeline(ZScore()), [steps]).shape[1] == 3


class Uncounted(Differences):
    """Records the weights that it gets."""

    def fit(self, X: Any, y: object = None, *, lengths: Any = None, sample_weight: Any = None) -> Any:
        self.weights_ = sample_weight
        return super().fit(X)


def test_a_custom_transformer_that_takes_weights_gets_them() -> None:
    weights = np.full(32, 2.0)
    sequences = as_sequences(HOLES, missing="keep", dtype=None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SeqclfWarning)
        scaling, _ = fit_scaling(Uncounted(), sequences, weights, missing="indicator")
    assert isinstance(scaling.transformer, ScaleAndFill)
    assert scaling.transformer.others[0].weights_ is weights


def test_partial_fit_validation_data_and_transform_take_missing_values() -> None:
    other = with_holes(ramps(10, seed=1).arrays, seed=1)
    model = small(missing="indicator", early_stopping=True)
    model.fit(HOLES, DATA.y, validation_data=(other, ramps(10, seed=1).y))
    assert np.isfinite(np.array(model.history_["valid_loss"], dtype=float)).all()
    assert model.transform(other).shape[0] == 10
    assert np.isfinite(model.decision_function(other)).all()
    online = small(missing="indicator").partial_fit(HOLES, DATA.y).partial_fit(other, ramps(10, seed=1).y)
    assert np.isfinite(online.predict_proba(other)).all()
    with pytest.raises(ValueError, match="`missing` must not change when training resumes"):
        online.set_params(missing="error").partial_fit(DATA.arrays, DATA.y)


def test_padded_tables_say_what_is_padding() -> None:
    width = int(DATA.lengths.max())
    table = np.full((len(HOLES), width, 2), NAN)
    for row, steps in zip(table, HOLES, strict=True):
        row[: len(steps)] = steps
    expected = small(missing="indicator").fit(HOLES, DATA.y).predict_proba(HOLES)
    by_value = small(missing="indicator", padding_value=NAN).fit(table, DATA.y)
    np.testing.assert_array_equal(by_value.predict_proba(table), expected)
    by_length = small(missing="indicator").fit(table, DATA.y, lengths=DATA.lengths)
    np.testing.assert_array_equal(by_length.predict_proba(table, lengths=DATA.lengths), expected)
    listed = small(missing="indicator").fit(HOLES, DATA.y)
    for call in (small(missing="indicator").fit, listed.score):
        with pytest.raises(InvalidSequenceError, match="NaN at the end of a row must have one reading"):
            call(table, DATA.y)


def test_missing_values_that_fit_did_not_see_are_filled_with_a_warning() -> None:
    model = small(missing="indicator").fit(HOLES, DATA.y)
    later = with_holes(DATA.arrays, feature=0)
    with pytest.warns(SeqclfWarning, match="Feature 0 has missing values, but had none in `fit`") as caught:
        assert model.predict(later).shape == (32,)
    assert len(caught) == 1
    assert small(missing="indicator").fit(DATA.arrays, DATA.y)._model.contract.scaled_sizes == (2, 0)


def test_by_default_missing_values_are_refused_everywhere() -> None:
    kept = as_sequences(HOLES, missing="keep", dtype=None)
    model, unscaled = (
        small(max_epochs=1, scale=scale).fit(DATA.arrays, DATA.y) for scale in ("standard", None)
    )
    message = r'got NaN in row \d+, step \d+, feature 1\. .*`missing="indicator"` of an estimator, or `FillMissing` before it, fills in NaN\.'
    for X in (HOLES, kept):
        for call in (
            lambda X: small().fit(X, DATA.y),
            lambda X: small(scale=None).fit(X, DATA.y),
            unscaled.predict_proba,
            lambda X: small().partial_fit(X, DATA.y),
            lambda X: small().fit(DATA.arrays, DATA.y, validation_data=(X, DATA.y)),
            lambda X: sweep(small(), {"lr": Uniform(0.02, 0.03)}, X, DATA.y, n_trials=1),
            model.predict_proba,
            model.transform,
        ):
            with pytest.raises(InvalidSequenceError, match=message):
                call(X)


def test_scalers_and_features_of_whole_sequences_refuse_infinity_and_nan() -> None:
    model = small(missing="indicator", max_epochs=1).fit(HOLES, DATA.y)
    with pytest.raises(InvalidSequenceError, match=r"got infinity \(inf\) in row 0, step 1, feature 0"):
        model.predict([[[1.0, NAN], [np.inf, 2.0]]])
    static = np.full((32, 1), NAN)
    with pytest.raises(InvalidSequenceError, match="`static` must hold finite numbers"):
        as_sequences(HOLES, missing="keep", static=static)


def test_sweeps_and_searches_take_missing_values() -> None:
    kept = as_sequences(HOLES, missing="keep", dtype=None)
    options: dict[str, Any] = {"n_trials": 1, "random_state": 0}
    space = {"lr": Uniform(0.02, 0.03)}
    pipeline = make_pipeline(ZScore(missing="keep"), FillMissing(), small(scale=None))
    best = sweep(small(missing="indicator"), space, HOLES, DATA.y, **options).best_score
    assert best > 0.7
    assert sweep(pipeline, {"gruclassifier": space}, HOLES, DATA.y, **options).best_score == best
    filled_first = make_pipeline(FillMissing(), small())
    assert sweep(filled_first, {"gruclassifier": space}, HOLES, DATA.y, **options).best_score > 0
    choice = {"missing": Choice(["indicator", FillMissing(indicators=False)])}
    assert sweep(small(), choice, HOLES, DATA.y, **options).best_score > 0.7
    assert cross_val_score(small(missing="indicator"), kept, DATA.y, cv=2).min() > 0.7


def test_padding_does_not_change_the_predictions_of_a_model_that_takes_missing_values() -> None:
    table = np.full((len(HOLES), 9, 2), NAN)
    for row, steps in zip(table, HOLES, strict=True):
        row[: len(steps)] = steps
    model = small(missing="indicator").fit(HOLES, DATA.y)
    assert audit_padding(model, table, DATA.lengths, missing="keep").passed
    with pytest.raises(InvalidSequenceError, match="got NaN in row"):
        audit_padding(model, table, DATA.lengths)


def test_lengths_that_change_while_values_are_marked_are_an_error() -> None:
    scale = make_pipeline(ZScore(), Downsample(factor=2))
    message = "`scale` must keep the lengths of sequences if missing values are marked at each step; got"
    with pytest.raises(ValueError, match=re.escape(message)):
        small(scale=scale, missing="indicator").fit(HOLES, DATA.y)
    before = make_pipeline(FillMissing(), Downsample(factor=2), small()).fit(HOLES, DATA.y)
    assert before.predict(HOLES).shape == (32,)


@pytest.mark.parametrize("missing", ["keep", None, True, NAN, FillMissing, np.array(["error"])], ids=repr)
def test_the_parameter_is_checked(missing: Any) -> None:
    message = "`missing` must be one of ['error', 'indicator'] or a `FillMissing`; got "
    with pytest.raises(ValueError, match=re.escape(message)):
        small(missing=missing).fit(DATA.arrays, DATA.y)


def test_scikit_learn_knows_what_is_accepted() -> None:
    assert not get_tags(small()).input_tags.allow_nan
    assert get_tags(small(missing="indicator")).input_tags.allow_nan
