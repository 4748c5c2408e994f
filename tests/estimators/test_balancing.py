"""Sampler and loss in every form, and one correction for imbalance at a time."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from ramps import ramps, small
from seqclf.estimators._balancing import build_batches, build_loss, check_balancing
from seqclf.nn import CrossEntropyLoss, FocalLoss, LogitAdjustedLoss
from seqclf.sampling import BalancedSampler, LengthBucketSampler, ShuffleSampler, StratifiedBatchSampler
from seqclf.training import TrainingSpec

DATA = ramps()


def spec(**options: Any) -> TrainingSpec:
    given: dict[str, Any] = {
        "target": torch.from_numpy(DATA.y),
        "lengths": DATA.sequences.lengths,
        "class_counts": torch.tensor([24.0, 24.0], dtype=torch.float64),
        "n_features": 2,
        "batch_size": 7,
    }
    return TrainingSpec(**given | options)


@pytest.mark.parametrize(
    ("sampler", "kind"),
    [
        (None, ShuffleSampler),
        ("balanced", BalancedSampler),
        ("stratified", StratifiedBatchSampler),
        ("length_bucket", LengthBucketSampler),
    ],
)
def test_a_sampler_by_name(sampler: Any, kind: type) -> None:
    batches: Any = build_batches(sampler, spec(), torch.Generator())
    assert type(batches) is kind
    size: Any = batches
    assert size.batch_size == 7


def test_a_sampler_factory_gets_the_training_data_and_the_generator() -> None:
    seen: dict[str, Any] = {}

    def only_the_first(spec: TrainingSpec, generator: torch.Generator) -> list[Tensor]:
        seen.update(n=len(spec.target), batch_size=spec.batch_size, generator=generator)
        return [torch.arange(2)]

    model = small(sampler=only_the_first, batch_size=5, class_weight="balanced").fit(DATA.arrays, DATA.y)
    assert seen == {"n": 48, "batch_size": 5, "generator": model._model.generator}
    assert model.predict(DATA.arrays).shape == (48,)


def test_a_sampler_instance_is_copied_so_that_each_fit_is_the_same() -> None:
    sampler = ShuffleSampler(48, batch_size=16, generator=torch.Generator().manual_seed(0))
    model = small(sampler=sampler, max_epochs=2)
    first = model.fit(DATA.arrays, DATA.y).predict_proba(DATA.arrays)
    np.testing.assert_array_equal(model.fit(DATA.arrays, DATA.y).predict_proba(DATA.arrays), first)


@pytest.mark.parametrize("sampler", ["stratified", "length_bucket"])
def test_models_learn_from_any_batches(sampler: Any) -> None:
    model = small(sampler=sampler, batch_size=16, max_epochs=20).fit(DATA.arrays, DATA.y)
    assert model.score(DATA.arrays, DATA.y) > 0.9


def test_a_loss_in_every_form() -> None:
    def loss(choice: Any, smoothing: float = 0.0) -> Any:
        counts = torch.tensor([24.0, 24.0, 0.0], dtype=torch.float64)
        return build_loss(choice, smoothing, spec(class_counts=counts), torch.Generator())

    assert loss("cross_entropy", 0.25) == CrossEntropyLoss(label_smoothing=0.25)
    assert loss("focal", 0.5) == FocalLoss(label_smoothing=0.5)
    assert loss(FocalLoss(gamma=5.0)) == FocalLoss(gamma=5.0)
    assert loss(FocalLoss) == FocalLoss()
    assert loss(lossless) is lossless
    assert loss(lambda spec, generator: FocalLoss(gamma=spec.n_classes)) == FocalLoss(gamma=3.0)
    # Class 2 has not occurred and counts like the rarest class that has.
    assert loss("logit_adjusted") == LogitAdjustedLoss(class_prior=[24.0, 24.0, 24.0])


@pytest.mark.parametrize("loss", [nn.CrossEntropyLoss(), nn.CrossEntropyLoss])
@pytest.mark.parametrize("weighted", [False, True])
def test_a_torch_loss_gives_the_same_model_as_the_built_in_one(loss: Any, weighted: bool) -> None:
    weight = np.where(DATA.y == 1, 0.5, 2.0) if weighted else None
    model = small(loss=loss, max_epochs=2).fit(DATA.arrays, DATA.y, sample_weight=weight)
    expected = small(max_epochs=2).fit(DATA.arrays, DATA.y, sample_weight=weight)
    np.testing.assert_allclose(
        model.predict_proba(DATA.arrays), expected.predict_proba(DATA.arrays), atol=1e-6
    )


TORCH_LOSSES: dict[str, Any] = {
    "cross entropy": nn.CrossEntropyLoss(),
    "smoothed": nn.CrossEntropyLoss(label_smoothing=0.2),
    "weighted": nn.CrossEntropyLoss(weight=torch.tensor([0.5, 3.0, 0.0])),
    "smoothed and weighted": nn.CrossEntropyLoss(weight=torch.tensor([0.5, 3.0, 1.0]), label_smoothing=0.2),
    "float64 weights": nn.CrossEntropyLoss(weight=torch.tensor([0.5, 3.0, 1.0], dtype=torch.float64)),
    "likelihood": nn.NLLLoss(weight=torch.tensor([0.5, 3.0, 1.0])),
    "margin": nn.MultiMarginLoss(weight=torch.tensor([0.5, 3.0, 1.0])),
}


@pytest.mark.parametrize("name", TORCH_LOSSES)
def test_a_weight_counts_a_sample_of_a_torch_loss_that_often(name: str) -> None:
    """The oracle repeats each sample as often as its weight says, and takes torch's own mean."""
    loss = TORCH_LOSSES[name]
    rng = torch.Generator().manual_seed(0)
    logits = torch.randn(5, 3, generator=rng).log_softmax(dim=1)
    target, weight = torch.tensor([0, 1, 2, 1, 0]), torch.tensor([3.0, 1.0, 2.0, 0.0, 1.0])
    repeated = weight.long()
    expected = loss.float()(logits.repeat_interleave(repeated, dim=0), target.repeat_interleave(repeated))
    wrapped: Any = build_loss(copy.deepcopy(loss), 0.0, spec(), torch.Generator())
    for scale in (1.0, 1e-16, 1e16):
        assert float(wrapped(logits, target, scale * weight)) == pytest.approx(float(expected), rel=1e-5)
    assert float(wrapped(logits, target, torch.ones(5))) == pytest.approx(
        float(loss(logits, target)), rel=1e-5
    )
    assert float(wrapped(logits, target, torch.zeros(5))) == 0.0


