"""After balanced training, predictions can be moved back to the frequencies of the data."""

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
    assert prior.shift[2].item() == 0.0, "a class never seen stays where it is"


def test_a_loss_that_adds_the_prior_is_undone() -> None:
    prior = ClassPrior.unknown(2).with_samples(torch.tensor([0] * 9 + [1]), None)
    prior.trained += torch.tensor([9.0, 1.0])
    prior.note_loss(LogitAdjustedLoss(class_prior=[9, 1], tau=2.0))
    assert (prior.shift[1] - prior.shift[0]).exp().item() == pytest.approx(1 / 81)


def test_batches_are_counted_as_the_loss_weighs_them() -> None:
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


def test_weights_of_the_loss_are_counted_too() -> None:
    """One sample each, of which the loss weighs the second three times: 0.5 and 1.5 of two."""
    data = LabelledSequences(sequences=DATA.sequences[:2], target=torch.tensor([0, 1]))
    prior = ClassPrior.unknown(2)
    loss = FocalLoss(class_weight=[1.0, 3.0])
    list(CountedBatches(batches=[torch.tensor([0, 1])], data=data, prior=prior, loss=loss))
    assert prior.trained.tolist() == [0.5, 1.5]


def test_frequencies_count_sample_weights_and_not_those_of_classes() -> None:
    weight = np.where(DATA.y == 1, 3.0, 1.0)
    model = small(class_weight="balanced").fit(DATA.arrays, DATA.y, sample_weight=weight)
    assert model.class_prior_.tolist() == [0.25, 0.75]


def test_without_a_correction_nothing_moves() -> None:
    model = small().fit(DATA.arrays, DATA.y)
    plain = model.predict_proba(DATA.arrays)
    moved = model.set_params(prior_correction=True).predict_proba(DATA.arrays)
    np.testing.assert_allclose(moved, plain, atol=1e-12)


def test_counts_add_up_over_partial_fits_and_begin_anew_with_fit() -> None:
    model = small(sampler="balanced").partial_fit(DATA.arrays[:20], DATA.y[:20], classes=[0, 1])
    model.partial_fit(DATA.arrays[20:], DATA.y[20:])
    assert model._model.prior.natural.sum().item() == 48
    assert model._model.prior.trained.sum().item() == 48
    model.set_params(warm_start=True, max_epochs=2).fit(DATA.arrays[:20], DATA.y[:20])
    assert model._model.prior.natural.sum().item() == 20
    assert model._model.prior.trained.sum().item() == 40


def overlapping(n: int, seed: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Noise of three steps around 0 and, once in twenty, around 1: the classes overlap, so that frequencies matter."""
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < 0.05).astype(np.int64)
    return (rng.normal(size=(n, 3)) * 0.8 + y[:, None]).astype(np.float32), y


def calibrated(**options: Any) -> tuple[float, float]:
    """Return the calibration error of both classes on new samples, and with the frequencies corrected."""
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
    balanced, corrected = calibrated(**options)
    assert balanced > 0.1, "trained for another world"
    assert corrected < 0.02
    assert calibrated()[0] < 0.02, "as well as a model that was never corrected"


def test_decisions_and_labels_follow_the_corrected_probabilities() -> None:
    X, y = overlapping(1000, seed=0)
    model = small(sampler="balanced", prior_correction=True).fit(X, np.array(["often", "rare"])[y])
    proba, decision = model.predict_proba(X), model.decision_function(X)
    assert (model.predict(X) == model.classes_[proba.argmax(axis=1)]).all()
    np.testing.assert_allclose(proba[:, 1], 1 / (1 + np.exp(-decision)), atol=1e-9)
    assert (model.predict(X) == "rare").mean() < 0.08
    assert (model.set_params(prior_correction=False).predict(X) == "rare").mean() > 0.1


def test_a_last_chunk_of_other_frequencies_does_not_decide() -> None:
    X, y = overlapping(4000, seed=0)
    model = small(lr=0.01, loss="logit_adjusted", prior_correction=True)
    for part in np.array_split(np.arange(len(y)), 8):
        model.partial_fit(X[part], y[part])
    even = np.concatenate([np.flatnonzero(y == 1)[:20], np.flatnonzero(y == 0)[:20]])
    before = model._model.prior.shift.clone()
    model.partial_fit(X[even], y[even])
    assert (model._model.prior.shift - before).abs().max() < 0.3
