"""Initial and final states equal those of torch's packed layers, and so do gradients through them."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kernels.cases import Case, both_directions, every_cell, needs_kernels, same_bits, weights_of
from kernels.state_cases import (
    ALL,
    LENGTHS,
    assert_close,
    cases,
    parts,
    random_like,
    random_state,
    results_and_gradients,
    run,
    run_torch,
    values_of,
)
from seqclf.kernels import RecurrentCell, RecurrentState, recurrence

pytestmark = needs_kernels


def test_a_tiny_case_by_hand() -> None:
    weights = [torch.tensor([[2.0]]), torch.tensor([[10.0]]), torch.tensor([[3.0]]), torch.tensor([[100.0]])]
    hidden = torch.tensor([[7.0, 5.0], [8.0, 6.0]], requires_grad=True)
    states, final = recurrence(
        torch.tensor([[1.0], [4.0]]),
        torch.tensor([0, 2, 2]),
        weights,
        cell="relu",
        bidirectional=True,
        initial=RecurrentState(hidden),
    )
    # Forward: 2 * 1 + 10 * 7, then 2 * 4 + 10 * 72; backward: 3 * 4 + 100 * 5, then 3 * 1 + 100 * 512.
    assert states.tolist() == [[72.0, 51203.0], [728.0, 512.0]]
    assert final.hidden.tolist() == [[728.0, 51203.0], [8.0, 6.0]]
    assert final.memory is None
    final.hidden.sum().backward()  # type: ignore[no-untyped-call]
    assert hidden.grad is not None
    assert hidden.grad.tolist() == [[100.0, 10000.0], [1.0, 1.0]]


@settings(deadline=None, max_examples=60)
@given(
    cases, st.booleans(), st.sampled_from([ALL, ("states",), ("hidden",), ("memory",), ("hidden", "memory")])
)
def test_any_layer_gives_the_results_of_torch(
    case: Case, bidirectional: bool, losses: tuple[str, ...]
) -> None:
    assume(any(case.lengths))
    case = Case(**{**vars(case), "bidirectional": bidirectional})
    if case.cell != "lstm":
        losses = tuple(name for name in losses if name != "memory") or ("hidden",)
    initial = random_state(case)
    got, expected = run(case, initial, losses), run_torch(case, initial, losses)
    if case.cell == "relu":
        # Rounding decides the sign of a sum near zero.
        assume(torch.equal(got["states"] > 0, expected["states"] > 0))
    assert_close(got, expected)


@both_directions
@every_cell
def test_batches_of_several_tiles_and_chunks_give_the_results_of_torch(
    cell: RecurrentCell, bidirectional: bool
) -> None:
    case = Case(cell=cell, bidirectional=bidirectional, lengths=[200, 0, *(i % 40 for i in range(128))])
    assert_close(run(case, random_state(case)), run_torch(case, random_state(case)))


@both_directions
@every_cell
def test_no_initial_state_is_one_of_zeros(cell: RecurrentCell, bidirectional: bool) -> None:
    case = Case(cell=cell, bidirectional=bidirectional, lengths=LENGTHS, hidden_size=17)
    zeros = RecurrentState(*(torch.zeros_like(part) for part in parts(random_state(case)).values()))
    given = {name: one for name, one in run(case, zeros).items() if not name.startswith("of initial")}
    assert same_bits(run(case, None), given)


@both_directions
@every_cell
def test_a_sequence_without_steps_keeps_its_state(cell: RecurrentCell, bidirectional: bool) -> None:
    case = Case(cell=cell, bidirectional=bidirectional, lengths=LENGTHS)
    initial = random_state(case)
    got, zeros = run(case, initial), run(case, None)
    random = random_like({name: got[name] for name in ("states", *parts(initial))})
    for index, (name, part) in enumerate(parts(initial).items()):
        assert torch.equal(got[name][1], part[1])
        assert torch.equal(got[f"of initial {index}"][1], random[name][1])
        assert not zeros[name][1].any()


@pytest.mark.parametrize("lengths", [(), (0,), (0, 0, 0)])
@both_directions
@every_cell
def test_a_batch_without_steps_returns_its_initial_state(
    cell: RecurrentCell, bidirectional: bool, lengths: tuple[int, ...]
) -> None:
    case = Case(cell=cell, bidirectional=bidirectional, lengths=lengths)
    initial = random_state(case)
    got = run(case, initial)
    assert got["states"].shape == (0, 10 if bidirectional else 5)
    for index, (name, part) in enumerate(parts(initial).items()):
        assert torch.equal(got[name], part)
        assert torch.equal(
            got[f"of initial {index}"], random_like({"states": got["states"], **parts(initial)})[name]
        )
    assert all(not gradient.any() for name, gradient in got.items() if name.startswith("of weight"))


@pytest.mark.parametrize("needed", ["values", "hidden", "memory"])
@both_directions
def test_gradients_do_not_depend_on_which_others_are_computed(bidirectional: bool, needed: str) -> None:
    case = Case(cell="lstm", bidirectional=bidirectional, lengths=LENGTHS)
    initial, values = random_state(case), values_of(case)
    chosen = {"values": values, **parts(initial)}[needed].requires_grad_()
    weights = [weight.detach() for weight in weights_of(case.layer())]
    states, final = recurrence(
        values, case.offsets(), weights, cell="lstm", bidirectional=bidirectional, initial=initial
    )
    got = results_and_gradients({"states": states, **parts(final)}, {"it": chosen}, ALL)["of it"]
    everything = run(case, random_state(case))
    assert torch.equal(
        got,
        everything["of values" if needed == "values" else f"of initial {['hidden', 'memory'].index(needed)}"],
    )


@both_directions
@every_cell
def test_nan_in_one_initial_state_affects_only_its_own_sequence(
    cell: RecurrentCell, bidirectional: bool
) -> None:
    case = Case(cell=cell, bidirectional=bidirectional, lengths=(5, 3, 8, 4))
    clean, broken = run(case, random_state(case)), random_state(case)
    for part in parts(broken).values():
        part[2] = math.nan
    got = run(case, broken)
    others = torch.tensor([True, True, False, True])
    steps = others.repeat_interleave(torch.tensor(case.lengths))
    for name in ("states", "of values"):
        assert torch.equal(got[name][steps], clean[name][steps]), name
    assert bool(got["states"][~steps].isnan().all())
    for index, name in enumerate(parts(broken)):
        assert torch.equal(got[name][others], clean[name][others])
        assert torch.equal(got[f"of initial {index}"][others], clean[f"of initial {index}"][others])
