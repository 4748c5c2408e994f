"""Errors for parameters of the wrong type or out of range name the parameter."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import torch

from seqclf import GRUClassifier, InvalidSequenceError, as_sequences
from seqclf._checks import check_boolean, check_choice, check_integer, check_number

X, Y = as_sequences([[0.1], [0.9]]), [0, 1]
CELLS = ("gru", "lstm", None)


def test_valid_choices_are_accepted() -> None:
    for value in ("gru", np.str_("lstm"), None):
        check_choice("cell", value, CELLS)


@pytest.mark.parametrize("value", ["rnn", 1, ["gru"], {}, np.array(["gru", "lstm"]), torch.zeros(2)])
def test_other_values_are_not_choices(value: Any) -> None:
    with pytest.raises(ValueError, match=r"`cell` must be one of \['gru', 'lstm', None\]; got"):
        check_choice("cell", value, CELLS)


def test_a_long_value_is_truncated_in_the_message() -> None:
    with pytest.raises(ValueError, match=r"got 'x{99}\.$"):
        check_choice("cell", "x" * 1000, CELLS)


@pytest.mark.parametrize("value", [3, np.int64(3), np.uint8(3)])
def test_integers_become_python_integers(value: Any) -> None:
    checked = check_integer("size", value)
    assert type(checked) is int
    assert checked == 3


@pytest.mark.parametrize("value", [3, 3.0, np.float32(3), np.int64(3)])
def test_numbers_become_python_floats(value: Any) -> None:
    checked = check_number("lr", value)
    assert type(checked) is float
    assert checked == 3.0


@pytest.mark.parametrize("value", [True, np.True_])
def test_booleans_become_python_booleans(value: Any) -> None:
    assert check_boolean("shuffle", value) is True
    assert check_boolean("shuffle", not value) is False


@pytest.mark.parametrize("value", [1, 0.0, "yes", None, np.array([True]), torch.tensor(True)])
def test_other_values_are_not_booleans(value: Any) -> None:
    with pytest.raises(TypeError, match="`shuffle` must be True or False; got"):
        check_boolean("shuffle", value)


@pytest.mark.parametrize("value", [True, np.True_, 1.0, "1", None, np.array([1]), torch.tensor(1)])
def test_other_values_are_not_integers(value: Any) -> None:
    with pytest.raises(TypeError, match="`size` must be an integer; got"):
        check_integer("size", value)


@pytest.mark.parametrize("value", [True, np.True_, "1", None, 1j, np.array([1.0]), torch.tensor(1.0)])
def test_other_values_are_not_numbers(value: Any) -> None:
    with pytest.raises(TypeError, match="`lr` must be a number; got"):
        check_number("lr", value)


def test_integers_below_the_minimum_are_rejected() -> None:
    assert check_integer("rank", 0, least=0) == 0
    with pytest.raises(ValueError, match=r"`rank` must be at least 0; got -1\."):
        check_integer("rank", -1, least=0)


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"hidden_size": 8.5}, TypeError, "`hidden_size` must be an integer; got 8.5."),
        ({"num_layers": True}, TypeError, "`num_layers` must be an integer; got True."),
        ({"hidden_size": 0}, ValueError, "`hidden_size` must be at least 1; got 0."),
        ({"batch_size": "all"}, ValueError, "`batch_size` must be an integer or 'auto'; got 'all'."),
        ({"max_epochs": "ten"}, ValueError, "`max_epochs` must be an integer or 'auto'; got 'ten'."),
        ({"max_epochs": 1.5}, TypeError, "`max_epochs` must be an integer; got 1.5."),
        ({"lr": "fast"}, ValueError, "`lr` must be a number or 'auto'; got 'fast'."),
        ({"tol": None}, TypeError, "`tol` must be a number; got None."),
        ({"dropout": 1.5}, ValueError, "`dropout` must lie in [0, 1); got 1.5. 0 switches dropout off."),
        ({"engine": "fast"}, ValueError, "`engine` must be one of ['auto', 'native', 'packed']; got 'fast'."),
        (
            {"device": "gpu"},
            ValueError,
            "`device` must be 'auto' or a device of this machine that torch can use",
        ),
    ],
)
def test_the_error_for_an_invalid_parameter_names_it(
    parameters: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=re.escape(message)):
        GRUClassifier(**parameters).fit(X, Y)


def test_an_empty_dataset_is_rejected() -> None:
    with pytest.raises(InvalidSequenceError, match=r"`fit` needs at least one sequence; got 0 sample\(s\)"):
        GRUClassifier().fit(X[:0], [])
    model = GRUClassifier(hidden_size=2, max_epochs=1).fit(X, Y)
    with pytest.raises(InvalidSequenceError, match="GRUClassifier needs at least one sequence; got 0"):
        model.predict(X[:0])


def test_integers_that_python_cannot_print_are_rejected() -> None:
    with pytest.raises(ValueError, match=r"`n` must fit 64 bits; got an integer of 16610 bits\."):
        check_integer("n", -(10**5000))
    with pytest.raises(
        ValueError, match=r"`x` must fit float64 \(at most 1\.8e308\); got a larger integer\."
    ):
        check_number("x", 10**5000)
