"""Training that continues: `partial_fit` and warm starts."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import torch

from ramps import ramps, small
from seqclf.nn import MeanPooling

DATA, NEW = ramps(), ramps(20, seed=1)
BROKEN = DATA.padded(padding=float("nan"))


def test_partial_fits_continue_one_training() -> None:
    model = small().partial_fit(DATA.sequences, DATA.y)
    optimizer = model._model.optimizer
    assert optimizer is not None
    for _ in range(19):
        model.partial_fit(DATA.sequences, DATA.y)
    assert model._model.optimizer is optimizer, "the optimizer keeps its moments"
    assert {int(state["step"]) for state in optimizer.state.values()} == {20}
    assert model.n_epochs_ == 20
    assert model.history_["epoch"] == list(range(1, 21))
    assert set(model.history_["lr"]) == {0.03}
    assert model.score(NEW.sequences, NEW.y) >= 0.9


def test_partial_fit_accepts_samples_of_some_classes_only() -> None:
    ones = DATA.y == 1
    model = small().partial_fit(DATA.sequences[ones], DATA.y[ones], classes=[2, 0, 1])
    assert model.classes_.tolist() == [0, 1, 2]
    model.partial_fit(DATA.sequences[~ones], DATA.y[~ones])
    model.partial_fit(DATA.sequences, DATA.y, classes=[0, 1, 2], sample_weight=np.ones(48))
    assert model.predict_proba(NEW.sequences).shape == (20, 3)


def test_partial_fit_reads_lengths() -> None:
    model = small().partial_fit(BROKEN, DATA.y, lengths=DATA.lengths)
    expected = small().partial_fit(DATA.arrays, DATA.y)
    np.testing.assert_array_equal(model.predict_proba(NEW.arrays), expected.predict_proba(NEW.arrays))


def test_other_classes_in_a_later_partial_fit_are_rejected() -> None:
    model = small().partial_fit(DATA.sequences, DATA.y)
    message = r"`classes` must be those of the first call, \[0, 1\]; got \[0, 1, 2\]. Fit a new estimator"
    with pytest.raises(ValueError, match=message):
        model.partial_fit(DATA.sequences, DATA.y, classes=[0, 1, 2])
    with pytest.raises(ValueError, match=r"`y` must hold the classes \[0, 1\] only; got y\[0\]="):
        model.partial_fit(DATA.sequences, DATA.y + 2)


def test_partial_fit_continues_after_fit() -> None:
    model = small().fit(DATA.sequences, DATA.y)
    weights = model.module_.state_dict()["head.linear.weight"].clone()
    model.partial_fit(DATA.sequences, DATA.y)
    assert model.n_epochs_ == 13
    assert model.history_["epoch"] == list(range(1, 14))
    assert not torch.equal(model.module_.state_dict()["head.linear.weight"], weights)


def test_a_warm_start_resumes_and_a_cold_one_does_not() -> None:
    cold, warm = small(max_epochs=3), small(max_epochs=3, warm_start=True)
    for model in (cold, warm):
        model.fit(DATA.sequences, DATA.y)
    first = list(cold.history_["train_loss"])
    assert warm.history_["train_loss"] == first
    module = warm.module_
    for model in (cold, warm):
        model.fit(DATA.sequences, DATA.y)
    assert cold.history_["train_loss"] == first
    assert warm.module_ is module
    last, next_ = first[-1], warm.history_["train_loss"][0]
    assert last is not None
    assert next_ is not None
    assert next_ < 1.1 * last
    with pytest.raises(ValueError, match=r"`y` must hold the classes \[0, 1\] only"):
        warm.fit(DATA.sequences, DATA.y + 1)


def test_a_rejected_partial_fit_can_be_corrected_as_advised() -> None:
    model = small()
    with pytest.raises(ValueError, match="pass `classes` to the first `partial_fit`"):
        model.partial_fit(DATA.arrays, DATA.y, classes=[1, 2])
    model.partial_fit(DATA.arrays, DATA.y, classes=[0, 1, 2])
    assert model.classes_.tolist() == [0, 1, 2]
    before = model.class_prior_.copy()
    with pytest.raises(ValueError, match="`class_weight` must name classes"):
        model.set_params(class_weight={7: 1.0}).partial_fit(DATA.arrays[:5], DATA.y[:5])
    assert model.class_prior_.tolist() == before.tolist()
    assert model._model.prior.natural.sum().item() == len(DATA.y)


def test_partial_fit_uses_a_changed_learning_rate() -> None:
    model = small(lr=0.01).partial_fit(DATA.arrays, DATA.y)
    model.set_params(lr=0.001, weight_decay=0.5).partial_fit(DATA.arrays, DATA.y)
    assert model.history_["lr"] == [0.01, 0.001]
    assert model._model.optimizer is not None
    assert [group["weight_decay"] for group in model._model.optimizer.param_groups] == [0.5, 0.0]
    model.set_params(warm_start=True).fit(DATA.arrays, DATA.y)
    assert model._model.optimizer is None


class RaisingCallback:
    def on_epoch_end(self, record: object) -> None:
        raise RuntimeError("broken")


def test_batches_of_a_failed_partial_fit_are_not_counted() -> None:
    model = small().partial_fit(DATA.arrays, DATA.y)
    with pytest.raises(RuntimeError, match="broken"):
        model.set_params(callbacks=[RaisingCallback()]).partial_fit(DATA.arrays, DATA.y)
    assert model._model.prior.trained.sum().item() == len(DATA.y)
    assert model.n_epochs_ == len(model.history_) == 1


@pytest.mark.parametrize(
    ("name", "value"), [("hidden_size", 9), ("pooling", "mean"), ("head", "mlp"), ("padding_value", -1.0)]
)
def test_resumed_training_rejects_another_architecture(name: str, value: Any) -> None:
    model = small(max_epochs=1, warm_start=True).fit(DATA.arrays, DATA.y)
    built_with = model.get_params()[name]
    model.set_params(**{name: value})
    message = (
        f"`{name}` must not change when training resumes: the network was built with {built_with!r}; got {value!r}. "
        "Fit with warm_start=False, or create a new estimator."
    )
    for resume in (model.fit, model.partial_fit):
        with pytest.raises(ValueError, match=re.escape(message)):
            resume(DATA.arrays, DATA.y)
    model.set_params(warm_start=False).fit(DATA.arrays, DATA.y)


def test_resumed_training_accepts_other_training_parameters() -> None:
    model = small(max_epochs=1, warm_start=True, pooling=MeanPooling()).fit(DATA.arrays, DATA.y)
    model.set_params(lr=0.001, batch_size=7, callbacks=[]).fit(DATA.arrays, DATA.y)