@pytest.mark.parametrize(
    ("bad", "message"), [(float("nan"), "got nan"), (float("inf"), "got inf"), (-1.0, "got -1.0")]
)
def test_invalid_class_weights_of_a_torch_loss_are_named(bad: float, message: str) -> None:
    loss = nn.CrossEntropyLoss(weight=torch.tensor([1.0, bad]))
    with pytest.raises(ValueError, match=rf"`class_weight\[1\]` must be finite and not negative; {message}"):
        small(loss=loss).fit(DATA.arrays, DATA.y)


class Unreducible(nn.Module):
    """A loss of two arguments without `reduction`, which cannot return the loss of each sample."""

    def forward(self, logits: Tensor, target: Tensor) -> Tensor:
        return nn.functional.cross_entropy(logits, target)


def test_a_loss_that_cannot_weight_samples_is_rejected_only_with_weights() -> None:
    small(loss=Unreducible(), max_epochs=1).fit(DATA.arrays, DATA.y)
    with pytest.raises(
        TypeError, match="`loss` must take weights as a third argument where samples are weighted"
    ):
        small(loss=Unreducible(), max_epochs=1, class_weight="balanced").fit(DATA.arrays, DATA.y)


def test_the_prior_of_a_logit_adjusted_loss_counts_sample_weights() -> None:
    weight = np.where(DATA.y == 1, 0.5, 2.0)
    model = small(loss="logit_adjusted", max_epochs=1).fit(DATA.arrays, DATA.y, sample_weight=weight)
    shares = torch.tensor([48.0, 12.0], dtype=torch.float64) / 60
    assert model._model.prior.adjustment.tolist() == pytest.approx(shares.log().tolist())


@pytest.mark.parametrize("loss", ["focal", "logit_adjusted", FocalLoss(gamma=1.0)])
def test_models_learn_with_any_loss(loss: Any) -> None:
    model = small(loss=loss, max_epochs=20).fit(DATA.arrays, DATA.y)
    assert model.score(DATA.arrays, DATA.y) > 0.9


def test_smoothed_labels_make_less_confident_models() -> None:
    sure = [
        small(label_smoothing=smoothing, max_epochs=40).fit(DATA.arrays, DATA.y).predict_proba(DATA.arrays)
        for smoothing in (0.0, 0.4)
    ]
    assert np.median(sure[0].max(axis=1)) > 0.9 > np.median(sure[1].max(axis=1))


