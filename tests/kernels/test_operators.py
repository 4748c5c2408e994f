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


def initial_parts(cell: RecurrentCell, bidirectional: bool) -> list[Tensor]:
    """Return the parts of an initial state for `arguments`."""
    shape = (2 if cell == "lstm" else 1, 3, 10 if bidirectional else 5)
    parts = torch.randn(shape, generator=torch.Generator().manual_seed(9))
    return [part.clone().requires_grad_() for part in parts]


@pytest.mark.parametrize("given", [True, False], ids=["initial", "zeros"])
@pytest.mark.parametrize("bias", [True, False], ids=["bias", "no bias"])
@both_directions
@every_cell
def test_the_forward_operator_passes_opcheck(
    cell: RecurrentCell, bidirectional: bool, bias: bool, given: bool
) -> None:
    values, offsets, weights = arguments(cell, bidirectional, bias=bias)
    initial = initial_parts(cell, bidirectional) if given else []
    operator = torch.ops.seqclf.recurrence.default
    torch.library.opcheck(operator, (values, offsets, weights, initial, cell, bidirectional, "float32", True))
    values, weights, initial = values.detach(), detached(weights), detached(initial)
    torch.library.opcheck(
        operator, (values, offsets, weights, initial, cell, bidirectional, "float32", False)
    )


@pytest.mark.parametrize("given", [True, False], ids=["initial", "zeros"])
@pytest.mark.parametrize("of_values", [True, False], ids=["values and weights", "weights only"])
@both_directions
@every_cell
def test_the_backward_operator_passes_opcheck(
    cell: RecurrentCell, bidirectional: bool, of_values: bool, given: bool
) -> None:
    values, offsets, weights = arguments(cell, bidirectional)
    initial = detached(initial_parts(cell, bidirectional)) if given else []
    layer = (values.detach(), offsets, detached(weights), initial, cell, bidirectional, "float32")
    states, final, saved = torch.ops.seqclf.recurrence(*layer, True)
    of_states, of_final = torch.ones_like(states), [torch.ones_like(part) for part in final]
    for grads in ((of_states, of_final), (of_states, [None] * len(final)), (None, of_final)):
        torch.library.opcheck(
            torch.ops.seqclf.recurrence_backward.default, (*grads, states, saved, *layer, of_values)
        )


def detached(tensors: list[Tensor]) -> list[Tensor]:
    return [tensor.detach() for tensor in tensors]


def test_the_operators_pass_opcheck_with_transposed_weights() -> None:
    values, offsets, weights = arguments("gru", False)
    weights[0] = weights[0].detach().T.contiguous().T.requires_grad_()
    torch.library.opcheck(
        torch.ops.seqclf.recurrence.default, (values, offsets, weights, [], "gru", False, "float32", True)
    )
    rest: tuple[Any, ...] = (values.detach(), offsets, detached(weights), [], "gru", False, "float32")
    states, _, saved = torch.ops.seqclf.recurrence(*rest, True)
    torch.library.opcheck(
        torch.ops.seqclf.recurrence_backward.default,
        (torch.ones_like(states), [None], states, saved, *rest, True),
    )


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
        states, _ = recurrence(values, case.offsets(), weights, cell="gru")
    assert torch.equal(states, recurrence(values.float(), case.offsets(), weights, cell="gru")[0])


def test_a_call_that_saved_nothing_cannot_be_differentiated() -> None:
    values, offsets, weights = arguments("gru", False)
    states = torch.ops.seqclf.recurrence(values, offsets, weights, [], "gru", False, "float32", False)[0]
    message = re.escape(
        "seqclf::recurrence must be called with save=True to be differentiated; got save=False. "
        "Call seqclf.kernels.recurrence, which sets it."
    )
    with pytest.raises(RuntimeError, match=message):
        states.sum().backward()


@pytest.mark.parametrize("guard", [torch.no_grad, torch.inference_mode])
def test_no_graph_is_built_without_gradients(guard: Any) -> None:
    values, offsets, weights = arguments("gru", False)
    expected, _ = recurrence(values, offsets, weights, cell="gru")
    with guard():
        states, _ = recurrence(values, offsets, weights, cell="gru")
    assert not states.requires_grad
    assert torch.equal(states, expected)
    assert expected.requires_grad


def test_the_saved_tensor_is_not_differentiable() -> None:
    values, offsets, weights = arguments("gru", False)
    states, _, saved = torch.ops.seqclf.recurrence(
        values, offsets, weights, [], "gru", False, "float32", True
    )
    assert states.requires_grad
    assert not saved.requires_grad


def test_a_zero_gradient_gives_zeros() -> None:
    values, offsets, weights = arguments("lstm", True)
    states, _ = recurrence(values, offsets, weights, cell="lstm", bidirectional=True)
    (states * 0).sum().backward()  # type: ignore[no-untyped-call]
    assert values.grad is not None
    assert not values.grad.any()


def test_inputs_are_unchanged() -> None:
    values, offsets, weights = arguments("lstm", True)
    before = [tensor.detach().clone() for tensor in (values, offsets, *weights)]
    recurrence(values, offsets, weights, cell="lstm", bidirectional=True)[0].sum().backward()  # type: ignore[no-untyped-call]
    assert all(map(torch.equal, (values, offsets, *weights), before))
