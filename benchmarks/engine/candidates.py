"""The networks to compare: one of seqclf, and the same network in plain torch, packed and padded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

from seqclf import Sequences, pad
from seqclf.nn import LastState, LinearHead, RecurrentEncoder, SequenceNetwork

Work = Callable[[], None]
Cell = Literal["rnn", "gru", "lstm"]
CLASSES = 5
GATES: dict[Cell, int] = {"rnn": 1, "gru": 3, "lstm": 4}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The cell and the sizes of a network."""

    cell: Cell
    bidirectional: bool
    hidden_size: int = 64
    input_size: int = 1
    num_layers: int = 2

    def operations(self, n_steps: int, *, training: bool) -> float:
        """Return the number of multiplications and additions in the matrix products of `n_steps` real steps.

        Training needs the forward products and the gradients of weights, states and inputs, except those of the first layer's
        inputs.
        """
        directions = 2 if self.bidirectional else 1
        inputs = [self.input_size] + [self.hidden_size * directions] * (self.num_layers - 1)
        products = 0
        for layer, size in enumerate(inputs):
            passes = (2 if layer == 0 else 3, 3) if training else (1, 1)
            products += passes[0] * size + passes[1] * self.hidden_size
        return 2.0 * n_steps * directions * GATES[self.cell] * self.hidden_size * products


MODELS = {
    "RNN": Shape(cell="rnn", bidirectional=False),
    "GRU": Shape(cell="gru", bidirectional=False),
    "LSTM": Shape(cell="lstm", bidirectional=False),
    "BiRNN": Shape(cell="rnn", bidirectional=True),
    "BiGRU": Shape(cell="gru", bidirectional=True),
    "BiLSTM": Shape(cell="lstm", bidirectional=True),
}


class TorchClassifier(nn.Module):
    """Recurrent layers of torch, and a linear head on the last states."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        kind = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}[shape.cell]
        self.recurrence = kind(
            shape.input_size,
            shape.hidden_size,
            shape.num_layers,
            batch_first=True,
            bidirectional=shape.bidirectional,
        )
        self.head = nn.Linear(shape.hidden_size * (2 if shape.bidirectional else 1), CLASSES)

    def forward(self, padded: Tensor, lengths: Tensor | None) -> Tensor:
        """Return logits; packs if `lengths` are given, else runs over the padding."""
        rows = padded if lengths is None else pack_padded_sequence(padded, lengths, True, False)
        _, state = self.recurrence(rows)
        state = state[0] if isinstance(state, tuple) else state
        directions = 2 if self.recurrence.bidirectional else 1
        logits: Tensor = self.head(torch.cat(list(state[-directions:]), dim=1))
        return logits


def new_seqclf(shape: Shape) -> SequenceNetwork:
    """Return seqclf's network."""
    encoder = RecurrentEncoder(
        shape.cell,
        shape.input_size,
        shape.hidden_size,
        num_layers=shape.num_layers,
        bidirectional=shape.bidirectional,
    )
    summary = LastState(bidirectional=shape.bidirectional)
    return SequenceNetwork(encoder, summary, LinearHead(encoder.output_size, CLASSES))


def batches_of(n: int, batch: int) -> Iterator[Tensor]:
    """Yield shuffled indices of full batches forever, in the same order on each call."""
    order = torch.randperm(n, generator=torch.Generator().manual_seed(0))
    return cycle(torch.split(order[: n // batch * batch], batch))


def training(module: nn.Module, forward: Callable[[Tensor], Tensor], target: Tensor, batch: int) -> Work:
    """Return a training step: select a batch, forward, backward, optimizer step."""
    optimizer = torch.optim.AdamW(module.parameters(), fused=True)
    batches = batches_of(len(target), batch)

    def step() -> None:
        index = next(batches)
        optimizer.zero_grad(set_to_none=True)
        loss: Tensor = nn.functional.cross_entropy(forward(index), target[index])
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()

    return step


def prediction(module: nn.Module, forward: Callable[[Tensor], Tensor], target: Tensor, batch: int) -> Work:
    """Return a prediction step: select a batch, forward."""
    batches = batches_of(len(target), batch)

    def predict() -> None:
        with torch.inference_mode():
            forward(next(batches)).softmax(1)

    module.eval()
    return predict


def candidates(
    shape: Shape, sequences: Sequences, width: int, batch: int, *, train: bool = True
) -> dict[str, Work]:
    """Return the same work for seqclf, torch packed and torch padded."""
    if shape.input_size > 1:
        sequences = sequences.with_values(sequences.values.repeat(1, shape.input_size))
    target = torch.arange(len(sequences)) % CLASSES
    padded, lengths = pad(sequences, total_length=width)
    ours, theirs = new_seqclf(shape), TorchClassifier(shape)
    work = training if train else prediction
    return {
        "seqclf": work(ours, lambda index: ours(sequences[index]), target, batch),
        "torch packed": work(theirs, lambda index: theirs(padded[index], lengths[index]), target, batch),
        "torch padded": work(theirs, lambda index: theirs(padded[index], None), target, batch),
    }
