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
    LastState,
    LinearHead,
    MaxPooling,
    MeanPooling,
    MLPHead,
    RecurrentEncoder,
    SequenceClassifier,
)
from seqclf.sequences import Sequences

PoolingName = Literal["last", "mean", "max", "attention"]
HeadName = Literal["linear", "mlp"]
PoolingChoice = PoolingName | tuple[PoolingName, ...] | nn.Module
HeadChoice = HeadName | nn.Module


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
    dropout: float,
    generator: torch.Generator,
) -> SequenceClassifier:
    """Join an encoder with the pooling and the head that were asked for; modules of the user are copied."""
    pool = _make_pooling(pooling, encoder, generator)
    probe = Sequences(torch.zeros(3, shape.n_features), torch.tensor([0, 2, 3]))
    with torch.no_grad():  # in evaluation: a probe must neither draw for dropout nor count in a batch norm
        summary: Tensor = pool.eval()(encoder.eval()(probe))
    _check_output("pooling", "summaries", summary, None)
    top = _make_head(head, summary.shape[1], shape.n_classes, dropout, generator)
    with torch.no_grad():
        logits: Tensor = top.eval()(summary)
    _check_output("head", "logits", logits, shape.n_classes)
    return SequenceClassifier(encoder, pool, top)


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
