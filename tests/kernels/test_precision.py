"""Products in bfloat16: exact where bfloat16 is, close to float64 elsewhere, bitwise independent of the batch."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import partial

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

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
    same_bits,
    weights_of,
)
from seqclf.kernels import RecurrentCell, check_precision, recurrence, status

pytestmark = needs_kernels
needs_bfloat16 = pytest.mark.skipif("bfloat16" not in status().precisions, reason="no AVX-512 BF16 here")
rounded = partial(native, precision="bfloat16")
ROUNDING = 2.0**-9
"""Largest relative error of a number rounded to bfloat16."""


def signed_permutations(layer: nn.RNNBase, seed: int) -> None:
    """Give each unit one input and one previous state, with the factor 1 or -1: all numbers stay small integers."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in layer.parameters():
            chosen = torch.randint(weight[0].numel(), (len(weight), 1), generator=generator)
            signs = torch.randint(2, (len(weight), 1), generator=generator).float() * 2 - 1
            weight.copy_(
                torch.zeros(len(weight), weight[0].numel()).scatter(1, chosen, signs).view_as(weight)
            )
        for name, weight in layer.named_parameters():
            if "weight_hh" in name:  # a permutation, so that no gradient grows
                order = torch.randperm(len(weight), generator=generator)
                weight.copy_(torch.eye(len(weight))[order] * weight.sum(1, keepdim=True))


@needs_bfloat16
@settings(deadline=None, max_examples=60)
@given(
    st.builds(
        Case,
        cell=st.just("relu"),
        input_size=st.integers(1, 140),
        hidden_size=st.integers(1, 140),
        lengths=st.lists(st.integers(0, 30), min_size=1, max_size=40).filter(sum),
        bidirectional=st.booleans(),
        bias=st.booleans(),
        seed=st.integers(0, 1000),
    )
)
def test_small_integers_give_the_bits_of_float32(case: Case) -> None:
    """They are exact in bfloat16, so a number in a wrong place or pair, or left out, shows."""
    layer, values = case.layer(), case.values().round().clamp(-2, 2)
    signed_permutations(layer, case.seed)

    def integers(run: Callable[..., Tensor]) -> dict[str, Tensor]:
        inputs = values.clone().requires_grad_()
        states = run(layer, inputs, case.offsets())
        grads = torch.randint(-1, 2, states.shape, generator=torch.Generator().manual_seed(1)).float()
        named = {"values": inputs, **dict(layer.named_parameters())}
        found = torch.autograd.grad(states, list(named.values()), grads)
        return {"states": states.detach(), **dict(zip(named, found, strict=True))}

    got, expected = integers(rounded), integers(native)
    assert all(float(tensor.abs().max()) < 2**24 for tensor in expected.values())
    for name, tensor in expected.items():
        assert torch.equal(got[name], tensor), name


@needs_bfloat16
@pytest.mark.parametrize("hidden_size", [1, 7, 33, 128, 300])
@every_cell
def test_errors_are_those_of_rounding_to_bfloat16(cell: RecurrentCell, hidden_size: int) -> None:
    case = Case(cell=cell, hidden_size=hidden_size, lengths=(60, 3, 41), bidirectional=True)
    exact = outcome_of(packed, case, torch.float64)
    got = outcome_of(rounded, case)
    errors = relative_error(got["states"], exact["states"]), relative_error(gradients(got), gradients(exact))
    # The gradient of the rectifier jumps where rounding moves a sum across zero.
    assert max(errors) < (32 if cell == "relu" else 8) * ROUNDING
    assert min(errors) > ROUNDING / 64  # float32 would be a thousand times closer


@needs_bfloat16
@both_directions
@every_cell
def test_only_the_factors_of_products_are_rounded(cell: RecurrentCell, bidirectional: bool) -> None:
    """With one step there is no previous state: rounding inputs and weights beforehand gives the float32 result."""
    case = Case(cell=cell, hidden_size=37, input_size=21, lengths=(1,) * 9, bidirectional=bidirectional)
    layer, values = case.layer(), case.values()
    exact = Case.layer(case)
    with torch.no_grad():
        for name, weight in exact.named_parameters():
            if "weight" in name:
                weight.copy_(weight.bfloat16())
        got = rounded(layer, values, case.offsets())
        expected = packed(exact.double(), values.bfloat16().double(), case.offsets())
    torch.testing.assert_close(got.double(), expected, rtol=0, atol=1e-6)


