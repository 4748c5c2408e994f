"""Embedding, stem, encoder, pooling and head -> a network that classifies sequences."""

from __future__ import annotations

from typing import Literal, get_args

import torch
from torch import Tensor, nn

from seqclf._checks import check_choice
from seqclf.sequences import Sequences

StaticPlacement = Literal["head", "steps", "both"]
STATIC_PLACEMENTS: tuple[StaticPlacement, ...] = get_args(StaticPlacement)


class SequenceNetwork(nn.Module):
    """Map ragged sequences to logits.

    Parameters
    ----------
    encoder : torch.nn.Module
        `Sequences` -> `Sequences` of states, one for each step.
    pooling : torch.nn.Module
        States -> one summary per sequence, (batch, any).
    head : torch.nn.Module
        Summaries -> logits, (batch, n_classes).
    stem : torch.nn.Module or None, default=None
        `Sequences` -> the `Sequences` that the encoder reads, for example a `ConvolutionalStem`.
    embedding : torch.nn.Module or None, default=None
        `Sequences` with tokens -> `Sequences` of features only, for example a `TokenEmbedding`.
    static : {"head", "steps", "both"}, default="head"
        Where the features of the whole sequence (`Sequences.static`) are appended: to the pooled summary, to
        each step before the stem and the encoder, or to both. Without such features it has no effect.

    Notes
    -----
    Each component may be a custom module. None of them can read a padded step, because `Sequences` contains
    none.

    Examples
    --------
    >>> from seqclf import as_sequences
    >>> from seqclf.nn import LinearHead, MeanPooling, RecurrentEncoder, SequenceNetwork
    >>> network = SequenceNetwork(RecurrentEncoder("lstm", 1, 8), MeanPooling(), LinearHead(8, 3))
    >>> network(as_sequences([[0.1, 0.2], [0.3]])).shape
    torch.Size([2, 3])
    """

    def __init__(
        self,
        encoder: nn.Module,
        pooling: nn.Module,
        head: nn.Module,
        *,
        stem: nn.Module | None = None,
        embedding: nn.Module | None = None,
        static: StaticPlacement = "head",
    ) -> None:
        super().__init__()
        check_choice("static", static, STATIC_PLACEMENTS)
        self.static = static
        self.embedding = embedding
        self.stem = stem
        self.encoder = encoder
        self.pooling = pooling
        self.head = head

    @property
    def engine_(self) -> str:
        """Name of the encoder's engine; "custom" for an encoder without one."""
        return str(getattr(self.encoder, "engine_", "custom"))

    def forward(self, batch: Sequences) -> Tensor:
        """Return logits of shape (batch, n_classes)."""
        logits: Tensor = self.head(self.summarize(batch))
        return logits

    def summarize(self, batch: Sequences) -> Tensor:
        """Return the pooled summary of each sequence, as the head reads it: (batch, n_summary_features)."""
        if self.embedding is not None:
            batch = self.embedding(batch)  # (n_steps, n_features + n_embedded_features)
        if batch.tokens is not None:
            raise ValueError(
                "A network must embed the tokens of its input; got sequences with the token columns "
                f"{list(batch.n_tokens)!r:.200}. Pass `embedding=TokenEmbedding(spec.n_tokens)`."
            )
        static = batch.static if self.static in ("head", "both") else None
        if batch.static is not None and self.static in ("steps", "both"):
            batch = batch.static_to_steps()  # (n_steps, n_features + n_static_features)
        steps: Sequences = batch if self.stem is None else self.stem(batch)
        states: Sequences = self.encoder(steps)  # (n_steps, n_state_features)
        summary: Tensor = self.pooling(states)  # (batch, n_summary_features)
        return summary if static is None else torch.cat([summary, static], dim=1)
