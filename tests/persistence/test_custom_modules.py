"""Custom modules: their weights are in the file, their code is passed to `load`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import prune

import seqclf
from networks import TransformerEncoder, transformer
from persistence.model_files import reloaded, same_predictions, same_weights
from ramps import ramps, small
from seqclf import SequenceClassifier, SequenceEnsemble, Sequences
from seqclf.nn import LinearHead, RecurrentEncoder

DATA, NEW = ramps(24), ramps(12, seed=1)


class Squared(nn.Module):
    """A pooling with a weight, a buffer, and a dtype of its own."""

    def __init__(self, width: int = 6) -> None:
        super().__init__()
        self.factor = nn.Parameter(torch.full((width,), 0.5))
        self.register_buffer("count", torch.tensor([3], dtype=torch.int64))

    def forward(self, states: Sequences) -> Tensor:
        last: Tensor = states.values[states.offsets[1:] - 1]
        return self.factor * last.square() * self.get_buffer("count")


def encoder() -> TransformerEncoder:
    return TransformerEncoder(2, 8, torch.Generator().manual_seed(9))


def fitted(**options: Any) -> SequenceClassifier:
    return small(max_epochs=1, **options).fit(DATA.arrays, DATA.y)


def prune_half(encoder: nn.Module) -> None:
    prune.l1_unstructured(encoder.get_submodule("layers.0"), "weight_hh_l0", amount=0.5)  # type: ignore[no-untyped-call]


def test_an_encoder_of_the_user(tmp_path: Path) -> None:
    model = SequenceClassifier(network=transformer, max_epochs=1, random_state=0).fit(DATA.arrays, DATA.y)
    given = encoder()
    before = {name: value.clone() for name, value in given.state_dict().items()}
    loaded = reloaded(model, tmp_path, modules={"encoder": given})
    same_predictions(model, loaded, NEW.arrays)
    assert all(torch.equal(value, before[name]) for name, value in given.state_dict().items()), (
        "a copy gets the weights"
    )


def test_one_of_several_poolings_and_a_whole_network(tmp_path: Path) -> None:
    model = fitted(pooling=("last", Squared()))
    loaded = reloaded(model, tmp_path, modules={"pooling.parts.1": Squared()})
    same_predictions(model, loaded, NEW.arrays)
    same_weights(model.module_, loaded.module_)

    class Whole(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder, self.pooling, self.head = RecurrentEncoder("gru", 2, 6), Squared(), LinearHead(6, 2)

        def forward(self, batch: Sequences) -> Any:
            return self.head(self.pooling(self.encoder(batch)))

    model = SequenceClassifier(network=Whole(), max_epochs=1, random_state=0).fit(DATA.arrays, DATA.y)
    same_predictions(model, reloaded(model, tmp_path, modules={"network": Whole()}), NEW.arrays)


def test_each_member_of_an_ensemble_has_its_own(tmp_path: Path) -> None:
    model = SequenceEnsemble(
        estimators=[small(max_epochs=1, pooling=Squared())], n_members=2, n_jobs=1, random_state=0
    )
    model.fit(DATA.arrays, DATA.y)
    keys = ["members.0.pooling", "members.1.pooling"]
    loaded = reloaded(model, tmp_path, modules=dict.fromkeys(keys, Squared()))
    same_predictions(model, loaded, NEW.arrays)
    assert list(seqclf.describe_file(tmp_path / "model.safetensors").custom_modules) == keys


def test_a_pruned_layer_is_a_custom_module(tmp_path: Path) -> None:
    def pruned() -> RecurrentEncoder:
        one = RecurrentEncoder("gru", 2, 6)
        prune_half(one)
        return one

    model = fitted()
    prune_half(model.module_.get_submodule("encoder"))
    with pytest.raises(
        TypeError, match=r"must be a module that `copy.deepcopy` can copy; got RecurrentEncoder"
    ):
        reloaded(model, tmp_path, modules={"encoder": pruned()})
    called = pruned()
    called(DATA.sequences)
    loaded = seqclf.load(tmp_path / "model.safetensors", modules={"encoder": called})
    same_predictions(model, loaded, NEW.arrays)


def test_what_is_missing_unknown_or_wrong_is_named(tmp_path: Path) -> None:
    model = fitted(pooling=("last", Squared()))
    path = tmp_path / "model"
    seqclf.save(model, path)
    message = (
        "`modules` must hold the custom module 'pooling.parts.1' of this file, a Squared; got []. Build it with the arguments that "
        "it had: `seqclf.load(path, modules={'pooling.parts.1': Squared(...)})`."
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        seqclf.load(path)
    with pytest.raises(ValueError, match=r"got \['pooling'\]"):
        seqclf.load(path, modules={"pooling": Squared()})
    with pytest.raises(
        ValueError, match=r"`modules` must name custom modules of the file; got \['head'\], which are not"
    ):
        seqclf.load(path, modules={"pooling.parts.1": Squared(), "head": LinearHead(1, 2)})
    with pytest.raises(
        ValueError,
        match=r"must have the weights of the file, as its Squared had; got Squared: .* size mismatch for factor",
    ):
        seqclf.load(path, modules={"pooling.parts.1": Squared(5)})
    message = r"`modules\['pooling.parts.1'\]` must be an instance of Squared, as the model had; got one of LinearHead, which"
    with pytest.raises(TypeError, match=message):
        seqclf.load(path, modules={"pooling.parts.1": LinearHead(1, 2)})
    with pytest.raises(
        TypeError, match=r"`modules\['pooling.parts.1'\]` must be a torch.nn.Module; got <class"
    ):
        seqclf.load(path, modules={"pooling.parts.1": Squared})  # type: ignore[dict-item]


class Newest(nn.Module):
    """Pools like `LastState`."""

    def forward(self, states: Sequences) -> Tensor:
        return states.values[states.offsets[1:] - 1]


class Oldest(nn.Module):
    """A module that fits in its place."""

    def forward(self, states: Sequences) -> Tensor:
        return states.values[states.offsets[:-1]]


def test_a_wrong_module_without_weights_is_named(tmp_path: Path) -> None:
    model = fitted(pooling=Newest())
    path = tmp_path / "model"
    seqclf.save(model, path)
    with pytest.raises(TypeError, match="must be an instance of Newest, as the model had; got one of Oldest"):
        seqclf.load(path, modules={"pooling": Oldest()})
    renamed = type("Newest", (Newest,), {})
    same_predictions(model, seqclf.load(path, modules={"pooling": renamed()}), NEW.arrays)
    misfit = type("Newest", (nn.Identity,), {})
    with pytest.raises(
        seqclf.InvalidModelFileError, match=r"[^.]\. Are `modules` those that the model had, built with"
    ):
        seqclf.load(path, modules={"pooling": misfit()})


def test_hooks_and_states_that_are_not_tensors_are_refused(tmp_path: Path) -> None:
    model = fitted()
    handle = model.module_.get_submodule("encoder").register_forward_hook(lambda *_: None)
    with pytest.raises(
        TypeError,
        match=r"got a RecurrentEncoder with a hook, or a `forward` of its own, in RecurrentEncoder at `model.fitted_.module.encoder`",
    ):
        seqclf.save(model, tmp_path / "model")
    handle.remove()

    class Stateful(Squared):
        def get_extra_state(self) -> Any:
            return {"any": object()}

        def set_extra_state(self, state: Any) -> None: ...

    model = fitted(pooling=Stateful())
    with pytest.raises(TypeError, match="with a state that is not a tensor, '_extra_state' at `model"):
        seqclf.save(model, tmp_path / "model")
