"""Three networks that users might bring: with attention, with convolutions, and with a stack of different layers."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from seqclf.nn import (
    ConvolutionalStem,
    LastState,
    LinearHead,
    MaxPooling,
    MeanPooling,
    NetworkSpec,
    RecurrentEncoder,
    SequenceNetwork,
)
from seqclf.sequences import Sequences, pad, unpad


def transformer(spec: NetworkSpec, generator: torch.Generator) -> nn.Module:
    """Self-attention over the real steps of each sequence."""
    encoder = TransformerEncoder(spec.n_features, 8, generator)
    return SequenceNetwork(
        encoder, MeanPooling(), LinearHead(8, spec.n_classes, dropout=0.1, generator=generator)
    )


def convolutional(spec: NetworkSpec, generator: torch.Generator) -> nn.Module:
    """Convolutions alone, without recurrence."""
    encoder = ConvolutionalStem(spec.n_features, (8, 12), kernel_size=3, strides=(1, 2), generator=generator)
    return SequenceNetwork(encoder, MaxPooling(), LinearHead(12, spec.n_classes, generator=generator))


def stack(spec: NetworkSpec, generator: torch.Generator) -> nn.Module:
    """An LSTM of 10 units below a GRU of 4."""
    encoder = nn.Sequential(
        RecurrentEncoder("lstm", spec.n_features, 10, bidirectional=True, generator=generator),
        RecurrentEncoder("gru", 20, 4, generator=generator),
    )
    return SequenceNetwork(encoder, LastState(), LinearHead(4, spec.n_classes, generator=generator))


NETWORKS = {"transformer": transformer, "convolutional": convolutional, "stack": stack}


class TransformerEncoder(nn.Module):
    """One layer of self-attention in which no step attends to padding."""

    def __init__(self, input_size: int, width: int, generator: torch.Generator) -> None:
        super().__init__()
        self.project = nn.Linear(input_size + 1, width, device="meta").to_empty(device="cpu")
        self.layer = nn.TransformerEncoderLayer(
            width, nhead=2, dim_feedforward=16, dropout=0.0, batch_first=True, device="meta"
        ).to_empty(device="cpu")
        for parameter in self.parameters():  # torch's own initialisation draws from its global generator
            if parameter.ndim > 1:
                nn.init.xavier_uniform_(parameter, generator=generator)
            else:
                nn.init.zeros_(parameter)
        for norm in (self.layer.norm1, self.layer.norm2):
            nn.init.ones_(norm.weight)

    def forward(self, batch: Sequences) -> Sequences:
        """Return as many steps of `width` features."""
        steps = torch.arange(len(batch.values), device=batch.device)
        position = steps - batch.offsets[:-1].repeat_interleave(batch.lengths)  # attention knows no order
        values: Tensor = self.project(torch.cat([batch.values, position[:, None] / 10], dim=1))
        padded, lengths = pad(batch.with_values(values))  # (batch, time, width)
        is_padding = torch.arange(padded.shape[1], device=lengths.device) >= lengths[:, None]
        states = cast(Tensor, self.layer(padded, src_key_padding_mask=is_padding))
        return batch.with_values(unpad(states, lengths).values)
