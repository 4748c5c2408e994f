"""Gradients of the operators of a recurrent layer, alone and under `torch.vmap`."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from seqclf.kernels._operators import run_backward, run_forward
from seqclf.kernels._transforms import is_of_transform, one_by_one


def _keep(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, list[Tensor], Tensor]) -> None:
    values, offsets, weights, initial, ctx.cell, ctx.bidirectional, ctx.precision, ctx.saves = inputs
    states, _, saved = output
    ctx.parts = len(initial)
    ctx.mark_non_differentiable(saved)
    ctx.set_materialize_grads(False)
    ctx.save_for_backward(values, offsets, states, saved, *initial, *weights)


def _differentiate(
    ctx: Any, grad_states: Tensor | None, grad_final: list[Tensor | None], _: Tensor | None
) -> tuple[Any, ...]:
    values, offsets, states, saved, *rest = ctx.saved_tensors
    initial, weights = rest[: ctx.parts], rest[ctx.parts :]
    if grad_states is None and all(grad is None for grad in grad_final):
        return None, None, [None] * len(weights), [None] * len(initial), None, None, None, None
    if not ctx.saves:
        raise RuntimeError(
            "seqclf::recurrence must be called with save=True to be differentiated; got save=False. "
            "Call seqclf.kernels.recurrence, which sets it."
        )
    of_values = ctx.needs_input_grad[0]
    options = (ctx.cell, ctx.bidirectional, ctx.precision, of_values)
    try:
        grad_values, *grads = run_backward(
            grad_states, grad_final, states, saved, values, offsets, weights, initial, *options
        )
    except RuntimeError as error:
        if is_of_transform(error):
            raise NotImplementedError(
                "The kernels must be differentiated for one gradient at a time; got a batch of them. Set "
                "`is_grads_batched=False` or `vectorize=False`, or use engine='packed'."
            ) from error
        raise
    of_initial, of_weights = grads[: ctx.parts], grads[ctx.parts :]
    return grad_values if of_values else None, None, of_weights, of_initial, None, None, None, None


def _refuse(ctx: Any, *grads: Any) -> None:
    raise NotImplementedError(
        "The kernels have first derivatives only; got a gradient of a gradient. Use engine='packed'."
    )


run_backward.register_autograd(_refuse)
run_forward.register_autograd(_differentiate, setup_context=_keep)


def needs_gradient(tensors: list[Tensor]) -> bool:
    """Return whether the backward pass of a call with these tensors may follow."""
    return torch.is_grad_enabled() and any(tensor.requires_grad for tensor in tensors)


def _run_element(
    values: Tensor, offsets: Tensor, weights: list[Tensor], initial: list[Tensor], *options: Any
) -> tuple[Tensor, list[Tensor], Tensor]:
    """Run one element of a batch of `torch.vmap`; the whole batch does not show whether it needs a gradient."""
    save = needs_gradient([values, *weights, *initial])
    outputs: tuple[Tensor, list[Tensor], Tensor] = run_forward(
        values, offsets, weights, initial, *options[:-1], save
    )
    return outputs


run_forward.register_vmap(one_by_one(_run_element))
run_backward.register_vmap(one_by_one(run_backward))
