"""Parameters of the wrong kind, or out of range."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from seqclf import GRUClassifier, InvalidSequenceError, as_sequences
from seqclf._checks import check_choice, check_integer, check_number

X, Y = as_sequences([[0.1], [0.9]]), [0, 1]


def test_right_parameters_pass() -> None:
    check_choice("cell", "gru", ("gru", "lstm"))
    check_integer("size", np.int64(1))
    assert check_number("lr", 1) == 1.0


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"hidden_size": 8.5}, TypeError, "`hidden_size` must be an integer; got 8.5."),
        ({"num_layers": True}, TypeError, "`num_layers` must be an integer; got True."),
        ({"hidden_size": 0}, ValueError, "`hidden_size` must be at least 1; got 0."),
        ({"batch_size": "all"}, TypeError, "`batch_size` must be an integer; got 'all'."),
        ({"max_epochs": "ten"}, ValueError, "`max_epochs` must be an integer or 'auto'; got 'ten'."),
        ({"max_epochs": 1.5}, TypeError, "`max_epochs` must be an integer; got 1.5."),
        ({"lr": "fast"}, TypeError, "`lr` must be a number; got 'fast'."),
        ({"tol": None}, TypeError, "`tol` must be a number; got None."),
        ({"dropout": 1.5}, ValueError, "`dropout` must lie in [0, 1); got 1.5. 0 switches it off."),
        ({"engine": "fast"}, ValueError, "`engine` must be one of ['auto', 'native', 'packed']; got 'fast'."),
        (
            {"device": "gpu"},
            ValueError,
            "`device` must be 'auto' or a device of this machine that torch can use",
        ),
    ],
)
def test_a_wrong_parameter_is_named(parameters: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        GRUClassifier(**parameters).fit(X, Y)


def test_no_samples_are_refused() -> None:
    with pytest.raises(InvalidSequenceError, match=r"`fit` needs at least one sequence; got 0 sample\(s\)"):
        GRUClassifier().fit(X[:0], [])
    model = GRUClassifier(hidden_size=2, max_epochs=1).fit(X, Y)
    with pytest.raises(InvalidSequenceError, match="GRUClassifier needs at least one sequence; got 0"):
        model.predict(X[:0])
