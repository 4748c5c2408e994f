"""Recurrent models: correct ones, and some with one mistake each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

Floats = NDArray[np.float64]
Pool = Callable[..., Tensor]


class Recurrent(nn.Module):
    """A recurrent layer and a linear head, joined by a function that pools."""

    def __init__(
        self,
        pool: Pool,
        *,
        cell: str = "GRU",
        bidirectional: bool = False,
        num_layers: int = 1,
        hidden_size: int = 8,
        n_features: int = 1,
        batch_first: bool = True,
        seed: int = 0,
    ) -> None:
        super().__init__()
        self.pool = pool
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            kind: Any = getattr(nn, cell)
            self.rnn = kind(
                n_features,
                hidden_size,
                num_layers=num_layers,
                bidirectional=bidirectional,
                batch_first=batch_first,
            )
            self.norm = nn.BatchNorm1d(hidden_size * (1 + bidirectional))
            self.head = nn.Linear(hidden_size * (1 + bidirectional), 5)
            self.dropout = nn.Dropout(0.5)
        with torch.no_grad():
            self.head.weight *= 3  # predictions as distinct as after some training
        self.eval()


class WithLengths(Recurrent):
    """Called with a table and lengths."""

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return logits."""
        logits: Tensor = self.head(self.pool(self, x, lengths))
        return logits


class WithoutLengths(Recurrent):
    """Called with a table only."""

    def forward(self, x: Tensor) -> Tensor:
        """Return logits."""
        logits: Tensor = self.head(self.pool(self, x))
        return logits


def packed(model: Recurrent, x: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
    """Return padded states and the final states side by side."""
    output, state = model.rnn(pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False))
    state = state[0] if isinstance(state, tuple) else state
    final = torch.cat(list(state[-(1 + model.rnn.bidirectional) :]), dim=1)
    return pad_packed_sequence(output, batch_first=True)[0], final


def mask(x: Tensor, lengths: Tensor) -> Tensor:
    return (torch.arange(x.shape[1]) < lengths[:, None])[..., None]


# Correct pooling.
def final_state(model: Recurrent, x: Tensor, lengths: Tensor) -> Tensor:
    return packed(model, x, lengths)[1]


def masked_mean(model: Recurrent, x: Tensor, lengths: Tensor) -> Tensor:
    return packed(model, x, lengths)[0].sum(dim=1) / lengths[:, None]


def masked_max(model: Recurrent, x: Tensor, lengths: Tensor) -> Tensor:
    states = packed(model, x, lengths)[0]
    return states.masked_fill(~mask(states, lengths), -torch.inf).amax(dim=1)


def last_real_step(model: Recurrent, x: Tensor, lengths: Tensor) -> Tensor:
    """Correct without packing in the forward direction: padding comes after the pooled step."""
    states: Tensor = model.rnn(x)[0]
    return states[torch.arange(len(x)), lengths - 1]


def last_step_before_trailing_zeros(model: Recurrent, x: Tensor) -> Tensor:
    real = (x != 0).any(dim=2)
    return last_real_step(model, x, x.shape[1] - real.flip(1).int().argmax(dim=1))


# Mistakes.
def last_column(model: Recurrent, x: Tensor, lengths: Tensor | None = None) -> Tensor:
    states: Tensor = model.rnn(x)[0]
    return states[:, -1]


def mean_of_columns(model: Recurrent, x: Tensor, lengths: Tensor | None = None) -> Tensor:
    states: Tensor = model.rnn(x)[0]
    return states.mean(dim=1)


def last_column_of_packed(model: Recurrent, x: Tensor, lengths: Tensor) -> Tensor:
    return packed(model, x, lengths)[0][:, -1]


def mean_of_packed_columns(model: Recurrent, x: Tensor, lengths: Tensor) -> Tensor:
    return packed(model, x, lengths)[0].mean(dim=1)


def max_of_packed_columns(model: Recurrent, x: Tensor, lengths: Tensor) -> Tensor:
    return packed(model, x, lengths)[0].amax(dim=1)


def order_not_restored(model: Recurrent, x: Tensor, lengths: Tensor) -> Tensor:
    order = lengths.argsort(descending=True)
    return packed(model, x[order], lengths[order])[1]


def at_count_of_nonzeros(model: Recurrent, x: Tensor) -> Tensor:
    return last_real_step(model, x, (x != 0).any(dim=2).sum(dim=1))


def nonzero_steps_only(model: Recurrent, x: Tensor) -> Tensor:
    """Mask every zero, not only the trailing ones."""
    real = (x != 0).any(dim=2)
    states: Tensor = model.rnn(x)[0]
    return (states * real[..., None]).sum(dim=1) / real.sum(dim=1, keepdim=True)


def both_at_the_last_step(model: Recurrent, x: Tensor, lengths: Tensor) -> Tensor:
    return packed(model, x, lengths)[0][torch.arange(len(x)), lengths - 1]


def backward_through_padding(model: Recurrent, x: Tensor, lengths: Tensor) -> Tensor:
    states: Tensor = model.rnn(x)[0]
    return (states * mask(states, lengths)).sum(dim=1) / lengths[:, None]


def normalised_over_columns(model: Recurrent, x: Tensor, lengths: Tensor) -> Tensor:
    model.norm.train()
    states: Tensor = model.norm(model.rnn(x)[0].transpose(1, 2)).transpose(1, 2)
    return states[torch.arange(len(x)), lengths - 1]


def with_dropout(model: Recurrent, x: Tensor, lengths: Tensor) -> Tensor:
    model.dropout.train()
    dropped: Tensor = model.dropout(packed(model, x, lengths)[1])
    return dropped


def as_function(module: nn.Module) -> Callable[..., Floats]:
    """Wrap a module as a function of arrays, like a model of another framework."""
    if isinstance(module, WithLengths):

        def scores(X: Floats, lengths: NDArray[np.int64]) -> Floats:
            logits: Tensor = module(torch.tensor(X, dtype=torch.float32), torch.tensor(lengths))
            return logits.detach().numpy()

        return scores

    def scores_without_lengths(X: Floats) -> Floats:
        logits: Tensor = module(torch.tensor(X, dtype=torch.float32))
        return logits.detach().numpy()

    return scores_without_lengths
