"""Prepared layers compute bitwise what the operators compute, with weights of their own."""

from __future__ import annotations

import copy
import pickle
import re
import threading
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from kernels.cases import Case, every_cell, needs_kernels, same_bits, weights_of
from kernels.state_cases import cases, parts, random_state
from seqclf.kernels import PreparedLayer, PreparedLinear, RecurrentState, linear, recurrence, status

pytestmark = needs_kernels


def weights(case: Case) -> list[Tensor]:
    return [weight.detach() for weight in weights_of(case.layer())]


@settings(max_examples=60)
@given(cases, st.booleans(), st.sampled_from(status().precisions or ("float32",)))
def test_a_prepared_layer_is_bitwise_the_recurrence(case: Case, starts: bool, precision: Any) -> None:
    layer = PreparedLayer(weights(case), cell=case.cell, precision=precision)
    initial = random_state(case) if starts else None
    states, final = layer(case.values(), case.offsets(), initial)
    options: dict[str, Any] = {"cell": case.cell, "precision": precision, "initial": initial}
    expected, end = recurrence(case.values(), case.offsets(), weights(case), **options)
    assert torch.equal(states, expected)
    assert same_bits(parts(final), parts(end))
    again, _ = layer(case.values(), case.offsets(), initial)
    assert torch.equal(again, states)


@settings(max_examples=60)
@given(st.integers(1, 90), st.integers(1, 70), st.integers(0, 100), st.booleans())
def test_a_prepared_linear_map_is_bitwise_the_operator(
    inputs: int, outputs: int, n_rows: int, has_bias: bool
) -> None:
    generator = torch.Generator().manual_seed(inputs)
    weight = torch.randn(outputs, inputs, generator=generator)
    bias = torch.randn(outputs, generator=generator) if has_bias else None
    rows = torch.randn(n_rows, inputs, generator=generator)
    assert torch.equal(PreparedLinear(weight, bias)(rows), linear(rows, weight, bias))


@every_cell
def test_later_changes_of_the_weights_have_no_effect(cell: Any) -> None:
    case = Case(cell=cell)
    given_weights = weights(case)
    layer, map_ = PreparedLayer(given_weights, cell=cell), PreparedLinear(given_weights[0], given_weights[2])
    before = layer(case.values(), case.offsets())[0], map_(case.values())
    for weight in given_weights:
        weight.fill_(9.0)
    assert same_bits(
        {"a": layer(case.values(), case.offsets())[0], "b": map_(case.values())},
        {"a": before[0], "b": before[1]},
    )


def clones(prepared: Any) -> list[Any]:
    return [copy.copy(prepared), copy.deepcopy(prepared), pickle.loads(pickle.dumps(prepared))]


@every_cell
def test_copies_have_memory_of_their_own(cell: Any) -> None:
    case = Case(cell=cell, hidden_size=70)
    layer = PreparedLayer(weights(case), cell=cell)
    before = layer(case.values(), case.offsets())[0]
    copies = clones(layer)
    packed = layer._packed
    del layer
    packed.fill_(torch.nan)  # as if freed
    assert all(torch.equal(one(case.values(), case.offsets())[0], before) for one in copies)
    weight = torch.randn(5, 3, generator=torch.Generator().manual_seed(0))
    map_ = PreparedLinear(weight)
    expected = map_(case.values())
    copies = clones(map_)
    map_._packed.fill_(torch.nan)
    assert all(torch.equal(one(case.values()), expected) for one in copies)


def test_threads_share_a_prepared_layer() -> None:
    case = Case(cell="lstm", lengths=(3, 9, 30), hidden_size=20)
    layer = PreparedLayer(weights(case), cell="lstm")
    expected = layer(case.values(), case.offsets())[0]
    wrong: list[int] = []

    def call(number: int) -> None:
        wrong.extend(
            number for _ in range(50) if not torch.equal(layer(case.values(), case.offsets())[0], expected)
        )

    threads = [threading.Thread(target=call, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


VALUES, OFFSETS = torch.zeros(4, 2), torch.tensor([0, 3, 4])
STATE = RecurrentState(torch.zeros(2, 3))
freed = torch.zeros(4, 2)
freed.untyped_storage().resize_(0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((VALUES.double(), OFFSETS), "values must be float32 of shape (4, 2); got torch.float64"),
        (
            (torch.zeros(4, 3), OFFSETS),
            "values must be float32 of shape (4, 2); got torch.float32, shape (4, 3)",
        ),
        ((torch.zeros(()), OFFSETS), "values must be float32 of shape (0, 2)"),
        ((VALUES, OFFSETS.int()), "offsets must be int64 with one axis; got torch.int32"),
        ((VALUES, OFFSETS[:0]), "offsets must be int64 with one axis; got torch.int64, shape (0,)"),
        ((VALUES, torch.tensor([0, 3, 5])), "offsets must be non-decreasing from 0 to 4"),
        ((VALUES, torch.tensor([0, 5, 4])), "with a decrease between"),
        (
            (VALUES, OFFSETS, RecurrentState(torch.zeros(3, 3))),
            "initial.hidden must be float32 of shape (2, 3)",
        ),
        ((VALUES, OFFSETS, RecurrentState(torch.zeros(2, 3), torch.zeros(2, 3))), "initial.memory must be"),
        ((VALUES.to_sparse(), OFFSETS), "values must be a dense tensor; got a sparse"),
        ((VALUES.to("meta"), OFFSETS.to("meta")), "All tensors must be on one device"),
        ((freed, OFFSETS), "The storage of values must hold its elements"),
        (([[0.0, 0.0]], OFFSETS), "must be a torch.Tensor; got list"),
    ],
)
def test_what_would_be_read_out_of_bounds_is_refused(arguments: Any, message: str) -> None:
    layer = PreparedLayer([torch.zeros(9, 2), torch.zeros(9, 3)], cell="gru")
    with pytest.raises((ValueError, TypeError), match=re.escape(message)):
        layer(*arguments)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (torch.zeros(4, 3), "rows must be float32 of shape (4, 2)"),
        (torch.zeros(4, 2).double(), "rows must be float32 of shape (4, 2)"),
        (torch.zeros(2), "rows must be float32 of shape (2, 2)"),
        (torch.zeros(4, 2, device="meta"), "All tensors must be on one device"),
        (freed, "The storage of rows must hold its elements"),
    ],
)
def test_rows_of_another_shape_are_refused(rows: Tensor, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        PreparedLinear(torch.zeros(3, 2))(rows)


@pytest.mark.parametrize(
    ("weights", "cell", "message"),
    [
        ([torch.zeros(9, 2), torch.zeros(9, 3)], "lstm", "must be float32 of shape (12, 2)"),
        ([torch.zeros(9, 2)], "gru", "weights must hold 2 or 4 tensors per direction; got 1"),
        ([torch.zeros(9, 2), torch.zeros(9, 3)], "sru", "`cell` must be one of"),
        ([torch.zeros(9, 2).double(), torch.zeros(9, 3)], "gru", "weights[0] of cell 'gru' must be float32"),
    ],
)
def test_weights_that_do_not_fit_are_refused(weights: Any, cell: Any, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        PreparedLayer(weights, cell=cell)


def test_a_linear_weight_must_be_a_matrix() -> None:
    with pytest.raises(ValueError, match="weight must be float32"):
        PreparedLinear(torch.zeros(3))
    with pytest.raises(ValueError, match="bias must be float32"):
        PreparedLinear(torch.zeros(3, 2), torch.zeros(2))
