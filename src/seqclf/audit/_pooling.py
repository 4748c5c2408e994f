"""Steps of the last recurrent layer that a torch module pools, found by their gradient."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from seqclf.audit._arrays import Mask
from seqclf.audit._case import Case
from seqclf.audit._model import TorchModel

SWAPPED = "batch and time axes swapped"
_SINGLE_STEPS = ("last real step", "first step", "last column")


def pooled_steps_of(case: Case) -> dict[str, str]:
    """Return the steps of each direction on which the scores have a gradient, in words.

    Empty for a model that is not a torch module, has no recurrent layer of torch, or passes no gradient.
    """
    if not isinstance(case.model, TorchModel):
        return {}
    seen: list[tuple[nn.RNNBase, Any]] = []
    layers = [layer for layer in case.model.module.modules() if isinstance(layer, nn.RNNBase)]
    hooks = [
        layer.register_forward_hook(lambda layer, _, result: seen.append((layer, result))) for layer in layers
    ]
    try:
        with torch.enable_grad(), torch.random.fork_rng(devices=case.model.gpus):
            return _pooled_steps(case, seen)
    except (
        RuntimeError,
        ValueError,
    ):  # no gradient: frozen weights, cuDNN in evaluation mode, layers that refuse hooks
        return {}
    finally:
        for hook in hooks:
            hook.remove()


def _pooled_steps(case: Case, seen: list[tuple[nn.RNNBase, Any]]) -> dict[str, str]:
    scores: Any = case.model.scores(case.table, case.lengths)
    if not seen or not isinstance(scores, Tensor) or not scores.requires_grad:
        return {}
    layer, (output, state) = seen[-1]
    final = state[0] if isinstance(state, tuple) else state
    values = output.data if isinstance(output, PackedSequence) else output
    # Random weights: the sum of a softmax over the classes is constant and would have no gradient.
    weights = torch.rand(
        scores.shape, dtype=torch.float32, device="cpu", generator=torch.Generator("cpu").manual_seed(0)
    ).to(scores)
    gradients: tuple[Tensor | None, ...] = torch.autograd.grad(
        (scores * weights).sum(), [values, final], allow_unused=True
    )
    of_output, of_final = gradients
    directions = ("forward", "backward") if layer.bidirectional else ("forward",)
    steps: dict[str, str] = {}
    for d, direction in enumerate(directions):
        if of_final is not None and bool(of_final[len(of_final) - len(directions) + d].any()):
            steps[direction] = _step_of_final_state(direction, isinstance(output, PackedSequence))
        elif of_output is None:
            steps[direction] = "none"
        else:
            units = slice(d * layer.hidden_size, (d + 1) * layer.hidden_size)
            found = _steps_with_gradient(layer, output, of_output[..., units], case)
            certain = found not in _SINGLE_STEPS or _no_other_step_counts(
                case, layer, of_output, units, scores
            )
            steps[direction] = found if certain else "some real steps"
    return steps


def _no_other_step_counts(
    case: Case, layer: nn.RNNBase, gradient: Tensor, units: slice, scores: Tensor
) -> bool:
    """Return whether scores stay equal when states without a gradient change.

    They do not for a maximum, which has a gradient at one step and depends on all.
    """
    without = torch.zeros_like(gradient)
    without[..., units] = (gradient[..., units] == 0).all(dim=-1, keepdim=True).to(gradient)

    def change(_: nn.Module, __: Any, result: Any) -> Any:
        output, state = result
        if isinstance(output, PackedSequence):
            return output._replace(data=output.data + 10 * without), state
        return output + 10 * without, state

    hook = layer.register_forward_hook(change)
    try:
        return bool(torch.allclose(case.model.scores(case.table, case.lengths), scores, atol=1e-5))
    finally:
        hook.remove()


def _step_of_final_state(direction: str, packed: bool) -> str:
    """Return the step of torch's final state: without packing, the forward one comes after the padding."""
    if direction == "backward":
        return "first step"
    return "last real step" if packed else "last column"


def _steps_with_gradient(
    layer: nn.RNNBase, output: Tensor | PackedSequence, gradient: Tensor, case: Case
) -> str:
    if isinstance(output, PackedSequence):
        gradient = pad_packed_sequence(output._replace(data=gradient), batch_first=True)[0]
    elif not layer.batch_first:
        if gradient.shape[:2] == (
            case.n,
            case.width,
        ):  # time is first, and has as many steps as there are rows
            return SWAPPED
        gradient = gradient.transpose(0, 1)
    return _name((gradient != 0).any(dim=2).cpu().numpy(), case)


def _name(pooled: Mask, case: Case) -> str:
    """Name the pooled steps, by what they have in common in all rows."""
    if not pooled.any():
        return "none"
    time = np.arange(pooled.shape[1])
    lengths = case.lengths[:, None] if len(pooled) == case.n else np.full((len(pooled), 1), pooled.shape[1])
    single = {
        "last real step": time == lengths - 1,
        "first step": np.broadcast_to(time == 0, pooled.shape),
        "last column": np.broadcast_to(time == pooled.shape[1] - 1, pooled.shape),
    }
    for name, step in single.items():
        if not (pooled & ~step).any():
            return name
    if (pooled & (time >= lengths)).any():
        return "all columns"
    return "all real steps" if (pooled == (time < lengths)).all() else "some real steps"
