"""What would shorten a fit, and to which time."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, floor, inf
from typing import Any

import torch
from torch import Tensor

from seqclf.estimators._architecture import Architecture
from seqclf.estimators._parameters import Parameters

# Share of the time that remains, measured with two GRU layers of 64 units on one core.
STEM = 0.5  # a quarter of the recurrent steps, plus the convolutions
KERNELS = 0.1  # compiled kernels instead of torch's recurrence on a CPU

KEPT_STEPS = 500
"""Steps of a sequence that downsampling should leave: about as many as a recurrent network learns from."""
KEPT_EPOCHS = 0.25
"""Share of the epochs that should remain."""


def ways_to_shorten(
    given: Parameters, lengths: Tensor, *, max_epochs: int, engine: str, device: torch.device, share: float
) -> list[tuple[str, float]]:
    """Return what would shorten a fit, most effective first, each with the share of the time that remains.

    Only what is not set yet, and helps these samples. `share` is wanted; where it is not known, the share that remains is `inf`.
    """
    ways = [*_fewer_steps(lengths, share), *_fewer_epochs(max_epochs, share)]
    if isinstance(given, Architecture) and isinstance(given.encoder, str):
        ways += _smaller_network(given)
        if engine == "packed":
            ways += _faster_engine(given, lengths, device)
    if device.type == "cpu":
        ways.append(('`device="cuda"`' if torch.cuda.is_available() else "a machine with a GPU", inf))
    if not given.early_stopping:
        ways.append(("`early_stopping=True`", inf))
    return sorted(ways, key=lambda way: way[1])


def _fewer_steps(lengths: Tensor, share: float) -> Iterator[tuple[str, float]]:
    factor = int(lengths.double().mean()) // KEPT_STEPS
    if factor * share > 1:
        factor = ceil(1 / share)
    if factor > 1:
        yield f"`seqclf.transforms.Downsample(factor={factor})`", 1 / factor


def _fewer_epochs(max_epochs: int, share: float) -> Iterator[tuple[str, float]]:
    fewer = max(floor(max_epochs * share), ceil(max_epochs * KEPT_EPOCHS))
    if fewer < max_epochs:
        yield f"`max_epochs={fewer}`", fewer / max_epochs


def _smaller_network(given: Architecture) -> Iterator[tuple[str, float]]:
    if given.stem is None:
        yield '`stem="conv"`', STEM
    if given.bidirectional:
        yield "`bidirectional=False`", 1 / 2
    if given.num_layers > 1:
        yield "`num_layers=1`", 1 / given.num_layers


def _faster_engine(given: Any, lengths: Tensor, device: torch.device) -> Iterator[tuple[str, float]]:
    """Yield what helps torch's recurrence, which takes as many steps as the longest sequence of a batch."""
    if device.type == "cpu" and given.engine == "packed":
        yield '`engine="auto"`', KERNELS
    elif device.type == "cpu":
        yield "the compiled kernels (`seqclf.kernels.status()` says why they are not used)", KERNELS
    if given.sampler is None:
        remains = _share_in_buckets(lengths, given.batch_size)
        if remains < 0.8:
            yield '`sampler="length_bucket"`', remains


def _share_in_buckets(lengths: Tensor, batch_size: int) -> float:
    """Return how many steps the longest sequences of batches have, if similar lengths are together."""
    generator = torch.Generator("cpu").manual_seed(0)
    shuffled = lengths[torch.randperm(len(lengths), generator=generator, device="cpu")]
    of_batches: list[int] = [
        sum(int(batch.max()) for batch in torch.split(order, batch_size))
        for order in (lengths.sort()[0], shuffled)
    ]
    return of_batches[0] / of_batches[1]
