"""A file that was edited, with a digest that fits, is refused where no model can be like that; nothing in it is executed."""

from __future__ import annotations

import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.pipeline import make_pipeline

import seqclf
from persistence.model_files import edited
from ramps import ramps
from seqclf import LSTMClassifier, RecurrentClassifier, SequenceEnsemble, TokenEncoder
from seqclf.exceptions import InvalidModelFileError

DATA = ramps(24)
Change = Callable[[dict[str, Any], dict[str, Any]], Any]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "model"
    model = RecurrentClassifier(
        hidden_size=3,
        stem="conv",
        head="mlp",
        scale="views",
        max_epochs=1,
        random_state=np.random.RandomState(0),
    )
    seqclf.save(model.fit(DATA.arrays, DATA.y), path, training_state=True)
    return path


def at(*places: str | int) -> Callable[[dict[str, Any]], Any]:
    """Return a function that finds a part of the content."""

    def find(content: dict[str, Any]) -> Any:
        part: Any = content["model"]
        for place in places:
            part = part[place]
        return part

    return find


def put(*places: str | int, to: Any) -> Change:
    """Return a change that sets a part of the model to another value."""
    return lambda content, tensors: at(*places[:-1])(content).__setitem__(places[-1], to)


def resized(name: str, *shape: int, dtype: torch.dtype = torch.float32) -> Change:
    """Return a change that replaces a tensor, called by the end of its name."""

    def change(content: dict[str, Any], tensors: dict[str, Any]) -> None:
        (found,) = (one for one in tensors if one.endswith(name))
        tensors[found] = torch.zeros(shape, dtype=dtype)

    return change


ENCODER, STEM, HEAD = (("fitted_", "module", name) for name in ("encoder", "stem", "head"))
CONTRACT = ("fitted_", "contract")
SCALER = (*CONTRACT, "scaling", "transformer")
HUGE = 2**62

