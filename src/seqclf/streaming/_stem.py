"""The convolutional stem: a window is complete once its right half has been read."""

from __future__ import annotations

from typing import Any

import torch

from seqclf.nn import ConvolutionalStem
from seqclf.sequences import Sequences
from seqclf.streaming._chain import Chain
from seqclf.streaming._protocol import State
from seqclf.streaming._windows import Waiting, slide, start_waiting


class ConvolutionStepper:
    """One layer of a stem; beyond both ends of a stream its windows read zeros."""

    looks_ahead = True

    def __init__(self, layer: Any) -> None:
        self._layer = layer

    def start(self, n_streams: int) -> State:
        """Return the zeros that the first window reads before the first step."""
        size = self._layer.kernel_size
        width = self._layer.linear.in_features // size
        return tuple(start_waiting(n_streams, size, width, size // 2, torch.float32))

    def push(self, state: State, chunk: Sequences, *, last: bool = False) -> tuple[State, Sequences]:
        """Return one step for each complete window."""
        layer, waiting = self._layer, Waiting(*state)
        values = chunk.values
        if not values.shape[0]:  # of any width
            values = waiting.steps.new_empty(0, waiting.steps.shape[2])
        zeros = layer.kernel_size // 2 if last else 0
        windows, offsets, waiting = slide(
            waiting, values, chunk.offsets, stride=layer.stride, zeros_after=zeros
        )
        if not windows.shape[0]:
            steps = windows.new_empty(0, layer.linear.out_features)
        else:
            steps = layer.norm(layer.linear(windows.flatten(1))).relu()
        return tuple(waiting), Sequences.unchecked(steps, offsets, chunk.static)


def stem_stepper(stem: ConvolutionalStem) -> Chain:
    """Return the layers of a stem, one after another."""
    return Chain([ConvolutionStepper(layer) for layer in stem.layers])
