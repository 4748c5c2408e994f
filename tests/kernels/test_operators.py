"""The kernels as torch operators: registration, autocast, gradients and unsupported derivatives."""

from __future__ import annotations

import re
from typing import Any

import pytest
import torch
from torch import Tensor

from kernels.cases import (
    Case,
    both_directions,
    every_cell,
    native,
    needs_kernels,
    outcome_of,
    same_bits,
    weights_of,
)
from seqclf.kernels import RecurrentCell, recurrence

pytestmark = needs_kernels


def arguments(
    cell: RecurrentCell, bidirectional: bool, **options: Any
) -> tuple[Tensor, Tensor, list[Tensor]]:
    case = Case(cell=cell, bidirectional=bidirectional, **options)
    weights = [weight.detach().requires_grad_() for weight in weights_of(case.layer())]
    return case.values().requires_grad_(), case.offsets(), weights


@pytest.mark.parametrize("bias", [True, False], ids=["bias", "no bias"])
@both_directions
@every_cell
def test_the_forward_operator_passes_opcheck(cell: RecurrentCell, bidirectional: bool, bias: bool) -> None:
    values, offsets, weights = arguments(cell, bidirectional, bias=bias)
    torch.library.opcheck(
        torch.ops.seqclf.recurrence.default, (values, offsets, weights, cell, bidirectional, True)
    )
    detached = [weight.detach() for weight in weights]
    torch.library.opcheck(
        torch.ops.seqclf.recurrence.default,
        (values.detach(), offsets, detached, cell, bidirectional, False),
    )


@pytest.mark.parametrize("of_values", [True, False], ids=["values and weights", "weights only"])
@both_directions
@every_cell
def test_the_backward_operator_passes_opcheck(
    cell: RecurrentCell, bidirectional: bool, of_values: bool
) -> None:
    values, offsets, weights = arguments(cell, bidirectional)
    values, weights = values.detach(), [weight.detach() for weight in weights]
    states, saved = torch.ops.seqclf.recurrence(values, offsets, weights, cell, bidirectional, True)
    torch.library.opcheck(
        torch.ops.seqclf.recurrence_backward.default,
        (torch.ones_like(states), states, saved, values, offsets, weights, cell, bidirectional, of_values),
    )


def test_the_operators_pass_opcheck_with_transposed_weights() -> None:
    values, offsets, weights = arguments("gru", False)
    weights[0] = weights[0].detach().T.contiguous().T.requires_grad_()
    forward = (values, offsets, weights, "gru", False, True)
    torch.library.opcheck(torch.ops.seqclf.recurrence.default, forward)
    detached = [weight.detach() for weight in weights]
    states, saved = torch.ops.seqclf.recurrence(values.detach(), offsets, detached, "gru", False, True)
    backward = (
        torch.ones_like(states),
        states,
        saved,
        values.detach(),
        offsets,
        detached,
        "gru",
        False,
        True,
    )
    torch.library.opcheck(torch.ops.seqclf.recurrence_backward.default, backward)


@both_directions
@every_cell
def test_autocast_changes_nothing(cell: RecurrentCell, bidirectional: bool) -> None:
    case = Case(cell=cell, bidirectional=bidirectional)
    expected = outcome_of(native, case)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        got = outcome_of(native, case)
    assert got["states"].dtype == torch.float32
    assert same_bits(got, expected)


def test_autocast_accepts_bfloat16_values() -> None:
    case = Case(cell="gru")
    values, weights = case.values().bfloat16(), weights_of(case.layer())
    with torch.autocast("cpu", dtype=torch.bfloat16):
        states = recurrence(values, case.offsets(), weights, cell="gru")
    assert torch.equal(states, recurrence(values.float(), case.offsets(), weights, cell="gru"))


@every_cell
def test_a_second_derivative_is_refused(cell: RecurrentCell) -> None:
    values, offsets, weights = arguments(cell, False)
    states = recurrence(values, offsets, weights, cell=cell)
    (gradient,) = torch.autograd.grad(states.square().sum(), [values], create_graph=True)
    with pytest.raises(
        RuntimeError, match=r"backward through seqclf\.recurrence_backward.* no autograd formula"
    ):
        gradient.sum().backward()  # type: ignore[no-untyped-call]


def test_a_call_that_saved_nothing_cannot_be_differentiated() -> None:
    values, offsets, weights = arguments("gru", False)
    states = torch.ops.seqclf.recurrence(values, offsets, weights, "gru", False, False)[0]
    message = re.escape(
        "seqclf::recurrence must be called with save=True to be differentiated; got save=False. "
        "Call seqclf.kernels.recurrence, which sets it."
    )
    with pytest.raises(RuntimeError, match=message):
        states.sum().backward()


@pytest.mark.parametrize("guard", [torch.no_grad, torch.inference_mode])
def test_no_graph_is_built_without_gradients(guard: Any) -> None:
    values, offsets, weights = arguments("gru", False)
    expected = recurrence(values, offsets, weights, cell="gru")
    with guard():
        states = recurrence(values, offsets, weights, cell="gru")
    assert not states.requires_grad
    assert torch.equal(states, expected)
    assert expected.requires_grad


def test_the_saved_tensor_is_not_differentiable() -> None:
    values, offsets, weights = arguments("gru", False)
    states, saved = torch.ops.seqclf.recurrence(values, offsets, weights, "gru", False, True)
    assert states.requires_grad
    assert not saved.requires_grad


def test_a_zero_gradient_gives_zeros() -> None:
    values, offsets, weights = arguments("lstm", True)
    states = recurrence(values, offsets, weights, cell="lstm", bidirectional=True)
    (states * 0).sum().backward()  # type: ignore[no-untyped-call]
    assert values.grad is not None
    assert not values.grad.any()


def test_inputs_are_unchanged() -> None:
    values, offsets, weights = arguments("lstm", True)
    before = [tensor.detach().clone() for tensor in (values, offsets, *weights)]
    recurrence(values, offsets, weights, cell="lstm", bidirectional=True).sum().backward()  # type: ignore[no-untyped-call]
    assert all(map(torch.equal, (values, offsets, *weights), before))


TRANSFORMS: dict[str, Any] = {
    "grad": lambda total, values: torch.func.grad(total)(values),
    "vjp": lambda total, values: torch.func.vjp(total, values),
    "jacrev": lambda total, values: torch.func.jacrev(total)(values),
    "vmap": lambda total, values: torch.func.vmap(total)(torch.stack([values, values])),
}


@pytest.mark.parametrize("name", TRANSFORMS)
def test_transforms_of_torch_func_are_named(name: str) -> None:
    values, offsets, weights = arguments("gru", False)

    def total(values: Tensor) -> Tensor:
        return recurrence(values, offsets, weights, cell="gru").sum()

    with pytest.raises(NotImplementedError, match="Use engine='packed'"):
        TRANSFORMS[name](total, values)
