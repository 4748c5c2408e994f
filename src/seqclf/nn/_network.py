"""Encoder, pooling and head -> a classifier of sequences."""

from __future__ import annotations

from torch import Tensor, nn

from seqclf.sequences import Sequences


class SequenceNetwork(nn.Module):
    """Ragged sequences in, logits out.

    Parameters
    ----------
    encoder : torch.nn.Module
        `Sequences` -> `Sequences` of states.
    pooling : torch.nn.Module
        States -> one summary per sequence, (batch, any).
    head : torch.nn.Module
        Summaries -> logits, (batch, n_classes).
    stem : torch.nn.Module or None, default=None
        `Sequences` -> `Sequences` that the encoder reads, for example a `ConvolutionalStem`; None hands them over as they
        come.

    Notes
    -----
    Each part may be your own. None of them meets a padded step, because `Sequences` holds none.

    Examples
    --------
    >>> from seqclf import as_sequences
    >>> from seqclf.nn import LinearHead, MeanPooling, RecurrentEncoder, SequenceNetwork
    >>> model = SequenceNetwork(RecurrentEncoder("lstm", 1, 8), MeanPooling(), LinearHead(8, 3))
    >>> model(as_sequences([[0.1, 0.2], [0.3]])).shape
    torch.Size([2, 3])
    """

    def __init__(
        self, encoder: nn.Module, pooling: nn.Module, head: nn.Module, *, stem: nn.Module | None = None
    ) -> None:
        super().__init__()
        self.stem = stem
        self.encoder = encoder
        self.pooling = pooling
        self.head = head

    @property
    def engine_(self) -> str:
        """Name of the encoder's engine; "custom" for an encoder of your own that has none."""
        return str(getattr(self.encoder, "engine_", "custom"))

    def forward(self, batch: Sequences) -> Tensor:
        """Return logits of shape (batch, n_classes)."""
        logits: Tensor = self.head(self.summarize(batch))
        return logits

    def summarize(self, batch: Sequences) -> Tensor:
        """Return the pooled summary of each sequence, of shape (batch, summary features)."""
        steps: Sequences = batch if self.stem is None else self.stem(batch)
        states: Sequences = self.encoder(steps)  # (n_steps, directions * hidden)
        summary: Tensor = self.pooling(states)  # (batch, directions * hidden)
        return summary
