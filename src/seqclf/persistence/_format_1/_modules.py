"""Networks: constructor arguments and weights -> modules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.nn.utils import skip_init

from seqclf.nn import (
    AttentionPooling,
    ConcatPooling,
    ConvolutionalStem,
    Dropout,
    LastState,
    Linear,
    LinearHead,
    MaxPooling,
    MeanPooling,
    MLPHead,
    RecurrentEncoder,
    SequenceNetwork,
    TokenEmbedding,
)
from seqclf.persistence._expected_weights import expected_weights
from seqclf.persistence._format_1._checks import (
    BOOLEAN,
    COUNT,
    POSITIVE,
    SHARE,
    Must,
    a,
    integer,
    items,
    mapping,
    one_of,
    optional,
)
from seqclf.persistence._format_1._kinds import Kind, Weights

STRIDE = integer(1, 10_000)
MODULE = a(nn.Module)
_LINEAR = {"in_features": COUNT, "out_features": COUNT, "bias": BOOLEAN}
COLUMN = Must("text, a number or a tuple", lambda value: isinstance(value, str | int | float | tuple))


def _loaded(module: nn.Module, weights: Weights) -> nn.Module:
    module.load_state_dict(weights)
    return module


def _seed() -> torch.Generator:
    """Return a generator for initial weights, which are replaced at once."""
    return torch.Generator("cpu")


def _recurrent(weights: Weights, *, engine: Any, precision: Any, **given: Any) -> nn.Module:
    # Engine and precision are set afterwards: a constructor raises on a machine that lacks them.
    encoder = RecurrentEncoder(**given, init="torch", engine="auto", generator=_seed())
    encoder.engine, encoder.precision = engine, precision
    return _loaded(encoder, weights)


def _embedding(weights: Weights, *, n_tokens: dict[Any, int], sizes: list[int]) -> nn.Module:
    by_column = dict(zip(n_tokens, sizes, strict=True))
    return _loaded(TokenEmbedding(n_tokens, by_column, generator=_seed()), weights)


def _ours(kind: Callable[..., nn.Module]) -> Callable[..., nn.Module]:
    return lambda weights, **given: _loaded(kind(**given, generator=_seed()), weights)


def _of_torch(kind: type[nn.Module]) -> Callable[..., nn.Module]:
    """Return a function that builds a layer of torch without drawing from torch's global generator."""

    def build(weights: Weights | None = None, **given: Any) -> nn.Module:
        layer: nn.Module = skip_init(kind, **given, dtype=torch.float32)  # type: ignore[no-untyped-call]
        return _loaded(layer, weights or {})

    return build


def _sequential(*, parts: list[nn.Module]) -> nn.Module:
    return nn.Sequential(*parts)


MODULES: dict[str, Kind] = {
    "nn.AttentionPooling": Kind(
        build=_ours(AttentionPooling),
        fields={"input_size": COUNT, "attention_size": COUNT},
        weights=expected_weights,
    ),
    "nn.ConcatPooling": Kind(build=ConcatPooling, fields={"parts": items(MODULE)}),
    "nn.ConvolutionalStem": Kind(
        build=_ours(ConvolutionalStem),
        fields={
            "input_size": COUNT,
            "channels": items(COUNT),
            "kernel_size": COUNT,
            "strides": items(STRIDE),
        },
        weights=expected_weights,
    ),
    "nn.Dropout": Kind(build=Dropout, fields={"p": SHARE}),
    "nn.LastState": Kind(build=LastState, fields={"bidirectional": BOOLEAN}),
    "nn.Linear": Kind(build=_of_torch(Linear), fields=_LINEAR, weights=expected_weights),
    "nn.LinearHead": Kind(
        build=_ours(LinearHead),
        fields={"input_size": COUNT, "n_classes": COUNT, "dropout": SHARE},
        weights=expected_weights,
    ),
    "nn.MLPHead": Kind(
        build=_ours(MLPHead),
        fields={"input_size": COUNT, "hidden_size": COUNT, "n_classes": COUNT, "dropout": SHARE},
        weights=expected_weights,
    ),
    "nn.MaxPooling": Kind(build=MaxPooling, fields={}),
    "nn.MeanPooling": Kind(build=MeanPooling, fields={}),
    "nn.RecurrentEncoder": Kind(
        build=_recurrent,
        fields={
            "cell": one_of("rnn", "gru", "lstm"),
            "input_size": COUNT,
            "hidden_size": COUNT,
            "num_layers": integer(1, 1000),
            "bidirectional": BOOLEAN,
            "dropout": SHARE,
            "residual": BOOLEAN,
            "layer_norm": BOOLEAN,
            "bias": BOOLEAN,
            "nonlinearity": one_of("tanh", "relu"),
            "engine": one_of("auto", "native", "packed"),
            "precision": one_of("float32", "bfloat16"),
        },
        weights=expected_weights,
    ),
    "nn.SequenceNetwork": Kind(
        build=SequenceNetwork,
        fields={
            "encoder": MODULE,
            "pooling": MODULE,
            "head": MODULE,
            "stem": optional(MODULE),
            "embedding": optional(MODULE),
            "static": one_of("head", "steps", "both"),
        },
    ),
    "nn.TokenEmbedding": Kind(
        build=_embedding,
        fields={"n_tokens": mapping(COLUMN, COUNT), "sizes": items(COUNT)},
        weights=expected_weights,
    ),
    "torch.nn.Dropout": Kind(build=nn.Dropout, fields={"p": SHARE}),
    "torch.nn.GELU": Kind(build=nn.GELU, fields={"approximate": one_of("none", "tanh")}),
    "torch.nn.Identity": Kind(build=nn.Identity, fields={}),
    "torch.nn.LayerNorm": Kind(
        build=_of_torch(nn.LayerNorm),
        fields={
            "normalized_shape": items(COUNT),
            "eps": POSITIVE,
            "elementwise_affine": BOOLEAN,
            "bias": BOOLEAN,
        },
        weights=expected_weights,
    ),
    "torch.nn.Linear": Kind(build=_of_torch(nn.Linear), fields=_LINEAR, weights=expected_weights),
    "torch.nn.ReLU": Kind(build=nn.ReLU, fields={}),
    "torch.nn.Sequential": Kind(build=_sequential, fields={"parts": items(MODULE)}),
    "torch.nn.Tanh": Kind(build=nn.Tanh, fields={}),
}
