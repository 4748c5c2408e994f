"""Models and sequences are unpickled by any process, on any machine."""

from __future__ import annotations

import copy
import io
import pickle
from typing import Any, cast

import numpy as np
import pytest
import torch
from torch import nn

from processes import arrays, continue_training, count_epochs, echo, run
from ramps import ramps, small
from seqclf import SequenceClassifier, as_sequences
from seqclf._pickling import PackedGenerator, PackedTensor, device_or_cpu, pack, unpack
from seqclf.nn import LinearHead, MeanPooling, NetworkSpec, RecurrentEncoder, SequenceNetwork
from seqclf.sampling import BalancedSampler
from seqclf.training import LabelledSequences

DATA = ramps()
X, Y = DATA.sequences, DATA.y

TENSORS = {
    "float32": torch.arange(6, dtype=torch.float32).reshape(2, 3),
    "bfloat16": torch.arange(6, dtype=torch.bfloat16),
    "bool": torch.tensor([True, False]),
    "scalar": torch.tensor(3.5),
    "empty": torch.empty(0, 4, dtype=torch.int64),
    "no columns": torch.empty(3, 0, dtype=torch.float64),
    "slice": torch.arange(100)[10:20:3],
    "transposed": torch.arange(6.0).reshape(2, 3).T,
    "parameter": nn.Parameter(torch.arange(3.0)),
    "frozen": nn.Parameter(torch.arange(3.0), requires_grad=False),
}


@pytest.mark.parametrize("name", TENSORS)
def test_a_tensor_comes_back(name: str) -> None:
    tensor = TENSORS[name]
    packed = pickle.loads(pickle.dumps(pack({"x": tensor, "again": [tensor]})))
    assert isinstance(packed["x"], PackedTensor)
    assert packed["x"] is packed["again"][0], "shared tensors stay shared"
    back = unpack(packed)
    assert torch.equal(back["x"], tensor)
    assert (back["x"].dtype, type(back["x"]), back["x"].requires_grad) == (
        tensor.dtype,
        type(tensor),
        tensor.requires_grad,
    )
    assert back["x"] is back["again"][0]


@pytest.mark.parametrize("name", TENSORS)
def test_a_copied_tensor_comes_back(name: str) -> None:
    back = unpack(copy.deepcopy(pack([TENSORS[name]])))[0]
    assert torch.equal(back, TENSORS[name])
    assert back.dtype == TENSORS[name].dtype


def test_a_slice_is_packed_without_the_rest() -> None:
    assert len(pickle.dumps(pack(torch.zeros(1_000_000)[:5]))) < 1000


def test_read_only_memory_is_copied() -> None:
    packed = pack(torch.zeros(3))
    packed.data.flags.writeable = False
    unpack(packed).add_(1)
    assert not packed.data.any()


def test_a_generator_continues_where_it_was() -> None:
    generator = torch.Generator().manual_seed(3)
    torch.rand(5, generator=generator)
    back = unpack(pickle.loads(pickle.dumps(pack(generator))))
    assert torch.equal(torch.rand(5, generator=back), torch.rand(5, generator=generator))


def test_a_generator_of_a_missing_device_seeds_one_of_the_cpu() -> None:
    packed = PackedGenerator(device="xpu", state=np.arange(16, dtype=np.uint8))
    first, again = (torch.rand(3, generator=packed.unpack()).tolist() for _ in range(2))
    assert first == again
    other = PackedGenerator(device="xpu", state=np.arange(1, 17, dtype=np.uint8))
    assert torch.rand(3, generator=other.unpack()).tolist() != first


def test_a_missing_device_becomes_the_cpu() -> None:
    assert device_or_cpu("cpu") == "cpu"
    assert device_or_cpu("xpu") == "cpu"


def labelled() -> LabelledSequences:
    return LabelledSequences(
        sequences=as_sequences(DATA.arrays, static=Y), target=torch.from_numpy(Y), weight=torch.rand(48)
    )


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_a_fitted_model_and_slices_are_arguments_of_a_process(method: str) -> None:
    model = small(num_layers=2, dropout=0.3, head_dropout=0.2)
    for _ in range(2):
        model.partial_fit(X, Y)
    part, part_y = X[3:30], Y[3:30]
    before, after = run(method, continue_training, model, part, part_y)
    np.testing.assert_array_equal(before, model.predict_proba(part))
    for _ in range(2):
        model.partial_fit(part, part_y)
    np.testing.assert_array_equal(after, model.predict_proba(part))


