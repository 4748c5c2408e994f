"""Weights of samples and of classes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ramps import ramps, small

DATA, NEW = ramps(), ramps(20, seed=1)


def test_class_weights_shift_predictions() -> None:
    def share(class_weight: Any) -> float:
        model = small(max_epochs=30, class_weight=class_weight).fit(DATA.sequences, DATA.y)
        return float(np.mean(model.predict(NEW.sequences)))

    assert share({0: 1000.0, 1: 0.001}) == 0.0
    assert share({0: 0.001, 1: 1000.0}) == 1.0


def test_a_class_weight_is_the_weight_of_each_of_its_samples() -> None:
    rare = np.concatenate([np.flatnonzero(DATA.y == 0), np.flatnonzero(DATA.y == 1)[:6]])
    X, y = DATA.sequences[rare], DATA.y[rare]
    weights = np.where(y == 1, 30 / 12, 30 / 48)
    # Scaling is measured on weighted samples; the weight of a class concerns the loss only.
    expected = small(scale=None).fit(X, y, sample_weight=weights).predict_proba(NEW.sequences)
    for class_weight in ({0: 30 / 48, 1: 30 / 12}, "balanced"):
        model = small(scale=None, class_weight=class_weight).fit(X, y)
        np.testing.assert_array_equal(model.predict_proba(NEW.sequences), expected)


def test_a_weight_of_2_counts_the_sample_twice_and_0_leaves_it_out() -> None:
    weights = np.arange(len(DATA.y)) % 3
    weighted = small().fit(DATA.sequences, DATA.y, sample_weight=weights)
    repeated = np.repeat(np.arange(len(DATA.y)), weights)
    twice = small().fit(DATA.sequences[repeated], DATA.y[repeated])
    np.testing.assert_allclose(
        weighted.predict_proba(NEW.sequences), twice.predict_proba(NEW.sequences), atol=1e-4
    )


def test_classes_have_the_same_weight_in_validation_as_in_training() -> None:
    model = small(class_weight={0: 1.0, 1: 9.0}, max_epochs=1)
    model.fit(DATA.arrays, DATA.y, validation_data=(NEW.arrays, NEW.y))
    losses = -np.log(model.predict_proba(NEW.arrays)[np.arange(len(NEW.y)), NEW.y])
    expected = np.average(losses, weights=np.where(NEW.y == 1, 9.0, 1.0))
    assert model.history_["valid_loss"][-1] == pytest.approx(expected, rel=1e-5)
    assert expected != pytest.approx(losses.mean(), rel=1e-3)


def test_tiny_sample_weights_still_train() -> None:
    weights = np.where(DATA.y == 1, 2.0, 1.0)
    plain, tiny = (
        small(max_epochs=2).fit(DATA.arrays, DATA.y, sample_weight=weights * scale) for scale in (1.0, 1e-50)
    )
    np.testing.assert_array_equal(plain.predict_proba(NEW.arrays), tiny.predict_proba(NEW.arrays))


@pytest.mark.parametrize("scale", [1e-300, 1e-50, 1e-16, 1e300])
def test_uniform_weights_of_any_scale_train_as_without_weights(scale: float) -> None:
    def outcome(options: dict[str, Any], **given: Any) -> tuple[Any, Any, float]:
        model = small(max_epochs=3, **options).fit(
            DATA.arrays, DATA.y, validation_data=(NEW.arrays, NEW.y), **given
        )
        model.partial_fit(DATA.arrays, DATA.y, **given)
        losses = [*model.history_["train_loss"], *model.history_["valid_loss"][:3]]
        return (
            model.predict_proba(NEW.arrays),
            np.array(losses, dtype=float),
            model.score(DATA.arrays, DATA.y, **given),
        )

    plain = outcome({})
    weighted = {"sample_weight": np.full(48, scale)}
    for result in (outcome({}, **weighted), outcome({"class_weight": {0: scale, 1: scale}})):
        for value, expected in zip(result, plain, strict=True):
            np.testing.assert_allclose(value, expected, rtol=1e-4)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1.0, -2.0], r"sample_weight\[1\]=-2.0"),
        ([float("nan"), 1.0], r"sample_weight\[0\]=nan"),
        ([0.0, 0.0], "must have a positive entry"),
        ([1.0], r"got shape \(1,\)"),
    ],
)
def test_invalid_weights_are_named_in_score_too(weights: Any, message: str) -> None:
    model = small(max_epochs=1).fit(DATA.arrays, DATA.y)
    for call in (model.fit, model.partial_fit, model.score):
        with pytest.raises(ValueError, match=message):
            call(DATA.arrays[:2], DATA.y[:2], sample_weight=weights)


@pytest.mark.parametrize("weights", [{0: 0, 1: 0}, {0: 0.0, 1: 0.0}])
def test_class_weights_that_leave_no_sample_are_rejected(weights: Any) -> None:
    for fit in (small(class_weight=weights).fit, small(class_weight=weights).partial_fit):
        with pytest.raises(ValueError, match="`class_weight` must leave a sample with a positive weight"):
            fit(DATA.arrays, DATA.y)