@needs_bfloat16
def test_gradients_are_products_of_rounded_factors() -> None:
    case = Case(cell="relu", hidden_size=37, input_size=21, lengths=(1,) * 9, bias=False)
    got = outcome_of(rounded, case)
    weight = next(iter(case.layer().parameters())).detach().bfloat16().double()
    values = case.values().bfloat16().double()
    grads = torch.randn(9, 37, generator=torch.Generator().manual_seed(7)) * (got["states"] > 0)
    grads = grads.bfloat16().double()
    torch.testing.assert_close(got["weight_ih_l0"].double(), grads.T @ values, rtol=0, atol=1e-5)
    torch.testing.assert_close(got["values"].double(), grads @ weight, rtol=0, atol=1e-5)


@needs_bfloat16
@settings(deadline=None, max_examples=40)
@given(
    st.builds(
        Case,
        cell=st.sampled_from(CELLS),
        input_size=st.integers(1, 70),
        hidden_size=st.integers(1, 140),
        lengths=st.lists(st.integers(1, 60), min_size=1, max_size=30),
        bidirectional=st.booleans(),
    ),
    st.data(),
)
def test_states_depend_on_neither_the_other_sequences_nor_position(case: Case, data: st.DataObject) -> None:
    def states_of(chosen: list[int]) -> list[Tensor]:
        arrays = torch.split(case.values(), list(case.lengths))
        lengths = [case.lengths[i] for i in chosen]
        values, offsets = torch.cat([arrays[i] for i in chosen]), torch.tensor([0, *lengths]).cumsum(0)
        with torch.no_grad():
            return list(torch.split(rounded(case.layer(), values, offsets), lengths))

    together = states_of(list(range(len(case.lengths))))
    chosen = data.draw(st.lists(st.sampled_from(range(len(together))), min_size=1, max_size=130))
    for i, states in zip(chosen, states_of(chosen), strict=True):
        assert torch.equal(states, together[i]), i


@needs_bfloat16
@every_cell
def test_results_do_not_depend_on_the_number_of_threads(cell: RecurrentCell) -> None:
    case = Case(cell=cell, hidden_size=70, lengths=[1 + i % 40 for i in range(100)], bidirectional=True)
    before = torch.get_num_threads()
    results = []
    try:
        for threads in (1, 2, 3):
            torch.set_num_threads(threads)
            results.append(outcome_of(rounded, case))
    finally:
        torch.set_num_threads(before)
    assert all(same_bits(result, results[0]) for result in results[1:])


@needs_bfloat16
@every_cell
def test_values_that_are_not_finite_stay_so_in_their_sequence_only(cell: RecurrentCell) -> None:
    case = Case(cell=cell, lengths=(4, 3, 5))
    values = case.values()
    values[5, 1] = math.nan
    got = outcome(rounded, case.layer(), values, case.offsets())
    clean = outcome(rounded, case.layer(), case.values(), case.offsets())
    assert got["states"][5:7].isnan().any(1).all()
    keep = torch.tensor([0, 1, 2, 3, 4, 7, 8, 9, 10, 11])
    assert torch.equal(got["states"][keep], clean["states"][keep])
    assert got["weight_hh_l0"].isnan().any()


def test_an_unknown_precision_is_refused() -> None:
    weights = weights_of(Case(cell="gru").layer())
    message = "`precision` must be one of ['float32', 'bfloat16']; got 'float16'."
    with pytest.raises(ValueError, match=re.escape(message)):
        recurrence(torch.zeros(1, 3), torch.tensor([0, 1]), weights, cell="gru", precision="float16")  # type: ignore[arg-type]


@pytest.mark.parametrize("chosen", [True, False])
def test_an_instruction_set_without_bfloat16_is_refused(
    chosen: bool, load_again: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEQCLF_ISA", "portable")
    load_again()
    got = "SEQCLF_ISA=portable, which does not use it. Unset this variable"
    if not chosen:
        monkeypatch.delenv("SEQCLF_ISA")
        got = "the instruction set 'portable', of a processor or from a compiler without it. Use another machine"
    assert status().precisions == ("float32",)
    message = (
        'precision="bfloat16" must run on a processor with AVX-512 BF16 (AMD since Zen 4, Intel Xeon since Sapphire Rapids); '
        f'got {got}, or set precision="float32", with the same weights.'
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        check_precision("bfloat16")