@pytest.mark.parametrize("fitted", [False, True])
def test_parameters_that_hold_tensors_and_generators_are_arguments_of_a_process(fitted: bool) -> None:
    network = SequenceNetwork(RecurrentEncoder("gru", 2, 4, dropout=0.2), MeanPooling(), LinearHead(4, 2))
    sampler = BalancedSampler(Y, batch_size=8, generator=torch.Generator().manual_seed(0))
    model = SequenceClassifier(network=network, sampler=sampler, random_state=0)
    if fitted:
        model.partial_fit(X, Y)
    n_epochs = run("spawn", count_epochs, model, X, Y)
    assert n_epochs == 1 + fitted
    assert model.network is network


def test_slices_arrive_in_a_process_as_they_were() -> None:
    for data in (X[5:9], labelled()[5:9], labelled()[[3, 1]]):
        received = run("spawn", echo, data)
        sequences: Any = getattr(data, "sequences", data)
        target, weight = getattr(data, "target", None), getattr(data, "weight", None)
        assert arrays(*received) == arrays(
            target, weight, sequences.values, sequences.offsets, sequences.static
        )


@pytest.mark.parametrize("optimizer", ["adamw", "sgd", torch.optim.Adagrad])
@pytest.mark.parametrize("duplicate", [lambda m: pickle.loads(pickle.dumps(m)), copy.deepcopy])
def test_an_unpickled_model_continues_training_identically(optimizer: Any, duplicate: Any) -> None:
    options: dict[str, Any] = {"stem": "conv", "num_layers": 2, "dropout": 0.3, "augmentation": "jitter"}
    model = small(optimizer=optimizer, **options).partial_fit(X, Y)
    twin = duplicate(model)
    for one in (model, twin):
        one.partial_fit(X, Y)
    np.testing.assert_array_equal(model.predict_proba(X), twin.predict_proba(X))
    assert model.history_["train_loss"] == twin.history_["train_loss"]


class Tied(nn.Module):
    """Keeps tensors in places other than parameters and buffers."""

    def __init__(self, spec: NetworkSpec, generator: torch.Generator) -> None:
        super().__init__()
        self.head = LinearHead(spec.n_features, spec.n_classes, generator=generator)
        self.again = self.head
        self.scale = [torch.ones(1), {"x": torch.full((1,), 2.0)}]
        self.generator = generator
        self.register_buffer("unit", torch.ones(1))

    def forward(self, batch: Any) -> torch.Tensor:
        scale = self.scale[0] * cast(dict[str, Any], self.scale[1])["x"] * self.unit
        return cast(torch.Tensor, self.again(MeanPooling()(batch)) * scale)


def test_tensors_anywhere_in_a_network_are_packed() -> None:
    model = SequenceClassifier(network=Tied, max_epochs=2, random_state=0).fit(X, Y)
    kinds: list[type] = []

    class Recorder(pickle.Pickler):
        def reducer_override(self, value: Any) -> Any:
            kinds.append(type(value))
            return NotImplemented

    Recorder(io.BytesIO()).dump(model)
    assert not [
        kind for kind in kinds if issubclass(kind, torch.Tensor | torch.Generator | torch.UntypedStorage)
    ]
    twin = pickle.loads(pickle.dumps(model))
    assert twin.module_.again is twin.module_.head
    assert twin.module_.generator is twin._model.generator
    np.testing.assert_array_equal(twin.predict_proba(X), model.predict_proba(X))


def test_a_model_of_a_missing_device_is_unpickled_on_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    model = small(max_epochs=1).partial_fit(X, Y)
    monkeypatch.setattr("seqclf.estimators._fitted.device_of", lambda module: torch.device("xpu"))
    twin = pickle.loads(pickle.dumps(model))
    assert {parameter.device.type for parameter in twin.module_.parameters()} == {"cpu"}
    np.testing.assert_array_equal(twin.predict_proba(X), model.predict_proba(X))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_model_of_a_gpu_returns_to_it() -> None:
    model = small(dropout=0.2, num_layers=2, device="cuda").partial_fit(X, Y)
    twin = pickle.loads(pickle.dumps(model))
    assert {parameter.device.type for parameter in twin.module_.parameters()} == {"cuda"}
    assert twin.partial_fit(X, Y).n_epochs_ == 2


def test_a_network_of_this_library_is_packed_whole() -> None:
    network = SequenceNetwork(MeanPooling(), MeanPooling(), LinearHead(2, 2))
    assert not [
        value
        for value in vars(pack(network).head.linear)["_parameters"].values()
        if isinstance(value, torch.Tensor)
    ]
