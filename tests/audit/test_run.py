"""An audit compares predictions, and reports which rows changed and by how much."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from audit import models
from seqclf.audit import assert_padding_invariant, audit_padding

from .conftest import Table

Floats = NDArray[np.float64]


def test_the_mean_over_all_columns_by_hand() -> None:
    """The logit of row [2, 2] is 4 / width: at 4 columns the probability falls from 0.79 to 0.73."""
    X = np.array([[2.0, 2.0, 0.0], [1.0, 0.0, 0.0]])
    audit = audit_padding(lambda table: 1 / (1 + np.exp(-table.mean(axis=1))), X)
    check = audit["padding amount"]
    at_width = {width: 1 / (1 + np.exp(-4 / width)) for width in (2, 3, 4, 13)}
    largest = max(abs(at_width[width] - at_width[3]) for width in (2, 4, 13))
    assert check.largest_change == pytest.approx(largest)
    assert check.worst == (0, 1)
    assert check.n_flips == 0
    assert audit["padding content"].verdict == "not tested"


def test_flips_are_counted() -> None:
    """Three rows have another class at 11 columns than at 2."""
    X = np.array([[3.0, 0.0], [-3.0, 0.0], [0.1, 0.0], [0.2, 0.3]])
    audit = audit_padding(lambda table: 1 / (1 + np.exp(table.shape[1] - 2.5 - table.sum(axis=1))), X)
    assert audit["padding amount"].n_flips == 3


def test_the_worst_rows_are_row_numbers_of_the_whole_table(beats: Table) -> None:
    """Even if only some rows are audited."""
    X, lengths = beats[0].copy(), beats[1].copy()
    wrong = int(lengths.argmin())  # the shortest and the longest are always audited
    X[wrong, 0] = 0.987654
    lengths[wrong] = 20
    X[wrong, 20:] = 0

    def scores(table: Floats, lengths: NDArray[np.int64]) -> Floats:
        """Use the last column in one row only."""
        first = table[:, 0, 0]
        last = np.where(np.isclose(first, X[wrong, 0, 0]), table[:, -1, 0], 0)
        return 1 / (1 + np.exp(-(first + last)))

    audit = audit_padding(scores, X, lengths, max_sequences=10)
    assert audit["padding content"].worst == (wrong,)
    assert audit["padding content"].verdict == "broken"
    assert audit.n_sequences == 10
    assert audit_padding(scores, X, lengths, max_sequences=2).n_sequences == 2


def test_the_same_seed_gives_the_same_audit(beats: Table) -> None:
    model = models.WithLengths(models.last_column)
    first, again, other = (audit_padding(model, *beats, random_state=seed) for seed in (0, 0, 1))
    assert first == again
    assert first["padding content"].largest_change != other["padding content"].largest_change


def test_a_fixed_width_model_passes() -> None:
    X = np.array([[0.5, 0.1, 0.0], [0.2, 0.0, 0.0], [0.3, 0.3, 0.3]])
    weights = np.array([1.0, -1.0, 0.5])
    audit = audit_padding(lambda table: 1 / (1 + np.exp(-table @ weights)), X)
    assert audit["padding amount"].verdict == "not tested"
    assert audit["padding amount"].note == (
        "the model accepts only one width (ValueError for 4 columns instead of 3)"
    )
    assert audit.passed


def test_after_a_nondeterministic_model_nothing_else_is_tested(beats: Table) -> None:
    audit = audit_padding(models.WithLengths(models.with_dropout), *beats)
    assert audit["determinism"].verdict == "broken"
    assert {check.verdict for check in audit.checks[1:7]} == {"not tested"}
    assert audit["order"].note == "the same input gives different predictions"


def test_a_failed_assertion_shows_the_audit(beats: Table) -> None:
    message = "Predictions must not depend on padding; the prediction depends on the last column"
    with pytest.raises(AssertionError, match=message) as caught:
        assert_padding_invariant(models.WithoutLengths(models.last_column), beats[0])
    assert "padding amount    broken" in str(caught.value)


@pytest.mark.parametrize(
    ("error", "message", "arguments"),
    [
        (ValueError, "`tolerance` must be positive and finite; got 0. 0.0001 is the default.", {"tolerance": 0}),
        (ValueError, "`max_sequences` must be at least 2; got 1.", {"max_sequences": 1}),
        (ValueError, "An audit needs at least two sequences; got 1. Pass a few dozen.", {"X": np.array([[1.0, 0.0]])}),
        (TypeError, "`X` must be a padded array with 2 or 3 axes, as the model takes it; got list.", {"X": [[0.5], [0.2, 0.3]]}),
    ],
)  # fmt: skip
def test_invalid_arguments_are_refused(
    error: type[Exception], message: str, arguments: dict[str, Any]
) -> None:
    valid: dict[str, Any] = {"model": lambda X: X[:, 0], "X": np.array([[0.5, 0.0], [0.2, 0.3]])}
    with pytest.raises(error, match=re.escape(message)):
        audit_padding(**valid | arguments)
