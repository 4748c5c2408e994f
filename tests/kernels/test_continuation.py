"""Sequences that arrive in pieces: each call continues from the final state of the one before."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from kernels.cases import Case, both_directions, every_cell, needs_kernels, same_bits, weights_of
from kernels.state_cases import LENGTHS, cases, parts, random_state, run, values_of
from seqclf.kernels import RecurrentCell, RecurrentState, recurrence

pytestmark = needs_kernels


@settings(deadline=None, max_examples=80)
@given(cases, st.data())
def test_a_sequence_in_pieces_gives_bitwise_the_states_of_one_call(case: Case, data: st.DataObject) -> None:
    weights = [weight.detach() for weight in weights_of(case.layer())]
    initial = data.draw(st.sampled_from([None, random_state(case)]))
    states, final = recurrence(case.values(), case.offsets(), weights, cell=case.cell, initial=initial)
    n_pieces = data.draw(st.integers(2, 4))
    ends = [sorted(data.draw(st.integers(0, n)) for _ in range(n_pieces - 1)) for n in case.lengths]
    sequences = torch.split(case.values(), list(case.lengths))
    state, found = initial, []
    for piece in range(n_pieces):
        chosen = [
            one[(cuts[piece - 1] if piece else 0) : (cuts[piece] if piece < n_pieces - 1 else None)]
            for one, cuts in zip(sequences, ends, strict=True)
        ]
        lengths = [len(one) for one in chosen]
        offsets = torch.tensor([0, *lengths]).cumsum(0)
        some, state = recurrence(torch.cat(chosen), offsets, weights, cell=case.cell, initial=state)
        found.append(torch.split(some, lengths))
    assert torch.equal(torch.cat([one for sequence in zip(*found, strict=True) for one in sequence]), states)
    assert state is not None
    assert same_bits(parts(state), parts(final))


@every_cell
def test_gradients_flow_through_pieces(cell: RecurrentCell) -> None:
    case = Case(cell=cell, lengths=(5, 9), hidden_size=19)
    weights = [weight.detach().requires_grad_() for weight in weights_of(case.layer())]
    values = case.values().requires_grad_()
    leaves = [values, *weights]
    whole, _ = recurrence(values, case.offsets(), weights, cell=cell)
    first, state = recurrence(values[[0, 1, 2, 5, 6]], torch.tensor([0, 3, 5]), weights, cell=cell)
    rest = [3, 4, *range(7, 14)]
    second, _ = recurrence(values[rest], torch.tensor([0, 2, 9]), weights, cell=cell, initial=state)
    got = torch.autograd.grad(first.square().sum() + second.square().sum(), leaves)
    expected = torch.autograd.grad(whole.square().sum(), leaves)
    torch.testing.assert_close(got, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("threads", [1, 2, 3])
@both_directions
@every_cell
def test_results_do_not_depend_on_threads_or_other_sequences(
    cell: RecurrentCell, bidirectional: bool, threads: int
) -> None:
    case = Case(
        cell=cell, bidirectional=bidirectional, lengths=[i * 7 % 23 for i in range(200)], hidden_size=21
    )
    initial, before = random_state(case), torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        expected = run(case, initial)
        torch.set_num_threads(threads)
        assert same_bits(run(case, initial), expected)
        weights = weights_of(case.layer())
        for index in (0, 7, 199):
            values = torch.split(values_of(case), list(case.lengths))[index]
            own = RecurrentState(*(part[index : index + 1] for part in parts(initial).values()))
            offsets = torch.tensor([0, len(values)])
            _, final = recurrence(
                values, offsets, weights, cell=cell, bidirectional=bidirectional, initial=own
            )
            for name, part in parts(final).items():
                assert torch.equal(part[0], expected[name][index])
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("guard", [torch.no_grad, torch.inference_mode])
@every_cell
def test_states_continue_without_gradients(cell: RecurrentCell, guard: Any) -> None:
    case = Case(cell=cell, lengths=LENGTHS)
    expected = run(case, random_state(case))
    weights = weights_of(case.layer())
    with guard():
        states, final = recurrence(
            values_of(case), case.offsets(), weights, cell=cell, initial=random_state(case)
        )
        recurrence(case.values(), case.offsets(), weights, cell=cell, initial=final)
    assert torch.equal(states, expected["states"])
    assert not any(part.requires_grad for part in (states, *parts(final).values()))
    assert all(torch.equal(part, expected[name]) for name, part in parts(final).items())


def test_autocast_accepts_a_bfloat16_state() -> None:
    case = Case(cell="lstm", lengths=LENGTHS)
    rounded = RecurrentState(*(part.bfloat16() for part in parts(random_state(case)).values()))
    floats = RecurrentState(*(part.float() for part in parts(rounded).values()))
    weights = weights_of(case.layer())
    with torch.autocast("cpu", dtype=torch.bfloat16):
        states, final = recurrence(case.values(), case.offsets(), weights, cell="lstm", initial=rounded)
    expected, _ = recurrence(case.values(), case.offsets(), weights, cell="lstm", initial=floats)
    assert torch.equal(states, expected)
    assert final.hidden.dtype == torch.float32


@both_directions
@every_cell
def test_states_are_unchanged_and_need_not_be_contiguous(cell: RecurrentCell, bidirectional: bool) -> None:
    case = Case(cell=cell, bidirectional=bidirectional, lengths=LENGTHS)
    initial, strided = (
        random_state(case),
        [part.T.contiguous().T for part in parts(random_state(case)).values()],
    )
    weights = weights_of(case.layer())
    results = [
        recurrence(
            case.values(), case.offsets(), weights, cell=cell, bidirectional=bidirectional, initial=one
        )
        for one in (initial, RecurrentState(*strided))
    ]
    assert not strided[0].is_contiguous()
    assert torch.equal(results[0][0], results[1][0])
    assert same_bits(parts(results[0][1]), parts(results[1][1]))
    assert same_bits(parts(initial), parts(random_state(case)))


@every_cell
def test_a_compiled_loop_over_pieces_gives_the_same_states_and_gradients(cell: RecurrentCell) -> None:
    torch.compiler.reset()
    weights = [weight.detach().requires_grad_() for weight in weights_of(Case(cell=cell).layer())]

    def total(values: Tensor, offsets: Tensor, initial: RecurrentState | None) -> Tensor:
        first, state = recurrence(values, offsets, weights, cell=cell, initial=initial)
        second, state = recurrence(values, offsets, weights, cell=cell, initial=state)
        return (first * second).sum() + sum(part.square().sum() for part in parts(state).values())

    compiled = torch.compile(total, fullgraph=True, backend="aot_eager")
    for lengths in ([4, 1, 6], [2, 2], [9, 3, 0, 8, 1]):
        case = Case(cell=cell, lengths=lengths)
        for initial in (None, random_state(case)):
            leaves = [case.values(), *weights]
            leaves += [] if initial is None else parts(initial).values()
            leaves = [leaf.requires_grad_() for leaf in leaves]
            results = []
            for function in (compiled, total):
                out = function(leaves[0], case.offsets(), initial)
                results.append([out, *torch.autograd.grad(out, leaves)])
            torch.testing.assert_close(results[0], results[1])
