"""At which step does the head of a torch module read each direction?"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from seqclf.audit._case import Case, Mask
from seqclf.audit._diagnosis import SWAPPED
from seqclf.audit._model import gpus_of

ONE_STEP = ("last real step", "first step", "last column")


def read_out_of(case: Case) -> dict[str, str]:
    """Return where the score of a sequence has a gradient in the last recurrent layer's output, by direction.

    Empty for a module without a recurrent layer of torch, or through which no gradient passes.
    """
    seen: list[tuple[nn.RNNBase, Any]] = []
    layers = [layer for layer in case.model.module.modules() if isinstance(layer, nn.RNNBase)]
    hooks = [
        layer.register_forward_hook(lambda layer, _, result: seen.append((layer, result))) for layer in layers
    ]
    try:
        with torch.enable_grad(), torch.random.fork_rng(devices=gpus_of(case.model.module)):
            return _read(case, seen)
    except RuntimeError:  # no gradient: weights without one, or cuDNN in evaluation mode
        return {}
    finally:
        for hook in hooks:
            hook.remove()


def _read(case: Case, seen: list[tuple[nn.RNNBase, Any]]) -> dict[str, str]:
    scores: Tensor = case.model.scores(case.table, case.lengths)
    if not seen or not scores.requires_grad:
        return {}
    layer, (output, state) = seen[-1]
    states = state[0] if isinstance(state, tuple) else state
    values = output.data if isinstance(output, PackedSequence) else output
    # Random weights: a sum over classes of a softmax would have no gradient at all.
    weights = torch.rand(scores.shape, generator=torch.Generator().manual_seed(0)).to(scores)
    gradients: tuple[Tensor | None, ...] = torch.autograd.grad(
        (scores * weights).sum(), [values, states], allow_unused=True
    )
    of_output, of_state = gradients
    directions = ("forward", "backward") if layer.bidirectional else ("forward",)
    reads: dict[str, str] = {}
    for d, direction in enumerate(directions):
        at_state = of_state is not None and bool(of_state[len(of_state) - len(directions) + d].any())
        if at_state:
            reads[direction] = _place_of_state(direction, isinstance(output, PackedSequence))
        elif of_output is None:
            reads[direction] = "not read"
        else:
            units = slice(d * layer.hidden_size, (d + 1) * layer.hidden_size)
            place = _place(layer, output, of_output[..., units], case)
            alone = place not in ONE_STEP or _nothing_else_is_read(case, layer, of_output, units, scores)
            reads[direction] = place if alone else "some real steps"
    return reads


def _nothing_else_is_read(
    case: Case, layer: nn.RNNBase, gradient: Tensor, units: slice, scores: Tensor
) -> bool:
    """Tell whether the scores stay when all states without a gradient change: a maximum has one at one step too."""
    unread = torch.zeros_like(gradient)
    unread[..., units] = (gradient[..., units] == 0).all(dim=-1, keepdim=True).to(gradient)

    def change(_: nn.Module, __: Any, result: Any) -> Any:
        output, state = result
        if isinstance(output, PackedSequence):
            return output._replace(data=output.data + 10 * unread), state
        return output + 10 * unread, state

    hook = layer.register_forward_hook(change)
    try:
        return bool(torch.allclose(case.model.scores(case.table, case.lengths), scores, atol=1e-5))
    finally:
        hook.remove()


def _place_of_state(direction: str, packed: bool) -> str:
    """Say where torch's final state was taken: without packing, forward ends behind the padding."""
    if direction == "backward":
        return "first step"
    return "last real step" if packed else "last column"


def _place(layer: nn.RNNBase, output: Tensor | PackedSequence, gradient: Tensor, case: Case) -> str:
    if isinstance(output, PackedSequence):
        gradient = pad_packed_sequence(output._replace(data=gradient), batch_first=True)[0]
    elif not layer.batch_first:
        if gradient.shape[:2] == (
            case.n,
            case.width,
        ):  # time comes first, and it has as many steps as there are rows
            return SWAPPED
        gradient = gradient.transpose(0, 1)
    return _name((gradient != 0).any(dim=2).cpu().numpy(), case)


def _name(read: Mask, case: Case) -> str:
    """Name the steps that are read in all rows."""
    if not read.any():
        return "not read"
    time = np.arange(read.shape[1])
    lengths = case.lengths[:, None] if len(read) == case.n else np.full((len(read), 1), read.shape[1])
    named = {
        "last real step": time == lengths - 1,
        "first step": np.broadcast_to(time == 0, read.shape),
        "last column": np.broadcast_to(time == read.shape[1] - 1, read.shape),
    }
    for name, place in named.items():
        if not (read & ~place).any():
            return name
    if (read & (time >= lengths)).any():
        return "all columns"
    return "all real steps" if (read == (time < lengths)).all() else "some real steps"
