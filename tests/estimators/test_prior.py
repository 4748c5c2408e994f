"""Predictions after balanced training can be corrected to the class frequencies of the data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from ramps import ramps, small
from seqclf.estimators._prior import ClassPrior, CountedBatches
from seqclf.evaluation import calibration_error
from seqclf.nn import CrossEntropyLoss, FocalLoss, LogitAdjustedLoss
from seqclf.training import LabelledSequences

DATA = ramps()


def test_a_tiny_case_by_hand() -> None:
    """Nine to one, trained as one to one: the odds of the rare class fall to a ninth."""
    prior = ClassPrior.unknown(3).with_samples(torch.tensor([0] * 9 + [1]), None)
    prior.trained += torch.tensor([5.0, 5.0, 0.0])
    assert prior.frequencies.tolist() == [0.9, 0.1, 0.0]
    assert (prior.shift[1] - prior.shift[0]).exp().item() == pytest.approx(1 / 9)
    assert prior.shift[2].item() == 0.0, "a class that was never seen is not shifted"


def test_the_prior_that_a_loss_adds_is_removed() -> None:
    prior = ClassPrior.unknown(2).with_samples(torch.tensor([0] * 9 + [1]), None)
    prior.trained += torch.tensor([9.0, 1.0])
    prior.note_loss(LogitAdjustedLoss(class_prior=[9, 1], tau=2.0))
    assert (prior.shift[1] - prior.shift[0]).exp().item() == pytest.approx(1 / 81)


def test_batches_are_counted_with_the_weights_of_the_loss() -> None:
    """A batch's weights are divided by their sum: (3, 1) of two samples count 1.5 and 0.5."""
    data = LabelledSequences(
        sequences=DATA.sequences[:3], target=torch.tensor([0, 1, 1]), weight=torch.tensor([3.0, 1.0, 8.0])
    )
    prior = ClassPrior.unknown(2)
    batches = [torch.tensor([0, 1]), torch.tensor([2])]
    counted = CountedBatches(batches=batches, data=data, prior=prior, loss=CrossEntropyLoss())
    assert len(counted) == 2
    assert [index.tolist() for index in counted] == [[0, 1], [2]]
    assert prior.trained.tolist() == [1.5, 1.5]


def test_class_weights_of_the_loss_are_counted() -> None:
    """One sample per class with weights 1 and 3: they count 0.5 and 1.5."""
    data = LabelledSequences(sequences=DATA.sequences[:2], target=torch.tensor([0, 1]))
    prior = ClassPrior.unknown(2)
    loss = FocalLoss(class_weight=[1.0, 3.0])
    list(CountedBatches(batches=[torch.tensor([0, 1])], data=data, prior=prior, loss=loss))
    assert prior.trained.tolist() == [0.5, 1.5]


def test_frequencies_count_sample_weights_but_not_class_weights() -> None:
    weight = np.where(DATA.y == 1, 3.0, 1.0)
    model = small(class_weight="balanced").fit(DATA.arrays, DATA.y, sample_weight=weight)
    assert model.class_prior_.tolist() == [0.25, 0.75]


def test_the_correction_changes_nothing_after_plain_training() -> None:
    model = small().fit(DATA.arrays, DATA.y)
    plain = model.predict_proba(DATA.arrays)
    moved = model.set_params(prior_correction=True).predict_proba(DATA.arrays)
    np.testing.assert_allclose(moved, plain, atol=1e-12)


def test_counts_add_up_over_partial_fits_and_are_reset_by_fit() -> None:
    model = small(sampler="balanced").partial_fit(DATA.arrays[:20], DATA.y[:20], classes=[0, 1])
    model.partial_fit(DATA.arrays[20:], DATA.y[20:])
    assert model._model.prior.natural.sum().item() == 48
    assert model._model.prior.trained.sum().item() == 48
    model.set_params(warm_start=True, max_epochs=2).fit(DATA.arrays[:20], DATA.y[:20])
    assert model._model.prior.natural.sum().item() == 20
    assert model._model.prior.trained.sum().item() == 40


def overlapping(n: int, seed: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return noise of three steps around 0 or, once in twenty, around 1: overlapping classes, so that frequencies matter."""
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < 0.05).astype(np.int64)
    return (rng.normal(size=(n, 3)) * 0.8 + y[:, None]).astype(np.float32), y


def calibration_errors(**options: Any) -> tuple[float, float]:
    """Return the calibration error on new samples, without and with prior correction."""
    X, y = overlapping(4000, seed=0)
    new, truth = overlapping(20_000, seed=1)
    model = small(max_epochs=8, lr=0.01, **options).fit(X, y)
    plain = calibration_error(truth, model.predict_proba(new), per_class=True)
    corrected = model.set_params(prior_correction=True).predict_proba(new)
    return plain, calibration_error(truth, corrected, per_class=True)


@pytest.mark.parametrize(
    "options",
    [
        {"sampler": "balanced"},
        {"class_weight": "balanced"},
        {"loss": "logit_adjusted"},
        {"loss": CrossEntropyLoss(class_weight=[1.0, 19.0])},
    ],
    ids=str,
)
def test_the_correction_restores_calibration(options: dict[str, Any]) -> None:
    balanced, corrected = calibration_errors(**options)
    assert balanced > 0.1, "trained for other frequencies"
    assert corrected < 0.02
    assert calibration_errors()[0] < 0.02, "like a model that needs no correction"


def test_decisions_and_labels_follow_the_corrected_probabilities() -> None:
    X, y = overlapping(1000, seed=0)
    model = small(sampler="balanced", prior_correction=True).fit(X, np.array(["often", "rare"])[y])
    proba, decision = model.predict_proba(X), model.decision_function(X)
    assert (model.predict(X) == model.classes_[proba.argmax(axis=1)]).all()
    np.testing.assert_allclose(proba[:, 1], 1 / (1 + np.exp(-decision)), atol=1e-9)
    assert (model.predict(X) == "rare").mean() < 0.08
    assert (model.set_params(prior_correction=False).predict(X) == "rare").mean() > 0.1


def test_one_last_batch_of_other_frequencies_has_little_effect() -> None:
    X, y = overlapping(4000, seed=0)
    model = small(lr=0.01, loss="logit_adjusted", prior_correction=True)
    for chunk in np.array_split(np.arange(len(y)), 8):
        model.partial_fit(X[chunk], y[chunk])
    even = np.concatenate([np.flatnonzero(y == 1)[:20], np.flatnonzero(y == 0)[:20]])
    before = model._model.prior.shift.clone()
    model.partial_fit(X[even], y[even])
    assert (model._model.prior.shift - before).abs().max() < 0.3