def check(**options: Any) -> None:
    defaults: dict[str, Any] = {
        "class_weight": None,
        "sampler": None,
        "loss": "cross_entropy",
        "label_smoothing": 0.0,
    }
    check_balancing(**defaults | options)


CORRECTIONS: dict[str, Any] = {"class_weight": "balanced", "sampler": "balanced", "loss": "logit_adjusted"}


@pytest.mark.parametrize("left_out", list(CORRECTIONS))
def test_two_corrections_are_rejected(left_out: str) -> None:
    options = {name: value for name, value in CORRECTIONS.items() if name != left_out}
    (a, of_a), (b, of_b) = options.items()
    message = (
        f"`{a}` and `{b}` must not both be set; got {a}={of_a!r} and {b}={of_b!r}. Each gives rare classes more weight, and "
        "together they correct twice. Keep one."
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        small(**options).fit(DATA.arrays, DATA.y)


@pytest.mark.parametrize(
    "loss",
    [
        LogitAdjustedLoss(class_prior=[1.0, 1.0]),
        FocalLoss(class_weight=[1.0, 2.0]),
        nn.CrossEntropyLoss(weight=torch.ones(2)),
    ],
    ids=["prior", "weights", "torch weights"],
)
def test_a_loss_instance_with_weights_is_a_correction(loss: Any) -> None:
    with pytest.raises(ValueError, match="`sampler` and `loss` must not both be set"):
        small(sampler="balanced", loss=loss).fit(DATA.arrays, DATA.y)


@pytest.mark.parametrize(
    "loss",
    [
        lambda spec, generator: LogitAdjustedLoss(class_prior=spec.class_counts),
        lambda spec, generator: nn.CrossEntropyLoss(weight=torch.ones(2)),
    ],
)
@pytest.mark.parametrize("option", [{"class_weight": "balanced"}, {"sampler": "balanced"}])
def test_the_loss_of_a_factory_is_a_correction_too(loss: Any, option: dict[str, Any]) -> None:
    (name,) = option
    for fit in (small(loss=loss, **option).fit, small(loss=loss, **option).partial_fit):
        with pytest.raises(
            ValueError, match=f"`{name}` and `loss` must not both be set; got {name}='balanced' and loss="
        ):
            fit(DATA.arrays, DATA.y)
    small(loss=lambda spec, generator: FocalLoss(), max_epochs=1, **option).fit(DATA.arrays, DATA.y)


def test_a_mapping_of_weights_is_a_correction() -> None:
    with pytest.raises(ValueError, match=re.escape("`class_weight` and `sampler` must not both be set")):
        check(class_weight={1: 2.0}, sampler="stratified")


@pytest.mark.parametrize(
    "options",
    [
        {"class_weight": "balanced", "sampler": "length_bucket"},
        {"class_weight": "inverse_sqrt", "loss": "focal"},
        {"sampler": "balanced", "loss": "focal", "label_smoothing": 0.1},
    ],
)
def test_options_that_do_not_correct_can_be_combined(options: dict[str, Any]) -> None:
    check(**options)


def lossless(logits: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor:
    return logits.sum() * 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"sampler": "even"},
            "`sampler` must be one of ['balanced', 'stratified', 'length_bucket', 'block_shuffle'], an iterable of index batches with a "
            "length or a factory of one; got 'even'.",
        ),
        (
            {"loss": "hinge"},
            "`loss` must be one of ['cross_entropy', 'focal', 'logit_adjusted'], a function of logits, targets and weights "
            "or a factory of one; got 'hinge'.",
        ),
        (
            {"loss": lossless, "label_smoothing": 0.1},
            "`label_smoothing` must be 0 with a custom loss; got 0.1. Smooth in the loss itself.",
        ),
        ({"label_smoothing": 1.0}, "`label_smoothing` must lie in [0, 1); got 1.0."),
        (
            {"sampler": "stratified", "batch_size": 1},
            "`batch_size` must be at least 2, the number of classes, so that every batch can hold each; got 1.",
        ),
    ],
)
def test_invalid_options_are_rejected(options: dict[str, Any], message: str) -> None:
    fit: Callable[..., Any] = small(**options).fit
    with pytest.raises(ValueError, match=re.escape(message)):
        fit(DATA.arrays, DATA.y)