CHANGES: list[tuple[Change, str]] = [
    # names
    (put("is", to="os.system"), "`model.is` of a model file must be the name of something .* got 'os.system'"),
    (put("is", to=["a"]), "`model.is` of a model file must be the name"),
    (put("is", to="tensor"), r"`model` of a model file must have no other names than \[\]"),
    (put("is", to="nn.MeanPooling"), "`model` of a model file must have no other names"),
    (put(*ENCODER, "is", to="torch.nn.Bilinear"), "`model.fitted_.module.encoder.is` of a model file must be the name"),
    (put("extra", to=1), r"`model` of a model file must have no other names than .* got \['extra'\]"),
    (lambda content, _: content["model"].pop("lr"), r"`model` of a model file must have \['lr'\]; got only"),
    (lambda content, _: content["model"].pop("fitted_"), "`model.fitted_.* of a model file must not be there"),
    (lambda content, _: content.update(model=None), "`model.fitted_.* of a model file must not be there: nothing in the model refers"),
    (lambda content, _: content.pop("report"), "`metadata` of a model file must have the names"),
    # counts that would take memory
    (put(*ENCODER, "hidden_size", to=HUGE), "encoder.layers.0.weight_ih_l0` .* must be a tensor of torch.float32 and shape"),
    (put(*ENCODER, "input_size", to=HUGE), "encoder.layers.0.weight_ih_l0` .* must be a tensor of torch.float32 and shape"),
    (put(*ENCODER, "num_layers", to=1000), "encoder.layers.2.weight_ih_l0` of a model file must be a tensor of the file; got none"),
    (put(*ENCODER, "num_layers", to=HUGE), "encoder.num_layers` of a model file must be an integer from 1 to 1000"),
    (put(*STEM, "channels", to=[HUGE] * 3), "stem.layers.0.linear.weight` .* must be a tensor"),
    (put(*STEM, "strides", to=[HUGE, 1, 1]), "stem.strides` of a model file must be a list of which each item is an integer from 1 to 10000"),
    (put(*STEM, "strides", to=[1]), "stem` of a model file must describe a valid nn.ConvolutionalStem; got ValueError: `strides` must hold"),
    (put(*HEAD, "n_classes", to=HUGE), "head.linear.weight` .* must be a tensor"),
    (put("fitted_", "size", "n_samples", to=2**70), "size.n_samples` of a model file must be an integer from 1 to"),
    (put("fitted_", "classes", "shape", to=[HUGE]), "classes` of a model file must hold a value for each place of its shape"),
    (put("fitted_", "classes", to={"is": "array", "dtype": "<U99999999", "shape": [2], "values": ["a", "b"]}),
     "classes` of a model file must have values as long as its dtype; got <U99999999 for 2 values"),
    (put("fitted_", "classes", "shape", to=[0, HUGE]), "classes` of a model file must hold a value"),
    # values
    (put(*ENCODER, "hidden_size", to=3.0), "encoder.hidden_size` of a model file must be an integer from 1"),
    (put(*ENCODER, "hidden_size", to=True), "encoder.hidden_size` of a model file must be an integer from 1"),
    (put(*ENCODER, "hidden_size", to=0), "encoder.hidden_size` of a model file must be an integer from 1"),
    (put(*ENCODER, "cell", to="__class__"), r"encoder.cell` of a model file must be one of \['rnn', 'gru', 'lstm'\]"),
    (put(*ENCODER, "cell", to="lstm"), "encoder.layers.0.weight_ih_l0` .* must be a tensor of torch.float32 and shape"),
    (put(*ENCODER, "dropout", to=1.5), r"encoder.dropout` of a model file must be a number in \[0, 1\)"),
    (put(*ENCODER, "engine", to="os"), r"encoder.engine` of a model file must be one of \['auto', 'native', 'packed'\]"),
    (put(*ENCODER, "precision", to=None), "encoder.precision` of a model file must be one of"),
    (put("fitted_", "module", "encoder", to=None), "module.encoder` of a model file must be of type Module; got None"),
    (put("fitted_", "module", "pooling", to={"is": "nn.ConcatPooling", "parts": []}), "pooling` of a model file must describe a valid nn.ConcatPooling"),
    (put("fitted_", "module", "pooling", to={"is": "nn.LastState", "bidirectional": False}), "must describe a valid estimators.RecurrentClassifier; got"),
    (put("fitted_", "frozen", to=["no.weight"]), "must describe a valid estimators.RecurrentClassifier; got KeyError: 'no.weight'"),
    (put("fitted_", "classes", "values", to=[1, 0]), "classes` of a model file must be an array of at least two labels, sorted and different"),
    (put("fitted_", "classes", "values", to=[1, 1]), "classes` of a model file must be an array of at least two labels, sorted"),
    (put("fitted_", "classes", "values", to=["a", "b"]), "classes` of a model file must hold values of int64"),
    (put("fitted_", "classes", "values", to=[0, 2**70]), "classes` of a model file must hold values of int64"),
    (put("fitted_", "classes", "dtype", to="O8,(99999999,)f8"), "classes.dtype` of a model file must be the name of a NumPy dtype"),
    (put("fitted_", "classes", "dtype", to=["O"]), "classes.dtype` of a model file must be the name of a NumPy dtype"),
    (put("fitted_", "classes", to={"is": "array", "dtype": "<i8", "shape": [3], "values": [0, 1, 2]}), "3 classes, but a class prior of 2"),
    (put("fitted_", "history", "lr", to=[]), "history` of a model file must describe a valid history; got ValueError: zip"),
    (put("fitted_", "history", "lr", to=["a"]), "history.lr` of a model file must be a list of which each item is a number or null"),
    (put("fitted_", "output", to="rm"), "output` of a model file must be one of"),
    (put(*CONTRACT, "n_features", to=-1), "contract.n_features` of a model file must be an integer from 0"),
    (put(*CONTRACT, "scaled_sizes", to={"is": "tuple", "items": [1, 3]}), "must describe a valid estimators.RecurrentClassifier; got"),
    (put(*CONTRACT, "vocabularies", to={"is": "dict", "items": [["a", {"is": "tuple", "items": ["x"]}]]}), "must describe a valid estimators"),
    (put(*CONTRACT, "vocabularies", to={"is": "dict", "items": [["a"]]}), "vocabularies.0` of a model file must be a key and a value"),
    (put(*CONTRACT, "vocabularies", to={"is": "dict", "items": [[[], 1]]}), "vocabularies.key0` of a model file must be a key of a dict"),
    (put(*CONTRACT, "vocabularies", to={"is": "dict", "items": [[1, 1], [1, 2]]}), "vocabularies.key1` of a model file must be different"),
    (put(*CONTRACT, "padding_value", to={"is": "float", "value": "1e5"}), r"padding_value` of a model file must be one of \['nan', 'inf', '-inf'\]"),
    (put(*SCALER, "n_features_in_", to=3), "must describe a valid transforms.Views; got ValueError: 3 features, but 2 of"),
    (put(*SCALER, to={"is": "nn.MeanPooling"}), "transformer` of a model file must be a transformer or null; got MeanPooling"),
    (put("random_state", "rest", to=[700, 0, 0.0]), "random_state.rest` of a model file must be an integer from 0 to 624; got 700"),
    (put("random_state", "rest", to=[]), "random_state` of a model file must be the state of a RandomState"),
    (put("lr", to={"is": "bytes", "hex": "xyz"}), "lr` of a model file must be hexadecimal digits"),
    (put("lr", to={"is": "omitted", "parameter": 1, "what": ""}), "lr.parameter` of a model file must be text"),
    (put("lr", to={"is": "scalar", "dtype": "<f8", "value": "a"}), "lr` of a model file must hold values of float64"),
    (put("lr", to={"is": "tuple", "items": 3}), "lr.items` of a model file must be of type list"),
    (put("lr", to={"is": "tensor"}), "`model.lr` of a model file must be a tensor of the file; got none"),
    (put("fitted_", "training", "generator", "device", to=1), "generator.device` of a model file must be text"),
    # tensors
    (lambda _, tensors: tensors.update(more=torch.zeros(1)), "`more` of a model file must not be there"),
    (resized("encoder.layers.0.weight_hh_l0", 9, 4), r"must be a tensor of torch.float32 and shape \(9, 3\); got torch.float32 of shape \(9, 4\)"),
    (resized("encoder.layers.0.weight_hh_l0", 9, 3, dtype=torch.float64), r"got torch.float64 of shape \(9, 3\)"),
    (resized("prior.natural", 3, dtype=torch.float64), "2 classes, but a class prior of 3"),
    (resized("prior.natural", 2), "prior.natural` of a model file must be a tensor of torch.float64 and 1 axes"),
    (lambda _, tensors: tensors["model.fitted_.prior.trained"].fill_(float("nan")), "with finite values; got a tensor"),
    (resized("bases_.0.mean_", 1, dtype=torch.float64), "ZScore; got ValueError: 2 features, but 1 of mean_"),
    (resized("training.generator", 7, dtype=torch.uint8), "training.generator` of a model file must be the state of a random generator"),
    (resized("random_state", 3, dtype=torch.int64), "random_state` of a model file must be the state of a RandomState"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "message"), CHANGES, ids=[message[:60] for _, message in CHANGES])
