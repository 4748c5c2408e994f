"""Flat parameters of a recurrent classifier -> its network."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_args

import torch
from torch import nn

from seqclf._checks import check_choice, check_dropout, check_integer
from seqclf.estimators._network import check_rows, check_sequences, module_seam, probe, run_probe
from seqclf.nn import (
    AttentionPooling,
    Cell,
    ConcatPooling,
    ConvolutionalStem,
    EngineName,
    Initialization,
    LastState,
    LinearHead,
    MaxPooling,
    MeanPooling,
    MLPHead,
    NetworkSpec,
    Nonlinearity,
    Precision,
    RecurrentEncoder,
    SequenceNetwork,
    StaticPlacement,
    TokenEmbedding,
)
from seqclf.sequences import Sequences

ModuleFactory = Callable[..., nn.Module]
EncoderChoice = Literal["recurrent"] | nn.Module | ModuleFactory
StemChoice = Literal["auto", "conv"] | nn.Module | ModuleFactory | None
EmbeddingChoice = Literal["auto"] | int | Mapping[Any, int] | nn.Module | ModuleFactory
PoolingName = Literal["last", "mean", "max", "attention"]
OnePooling = PoolingName | nn.Module | ModuleFactory
PoolingChoice = OnePooling | Sequence[OnePooling]
HeadChoice = Literal["linear", "mlp"] | nn.Module | ModuleFactory


@dataclass(kw_only=True, eq=False, repr=False)
class Architecture:
    """The architecture parameters of `RecurrentClassifier`, which documents them."""

    cell: Cell = "gru"
    hidden_size: int = 64
    num_layers: int = 2
    bidirectional: bool = False
    dropout: float | Literal["auto"] = "auto"
    residual: bool = False
    layer_norm: bool = False
    init: Initialization = "orthogonal"
    nonlinearity: Nonlinearity = "tanh"
    engine: EngineName = "auto"
    precision: Precision = "float32"
    embedding: EmbeddingChoice = "auto"
    encoder: EncoderChoice = "recurrent"
    stem: StemChoice = "auto"
    pooling: PoolingChoice = ("last", "mean", "max")
    head: HeadChoice = "linear"
    head_dropout: float = 0.0
    static: StaticPlacement = "head"


_OF_THE_RECURRENT_ENCODER = (
    *("cell", "hidden_size", "num_layers", "bidirectional", "dropout", "residual", "layer_norm"),
    *("init", "nonlinearity", "engine", "precision"),
)


def build_recurrent_network(
    given: Architecture, spec: NetworkSpec, generator: torch.Generator
) -> SequenceNetwork:
    """Build embedding, stem, encoder, pooling and head, each for the output of the preceding component."""
    check_choice("static", given.static, get_args(StaticPlacement))
    head_dropout = check_dropout("head_dropout", given.head_dropout)
    embedding = _build_embedding(given.embedding, spec, generator)
    if embedding is not None:
        embedded = check_sequences("embedding", run_probe("embedding", embedding, probe(spec)))
        spec = replace(spec, n_features=_check_embedded(embedded).n_features, n_tokens={})

    at_steps = spec.n_static_features if given.static in ("steps", "both") else 0
    spec = replace(spec, n_features=spec.n_features + at_steps)
    batch = probe(replace(spec, n_static_features=0))

    stem = None if given.stem is None else _stem_seam(given).build(given.stem, spec, generator)
    if stem is not None:
        batch = check_sequences("stem", run_probe("stem", stem, batch))

    _check_unused(given)
    spec = replace(spec, n_features=batch.n_features)
    encoder = _encoder_seam(given).build(given.encoder, spec, generator)
    states = check_sequences("encoder", run_probe("encoder", encoder, batch))

    pooling = _build_pooling(given.pooling, encoder, replace(spec, n_features=states.n_features), generator)
    summary = check_rows("pooling", "summaries", run_probe("pooling", pooling, states), None)

    at_head = spec.n_static_features if given.static in ("head", "both") else 0
    summary = torch.cat([summary, summary.new_zeros(len(summary), at_head)], dim=1)
    head = _head_seam(head_dropout).build(given.head, replace(spec, n_features=summary.shape[1]), generator)
    check_rows("head", "logits", run_probe("head", head, summary), spec.n_classes)
    return SequenceNetwork(encoder, pooling, head, stem=stem, embedding=embedding, static=given.static)


def _build_embedding(choice: Any, spec: NetworkSpec, generator: torch.Generator) -> nn.Module | None:
    """Return the module that replaces tokens by features; None without tokens."""
    if not spec.n_tokens and isinstance(choice, str) and choice == "auto":
        return None
    if not spec.n_tokens:
        raise ValueError(
            f"`embedding` is for sequences with tokens; got embedding={choice!r:.60} and sequences of numbers only. Encode tokens "
            "with `TokenEncoder` or `as_sequences(X, vocabulary=...)`, or leave it out."
        )
    if isinstance(choice, Mapping | int):
        return TokenEmbedding(spec.n_tokens, choice, generator=generator)
    seam = module_seam(
        "embedding", {"auto": lambda spec, generator: TokenEmbedding(spec.n_tokens, generator=generator)}
    )
    return seam.build(choice, spec, generator)


def _check_embedded(batch: Sequences) -> Sequences:
    """Raise unless an embedding has replaced the tokens by features."""
    if batch.tokens is not None or not batch.n_features:
        raise ValueError(
            f"`embedding` must return `Sequences` with features and without tokens; got {batch!r}. Drop them with "
            "`sequences.with_tokens(None)`."
        )
    return batch


def _stem_seam(given: Architecture) -> Any:
    return module_seam(
        "stem",
        {
            # Checked here, because a stem of several channels would be one of several layers.
            "conv": lambda spec, generator: ConvolutionalStem(
                spec.n_features, check_integer("hidden_size", given.hidden_size), generator=generator
            )
        },
    )


def _encoder_seam(given: Architecture) -> Any:
    def recurrent(spec: NetworkSpec, generator: torch.Generator) -> RecurrentEncoder:
        return RecurrentEncoder(
            given.cell,
            spec.n_features,
            given.hidden_size,
            num_layers=given.num_layers,
            bidirectional=given.bidirectional,
            dropout=check_dropout("dropout", given.dropout),
            residual=given.residual,
            layer_norm=given.layer_norm,
            nonlinearity=given.nonlinearity,
            init=given.init,
            engine=given.engine,
            precision=given.precision,
            generator=generator,
        )

    return module_seam("encoder", {"recurrent": recurrent})


def _head_seam(dropout: float) -> Any:
    def build(kind: type[LinearHead] | type[MLPHead]) -> Callable[..., nn.Module]:
        return lambda spec, generator: kind(
            spec.n_features, spec.n_classes, dropout=dropout, generator=generator
        )

    return module_seam("head", {"linear": build(LinearHead), "mlp": build(MLPHead)})


def _build_pooling(
    choice: Any, encoder: nn.Module, spec: NetworkSpec, generator: torch.Generator
) -> nn.Module:
    bidirectional = bool(getattr(encoder, "bidirectional", False))
    seam = module_seam(
        "pooling",
        {
            "last": lambda spec, generator: LastState(bidirectional=bidirectional),
            "mean": lambda spec, generator: MeanPooling(),
            "max": lambda spec, generator: MaxPooling(),
            "attention": lambda spec, generator: AttentionPooling(spec.n_features, generator=generator),
        },
    )
    choices = tuple(choice) if isinstance(choice, tuple | list) else (choice,)
    if not choices:
        raise ValueError(
            f"`pooling` must hold at least one of {list(seam.names)}, a torch.nn.Module or a factory of one; got {choice!r}."
        )
    parts = [seam.build(one, spec, generator) for one in choices]
    return parts[0] if len(parts) == 1 else ConcatPooling(parts)


def _check_unused(given: Architecture) -> None:
    """Raise if parameters of the recurrent encoder are set while another encoder is used."""
    if isinstance(given.encoder, str):
        return
    defaults = {field.name: field.default for field in fields(Architecture)}
    for name in _OF_THE_RECURRENT_ENCODER:
        used_by_stem = name == "hidden_size" and given.stem == "conv"
        if getattr(given, name) != defaults[name] and not used_by_stem:
            raise ValueError(
                f"`{name}` configures the recurrent encoder and has no effect with a custom `encoder`; got "
                f"{name}={getattr(given, name)!r}. Set it in the encoder itself."
            )
