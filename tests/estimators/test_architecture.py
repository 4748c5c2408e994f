"""A network built from flat parameters has the right parts."""

from __future__ import annotations

import re
from typing import Any, cast

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import parameters_to_vector

from ramps import ramps, small
from seqclf.estimators._architecture import Architecture, build_recurrent_network
from seqclf.nn import (
    AttentionPooling,
    ConcatPooling,
    ConvolutionalStem,
    LastState,
    LinearHead,
    MaxPooling,
    MeanPooling,
    MLPHead,
    NetworkSpec,
    RecurrentEncoder,
    SequenceNetwork,
)
from seqclf.sequences import Sequences, as_sequences


def made(pooling: Any = "last", head: Any = "linear", **options: Any) -> SequenceNetwork:
    options = {"stem": None, "dropout": 0.0 if "encoder" not in options else "auto"} | options
    given = Architecture(
        hidden_size=4, num_layers=1, pooling=pooling, head=head, head_dropout=0.25, **options
    )
    spec = NetworkSpec(n_features=2, n_classes=3)
    return build_recurrent_network(given, spec, torch.Generator().manual_seed(0))


@pytest.mark.parametrize(
    ("pooling", "kind", "width"),
    [
        ("last", LastState, 4),
        ("mean", MeanPooling, 4),
        ("max", MaxPooling, 4),
        ("attention", AttentionPooling, 4),
        (("mean",), MeanPooling, 4),
        (("last", "mean", "max"), ConcatPooling, 12),
        (["attention", "max"], ConcatPooling, 8),
    ],
)
def test_a_pooling_by_name(pooling: Any, kind: type[nn.Module], width: int) -> None:
    module = made(pooling)
    assert type(module.pooling) is kind
    assert isinstance(module.head, LinearHead)
    assert module.head.linear.in_features == width
    assert module.head.linear.out_features == 3
    assert module.head.dropout.p == 0.25


@pytest.mark.parametrize("bidirectional", [False, True])
def test_the_last_state_of_two_directions(bidirectional: bool) -> None:
    pooling = made("last", bidirectional=bidirectional).pooling
    assert isinstance(pooling, LastState)
    assert pooling.bidirectional is bidirectional


def test_an_mlp_head() -> None:
    head = made(head="mlp").head
    assert isinstance(head, MLPHead)
    assert head.dropout.p == 0.25