def test_what_no_model_has_is_refused_by_name(change: Change, message: str, path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(InvalidModelFileError, match=message):
        seqclf.load(edited(path, change))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 100_000, "kilobytes"


def test_parts_of_pipelines_and_ensembles_are_checked(tmp_path: Path) -> None:
    path = tmp_path / "model"
    words = [["a", "b"], ["b"]] * 12
    model = make_pipeline(TokenEncoder(), LSTMClassifier(hidden_size=3, max_epochs=1, random_state=0))
    seqclf.save(model.fit(words, DATA.y), path)
    for change, message in (
        (put("steps", to=[]), "`model.* of a model file must"),
        (
            put("steps", 0, to=["name"]),
            "model.steps` of a model file must be a list of which each item is a name and a transformer",
        ),
        (put("steps", 0, 1, to="os.system"), "model.steps` of a model file must be a list"),
        (put("steps", 1, 1, to="passthrough"), "of a model file must"),
        (put("steps", 0, 1, "vocabularies_", to=[]), "vocabularies_` of a model file must be a dict"),
        (
            put("steps", 1, 1, "fitted_", "module", "embedding", "sizes", to=[2**62]),
            "embedding.tables.0.weight` of a model file must",
        ),
        (
            put("steps", 1, 1, "fitted_", "module", "embedding", "sizes", to=[]),
            "embedding.*of a model file must",
        ),
    ):
        with pytest.raises(InvalidModelFileError, match=message):
            seqclf.load(edited(path, change))
    members = [LSTMClassifier(hidden_size=3, max_epochs=1)]
    ensemble = SequenceEnsemble(estimators=members, n_members=2, n_jobs=1, random_state=0)
    seqclf.save(ensemble.fit(DATA.arrays, DATA.y), path)
    for change, message in (
        (put("members_", to=[]), "members_` of a model file must be a list of fitted classifiers"),
        (put("members_", 0, to=None), "members_` of a model file must be a list of fitted classifiers"),
        (
            put("members_", 1, "fitted_", "classes", "values", to=[0, 9]),
            "got ValueError: members of different classes",
        ),
        (put("contract_", to=None), "contract_` of a model file must be of type InputContract"),
    ):
        with pytest.raises(InvalidModelFileError, match=message):
            seqclf.load(edited(path, change))
