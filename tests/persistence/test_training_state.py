"""`training_state=True`: `partial_fit` of a loaded model continues bit for bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import seqclf
from persistence.model_files import edited, reloaded, same_weights
from ramps import ramps
from seqclf import GRUClassifier, SequenceEnsemble
from seqclf.transforms import Jitter

DATA = ramps(24)


def stochastic(**options: Any) -> GRUClassifier:
    """Return a classifier that draws random numbers in training: batches, dropout in two places, noise."""
    given: dict[str, Any] = {
        "hidden_size": 4,
        "num_layers": 2,
        "dropout": 0.3,
        "head_dropout": 0.2,
        "batch_size": 7,
    }
    return GRUClassifier(**given, lr=0.01, augmentation=Jitter(0.1), random_state=0, **options)


@pytest.mark.parametrize("optimizer", ["adamw", "adam", "sgd"])
@pytest.mark.parametrize("sampler", [None, "balanced", "stratified", "length_bucket"])
def test_partial_fit_continues_bit_for_bit(optimizer: str, sampler: Any, tmp_path: Path) -> None:
    model = stochastic(optimizer=optimizer, sampler=sampler)
    for _ in range(2):
        model.partial_fit(DATA.arrays, DATA.y)
    loaded = reloaded(model, tmp_path, training_state=True)
    for _ in range(2):
        model.partial_fit(DATA.arrays, DATA.y)
        loaded.partial_fit(DATA.arrays, DATA.y)
        loaded = reloaded(loaded, tmp_path, training_state=True)
        same_weights(model.module_, loaded.module_)
    assert loaded.history_["train_loss"] == model.history_["train_loss"]
    assert loaded.history_["epoch"] == [1, 2, 3, 4]


@pytest.mark.parametrize("warm_start", [False, True])
def test_a_fit_after_loading_equals_one_without(warm_start: bool, tmp_path: Path) -> None:
    model = stochastic(max_epochs=2, warm_start=warm_start).fit(DATA.arrays, DATA.y)
    loaded = reloaded(model, tmp_path, training_state=True)
    same_weights(model.fit(DATA.arrays, DATA.y).module_, loaded.fit(DATA.arrays, DATA.y).module_)


def test_partial_fit_after_a_fit_starts_a_new_optimizer_in_both(tmp_path: Path) -> None:
    model = stochastic(max_epochs=1).fit(DATA.arrays, DATA.y)
    loaded = reloaded(model, tmp_path, training_state=True)
    same_weights(
        model.partial_fit(DATA.arrays, DATA.y).module_, loaded.partial_fit(DATA.arrays, DATA.y).module_
    )


def test_members_of_an_ensemble_continue(tmp_path: Path) -> None:
    model = SequenceEnsemble(estimators=[stochastic()], n_members=2, n_jobs=1, random_state=0)
    model.partial_fit(DATA.arrays, DATA.y)
    loaded = reloaded(model, tmp_path, training_state=True)
    for one in (model, loaded):
        one.partial_fit(DATA.arrays, DATA.y)
    for mine, its in zip(model.members_, loaded.members_, strict=True):
        same_weights(mine.module_, its.module_)


def test_without_it_partial_fit_starts_a_new_optimizer_and_new_random_numbers(tmp_path: Path) -> None:
    model = stochastic().partial_fit(DATA.arrays, DATA.y)
    first, second = reloaded(model, tmp_path), reloaded(model, tmp_path)
    assert first._model.optimizer is None
    for one in (first, second):
        one.partial_fit(DATA.arrays, DATA.y)
    same_weights(first.module_, second.module_)  # seeded by random_state
    assert first.n_epochs_ == 2
    assert first._model.generator.get_state().ne(model._model.generator.get_state()).any()


def test_a_dropout_with_its_own_generator_keeps_it(tmp_path: Path) -> None:
    model = stochastic().partial_fit(DATA.arrays, DATA.y)
    network: Any = model.module_
    network.head.dropout.generator = torch.Generator().manual_seed(5)
    loaded = reloaded(model, tmp_path, training_state=True)
    same_weights(
        model.partial_fit(DATA.arrays, DATA.y).module_, loaded.partial_fit(DATA.arrays, DATA.y).module_
    )
    assert loaded.module_.head.dropout.generator.initial_seed() != loaded._model.generator.initial_seed()
    assert loaded.module_.encoder.dropout.generator is loaded._model.generator


def test_an_optimizer_that_has_no_name_is_refused(tmp_path: Path) -> None:
    model = stochastic(optimizer=torch.optim.Adam).partial_fit(DATA.arrays, DATA.y)
    message = r"A model must consist of what a file can hold; got the state of an optimizer that is not one of 'adamw', 'adam' and 'sgd'"
    with pytest.raises(TypeError, match=message):
        seqclf.save(model, tmp_path / "model", training_state=True)
    seqclf.save(model, tmp_path / "model")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda state: state["optimizer"]["items"].clear(), None),
        (lambda state: state["dropouts"]["items"].pop(), "generators of"),
        (lambda state: state.update(optimizer=3), "training.optimizer` of a model file must be a dict"),
        (
            lambda state: state["optimizer"]["items"][0][1]["items"][0].__setitem__(0, "lr"),
            r"each value a dict with some of \['exp_avg', 'exp_avg_sq', 'momentum_buffer', 'step'\]",
        ),
        (
            lambda state: state["optimizer"]["items"][0].__setitem__(0, "head.no_weight"),
            "got KeyError: 'head.no_weight'",
        ),
    ],
)
def test_a_state_that_does_not_fit_is_refused(change: Any, message: str | None, tmp_path: Path) -> None:
    path = tmp_path / "model"
    seqclf.save(stochastic().partial_fit(DATA.arrays, DATA.y), path, training_state=True)

    def damage(content: Any, tensors: Any) -> None:
        before = len(tensors)
        change(content["model"]["fitted_"]["training"])
        if message is None:
            for name in [name for name in tensors if ".optimizer." in name]:
                del tensors[name]
            assert len(tensors) < before

    if message is None:
        seqclf.load(edited(path, damage)).partial_fit(DATA.arrays, DATA.y)
        return
    with pytest.raises(seqclf.InvalidModelFileError, match=message):
        seqclf.load(edited(path, damage))


def test_moments_of_another_shape_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "model"
    seqclf.save(stochastic().partial_fit(DATA.arrays, DATA.y), path, training_state=True)

    def widen(content: Any, tensors: Any) -> None:
        name = next(name for name, one in tensors.items() if ".optimizer." in name and one.ndim == 1)
        tensors[name] = torch.zeros(1)

    with pytest.raises(
        seqclf.InvalidModelFileError, match=r"an optimizer state 'exp_avg.*' of shape \(1,\) for"
    ):
        seqclf.load(edited(path, widen))


def test_training_state_must_be_a_boolean(tmp_path: Path) -> None:
    model = stochastic(max_epochs=1).fit(DATA.arrays, DATA.y)
    with pytest.raises(TypeError, match="`training_state` must be True or False; got 'yes'"):
        seqclf.save(model, tmp_path / "model", training_state="yes")  # type: ignore[arg-type]
    np.testing.assert_array_equal(list(tmp_path.iterdir()), [])
