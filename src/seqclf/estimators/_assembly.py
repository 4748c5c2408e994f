"""Parameters of an estimator -> its module."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, get_args

import torch
from torch import Tensor, nn

from seqclf.nn import (
    AttentionPooling,
    ConcatPooling,
    ConvolutionalStem,
    LastState,
    LinearHead,
    MaxPooling,
    MeanPooling,
    MLPHead,
    RecurrentEncoder,
    SequenceNetwork,
)
from seqclf.sequences import Sequences

PoolingName = Literal["last", "mean", "max", "attention"]
HeadName = Literal["linear", "mlp"]
PoolingChoice = PoolingName | tuple[PoolingName, ...] | nn.Module
HeadChoice = HeadName | nn.Module
StemChoice = Literal["conv"] | nn.Module | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What of a module depends on the data."""

    n_features: int
    n_classes: int


def assemble(
    encoder: RecurrentEncoder,
    pooling: PoolingChoice,
    head: HeadChoice,
    shape: Shape,
    *,
    stem: nn.Module | None = None,
    dropout: float,
    generator: torch.Generator,
) -> SequenceNetwork:
    """Join an encoder with the pooling and the head that were asked for; modules of the user are copied."""
    pool = _make_pooling(pooling, encoder, generator)
    probe = Sequences(torch.zeros(3, encoder.input_size, dtype=torch.float32), torch.tensor([0, 2, 3]))
    with torch.no_grad():  # in evaluation: a probe must neither draw for dropout nor count in a batch norm
        summary: Tensor = pool.eval()(encoder.eval()(probe))
    _check_output("pooling", "summaries", summary, None)
    top = _make_head(head, summary.shape[1], shape.n_classes, dropout, generator)
    with torch.no_grad():
        logits: Tensor = top.eval()(summary)
    _check_output("head", "logits", logits, shape.n_classes)
    return SequenceNetwork(encoder, pool, top, stem=stem)


def make_stem(
    choice: StemChoice, n_features: int, hidden_size: int, generator: torch.Generator
) -> nn.Module | None:
    """Return what stands before the encoder."""
    if choice is None:
        return None
    if isinstance(choice, nn.Module):
        return copy.deepcopy(choice)
    if choice == "conv":
        return ConvolutionalStem(n_features, hidden_size, generator=generator)
    raise ValueError(f"`stem` must be 'conv', a torch.nn.Module or None; got {choice!r}.")


def stem_width(stem: nn.Module | None, n_features: int) -> int:
    """Return how many features a step has for the encoder."""
    if stem is None:
        return n_features
    probe = Sequences(torch.zeros(3, n_features, dtype=torch.float32), torch.tensor([0, 2, 3]))
    with torch.no_grad():
        steps = stem.eval()(probe)
    if not isinstance(steps, Sequences) or len(steps) != 2:
        raise ValueError(
            f"`stem` must return one sequence for each that comes in, as `Sequences`; got {steps!r} for a batch of 2 "
            "sequences."
        )
    return steps.n_features


def _make_pooling(choice: PoolingChoice, encoder: RecurrentEncoder, generator: torch.Generator) -> nn.Module:
    if isinstance(choice, nn.Module):
        return copy.deepcopy(choice)
    makers: dict[str, Callable[[], nn.Module]] = {
        "last": lambda: LastState(bidirectional=encoder.bidirectional),
        "mean": MeanPooling,
        "max": MaxPooling,
        "attention": lambda: AttentionPooling(encoder.output_size, generator=generator),
    }
    names = (choice,) if isinstance(choice, str) or not isinstance(choice, Iterable) else tuple(choice)
    if not names or not all(name in makers for name in names):
        raise ValueError(
            f"`pooling` must be one of {list(makers)}, a tuple of them or a torch.nn.Module; got {choice!r}."
        )
    parts = [makers[name]() for name in names]
    return parts[0] if len(parts) == 1 else ConcatPooling(parts)


def _make_head(
    choice: HeadChoice, input_size: int, n_classes: int, dropout: float, generator: torch.Generator
) -> nn.Module:
    if isinstance(choice, nn.Module):
        return copy.deepcopy(choice)
    if choice == "linear":
        return LinearHead(input_size, n_classes, dropout=dropout, generator=generator)
    if choice == "mlp":
        return MLPHead(input_size, n_classes, dropout=dropout, generator=generator)
    raise ValueError(
        f"`head` must be one of {list(get_args(HeadName))} or a torch.nn.Module; got {choice!r}."
    )


def _check_output(part: str, what: str, output: Tensor, width: int | None) -> None:
    """Raise unless a part's answer to the probe of two sequences has the right shape."""
    if output.ndim != 2 or output.shape[0] != 2 or (width is not None and output.shape[1] != width):
        expected = f"(batch, {'any' if width is None else width})"
        raise ValueError(
            f"`{part}` must return {what} of shape {expected}; got {tuple(output.shape)} for a batch of 2 sequences. "
            "Return one row per sequence."
        )
