"""Scaling inside of an estimator."""

from __future__ import annotations

import pickle
import re
import warnings
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.pipeline import make_pipeline

from ramps import ramps, small
from seqclf import InvalidSequenceError, MinMax, SeqclfWarning, Sequences, ZScore, as_sequences
from seqclf.estimators._scaling import fit_scaling
from seqclf.tuning import Uniform, sweep

DATA = ramps(24, n_features=1)
FAR = [1000 + 500 * steps for steps in DATA.arrays]  # the same ramps, far from the order of 1


def test_a_tiny_case_by_hand() -> None:
    scaling, scaled = fit_scaling("standard", as_sequences([[1.0, 3.0], [5.0]]))
    assert scaled[:] == scaling.apply(as_sequences([[1.0, 3.0], [5.0]]))[:]
    assert scaling.apply(as_sequences([[3.0]]))[:].values.item() == 0.0
    kept, _ = fit_scaling("sequence", as_sequences([[1.0, 3.0], [5.0, 9.0, 7.0]]))
    scaled = kept.apply(as_sequences([[1.0, 3.0]]))[:]
    assert scaled.values.flatten().tolist() == [-1.0, 1.0]
    assert scaled.static is not None
    assert scaled.static[0].tolist() == pytest.approx([-1.0, 1.0, -1.0], abs=2.0)
    assert (scaled.n_features, scaled.n_static_features) == (1, 3)


@pytest.mark.parametrize(
    ("scale", "step"),
    [
        ("standard", ZScore()),
        ("sequence", ZScore(per="sequence", append_statistics=True)),
        (MinMax(), MinMax()),
        (make_pipeline(ZScore(), MinMax()), make_pipeline(ZScore(), MinMax())),
    ],
    ids=["standard", "sequence", "MinMax", "pipeline"],
)
def test_it_predicts_as_a_pipeline_does(scale: Any, step: Any) -> None:
    inside = small(scale=scale).fit(FAR, DATA.y)
    outside = make_pipeline(step, small(scale=None)).fit(FAR, DATA.y)
    contract, n_static = inside._model.contract, 3 if scale == "sequence" else 0
    assert contract.network_spec(2).n_static_features == contract.scaled_sizes[1] == n_static
    proba = inside.predict_proba(FAR)
    np.testing.assert_array_equal(proba, outside.predict_proba(FAR))
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(inside)).predict_proba(FAR), proba)
    assert inside.score(FAR, DATA.y) > 0.8
    wide = as_sequences(FAR, dtype="float64")
    np.testing.assert_array_equal(inside.predict_proba(wide), proba)
    assert inside.n_features_in_ == 1


def test_values_are_scaled_before_they_are_rounded() -> None:
    seconds = [1.7e9 + 10 * steps.astype(np.float64) for steps in DATA.arrays]
    model = small(scale="standard").fit(seconds, DATA.y)
    assert model.score(seconds, DATA.y) > 0.9
    with pytest.raises(InvalidSequenceError, match="Distinct values must stay distinct in float32"):
        small(scale=None).fit(seconds, DATA.y)


def test_samples_of_weight_0_and_padding_are_not_measured() -> None:
    model = small(scale="standard").fit(FAR, DATA.y)
    weight = [1.0] * len(FAR) + [0.0]
    with_outlier = small(scale="standard").fit([*FAR, [1e9]], [*DATA.y, DATA.y[0]], sample_weight=weight)
    np.testing.assert_array_equal(with_outlier.predict_proba(FAR), model.predict_proba(FAR))
    padded = 1000 + 500 * DATA.padded(padding=float("nan"))
    of_table = small(scale="standard").fit(padded, DATA.y, lengths=DATA.lengths)
    np.testing.assert_array_equal(
        of_table.predict_proba(padded, lengths=DATA.lengths), small(scale="standard").fit(
            [row[:n] for row, n in zip(padded, DATA.lengths, strict=True)], DATA.y
        ).predict_proba(padded, lengths=DATA.lengths)
    )  # fmt: skip


def test_validation_data_are_scaled_with_the_training_samples() -> None:
    options = {"early_stopping": True, "max_epochs": 3, "random_state": 0}
    model = small(scale="standard", **options).fit(FAR, DATA.y, validation_data=(FAR, DATA.y))
    scaled = ZScore().fit_transform(FAR)
    outside = small(scale=None, **options).fit(scaled, DATA.y, validation_data=(scaled, DATA.y))
    assert [record.valid_loss for record in model.history_] == [
        record.valid_loss for record in outside.history_
    ]


def test_partial_fit_keeps_the_first_statistics() -> None:
    model = small(scale="standard").partial_fit(FAR[:12], DATA.y[:12], classes=np.unique(DATA.y))
    before = model._model.contract.scaling
    model.partial_fit(FAR[12:], DATA.y[12:])
    assert model._model.contract.scaling is before
    with pytest.raises(ValueError, match="`scale` must not change when training resumes"):
        model.set_params(scale=None).partial_fit(FAR, DATA.y)


