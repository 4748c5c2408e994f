"""Slow reference implementations: one sequence at a time, in plain loops."""

from __future__ import annotations

import math
import pickle
import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from seqclf.nn import RecurrentEncoder
from seqclf.sequences import Sequences

Floats = NDArray[np.float32]


def global_randomness() -> tuple[bytes, bytes, object]:
    """Return the complete global states of torch, NumPy and Python; the array alone of NumPy's state changes only every 624 draws."""
    return torch.get_rng_state().numpy().tobytes(), pickle.dumps(np.random.get_state()), random.getstate()  # noqa: NPY002


def equals(value: float, padding_value: float) -> bool:
    """Compare one number with the padding value; NaN matches NaN."""
    return value == padding_value or (math.isnan(value) and math.isnan(padding_value))


def is_padding_step(step: Sequence[float], padding_value: float) -> bool:
    """A step is padding when all its features equal the padding value."""
    return all(equals(value, padding_value) for value in step)


def length_of(row: Sequence[Sequence[float]], padding_value: float) -> int:
    """Count the steps of one row before its trailing padding."""
    length = len(row)
    while length > 0 and is_padding_step(row[length - 1], padding_value):
        length -= 1
    return length


def pad_one(array: Floats, width: int, padding_value: float) -> list[list[float]]:
    """Append padding to one sequence."""
    n_features = array.shape[1]
    return [*array.tolist(), *([[padding_value] * n_features] * (width - len(array)))]


def packed_places(lengths: Sequence[int], *, reverse: bool = False) -> list[tuple[int, int]]:
    """Return (sequence, step) in the order of torch's packed data: by time, longest sequence first."""
    ranked = sorted(range(len(lengths)), key=lambda i: -lengths[i])
    return [
        (i, lengths[i] - 1 - time if reverse else time)
        for time in range(max(lengths))
        for i in ranked
        if time < lengths[i]
    ]


def batch_sizes_of(lengths: Sequence[int]) -> list[int]:
    """Count the sequences that reach each time step."""
    return [sum(length > time for length in lengths) for time in range(max(lengths))]


def reference_of(encoder: RecurrentEncoder) -> nn.RNNBase:
    """Return torch's multi-layer module with a copy of the encoder's weights."""
    first = encoder.layers[0]
    assert isinstance(first, nn.RNNBase)
    options = {"nonlinearity": "relu" if first.mode == "RNN_RELU" else "tanh"} if "RNN" in first.mode else {}
    kind: Any = type(first)
    reference: nn.RNNBase = kind(
        encoder.input_size,
        encoder.hidden_size,
        num_layers=len(encoder.layers),
        bias=first.bias,
        bidirectional=encoder.bidirectional,
        **options,
    )
    own = encoder.layers.state_dict()
    reference.load_state_dict(
        {
            name.replace("_l0", f"_l{depth}"): own[f"{depth}.{name}"].clone()
            for depth, layer in enumerate(encoder.layers)
            for name in layer.state_dict()
        }
    )
    return reference


def states_one_by_one(reference: nn.RNNBase, sequences: Sequences) -> Tensor:
    """Run torch's module on one sequence at a time, and concatenate the states."""
    return torch.cat([reference(one)[0] for one in sequences])


def gradients_one_by_one(reference: nn.RNNBase, depth: int) -> dict[str, Tensor]:
    """Return the gradients of one layer, under the names of a single-layer module."""
    return {
        name.replace(f"_l{depth}", "_l0"): parameter.grad
        for name, parameter in reference.named_parameters()
        if f"_l{depth}" in name and parameter.grad is not None
    }