class First(nn.Module):
    """A custom pooling, wider than the states."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))

    def forward(self, states: Sequences) -> Tensor:
        first = states.values[states.offsets[:-1]] * self.scale
        return torch.cat([first, first, first], dim=1)


def test_custom_modules_are_copied_and_trained() -> None:
    pooling, head = First(), nn.Linear(18, 2)
    before = head.weight.detach().clone()
    data = ramps(8)
    model = small(max_epochs=2, pooling=pooling, head=head).fit(data.sequences, data.y)
    assert isinstance(model.module_.pooling, First)
    assert model.module_.pooling is not pooling
    assert model.module_.pooling.scale.item() != 1.0
    assert pooling.scale.item() == 1.0
    assert torch.equal(head.weight, before)
    assert model.transform(data.sequences).shape == (8, 18)


def test_probing_a_custom_module_does_not_change_it() -> None:
    before = torch.get_rng_state()
    head = nn.Sequential(
        nn.Dropout(0.5), nn.BatchNorm1d(4), nn.Linear(4, 3, device="meta").to_empty(device="cpu")
    )
    copied = made(head=head).head
    assert torch.equal(torch.get_rng_state(), before)
    assert isinstance(copied, nn.Sequential)
    assert int(copied.state_dict()["1.num_batches_tracked"]) == 0


def test_a_stem_by_name_feeds_the_encoder() -> None:
    data = ramps(8)
    model = small(max_epochs=1, stem="conv", hidden_size=5).fit(data.sequences, data.y)
    assert isinstance(model.module_.stem, ConvolutionalStem)
    assert model.module_.stem.output_size == 5
    assert cast(RecurrentEncoder, model.module_.encoder).input_size == 5
    assert model.predict(data.sequences).shape == (8,)


def test_a_custom_stem_is_copied_and_trained() -> None:
    stem = ConvolutionalStem(2, 6, kernel_size=3, strides=(3,))
    before = parameters_to_vector(stem.parameters()).detach().clone()
    data = ramps(8)
    model = small(max_epochs=2, stem=stem).fit(data.sequences, data.y)
    assert cast(RecurrentEncoder, model.module_.encoder).input_size == 6
    assert torch.equal(parameters_to_vector(stem.parameters()), before)
    assert isinstance(model.module_.stem, ConvolutionalStem)
    assert not torch.equal(parameters_to_vector(model.module_.stem.parameters()), before)


@pytest.mark.parametrize("name", ["residual", "layer_norm"])
def test_options_of_the_stack_reach_the_encoder(name: str) -> None:
    data = ramps(8)
    for expected in (False, True):
        options: dict[str, Any] = {name: expected}
        encoder = small(max_epochs=1, num_layers=2, **options).fit(data.sequences, data.y).module_.encoder
        assert isinstance(encoder, RecurrentEncoder)
        assert {"residual": encoder.residual, "layer_norm": len(encoder.norms) == 2}[name] is expected


@pytest.mark.parametrize(
    ("stem", "message"),
    [
        ("cnn", "`stem` must be one of ['conv'], a torch.nn.Module or a factory of one; got 'cnn'."),
        (
            nn.Linear(1, 1).apply(lambda module: setattr(module, "forward", lambda batch: batch.values)),
            "`stem` must return one sequence for each sequence of its input, as `Sequences`; got tensor(",
        ),
    ],
)
def test_an_invalid_stem_is_rejected(stem: Any, message: str) -> None:
    data = ramps(8)
    with pytest.raises(ValueError, match=re.escape(message)):
        small(stem=stem).fit(data.sequences, data.y)


class AllSteps(nn.Module):
    """Does not pool."""

    def forward(self, states: Sequences) -> Tensor:
        return states.values


class Flat(nn.Module):
    """Drops the batch axis."""

    def forward(self, summary: Tensor) -> Tensor:
        return summary.flatten()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"pooling": "sum"},
            "`pooling` must be one of ['last', 'mean', 'max', 'attention'], a torch.nn.Module or a factory of one; "
            "got 'sum'.",
        ),
        ({"pooling": ("last", "sum")}, "got 'sum'."),
        ({"pooling": 3}, "a torch.nn.Module or a factory of one; got 3."),
        ({"pooling": ()}, "`pooling` must hold at least one of ['last', 'mean', 'max', 'attention']"),
        (
            {"head": "linar"},
            "`head` must be one of ['linear', 'mlp'], a torch.nn.Module or a factory of one; got 'linar'.",
        ),
        (
            {"pooling": AllSteps()},
            "`pooling` must return summaries of shape (batch, any); got (3, 4) for a batch of 2 sequences. "
            "Return one row per sequence.",
        ),
        (
            {"head": Flat()},
            "`head` must return logits of shape (batch, 3); got (8,) for a batch of 2 sequences.",
        ),
        ({"head": nn.Linear(4, 5)}, "`head` must return logits of shape (batch, 3); got (2, 5)"),
    ],
)
def test_invalid_parts_are_rejected(options: dict[str, Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        made(**options)


def identity(spec: NetworkSpec, generator: torch.Generator) -> nn.Module:
    assert spec.n_features == 2
    return nn.Identity()


def test_a_custom_encoder_feeds_the_pooling() -> None:
    network = build(encoder=identity, pooling=("mean", "max"))
    assert isinstance(network.head, LinearHead)
    assert network.head.linear.in_features == 4
    assert network.engine_ == "custom"


def build(spec: NetworkSpec | None = None, **options: Any) -> SequenceNetwork:
    spec = NetworkSpec(n_features=2, n_classes=3) if spec is None else spec
    options = {"stem": None, "dropout": 0.0 if "encoder" not in options else "auto"} | options
    return build_recurrent_network(Architecture(**options), spec, torch.Generator().manual_seed(0))


@pytest.mark.parametrize(
    ("option", "value"), [("hidden_size", 32), ("num_layers", 3), ("bidirectional", True), ("dropout", 0.5)]
)
def test_parameters_that_a_custom_encoder_ignores_are_rejected(option: str, value: Any) -> None:
    message = (
        f"`{option}` configures the recurrent encoder and has no effect with a custom `encoder`; got {option}={value!r}. "
        "Set it in the encoder itself."
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        build(encoder=identity, **{option: value})
    build(encoder=nn.Identity(), stem="conv", hidden_size=5)  # the stem uses it


def test_factories_inside_a_tuple_of_poolings_get_the_width_of_the_states() -> None:
    widths = []

    def attention(spec: NetworkSpec, generator: torch.Generator) -> nn.Module:
        widths.append(spec.n_features)
        return AttentionPooling(spec.n_features, generator=generator)

    network = build(hidden_size=4, pooling=(attention, First(), "mean", MaxPooling))
    assert widths == [4]
    assert isinstance(network.head, LinearHead)
    assert network.head.linear.in_features == 4 + 12 + 4 + 4


@pytest.mark.parametrize(("static", "at_steps", "at_head"), [("head", 2, 7), ("steps", 5, 4), ("both", 5, 7)])
def test_static_features_join_at_the_given_place(static: Any, at_steps: int, at_head: int) -> None:
    spec = NetworkSpec(n_features=2, n_classes=3, n_static_features=3)
    network = build(spec, hidden_size=4, pooling="last", static=static)
    assert cast(RecurrentEncoder, network.encoder).input_size == at_steps
    assert isinstance(network.head, LinearHead)
    assert network.head.linear.in_features == at_head
    batch = as_sequences([[[1.0, 2.0]], [[3.0, 4.0], [5.0, 6.0]]], static=[[1, 2, 3], [4, 5, 6]])
    assert network(batch).shape == (2, 3)


class NoForward(nn.Module):
    """Has no `forward`."""


def test_a_module_without_forward_is_rejected() -> None:
    message = "`pooling` must accept `Sequences` as its input; NoForward raised NotImplementedError"
    with pytest.raises(TypeError, match=re.escape(message)):
        build(pooling=NoForward())