def test_features_of_whole_sequences_are_scaled_too() -> None:
    static = np.arange(len(FAR)) * 100.0
    model = small(scale="standard").fit(as_sequences(FAR, static=static), DATA.y)
    far = as_sequences(FAR, static=static * 0 + 1150.0)  # the mean
    near = as_sequences(ZScore().fit(FAR).transform(FAR), static=np.zeros(len(FAR)))
    scaled = model._model.contract.scaling.apply(far)
    assert scaled == near


@pytest.mark.parametrize(
    ("X", "static", "named"),
    [
        (FAR, None, r"Feature 0 has a root mean square of 1\.\d+e\+03"),
        ([steps / 1e4 for steps in DATA.arrays], None, "Feature 0 has a root mean square of"),
        (DATA.arrays, np.arange(24) * 100.0, "Static feature 0 has a root mean square of"),
    ],
)
def test_features_far_from_the_order_of_1_that_stay_unscaled_bring_a_warning(
    X: Any, static: Any, named: str
) -> None:
    sequences = as_sequences(X, static=static)
    with pytest.warns(SeqclfWarning, match=named + r'.*Pass scale="standard"\.$') as caught:
        small(scale=None, max_epochs=1).fit(sequences, DATA.y)
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        small(scale="standard", max_epochs=1).fit(sequences, DATA.y)


class Ten(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Multiplies by ten, or returns what it should not."""

    def __init__(self, *, result: str = "sequences") -> None:
        self.result = result

    def fit(self, X: Sequences, y: object = None) -> Ten:
        return self

    def transform(self, X: Sequences) -> Any:
        scaled = X.with_values(10 * X.values)
        return {"sequences": scaled, "list": list(scaled), "fewer": scaled[1:]}[self.result]


def test_a_custom_transformer_is_copied_and_checked() -> None:
    scale = Ten()
    model = small(scale=scale, max_epochs=1).fit(DATA.arrays, DATA.y)
    used = model._model.contract.scaling.transformer
    assert isinstance(used, Ten)
    assert used is not scale
    for result, got in {"list": "list of length 24", "fewer": "Sequences of length 23"}.items():
        with pytest.raises(TypeError, match=rf"as many `Sequences` as it gets, 24; got {got} from Ten\."):
            small(scale=Ten(result=result)).fit(DATA.arrays, DATA.y)
    with pytest.warns(SeqclfWarning, match=r"Scale it inside of the transformer\.$"):
        small(scale=Ten(), max_epochs=1).fit([100 * steps for steps in DATA.arrays], DATA.y)


@pytest.mark.parametrize(
    ("scale", "error", "message"),
    [
        ("minmax", ValueError, "`scale` must be one of ['views', 'standard', 'sequence'], a transformer or None; got 'minmax'."),
        (MinMax, TypeError, "or None; got <class 'seqclf.transforms._minmax.MinMax'>. Pass an instance, such as `MinMax()`."),
        (3, TypeError, "a transformer with `fit` and `transform`, or None; got 3."),
        (True, TypeError, "a transformer with `fit` and `transform`, or None; got True."),
    ],
)  # fmt: skip
def test_errors_name_what_is_accepted(scale: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        small(scale=scale).fit(DATA.arrays, DATA.y)
    with pytest.raises(error, match=re.escape(message)):
        small(scale=scale).partial_fit(DATA.arrays, DATA.y)


@pytest.mark.filterwarnings("ignore:.*far from the training samples")
def test_a_value_that_overflows_after_scaling_is_named() -> None:
    model = small(scale="standard", max_epochs=1).fit(DATA.arrays, DATA.y)
    with pytest.raises(
        InvalidSequenceError, match=r"got 1e\+308 in step 0, feature 0 of row 1\. Correct the value"
    ):
        model.predict([[0.1], [1e308]])


def test_sweeps_keep_what_float32_would_lose() -> None:
    seconds = [1.7e9 + 10 * steps.astype(np.float64) for steps in DATA.arrays]
    result = sweep(small(scale="standard"), {"lr": Uniform(0.02, 0.03)}, seconds, DATA.y, n_trials=2, cv=2)
    assert result.best_estimator is not None
    assert result.best_estimator.score(seconds, DATA.y) > 0.9


def test_statistics_of_each_sequence_join_the_static_features() -> None:
    sequences = as_sequences([[1.0, 3.0], [5.0, 5.0, 5.0]], static=[0.0, 1.0])
    scaled = ZScore(per="sequence", append_statistics=True).fit_transform(sequences)
    assert scaled.n_static_features == 4  # given, mean, deviation, length
    assert torch.isfinite(torch.as_tensor(scaled.static)).all()
    with pytest.raises(ValueError, match=r'`append_statistics` .* needs per="sequence"; got per=\'feature\''):
        ZScore(append_statistics=True).fit(sequences)
