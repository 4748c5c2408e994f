"""Each mistake gets its own diagnosis; correct models get none."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from audit import models
from seqclf.audit import audit_padding

from .conftest import Table

CORRECT = [
    pytest.param(models.WithLengths(models.final_state), id="packed"),
    pytest.param(
        models.WithLengths(models.final_state, cell="LSTM", bidirectional=True), id="packed, both directions"
    ),
    pytest.param(models.WithLengths(models.final_state, cell="RNN", num_layers=2), id="packed, two layers"),
    pytest.param(models.WithLengths(models.masked_mean, bidirectional=True), id="mean over real steps"),
    pytest.param(models.WithLengths(models.masked_max, bidirectional=True), id="max over real steps"),
    pytest.param(models.WithLengths(models.last_real_step), id="not packed, last real step"),
    pytest.param(models.WithoutLengths(models.last_step_before_trailing_zeros), id="trailing zeros stripped"),
]

LAST = re.escape(
    "the prediction depends on the last column, not on the last real step: the pooled output is probably `output[:, -1]`"
)
MEAN = r"a mean \(or attention\) is probably taken over all columns, padding included"
SORTED = "sorted by length for packing and its order never restored"
SWAPPED = "the batch and time axes are (probably )?swapped"
COUNTS = r"lengths look like counts of non-zero steps: \d+% of rows have true zeros before their last step"
MISTAKES = [
    (models.WithoutLengths(models.last_column), LAST),
    (models.WithoutLengths(models.last_column, bidirectional=True), LAST),
    (models.WithLengths(models.last_column), LAST),
    (models.WithoutLengths(models.mean_of_columns), MEAN),
    (models.WithLengths(models.mean_of_columns, bidirectional=True), MEAN),
    (models.WithLengths(models.last_column_of_packed), "all sequences shorter than the longest get the same prediction"),
    (models.WithLengths(models.mean_of_packed_columns), "a mean probably divides by the number of columns, not by the lengths"),
    (models.WithLengths(models.max_of_packed_columns), "the pooling probably includes padded steps of the output"),
    (models.WithLengths(models.order_not_restored), SORTED),
    (models.WithLengths(models.order_not_restored, bidirectional=True), SORTED),
    (models.WithoutLengths(models.last_column, batch_first=False), SWAPPED),
    (models.WithoutLengths(models.last_column, batch_first=False, bidirectional=True), SWAPPED),
    (models.WithoutLengths(models.at_count_of_nonzeros), COUNTS),
    (models.WithoutLengths(models.nonzero_steps_only), "steps that equal 0 are probably masked wherever they occur"),
    (models.WithLengths(models.backward_through_padding, bidirectional=True), "a backward direction probably starts in the padding"),
    (models.WithLengths(models.normalised_over_columns), r"over the batch, padding included \(batch normalisation"),
    (models.WithLengths(models.with_dropout), "dropout is probably still on"),
]  # fmt: skip


@pytest.mark.parametrize("form", ["module", "function"])
@pytest.mark.parametrize("model", CORRECT)
def test_a_correct_model_passes(model: models.Recurrent, form: str, beats: Table) -> None:
    audit = audit_padding(model if form == "module" else models.as_function(model), *beats)
    assert audit.passed, str(audit)
    assert audit.diagnosis is None
    assert {check.verdict for check in audit.checks} <= {"holds", "not tested"}


@pytest.mark.parametrize("form", ["module", "function"])
@pytest.mark.parametrize(
    ("model", "mistake"), MISTAKES, ids=lambda value: getattr(getattr(value, "pool", None), "__name__", None)
)
def test_each_mistake_is_named(model: models.Recurrent, mistake: str, form: str, beats: Table) -> None:
    audit = audit_padding(model if form == "module" else models.as_function(model), *beats)
    assert audit.diagnosis is not None
    assert not audit.passed
    matching = {pattern for _, pattern in MISTAKES if re.search(pattern, audit.diagnosis)}
    assert matching == {mistake}, str(audit)


def test_150_random_correct_models_raise_no_false_alarm() -> None:
    """Cells, depths, directions, widths, poolings, scales of weights and sequences are all random."""
    rng = np.random.default_rng(0)
    poolings = (models.final_state, models.masked_mean, models.masked_max)
    alarms = []
    for seed in range(150):
        n_features = int(rng.integers(1, 4))
        model = models.WithLengths(
            poolings[rng.integers(3)],
            cell=("RNN", "GRU", "LSTM")[rng.integers(3)],
            bidirectional=bool(rng.integers(2)),
            num_layers=int(rng.integers(1, 3)),
            hidden_size=int(rng.integers(1, 12)),
            n_features=n_features,
            seed=seed,
        )
        factor = float(rng.choice([0.3, 1.0, 3.0]))
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.mul_(factor)
        lengths = rng.integers(1, 15, size=8)
        X = rng.normal(size=(8, 15, n_features)) * 10.0 ** rng.integers(-1, 2)
        X[rng.random((8, 15)) < 0.2] = 0.0
        X[np.arange(15) >= lengths[:, None]] = 0.0
        audit = audit_padding(model, X, lengths)
        if not audit.passed:
            alarms.append((seed, audit.diagnosis, audit.pooled_steps, model.rnn, model.pool.__name__))
    assert not alarms


def test_lengths_that_count_nonzero_steps_are_recognised(beats: Table) -> None:
    X, lengths = beats
    model = models.WithLengths(models.final_state)
    audit = audit_padding(model, X, (X[..., 0] != 0).sum(axis=1))
    assert audit["lengths"].verdict == "broken"
    assert audit["lengths"].largest_change > 1e-3
    assert re.search(COUNTS, str(audit.diagnosis))
    interior = (X[..., 0] == 0) & (np.arange(187) < lengths[:, None] - 1)
    assert f"{interior.any(axis=1).mean():.0%} of rows" in str(audit.diagnosis)
    assert audit_padding(model, X, lengths)["lengths"].verdict == "holds"


def test_counts_of_steps_other_than_a_nonzero_padding_value_are_recognised() -> None:
    """The model counts the steps that differ from -1, and so ignores as many steps at the end."""
    X = np.random.default_rng(0).normal(size=(12, 10))
    lengths = np.arange(12) % 6 + 5
    X[np.arange(10) >= lengths[:, None]] = -1.0
    X[:4, 2] = -1.0

    def scores(table: NDArray[np.float64]) -> Any:
        counted = np.arange(table.shape[1]) < (table != -1).sum(axis=1)[:, None]
        return 1 / (1 + np.exp(-np.where(counted, table, 0).sum(axis=1)))

    assert audit_padding(scores, X, padding_value=-1.0).diagnosis == (
        "lengths look like counts of steps other than -1: 33% of rows have steps of -1 before their last step, and as "
        "many steps at their ends are ignored"
    )


def test_a_fixed_width_model_that_uses_padding_is_diagnosed() -> None:
    """It ignores its lengths, and rejects the wider tables that would reveal more."""
    X, lengths = np.array([[0.5, 0.1, 0.0], [0.2, 0.0, 0.0], [0.3, 0.3, 0.3]]), [2, 1, 3]

    def scores(table: NDArray[np.float64], lengths: NDArray[np.int64]) -> Any:
        return 1 / (1 + np.exp(-table @ np.array([1.0, -1.0, 0.5])))

    audit = audit_padding(scores, X, lengths)
    assert audit["padding content"].verdict == "broken"
    assert audit["padding amount"].verdict == "not tested"
    assert re.fullmatch(LAST, str(audit.diagnosis))
