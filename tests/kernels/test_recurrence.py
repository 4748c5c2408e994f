"""States and gradients equal those of torch's packed layers."""

from __future__ import annotations

import pytest
import torch
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from kernels.cases import (
    CELLS,
    Case,
    both_directions,
    every_cell,
    gradients,
    native,
    needs_kernels,
    outcome,
    outcome_of,
    packed,
    relative_error,
)
from seqclf.kernels import RecurrentCell, recurrence

pytestmark = needs_kernels
TOLERANCE = 1e-5

# Multiples of every register width, and one more or less.
sizes = st.one_of(
    st.integers(1, 300),
    st.builds(lambda times, of, off: max(1, times * of + off), st.integers(0, 4), st.sampled_from([4, 8, 16, 64]),
              st.integers(-1, 1)),
)  # fmt: skip
cases = st.builds(
    Case,
    cell=st.sampled_from(CELLS),
    input_size=sizes,
    hidden_size=sizes,
    lengths=st.lists(st.integers(1, 9), min_size=1, max_size=9),
    num_layers=st.integers(1, 3),
    bidirectional=st.booleans(),
    bias=st.booleans(),
    seed=st.integers(0, 1000),
)
# Lengths around which the kernels split their work: sequences into tiles, steps into chunks, tiles into separate sums.
SHAPES: dict[str, dict[str, object]] = {
    "one step": {"lengths": [1]},
    "one sequence": {"lengths": [300]},
    "one sequence more than a tile": {"lengths": [7] * 6 + [2]},
    "several tiles": {"lengths": [4 + i % 5 for i in range(130)]},
    "steps around a chunk": {"lengths": [31, 32, 33, 64, 65, 1, 191, 192, 193, 97]},
    "more tiles than sums": {"lengths": [1 + i % 3 for i in range(900)], "input_size": 30, "hidden_size": 4},
    "three layers": {"lengths": [6, 1, 9, 4], "num_layers": 3, "hidden_size": 19},
    "panels and a remainder": {"lengths": [9, 8, 7, 3, 2, 2, 1], "input_size": 131, "hidden_size": 83},
    "whole panels": {"lengths": [9, 8, 7, 3, 2, 2, 1], "input_size": 64, "hidden_size": 128},
    "reused blocks": {"lengths": [40] * 30, "hidden_size": 70},
}


def test_a_tiny_case_by_hand() -> None:
    weights = [torch.tensor([[2.0]]), torch.tensor([[10.0]]), torch.tensor([1.0]), torch.tensor([0.0])]
    values = torch.tensor([[1.0], [1.0], [2.0]], requires_grad=True)
    states, _ = recurrence(values, torch.tensor([0, 1, 3]), weights, cell="relu")
    # relu(2 * 1 + 1) = 3; then relu(2 * 2 + 1 + 10 * 3) = 35.
    assert states.flatten().tolist() == [3.0, 3.0, 35.0]
    states.sum().backward()  # type: ignore[no-untyped-call]
    assert values.grad is not None
    assert values.grad.flatten().tolist() == [2.0, 2.0 + 10.0 * 2.0, 2.0]


@settings(deadline=None, max_examples=60)
@given(cases)
@example(Case(cell="tanh", input_size=93, hidden_size=1, lengths=[3], bias=False))  # close to 1 at each step
@example(Case(cell="gru", input_size=99, hidden_size=1, lengths=[2], bias=False))  # an update gate close to 1
@example(Case(cell="gru", input_size=299, hidden_size=1, lengths=[1], bias=False))  # a state close to 1
def test_any_layer_gives_the_results_of_torch(case: Case) -> None:
    got, expected = outcome_of(native, case), outcome_of(packed, case)
    # Where an update gate is close to 1, 1 - z has the rounding of numbers near 1, and the state is small.
    rounding = 1e-7 * got["states"].numel() ** 0.5
    difference = float((got["states"] - expected["states"]).norm())
    assert difference < TOLERANCE * float(expected["states"].norm()) + rounding
    if case.cell == "relu":
        # Rounding decides the sign of a sum near zero, and below the last layer it is not visible (see "three layers").
        assume(case.num_layers == 1 and torch.equal(got["states"] > 0, expected["states"] > 0))
    # The slope of tanh, 1 - h ** 2, loses digits where h is close to 1: a layer may be so at each of its steps. Where another value
    # within a gated cell is close to a bound, torch loses digits, too.
    slope = 1.0 if case.cell == "relu" else float((1 - expected["states"].double() ** 2).max())
    exact = gradients(outcome_of(packed, case, torch.float64))
    lost = relative_error(gradients(expected), exact)
    assert relative_error(gradients(got), exact) < max(TOLERANCE / max(slope, 1e-4), 20 * lost)


