"""Transforms of torch.func, and derivatives that the kernels lack: right, or an error with a cure that works."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, func
from torch.autograd import functional

from kernels.cases import Case, both_directions, every_cell, needs_kernels, weights_of
from seqclf.kernels import RecurrentCell, recurrence

pytestmark = needs_kernels
Total = Callable[[Tensor], Tensor]
jacobian: Any = functional.jacobian
hessian: Any = functional.hessian


def arguments(cell: RecurrentCell, bidirectional: bool = False) -> tuple[Tensor, Tensor, list[Tensor]]:
    case = Case(cell=cell, bidirectional=bidirectional)
    return case.values(), case.offsets(), [weight.detach() for weight in weights_of(case.layer())]


def stacked(tensor: Tensor) -> Tensor:
    return torch.stack([tensor, -tensor, 2 * tensor]).requires_grad_()


@both_directions
@every_cell
def test_vmap_over_values_gives_what_a_loop_gives(cell: RecurrentCell, bidirectional: bool) -> None:
    values, offsets, weights = arguments(cell, bidirectional)
    batch = stacked(values)
    weights[1].requires_grad_()

    def states(values: Tensor) -> Tensor:
        return recurrence(values, offsets, weights, cell=cell, bidirectional=bidirectional)[0]

    got, expected = func.vmap(states)(batch), torch.stack([states(one) for one in batch])
    assert torch.equal(got, expected)
    for grad, right in zip(
        *(torch.autograd.grad(x.square().sum(), [batch, weights[1]]) for x in (got, expected)), strict=True
    ):
        torch.testing.assert_close(grad, right)


@every_cell
def test_vmap_over_the_weights_of_an_ensemble_gives_what_a_loop_gives(cell: RecurrentCell) -> None:
    values, offsets, weights = arguments(cell)
    batch = [stacked(weight) for weight in weights]

    def states(*weights: Tensor) -> Tensor:
        return recurrence(values, offsets, weights, cell=cell)[0]

    got = func.vmap(states)(*batch)
    expected = torch.stack([states(*(weight[i] for weight in batch)) for i in range(3)])
    assert torch.equal(got, expected)
    for grad, right in zip(
        *(torch.autograd.grad(x.square().sum(), batch) for x in (got, expected)), strict=True
    ):
        torch.testing.assert_close(grad, right)


ANOTHER = (
    "Of the transforms of torch.func, the kernels support `vmap` and `functional_call`; got another, such as `grad`, "
    "`vjp` or `jacrev`. Use `torch.autograd.grad`."
)
FORWARD = (
    "The kernels must be differentiated in reverse mode; got a dual tensor of torch.autograd.forward_ad or "
    "torch.func.jvp. Use `torch.autograd.grad`, or engine='packed' with torch.autograd.forward_ad."
)
SECOND = "The kernels have first derivatives only; got a gradient of a gradient. Use engine='packed'."
BATCHED = (
    "The kernels must be differentiated for one gradient at a time; got a batch of them. Set `is_grads_batched=False` "
    "or `vectorize=False`, or use engine='packed'."
)


def second_derivative(total: Total, values: Tensor) -> None:
    values = values.clone().requires_grad_()
    gradient = torch.autograd.grad(total(values), values, create_graph=True)[0]
    gradient.sum().backward()  # type: ignore[no-untyped-call]


def batched_gradients(total: Total, values: Tensor) -> None:
    values = values.clone().requires_grad_()
    torch.autograd.grad(total(values), values, torch.ones(2), is_grads_batched=True)


REFUSED: dict[str, tuple[str, Callable[[Total, Tensor], Any]]] = {
    "grad": (ANOTHER, lambda total, values: func.grad(total)(values)),
    "vjp": (ANOTHER, lambda total, values: func.vjp(total, values)),
    "jacrev": (ANOTHER, lambda total, values: func.jacrev(total)(values)),
    "hessian": (ANOTHER, lambda total, values: func.hessian(total)(values)),
    "vmap of grad": (
        ANOTHER,
        lambda total, values: func.vmap(func.grad(total))(torch.stack([values, values])),
    ),
    "jvp": (FORWARD, lambda total, values: func.jvp(total, (values,), (values,))),
    "jacfwd": (FORWARD, lambda total, values: func.jacfwd(total)(values)),
    "second derivative": (SECOND, second_derivative),
    "autograd hessian": (
        SECOND,
        lambda total, values: hessian(total, values),
    ),
    "batched gradients": (BATCHED, batched_gradients),
    "vectorised jacobian": (
        BATCHED,
        lambda total, values: jacobian(total, values, vectorize=True),
    ),
}


@pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated")  # torch's own
@pytest.mark.parametrize("name", REFUSED)
@every_cell
def test_what_the_kernels_lack_is_refused_with_a_cure(cell: RecurrentCell, name: str) -> None:
    values, offsets, weights = arguments(cell)
    message, run = REFUSED[name]

    def total(values: Tensor) -> Tensor:
        return recurrence(values, offsets, weights, cell=cell)[0].square().sum()

    with pytest.raises(NotImplementedError, match=re.escape(message)):
        run(total, values)
