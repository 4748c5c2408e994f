"""The windows around the steps of ragged sequences, and a linear map of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeGuard

import torch
from torch import Tensor, nn

from seqclf.kernels import is_dual
from seqclf.nn._layers import forward_hooks_of, has_backward_hooks
from seqclf.nn._linear import Linear
from seqclf.sequences import Sequences

_LEAST_BLOCK = 16
"""Numbers in a block from which `_LinearOfBlocks` pays. With 64 outputs and windows of nine steps, a training step of the map took .53
to .65 of the time of copied windows with blocks of 16 to 128 numbers, 1.1 with blocks of 8."""


@dataclass(frozen=True, slots=True)
class Windows:
    """The window around each `stride`-th step; beyond both ends of its sequence a window reads zeros.

    Sequences are written into one row with zeros between them, each starting at a multiple of the stride, so that windows are
    views of that row and none reaches another sequence. Cost and memory are linear in real steps.

    Parameters
    ----------
    blocks : Tensor of shape (n_blocks, stride * n_features)
        The row: `stride` steps in each block, so that a window begins at each.
    firsts : int64 Tensor of shape (n_windows,)
        The block at which each window begins.
    offsets : int64 Tensor of shape (batch + 1,)
        Offsets of the windows of each sequence.
    length : int
        Numbers in a window: size * n_features.
    """

    blocks: Tensor
    firsts: Tensor
    offsets: Tensor
    length: int

    @classmethod
    def of(cls, batch: Sequences, size: int, stride: int) -> Windows:
        """Return the windows of `size` steps, an odd number."""
        half = size // 2
        counts = (batch.lengths + (stride - 1)).div(stride, rounding_mode="floor")  # windows of each sequence
        offsets = torch.cat([counts.new_zeros(1), counts.cumsum(0)])
        gap = -(-half // stride)  # windows between two sequences: at least `half` zeros on each side
        gaps = gap * torch.arange(1, len(counts) + 1, device=counts.device)  # before each sequence, in all
        n_steps, n_windows, width = len(batch.values), int(offsets[-1]), batch.n_features
        firsts = torch.arange(n_windows, device=counts.device)
        firsts = firsts + gaps.repeat_interleave(counts, output_size=n_windows)
        starts = (offsets[:-1] + gaps) * stride + half
        places = torch.arange(n_steps, device=counts.device)
        places = places + (starts - batch.offsets[:-1]).repeat_interleave(batch.lengths, output_size=n_steps)
        n_blocks = n_windows + gap * len(counts) + -(-size // stride)
        row = batch.values.new_zeros(n_blocks * stride, width).index_copy(0, places, batch.values)
        return cls(row.view(n_blocks, stride * width), firsts, offsets, size * width)

    def copy(self) -> Tensor:
        """Return all windows, (n_windows, length)."""
        views = self.blocks.flatten().unfold(0, self.length, self.blocks.shape[1])
        return views.index_select(0, self.firsts)

    def map(self, linear: nn.Module) -> Tensor:
        """Return a linear map of each window, (n_windows, n_outputs).

        In training, where the backward pass would read a copy of the windows again, wide ones are not copied.
        """
        mapped: Tensor
        if torch.is_grad_enabled() and self.blocks.shape[1] >= _LEAST_BLOCK and _has_plain_call(linear):
            weight, bias = linear.weight, linear.bias
            if _are_plain(self.blocks, weight, bias):
                mapped = _LinearOfBlocks.apply(self.blocks, weight, bias, self.firsts)  # type: ignore[no-untyped-call]
                return mapped
        mapped = linear(self.copy())
        return mapped


def _has_plain_call(layer: nn.Module) -> TypeGuard[Linear]:
    """Return whether a call of a layer computes its product and adds its bias, and nothing else."""
    is_linear = type(layer) is Linear and layer.bias is not None and "forward" not in layer.__dict__
    return (
        is_linear and not has_backward_hooks(layer) and not any(hooks for _, hooks in forward_hooks_of(layer))
    )


def _are_plain(blocks: Tensor, weight: Tensor, bias: Tensor) -> bool:
    """Return whether the tensors have one dtype and device, and nothing that the product below would lose."""
    tensors = (blocks, weight, bias)
    return (
        not torch.is_autocast_enabled(blocks.device.type)
        and all(one.dtype == blocks.dtype and one.device == blocks.device for one in tensors)
        and not any(is_dual(one) for one in tensors)
    )


class _LinearOfBlocks(torch.autograd.Function):
    """The sum over the blocks of a window: a product of views of the row with each part of the weights."""

    generate_vmap_rule = True

    @staticmethod
    def forward(blocks: Tensor, weight: Tensor, bias: Tensor, firsts: Tensor) -> Tensor:
        """Return the map of each window, (n_windows, n_outputs)."""
        parts, rows = _parts(blocks, weight)
        mapped = torch.addmm(bias, blocks[:rows, : parts[0].shape[1]], parts[0].t())
        for i, part in enumerate(parts[1:], start=1):
            mapped.addmm_(blocks[i : i + rows, : part.shape[1]], part.t())
        return mapped.index_select(0, firsts)  # without the windows that begin between two sequences

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor, Tensor, Tensor], output: Tensor) -> None:
        """Keep what the backward pass needs; apart from `forward`, as the transforms of torch.func require."""
        blocks, weight, _, firsts = inputs
        ctx.save_for_backward(blocks, weight, firsts)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor | None, Tensor | None, None]:
        """Return the gradients of blocks, weights and bias."""
        blocks, weight, firsts = ctx.saved_tensors
        parts, rows = _parts(blocks, weight)
        of_mapped = gradient.new_zeros(rows, gradient.shape[1]).index_copy(0, firsts, gradient)
        of_blocks = of_weight = of_bias = None
        if ctx.needs_input_grad[0]:
            of_blocks = gradient.new_zeros(blocks.shape)
            for i, part in enumerate(parts):
                of_blocks[i : i + rows, : part.shape[1]].addmm_(of_mapped, part)
        if ctx.needs_input_grad[1]:
            read = [blocks[i : i + rows, : part.shape[1]] for i, part in enumerate(parts)]
            of_weight = torch.cat([of_mapped.t() @ one for one in read], dim=1)
        if ctx.needs_input_grad[2]:
            of_bias = gradient.sum(0)
        return of_blocks, of_weight, of_bias, None


def _parts(blocks: Tensor, weight: Tensor) -> tuple[tuple[Tensor, ...], int]:
    """Return the weights of each block of a window, and how many windows the row has."""
    parts = torch.split(weight, blocks.shape[1], dim=1)
    return parts, blocks.shape[0] - len(parts) + 1
