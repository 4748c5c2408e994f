"""Results are bitwise independent of the other sequences of a batch, of position and number of threads."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.cases import (
    CELLS,
    Case,
    both_directions,
    every_cell,
    native,
    needs_kernels,
    outcome_of,
    same_bits,
)
from seqclf.kernels import RecurrentCell

pytestmark = needs_kernels


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    """Restore the number of threads."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def states_of(case: Case, sequences: list[int]) -> list[torch.Tensor]:
    """Run the given sequences of a case, in this order, as one batch."""
    arrays = torch.split(case.values(), list(case.lengths))
    chosen = [arrays[i] for i in sequences]
    lengths = [len(one) for one in chosen]
    with torch.no_grad():
        states = native(case.layer(), torch.cat(chosen), torch.tensor([0, *lengths]).cumsum(0))
    return list(torch.split(states, lengths))


def assert_equal(case: Case, sequences: list[int], expected: list[torch.Tensor]) -> None:
    for i, states in zip(sequences, states_of(case, sequences), strict=True):
        assert torch.equal(states, expected[i]), i


@settings(deadline=None, max_examples=60)
@given(
    st.builds(
        Case,
        cell=st.sampled_from(CELLS),
        input_size=st.integers(1, 70),
        hidden_size=st.integers(1, 70),
        lengths=st.lists(st.integers(1, 60), min_size=1, max_size=30),
        num_layers=st.integers(1, 2),
        bidirectional=st.booleans(),
    ),
    st.data(),
)
def test_states_depend_on_neither_the_other_sequences_nor_position(case: Case, data: st.DataObject) -> None:
    everything = list(range(len(case.lengths)))
    together = states_of(case, everything)
    alone = data.draw(st.sampled_from(everything))
    assert_equal(case, [alone], together)
    assert_equal(case, data.draw(st.permutations(everything)), together)
    chosen = data.draw(st.lists(st.sampled_from(everything), min_size=1, max_size=130))
    assert_equal(case, chosen, together)


@both_directions
@every_cell
def test_states_do_not_depend_on_the_number_of_other_sequences(
    cell: RecurrentCell, bidirectional: bool
) -> None:
    lengths = tuple(1 + i * 37 % 71 for i in range(600))
    case = Case(cell=cell, bidirectional=bidirectional, lengths=lengths, hidden_size=21)
    together = states_of(case, list(range(600)))
    for number in (1, 2, 5, 6, 7, 95, 97, 400):
        assert_equal(case, list(range(number))[::-1], together)


@pytest.mark.parametrize(
    "sizes",
    [
        {"hidden_size": 9, "lengths": [1 + i % 40 for i in range(150)]},
        {"hidden_size": 200, "input_size": 65, "lengths": [4, 2, 9, 9, 1, 7, 5, 3]},
        {"hidden_size": 5, "input_size": 40, "lengths": [1 + i % 4 for i in range(900)]},
        {"hidden_size": 17, "lengths": [130]},
    ],
    ids=["long", "wide", "many", "one"],
)
@both_directions
@every_cell
def test_states_and_gradients_do_not_depend_on_the_number_of_threads(
    cell: RecurrentCell, bidirectional: bool, sizes: dict[str, object]
) -> None:
    case = Case(cell=cell, bidirectional=bidirectional, **sizes)  # type: ignore[arg-type]
    torch.set_num_threads(1)
    expected = outcome_of(native, case)
    for threads in (2, 3, 5):
        torch.set_num_threads(threads)
        assert same_bits(outcome_of(native, case), expected), threads
    for _ in range(3):
        assert same_bits(outcome_of(native, case), expected)