@pytest.mark.parametrize("shape", SHAPES)
@both_directions
@every_cell
def test_batches_of_any_shape_give_the_results_of_torch(
    cell: RecurrentCell, bidirectional: bool, shape: str
) -> None:
    assert_close(Case(cell=cell, bidirectional=bidirectional, **SHAPES[shape]))  # type: ignore[arg-type]


@every_cell
def test_one_long_sequence_among_short_ones_gives_the_results_of_torch(cell: RecurrentCell) -> None:
    assert_close(Case(cell=cell, bidirectional=True, lengths=[5] * 9 + [3000] + [5] * 8))


def assert_close(case: Case) -> None:
    got, expected = outcome_of(native, case), outcome_of(packed, case)
    assert relative_error(got["states"], expected["states"]) < TOLERANCE
    if case.cell == "relu" and not torch.equal(got["states"] > 0, expected["states"] > 0):
        pytest.skip("rounding decided the sign of a sum, so gradients may differ")
    for name, gradient in expected.items():
        assert relative_error(got[name], gradient) < 2 * TOLERANCE, name


@pytest.mark.parametrize("needed", ["values", "weights"])
@both_directions
@every_cell
def test_gradients_do_not_depend_on_which_others_are_computed(
    cell: RecurrentCell, bidirectional: bool, needed: str
) -> None:
    case = Case(cell=cell, bidirectional=bidirectional)
    layer, values = case.layer(), case.values()
    everything = outcome_of(native, case)
    layer.requires_grad_(needed == "weights")
    values.requires_grad_(needed == "values")
    states = native(layer, values, case.offsets())
    states.backward(torch.randn(states.shape, generator=torch.Generator().manual_seed(7)))  # type: ignore[no-untyped-call]
    for name, tensor in {"values": values, **dict(layer.named_parameters())}.items():
        if (name == "values") == (needed == "values"):
            assert tensor.grad is not None
            assert torch.equal(tensor.grad, everything[name]), name
        else:
            assert tensor.grad is None, name


@both_directions
@every_cell
def test_gradients_match_finite_differences(cell: RecurrentCell, bidirectional: bool) -> None:
    """Along one random direction in the space of all values and weights; independent of torch's layers."""
    case = Case(cell=cell, bidirectional=bidirectional, lengths=(5, 2, 9))
    layer, values, offsets = case.layer(), case.values(), case.offsets()
    found = outcome_of(native, case)
    generator = torch.Generator().manual_seed(3)
    inputs = {"values": values, **{name: weight.detach() for name, weight in layer.named_parameters()}}
    directions = {name: torch.randn(tensor.shape, generator=generator) for name, tensor in inputs.items()}
    grad_states = torch.randn(found["states"].shape, generator=torch.Generator().manual_seed(7))

    @torch.no_grad()
    def total(step: float) -> float:
        for name, tensor in inputs.items():
            tensor += step * directions[name]
        states = native(layer, values, offsets)
        for name, tensor in inputs.items():
            tensor -= step * directions[name]
        return float((states.double() * grad_states).sum())

    slope = (total(1e-3) - total(-1e-3)) / 2e-3
    expected = sum(float((found[name].double() * one).sum()) for name, one in directions.items())
    assert slope == pytest.approx(expected, rel=1e-2, abs=1e-2)


@both_directions
@every_cell
def test_sequences_without_steps_have_no_states(cell: RecurrentCell, bidirectional: bool) -> None:
    without = Case(cell=cell, bidirectional=bidirectional, lengths=(4, 1, 6))
    with_empty = Case(cell=cell, bidirectional=bidirectional, lengths=(0, 4, 0, 0, 1, 6, 0))
    got, expected = outcome_of(native, with_empty), outcome_of(packed, without)
    torch.testing.assert_close(got, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("lengths", [(), (0,), (0, 0, 0)])
@both_directions
@every_cell
def test_a_batch_without_steps_has_no_states_and_zero_gradients(
    cell: RecurrentCell, bidirectional: bool, lengths: tuple[int, ...]
) -> None:
    case = Case(cell=cell, bidirectional=bidirectional, lengths=lengths)
    got = outcome(native, case.layer(), case.values(), case.offsets())
    assert got["states"].shape == (0, 10 if bidirectional else 5)
    assert all(not gradient.any() for gradient in got.values())


@every_cell
def test_tensors_need_not_be_contiguous(cell: RecurrentCell) -> None:
    case = Case(cell=cell, bidirectional=True)
    layer, values, offsets = case.layer(), case.values(), case.offsets()
    expected = native(layer, values, offsets)
    with torch.no_grad():
        for weight in layer.parameters():
            weight.set_(torch.stack([weight, weight], dim=-1)[..., 0])  # type: ignore[call-overload]
    strided = values.T.contiguous().T
    column = torch.stack([offsets, offsets], dim=1)[:, 0]
    assert not strided.is_contiguous()
    assert not column.is_contiguous()
    assert torch.equal(native(layer, strided, column), expected)
