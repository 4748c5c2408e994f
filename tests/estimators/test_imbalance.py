"""Options against imbalance become batches and a loss, one correction at a time."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from ramps import ramps, small
from seqclf.estimators._imbalance import check_imbalance, new_batches, new_loss
from seqclf.nn import CrossEntropyLoss, FocalLoss, LogitAdjustedLoss
from seqclf.sampling import BalancedSampler, LengthBucketSampler, ShuffleSampler, StratifiedBatchSampler
from seqclf.training import LabelledSequences

DATA = ramps()


def labelled(weight: Tensor | None = None) -> LabelledSequences:
    return LabelledSequences(sequences=DATA.sequences, target=torch.from_numpy(DATA.y), weight=weight)


@pytest.mark.parametrize(
    ("sampler", "kind"),
    [
        (None, ShuffleSampler),
        ("balanced", BalancedSampler),
        ("stratified", StratifiedBatchSampler),
        ("length_bucket", LengthBucketSampler),
    ],
)
def test_a_sampler_has_a_name(sampler: Any, kind: type) -> None:
    batches = new_batches(small(sampler=sampler, batch_size=7), labelled(), torch.Generator())
    assert type(batches) is kind
    assert isinstance(
        batches, ShuffleSampler | BalancedSampler | StratifiedBatchSampler | LengthBucketSampler
    )
    assert batches.batch_size == 7


def test_a_sampler_of_ones_own_gets_the_data_and_the_generator() -> None:
    asked: dict[str, Any] = {}

    def only_the_first(
        data: LabelledSequences, *, batch_size: int, generator: torch.Generator
    ) -> list[Tensor]:
        asked.update(n=len(data), batch_size=batch_size, generator=generator)
        return [torch.arange(2)]

    model = small(sampler=only_the_first, batch_size=5, class_weight="balanced").fit(DATA.arrays, DATA.y)
    assert asked["n"] == 48
    assert asked["batch_size"] == 5
    assert asked["generator"] is model._generator
    assert model.predict(DATA.arrays).shape == (48,)


@pytest.mark.parametrize("sampler", ["stratified", "length_bucket"])
def test_models_learn_from_any_batches(sampler: Any) -> None:
    model = small(sampler=sampler, batch_size=16, max_epochs=20).fit(DATA.arrays, DATA.y)
    assert model.score(DATA.arrays, DATA.y) > 0.9


def test_a_loss_has_a_name() -> None:
    def loss(**options: Any) -> Any:
        model = small(**options)
        model.classes_ = np.array([0, 1, 2])
        return new_loss(model, torch.tensor([24.0, 24.0, 0.0]))

    assert loss(label_smoothing=0.25) == CrossEntropyLoss(label_smoothing=0.25)
    assert loss(loss="focal", label_smoothing=0.5) == FocalLoss(label_smoothing=0.5)
    own = FocalLoss(gamma=5.0)
    assert loss(loss=own) is own
    # Class 2 does not occur, and counts as the rarest that does.
    assert loss(loss="logit_adjusted") == LogitAdjustedLoss(class_prior=[24.0, 24.0, 24.0])


def test_the_prior_of_a_loss_counts_sample_weights() -> None:
    weight = np.where(DATA.y == 1, 0.5, 2.0)
    model = small(loss="logit_adjusted", max_epochs=1).fit(DATA.arrays, DATA.y, sample_weight=weight)
    shares = torch.tensor([48.0, 12.0], dtype=torch.float64) / 60
    assert model._prior.adjustment.tolist() == pytest.approx(shares.log().tolist())


@pytest.mark.parametrize("loss", ["focal", "logit_adjusted", FocalLoss(gamma=1.0)])
def test_models_learn_with_any_loss(loss: Any) -> None:
    model = small(loss=loss, max_epochs=20).fit(DATA.arrays, DATA.y)
    assert model.score(DATA.arrays, DATA.y) > 0.9


def test_smoothed_labels_make_less_sure_models() -> None:
    sure = [
        small(label_smoothing=smoothing, max_epochs=40).fit(DATA.arrays, DATA.y).predict_proba(DATA.arrays)
        for smoothing in (0.0, 0.4)
    ]
    assert np.median(sure[0].max(axis=1)) > 0.9 > np.median(sure[1].max(axis=1))


CORRECTIONS: dict[str, Any] = {"class_weight": "balanced", "sampler": "balanced", "loss": "logit_adjusted"}


@pytest.mark.parametrize("left_out", list(CORRECTIONS))
def test_two_corrections_are_refused(left_out: str) -> None:
    options = {name: value for name, value in CORRECTIONS.items() if name != left_out}
    (a, of_a), (b, of_b) = options.items()
    message = (
        f"`{a}` and `{b}` must not both be set; got {a}={of_a!r} and {b}={of_b!r}. Each makes rare classes count more, and "
        "together they correct twice. Keep one."
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        small(**options).fit(DATA.arrays, DATA.y)


@pytest.mark.parametrize(
    "loss",
    [LogitAdjustedLoss(class_prior=[1.0, 1.0]), FocalLoss(class_weight=[1.0, 2.0])],
    ids=["prior", "weights"],
)
def test_a_loss_of_this_library_that_corrects_is_a_correction_too(loss: Any) -> None:
    with pytest.raises(ValueError, match="`sampler` and `loss` must not both be set"):
        small(sampler="balanced", loss=loss).fit(DATA.arrays, DATA.y)


def test_a_mapping_of_weights_is_a_correction_too() -> None:
    with pytest.raises(ValueError, match=re.escape("`class_weight` and `sampler` must not both be set")):
        check_imbalance(small(class_weight={1: 2.0}, sampler="stratified"))


@pytest.mark.parametrize(
    "options",
    [
        {"class_weight": "balanced", "sampler": "length_bucket"},
        {"class_weight": "inverse_sqrt", "loss": "focal"},
        {"sampler": "balanced", "loss": "focal", "label_smoothing": 0.1},
    ],
)
def test_what_corrects_nothing_may_be_joined(options: dict[str, Any]) -> None:
    check_imbalance(small(**options))


def lossless(logits: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor:
    return logits.sum() * 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"sampler": "even"},
            "`sampler` must be one of [None, 'balanced', 'stratified', 'length_bucket']; got 'even'.",
        ),
        (
            {"loss": "hinge"},
            "`loss` must be one of ['cross_entropy', 'focal', 'logit_adjusted']; got 'hinge'.",
        ),
        (
            {"loss": lossless, "label_smoothing": 0.1},
            "`label_smoothing` must be 0 with a loss of your own; got 0.1. Smooth in the loss itself.",
        ),
        ({"label_smoothing": 1.0}, "`label_smoothing` must lie in [0, 1); got 1.0."),
        (
            {"sampler": "stratified", "batch_size": 1},
            "`batch_size` must be at least the number of classes, 2",
        ),
    ],
)
def test_wrong_options_are_refused(options: dict[str, Any], message: str) -> None:
    fit: Callable[..., Any] = small(**options).fit
    with pytest.raises(ValueError, match=re.escape(message)):
        fit(DATA.arrays, DATA.y)
