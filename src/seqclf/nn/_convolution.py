"""Ragged sequences -> fewer, richer steps, before the recurrence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from seqclf._checks import check_integer, check_integers
from seqclf._random import as_generator
from seqclf.nn._initialization import new_linear
from seqclf.nn._windows import Windows
from seqclf.sequences import Sequences


class ConvolutionalStem(nn.Module):
    """Convolutional layers before the recurrence, which leave fewer and richer steps.

    Each layer slides a window of `kernel_size` steps over each sequence, `strides[i]` steps at a time, then normalises
    each step over its channels and applies the rectifier. Beyond both ends of its sequence a window reads zeros, never another
    sequence or padding. A layer of stride s turns n steps into `ceil(n / s)`: after strides (2, 2) the recurrence runs over a
    quarter of the steps.

    Parameters
    ----------
    input_size : int
        Features at each step.
    channels : int or sequence of int, default=64
        Output features of all layers, or of each.
    kernel_size : int, default=9
        Steps in a window; odd, so that a window has a centre.
    strides : sequence of int, default=(2, 2, 1)
        Steps from one window to the next, one stride per layer.
    generator : torch.Generator or None, default=None
        Source of the initial weights; None takes entropy from the system.

    Attributes
    ----------
    output_size : int
        Features of each output step.

    Raises
    ------
    ValueError
        If a size is not positive, `kernel_size` is even, or `strides` is empty or does not match `channels`.

    Notes
    -----
    Layer normalisation (Ba et al. 2016, arXiv:1607.06450), not batch normalisation: a prediction must not depend on the other
    sequences of a batch.

    Examples
    --------
    >>> from seqclf import as_sequences
    >>> from seqclf.nn import ConvolutionalStem
    >>> stem = ConvolutionalStem(1, 8, strides=(2, 2))
    >>> stem(as_sequences([[0.1] * 9, [0.2]])).lengths
    tensor([3, 1])
    """

    def __init__(
        self,
        input_size: int,
        channels: int | Sequence[int] = 64,
        *,
        kernel_size: int = 9,
        strides: Sequence[int] = (2, 2, 1),
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        input_size = check_integer("input_size", input_size)
        kernel_size = check_integer("kernel_size", kernel_size)
        strides = check_integers("strides", strides)
        one_width = np.ndim(channels) == 0
        widths = check_integers("channels", [channels] * len(strides) if one_width else channels)
        if kernel_size % 2 == 0:
            raise ValueError(f"`kernel_size` must be odd, so that a window has a centre; got {kernel_size}.")
        if not strides or len(widths) != len(strides):
            raise ValueError(
                "`strides` must hold at least one stride, and `channels` one number for each; got "
                f"{len(strides)} strides and {len(widths)} channels."
            )
        generator = as_generator(generator)
        self.input_size = input_size
        self.output_size: int = widths[-1]
        inputs = (input_size, *widths[:-1])
        self.layers: nn.ModuleList = nn.ModuleList(
            _Convolution(before, after, kernel_size, stride, generator)
            for before, after, stride in zip(inputs, widths, strides, strict=True)
        )

    def forward(self, batch: Sequences) -> Sequences:
        """Return as many sequences with `output_size` features; each layer turns n steps into `ceil(n / stride)`."""
        if batch.n_features != self.input_size:
            raise ValueError(
                f"Sequences must have {self.input_size} feature{'' if self.input_size == 1 else 's'} at each step; "
                f"got {batch.n_features}. Was the stem made for other data?"
            )
        for layer in self.layers:
            batch = layer(batch)
        return batch


class _Convolution(nn.Module):
    """One layer: window, linear map, normalisation over channels, rectifier."""

    def __init__(
        self, inputs: int, outputs: int, kernel_size: int, stride: int, generator: torch.Generator
    ) -> None:
        super().__init__()
        self.kernel_size, self.stride = kernel_size, stride
        self.linear = new_linear(kernel_size * inputs, outputs, generator)
        self.norm = nn.LayerNorm(outputs, dtype=torch.float32, device="cpu")

    def forward(self, batch: Sequences) -> Sequences:
        windows = Windows.of(batch, self.kernel_size, self.stride)
        values: Tensor = self.norm(windows.map(self.linear))
        return Sequences.unchecked(values.relu(), windows.offsets, batch.static)
