"""Steps of the last recurrent layer that a torch module pools, found by their gradient."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from seqclf.audit._arrays import Mask
from seqclf.audit._case import Case
from seqclf.audit._model import TorchModel
from seqclf.audit._states import States, last_states, recurrent_layers

SWAPPED = "batch and time axes swapped"
UNKNOWN = "unknown"
_SINGLE_STEPS = ("last real step", "first step", "last column")


def pooled_steps_of(case: Case) -> dict[str, str]:
    """Return the steps of each direction on which the scores have a gradient, in words.

    Empty for a model that is not a torch module or has no recurrent layer of torch. `UNKNOWN` if no gradient passes.
    """
    if not isinstance(case.model, TorchModel):
        return {}
    layers = recurrent_layers(case.model.module)
    if not layers:
        return {}
    try:
        with torch.enable_grad(), torch.random.fork_rng(devices=case.model.gpus):
            steps = _pooled_steps(case, case.model.module)
    except (RuntimeError, ValueError):  # no gradient: frozen weights, cuDNN in evaluation mode
        steps = None
    return dict.fromkeys(_directions(layers[-1]), UNKNOWN) if steps is None else steps


def _directions(layer: nn.RNNBase) -> tuple[str, ...]:
    return ("forward", "backward") if layer.bidirectional else ("forward",)


def _pooled_steps(case: Case, module: nn.Module) -> dict[str, str] | None:
    states, scores = last_states(module, lambda: case.model.scores(case.table, case.lengths))
    if states is None or not isinstance(scores, Tensor) or not scores.requires_grad:
        return None
    # Random weights: the sum of a softmax over the classes is constant and would have no gradient.
    weights = torch.rand(
        scores.shape, dtype=torch.float32, device="cpu", generator=torch.Generator("cpu").manual_seed(0)
    ).to(scores)
    parts = [states.values] if states.final is None else [states.values, states.final]
    gradients: tuple[Tensor | None, ...] = torch.autograd.grad(
        (scores * weights).sum(), parts, allow_unused=True
    )
    of_output, of_final = gradients[0], None if states.final is None else gradients[1]
    directions = _directions(states.layer)
    steps: dict[str, str] = {}
    for d, direction in enumerate(directions):
        if of_final is not None and bool(of_final[len(of_final) - len(directions) + d].any()):
            steps[direction] = _step_of_final_state(direction, isinstance(states.output, PackedSequence))
        elif of_output is None:
            steps[direction] = "none"
        else:
            units = slice(d * states.layer.hidden_size, (d + 1) * states.layer.hidden_size)
            found = _steps_with_gradient(states, of_output[..., units], case)
            certain = found not in _SINGLE_STEPS or _no_other_step_counts(
                case, states, of_output, units, scores
            )
            steps[direction] = found if certain else "some real steps"
    return steps


def _no_other_step_counts(case: Case, states: States, gradient: Tensor, units: slice, scores: Tensor) -> bool:
    """Return whether scores stay equal when states without a gradient change.

    They do not for a maximum, which has a gradient at one step and depends on all.
    """
    without = torch.zeros_like(gradient)
    without[..., units] = (gradient[..., units] == 0).all(dim=-1, keepdim=True).to(gradient)
    hook = states.module.register_forward_hook(lambda *_: states.plus(10 * without))
    try:
        return bool(torch.allclose(case.model.scores(case.table, case.lengths), scores, atol=1e-5))
    finally:
        hook.remove()


def _step_of_final_state(direction: str, packed: bool) -> str:
    """Return the step of torch's final state: without packing, the forward one comes after the padding."""
    if direction == "backward":
        return "first step"
    return "last real step" if packed else "last column"


def _steps_with_gradient(states: States, gradient: Tensor, case: Case) -> str:
    time_first = isinstance(states.output, Tensor) and not states.layer.batch_first
    # Time is first, and has as many steps as there are rows.
    if time_first and gradient.shape[:2] == (case.n, case.width):
        return SWAPPED
    return _name((states.by_row(gradient) != 0).any(dim=2).cpu().numpy(), case)


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
