"""Inputs and weights at the limits of float32."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from kernels.cases import (
    Case,
    both_directions,
    every_cell,
    native,
    needs_kernels,
    outcome,
    outcome_of,
    packed,
    same_bits,
    weights_of,
)
from seqclf.kernels import RecurrentCell, recurrence

pytestmark = needs_kernels
LENGTHS = (5, 3, 8)


@pytest.mark.parametrize("size", [1e4, 1e-40, 0.0, -0.0])
@both_directions
@every_cell
def test_values_of_any_magnitude_give_the_results_of_torch(
    cell: RecurrentCell, bidirectional: bool, size: float
) -> None:
    case = Case(cell=cell, bidirectional=bidirectional, lengths=LENGTHS)
    layer, offsets = case.layer(), case.offsets()
    # Integers and multiples of 1/64: sums of large terms are exact in any order, so none is near zero only by rounding.
    values = case.values().round() * size
    with torch.no_grad():
        for weight in layer.parameters():
            weight.mul_(64).round_().div_(64)
    got, expected = (outcome(run, layer, values, offsets) for run in (native, packed))
    for name, tensor in expected.items():
        # Where torch closes a gate completely, ours stays open by e^-88.
        largest = max(float(tensor.abs().max()), 1e-25 if size > 1 else 0.0)
        torch.testing.assert_close(got[name], tensor, rtol=1e-4, atol=1e-5 * largest, msg=name)


@pytest.mark.parametrize("size", [30.0, 1e4])
@both_directions
@pytest.mark.parametrize("cell", ["tanh", "gru", "lstm"])
def test_saturated_gates_give_the_results_of_torch(
    cell: RecurrentCell, bidirectional: bool, size: float
) -> None:
    case = Case(cell=cell, bidirectional=bidirectional, lengths=LENGTHS)
    layer = case.layer()
    with torch.no_grad():
        for weight in layer.parameters():
            weight.mul_(size)
    got, expected = (outcome(run, layer, case.values(), case.offsets()) for run in (native, packed))
    for name, tensor in expected.items():
        assert bool(got[name].isfinite().all()), name
        largest = max(float(tensor.abs().max()), 1e-3)
        torch.testing.assert_close(got[name], tensor, rtol=1e-3, atol=1e-3 * largest, msg=name)


@every_cell
def test_denormal_numbers_are_kept(cell: RecurrentCell) -> None:
    case = Case(cell=cell, bias=False)
    layer, values, offsets = case.layer(), case.values() * 1e-39, case.offsets()
    got, expected = native(layer, values, offsets), packed(layer, values, offsets)
    assert bool((expected != 0).any())
    torch.testing.assert_close(got, expected, rtol=1e-2, atol=1e-44)


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf], ids=["nan", "inf", "-inf"])
@both_directions
@every_cell
def test_a_non_finite_value_affects_only_its_own_sequence(
    cell: RecurrentCell, bidirectional: bool, wrong: float
) -> None:
    case = Case(cell=cell, bidirectional=bidirectional, lengths=(5, 3, 8, 4, 2, 6, 1))
    layer, values, offsets = case.layer(), case.values(), case.offsets()
    clean = outcome(native, layer, values, offsets)
    start, end = int(offsets[2]), int(offsets[3])
    broken = values.clone()
    broken[start + 4] = wrong
    got = outcome(native, layer, broken, offsets)
    others = torch.ones(len(values), dtype=torch.bool)
    others[start:end] = False
    for name in ("states", "values"):
        assert torch.equal(got[name][others], clean[name][others]), name
    if math.isnan(wrong):
        # NaN from that step on; in the reverse direction, up to it.
        assert bool(got["states"][start + 4 : end, :5].isnan().all())
        assert bool(got["states"][start : start + 5, 5:].isnan().all())
        assert torch.equal(got["states"][start : start + 4, :5], clean["states"][start : start + 4, :5])
        assert torch.equal(got["states"][start + 5 : end, 5:], clean["states"][start + 5 : end, 5:])
    assert same_bits(outcome(native, layer, values, offsets), clean)  # and later calls are unaffected


@both_directions
@every_cell
def test_one_infinite_feature_gives_the_states_of_torch(cell: RecurrentCell, bidirectional: bool) -> None:
    case = Case(cell=cell, bidirectional=bidirectional)
    layer, values, offsets = case.layer(), case.values(), case.offsets()
    values[7, 1] = math.inf
    with torch.no_grad():
        got, expected = native(layer, values, offsets), packed(layer, values, offsets)
    torch.testing.assert_close(got, expected, rtol=1e-5, atol=1e-6, equal_nan=True)


@both_directions
@every_cell
def test_nan_weights_give_nan(cell: RecurrentCell, bidirectional: bool) -> None:
    case = Case(cell=cell, bidirectional=bidirectional)
    weights = [torch.full_like(weight, math.nan) for weight in weights_of(case.layer())]
    states, _ = recurrence(case.values(), case.offsets(), weights, cell=cell, bidirectional=bidirectional)
    assert bool(states.isnan().all())


@every_cell
def test_a_non_finite_gradient_affects_only_its_own_sequence(cell: RecurrentCell) -> None:
    case = Case(cell=cell, bidirectional=True, lengths=(5, 3, 8, 4, 2, 6, 1))
    layer, offsets = case.layer(), case.offsets()
    values = case.values().requires_grad_()
    clean = outcome_of(native, case)["values"]
    states = native(layer, values, offsets)
    grad_states = torch.randn(states.shape, generator=torch.Generator().manual_seed(7))
    grad_states[offsets[2] + 4] = math.nan
    states.backward(grad_states)  # type: ignore[no-untyped-call]
    others = torch.ones(len(values), dtype=torch.bool)
    others[offsets[2] : offsets[3]] = False
    assert values.grad is not None
    assert torch.equal(values.grad[others], clean[others])
    assert bool(values.grad[offsets[2] + 4].isnan().all())


def weight_with(layer: nn.RNNBase, index: int, wrong: float) -> None:
    with torch.no_grad():
        weight = weights_of(layer)[index].view(-1)
        weight[len(weight) // 2] = wrong


PLACES: dict[str, Callable[[nn.RNNBase, Tensor, Tensor, float], Any]] = {
    "one feature": lambda layer, values, grads, wrong: values[6, :1].fill_(wrong),
    "one step": lambda layer, values, grads, wrong: values[6].fill_(wrong),
    "input weight": lambda layer, values, grads, wrong: weight_with(layer, 0, wrong),
    "hidden weight": lambda layer, values, grads, wrong: weight_with(layer, 1, wrong),
    "input bias": lambda layer, values, grads, wrong: weight_with(layer, 2, wrong),
    "hidden bias": lambda layer, values, grads, wrong: weight_with(layer, 3, wrong),
    "one grad_state": lambda layer, values, grads, wrong: grads[6, :1].fill_(wrong),
    "grad_states of a step": lambda layer, values, grads, wrong: grads[6].fill_(wrong),
}


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf], ids=["nan", "inf", "-inf"])
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("hidden_size", [1, 5, 16, 50])  # padded by 15, 11, 0 and 14 units
@both_directions
@every_cell
def test_gradients_are_finite_where_those_of_torch_are(
    cell: RecurrentCell, bidirectional: bool, hidden_size: int, place: str, wrong: float
) -> None:
    case = Case(cell=cell, hidden_size=hidden_size, bidirectional=bidirectional, lengths=(5, 3, 8, 1))
    layer, values, offsets = case.layer(), case.values(), case.offsets()
    grads = torch.randn(
        len(values), hidden_size * (1 + bidirectional), generator=torch.Generator().manual_seed(7)
    )
    PLACES[place](layer, values, grads, wrong)
    got, expected = (outcome(run, layer, values, offsets, grad_states=grads) for run in (native, packed))
    for name, tensor in expected.items():
        finite = tensor.isfinite()
        torch.testing.assert_close(got[name][finite], tensor[finite], rtol=1e-4, atol=1e-5, msg=name)
        assert not bool((got[name].isnan() & tensor.isinf()).any()), name
