"""Arguments that would make the kernels read or write out of bounds raise an error."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from kernels.cases import needs_kernels
from seqclf.kernels import RecurrentState, recurrence

pytestmark = needs_kernels


def call(**changed: Any) -> Tensor:
    """Call with four valid steps of two features and three units, except for what is changed."""
    weights = [torch.zeros(9, 2), torch.zeros(9, 3), torch.zeros(9), torch.zeros(9)]
    weights = changed.pop("weights", weights)
    for index, weight in changed.pop("replace", {}).items():
        weights[index] = weight
    good: dict[str, Any] = {"values": torch.zeros(4, 2), "offsets": torch.tensor([0, 3, 4]), "cell": "gru"}
    good |= changed
    return recurrence(good.pop("values"), good.pop("offsets"), weights, **good)[0]


def test_valid_arguments_are_accepted() -> None:
    assert call().shape == (4, 3)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"cell": "sru"}, "`cell` must be one of ['tanh', 'relu', 'gru', 'lstm']; got 'sru'."),
        (
            {"values": torch.zeros(4, 2, dtype=torch.float64)},
            "values must be float32 of shape (n_steps, input_size); got torch.float64, shape (4, 2)",
        ),
        (
            {"values": torch.zeros(4)},
            "values must be float32 of shape (n_steps, input_size); got torch.float32, shape (4,)",
        ),
        (
            {"offsets": torch.tensor([0, 3, 4], dtype=torch.int32)},
            "offsets must be int64 with one axis; got torch.int32, shape (3,)",
        ),
        (
            {"offsets": torch.tensor([[0, 4]])},
            "offsets must be int64 with one axis; got torch.int64, shape (1, 2)",
        ),
        (
            {"offsets": torch.zeros(0, dtype=torch.int64)},
            "offsets must be int64 with one axis; got torch.int64, shape (0,)",
        ),
        (
            {"offsets": torch.tensor([1, 4])},
            "offsets must be non-decreasing from 0 to 4, the number of steps; got 1 to 4",
        ),
        (
            {"offsets": torch.tensor([0, 5])},
            "offsets must be non-decreasing from 0 to 4, the number of steps; got 0 to 5",
        ),
        (
            {"offsets": torch.tensor([0, 3, 1, 4])},
            "offsets must be non-decreasing from 0 to 4, the number of steps; got 0 to 4 with a decrease between",
        ),
        ({"weights": []}, "weights must hold 2 or 4 tensors per direction; got 0 for 1 direction(s)"),
        (
            {"weights": [torch.zeros(9, 2)] * 3},
            "weights must hold 2 or 4 tensors per direction; got 3 for 1 direction(s)",
        ),
        (
            {"weights": [torch.zeros(9, 2)] * 5, "bidirectional": True},
            "weights must hold 2 or 4 tensors per direction; got 5 for 2 direction(s)",
        ),
        (
            {"replace": {0: torch.zeros(9, 3)}},
            "weights[0] of cell 'gru' must be float32 of shape (9, 2); got torch.float32, shape (9, 3)",
        ),
        (
            {"replace": {1: torch.zeros(8, 3)}},
            "weights[1] of cell 'gru' must be float32 of shape (9, 3); got torch.float32, shape (8, 3)",
        ),
        (
            {"replace": {2: torch.zeros(9, dtype=torch.float64)}},
            "weights[2] of cell 'gru' must be float32 of shape (9,); got torch.float64, shape (9,)",
        ),
        (
            {"replace": {3: torch.zeros(3)}},
            "weights[3] of cell 'gru' must be float32 of shape (9,); got torch.float32, shape (3,)",
        ),
        (
            {"cell": "lstm"},
            "weights[0] of cell 'lstm' must be float32 of shape (12, 2); got torch.float32, shape (9, 2)",
        ),
    ],
)
def test_invalid_arguments_are_refused(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        call(**changed)


def test_weights_of_the_reverse_direction_are_checked_too() -> None:
    good = [torch.zeros(9, 2), torch.zeros(9, 3)]
    message = "weights[2] of cell 'gru' must be float32 of shape (9, 2); got torch.float32, shape (9, 5)"
    with pytest.raises(ValueError, match=re.escape(message)):
        call(weights=[*good, torch.zeros(9, 5), good[1]], bidirectional=True)


def test_a_layer_without_units_is_refused() -> None:
    with pytest.raises(ValueError, match="input_size and hidden_size must be at least 1; got 2 and 0"):
        call(weights=[torch.zeros(0, 2), torch.zeros(0, 0)])


def test_offsets_whose_differences_overflow_are_refused() -> None:
    with pytest.raises(ValueError, match="offsets must be non-decreasing from 0 to 4, the number of steps"):
        call(offsets=torch.tensor([0, 2**63 - 1, -2, 4]))


def test_the_backward_pass_refuses_offsets_changed_since_the_forward_pass() -> None:
    offsets = np.array([0, 3, 4])
    weights = [torch.zeros(9, 2, requires_grad=True), torch.zeros(9, 3)]
    states = call(offsets=torch.from_numpy(offsets), weights=weights)
    offsets[:] = [0, 900, 1800]
    with pytest.raises(
        ValueError, match="offsets must be non-decreasing from 0 to 4, the number of steps; got 0 to 1800"
    ):
        states.sum().backward()  # type: ignore[no-untyped-call]


LSTM = [torch.zeros(12, 2), torch.zeros(12, 3)]


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        (
            {"initial": torch.zeros(2, 3)},
            TypeError,
            "initial must be a RecurrentState or None; got Tensor. "
            "Pass RecurrentState(hidden) or, for an LSTM, RecurrentState(hidden, memory).",
        ),
        (
            {"initial": RecurrentState(torch.zeros(3, 3))},
            ValueError,
            "initial.hidden must be float32 of shape (2, 3); got torch.float32, shape (3, 3)",
        ),
        (
            {"initial": RecurrentState(torch.zeros(2, 3, dtype=torch.float64))},
            ValueError,
            "initial.hidden must be float32 of shape (2, 3); got torch.float64, shape (2, 3)",
        ),
        (
            {"initial": RecurrentState(torch.zeros(1, 2, 3))},
            ValueError,
            "initial.hidden must be float32 of shape (2, 3); got torch.float32, shape (1, 2, 3)",
        ),
        (
            {"initial": RecurrentState(torch.zeros(2, 3), torch.zeros(2, 3))},
            ValueError,
            "initial.memory must be a tensor for cell \"lstm\" and None for any other; got cell 'gru' and a tensor. "
            "Is it the state of another layer?",
        ),
        (
            {"initial": RecurrentState(torch.zeros(2, 3)), "cell": "lstm", "weights": LSTM},
            ValueError,
            "initial.memory must be a tensor for cell \"lstm\" and None for any other; got cell 'lstm' and None. "
            "Is it the state of another layer?",
        ),
        (
            {
                "initial": RecurrentState(torch.zeros(2, 3), torch.zeros(2, 4)),
                "cell": "lstm",
                "weights": LSTM,
            },
            ValueError,
            "initial.memory must be float32 of shape (2, 3); got torch.float32, shape (2, 4)",
        ),
    ],
)
def test_initial_states_that_do_not_fit_are_refused(
    changed: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=re.escape(message)):
        call(**changed)


@pytest.mark.parametrize("wrong", range(5))
def test_the_backward_operator_refuses_states_and_gradients_of_another_shape(wrong: int) -> None:
    """As the backward pass would find them if a hook had changed them."""
    good = [torch.zeros(2, 3) for _ in range(4)]  # of the final state, and the initial one
    broken = [one[:1] if index == wrong else one for index, one in enumerate(good)]
    grad_final, initial = broken[:2], broken[2:]
    layer = (torch.zeros(4, 2), torch.tensor([0, 3, 4]), LSTM, initial, "lstm", False, "float32")
    names = ["grad_final.hidden", "grad_final.memory", "initial.hidden", "initial.memory"]
    passed = (torch.zeros(4, 3), grad_final, torch.zeros(4, 3), torch.zeros(4, 80))
    if wrong == len(good):
        torch.ops.seqclf.recurrence_backward(*passed, *layer, True)
        return
    message = f"{names[wrong]} must be float32 of shape (2, 3); got torch.float32, shape (1, 3)"
    with pytest.raises(ValueError, match=re.escape(message)):
        torch.ops.seqclf.recurrence_backward(*passed, *layer, True)


@pytest.mark.parametrize("name", ["grad_states", "states", "saved"])
def test_the_backward_pass_refuses_tensors_of_another_shape(name: str) -> None:
    good = {"grad_states": torch.zeros(4, 3), "states": torch.zeros(4, 3), "saved": torch.zeros(4, 64)}
    good[name] = good[name][:3]
    grad_states, states, saved = good.values()
    rest = [
        torch.zeros(4, 2),
        torch.tensor([0, 3, 4]),
        [torch.zeros(9, 2), torch.zeros(9, 3)],
        [],
        "gru",
        False,
        "float32",
        True,
    ]
    with pytest.raises(
        ValueError, match=rf"{name} must be float32 of shape \(4, \d+\); got torch.float32, shape \(3,"
    ):
        torch.ops.seqclf.recurrence_backward(grad_states, [None], states, saved, *rest)


@pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated")  # torch's own
def test_forward_mode_derivatives_are_refused() -> None:
    with torch.autograd.forward_ad.dual_level():
        dual = torch.autograd.forward_ad.make_dual(torch.zeros(4, 2), torch.ones(4, 2))  # type: ignore[no-untyped-call]
        with pytest.raises(NotImplementedError, match="must be differentiated in reverse mode"):
            call(values=dual)
        state = torch.autograd.forward_ad.make_dual(torch.zeros(2, 3), torch.ones(2, 3))  # type: ignore[no-untyped-call]
        with pytest.raises(NotImplementedError, match="must be differentiated in reverse mode"):
            call(initial=RecurrentState(state))
