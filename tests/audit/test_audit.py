"""Each mistake of the zoo gets its own diagnosis; right models get none."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from audit import zoo
from oracles import global_randomness
from ramps import ramps, small
from seqclf.audit import assert_padding_invariant, audit_padding
from seqclf.datasets import make_heartbeats
from seqclf.sequences import pad

Floats = NDArray[np.float32]


@pytest.fixture(scope="module")
def beats() -> tuple[Floats, NDArray[np.int64]]:
    """Heartbeats of 187 columns; nearly all have a true zero inside."""
    table, lengths = pad(make_heartbeats(40, random_state=0).sequences, total_length=187)
    return table.numpy(), lengths.numpy()


RIGHT = [
    pytest.param(zoo.WithLengths(zoo.final_state), id="packed"),
    pytest.param(
        zoo.WithLengths(zoo.final_state, cell="LSTM", bidirectional=True), id="packed, both directions"
    ),
    pytest.param(zoo.WithLengths(zoo.final_state, cell="RNN", num_layers=2), id="packed, two layers"),
    pytest.param(zoo.WithLengths(zoo.masked_mean, bidirectional=True), id="mean over real steps"),
    pytest.param(zoo.WithLengths(zoo.masked_max, bidirectional=True), id="max over real steps"),
    pytest.param(zoo.WithLengths(zoo.last_real_step), id="unpacked, at the last real step"),
    pytest.param(zoo.WithoutLengths(zoo.behind_trailing_zeros), id="trailing zeros stripped"),
]

LAST = "the answer depends on the last column, not on the last real step: the read-out is probably `output[:, -1]`"
MEAN = "a mean (or attention) is probably taken over all columns, padding included"
SORTED = "sorted by length for packing and never put back in order"
SWAPPED = "the batch and time axes are (probably )?swapped"
COUNTS = r"lengths look like counts of non-zeros: \d+% of rows have true zeros inside"
WRONG = [
    (zoo.WithoutLengths(zoo.last_column), LAST),
    (zoo.WithoutLengths(zoo.last_column, bidirectional=True), LAST),
    (zoo.WithLengths(zoo.last_column), LAST),
    (zoo.WithoutLengths(zoo.mean_of_columns), MEAN),
    (zoo.WithLengths(zoo.mean_of_columns, bidirectional=True), MEAN),
    (zoo.WithLengths(zoo.last_column_of_packed), "all sequences shorter than the longest get one answer"),
    (zoo.WithLengths(zoo.mean_of_packed_columns), "a mean probably divides by the columns, not by the lengths"),
    (zoo.WithLengths(zoo.max_of_packed_columns), "a pooling probably goes over the padded output"),
    (zoo.WithLengths(zoo.never_put_back), SORTED),
    (zoo.WithLengths(zoo.never_put_back, bidirectional=True), SORTED),
    (zoo.WithoutLengths(zoo.last_column, batch_first=False), SWAPPED),
    (zoo.WithoutLengths(zoo.last_column, batch_first=False, bidirectional=True), SWAPPED),
    (zoo.WithoutLengths(zoo.at_count_of_nonzeros), COUNTS),
    (zoo.WithoutLengths(zoo.nonzero_steps_only), "steps that equal 0 are probably masked wherever they occur"),
    (zoo.WithLengths(zoo.backward_through_padding, bidirectional=True), "a backward direction probably starts in the padding"),
    (zoo.WithLengths(zoo.normalised_over_columns), r"over the batch, over padded steps too \(batch normalisation"),
    (zoo.WithLengths(zoo.with_dropout), "dropout is probably still on"),
]  # fmt: skip


def diagnosis_matches(pattern: str, diagnosis: str | None) -> bool:
    return bool(
        re.search(pattern if "\\" in pattern or "?" in pattern else re.escape(pattern), diagnosis or "")
    )


@pytest.mark.parametrize("form", ["module", "function"])
@pytest.mark.parametrize("model", RIGHT)
def test_right_models_get_no_diagnosis(model: zoo.Recurrent, form: str, beats: Any) -> None:
    X, lengths = beats
    audit = audit_padding(model if form == "module" else zoo.as_function(model), X, lengths)
    assert audit.passed, str(audit)
    assert audit.diagnosis is None
    assert {check.verdict for check in audit.checks} <= {"holds", "not tested"}


@pytest.mark.parametrize("form", ["module", "function"])
@pytest.mark.parametrize(
    ("model", "mistake"), WRONG, ids=lambda value: getattr(getattr(value, "read", None), "__name__", None)
)
def test_each_mistake_is_named(model: zoo.Recurrent, mistake: str, form: str, beats: Any) -> None:
    X, lengths = beats
    audit = audit_padding(model if form == "module" else zoo.as_function(model), X, lengths)
    assert not audit.passed
    assert diagnosis_matches(mistake, audit.diagnosis), str(audit)
    others = {other for _, other in WRONG} - {mistake}
    assert not any(diagnosis_matches(other, audit.diagnosis) for other in others), "one diagnosis each"


def test_a_backward_direction_read_at_its_first_step_is_seen_in_a_module_only(beats: Any) -> None:
    X, lengths = beats
    model = zoo.WithLengths(zoo.both_at_the_last_step, bidirectional=True)
    audit = audit_padding(model, X, lengths)
    assert audit.read_out == {"forward": "last real step", "backward": "last real step"}
    assert audit.diagnosis == (
        "the backward direction is read at the last real step, where it has seen one step only: "
        "read it at the first step"
    )
    assert all(check.verdict == "holds" for check in audit.checks), "no answer depends on padding"
    assert audit_padding(zoo.as_function(model), X, lengths).passed, (
        "from its answers alone it cannot be told"
    )


def test_500_random_right_models_raise_no_false_alarm() -> None:
    """Cells, depths, directions, widths, read-outs, scales of weights and sequences, all drawn."""
    rng = np.random.default_rng(0)
    reads = (zoo.final_state, zoo.masked_mean, zoo.masked_max)
    alarms = []
    for seed in range(500):
        n_features = int(rng.integers(1, 4))
        model = zoo.WithLengths(
            reads[rng.integers(3)],
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
            alarms.append((seed, audit.diagnosis, audit.read_out, model.rnn, model.read.__name__))
    assert not alarms


@pytest.mark.parametrize(
    "options", [{}, {"bidirectional": True}, {"pooling": "attention"}, {"engine": "packed"}]
)
def test_estimators_of_this_library_pass(options: dict[str, Any]) -> None:
    data = ramps()
    assert_padding_invariant(small(**options).fit(data.arrays, data.y), data.padded(), data.lengths)


def test_the_worst_rows_are_rows_of_the_table_that_was_passed(beats: Any) -> None:
    """Of many, some of each length are audited; they keep their numbers."""
    X, lengths = beats
    wrong = int(lengths.argmin())  # the shortest is among those taken

    def scores(table: Floats, lengths: NDArray[np.int64]) -> Any:
        first = table[:, 0, None] if table.ndim == 3 else table[:, :1]
        marked = np.isclose(first, X[wrong, 0, 0])
        reached = np.where(marked, table.reshape(len(table), -1)[:, -1:], 0)
        return 1 / (1 + np.exp(-(first + reached)).reshape(len(table), -1)[:, 0])

    X = X.copy()
    X[wrong, 0] = 0.987654
    lengths = lengths.copy()
    lengths[wrong] = 20
    X[wrong, 20:] = 0
    audit = audit_padding(scores, X, lengths, max_sequences=10)
    assert audit["padding content"].worst == (wrong,)
    assert audit["padding content"].verdict == "broken"
    assert audit_padding(scores, X, lengths, max_sequences=2).n_sequences == 2


def test_given_lengths_that_count_nonzeros_are_recognised(beats: Any) -> None:
    X, lengths = beats
    counted = (X[..., 0] != 0).sum(axis=1)
    audit = audit_padding(zoo.WithLengths(zoo.final_state), X, counted)
    assert audit["lengths"].verdict == "broken"
    assert audit["lengths"].largest_change > 1e-3
    assert diagnosis_matches(COUNTS, audit.diagnosis)
    inside = (X[..., 0] == 0) & (np.arange(187) < lengths[:, None] - 1)
    assert f"{inside.any(axis=1).mean():.0%} of rows" in str(audit.diagnosis)
    assert audit_padding(zoo.WithLengths(zoo.final_state), X, lengths)["lengths"].verdict == "holds"


def test_a_tiny_case_by_hand() -> None:
    """The mean over 4 columns instead of 2 steps: the probability of [2, 0] falls from that of 1 to that of 2/9."""
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
    X = np.array([[3.0, 0.0], [-3.0, 0.0], [0.1, 0.0], [0.2, 0.3]])
    audit = audit_padding(lambda table: 1 / (1 + np.exp(table.shape[1] - 2.5 - table.sum(axis=1))), X)
    assert audit["padding amount"].n_flips == 3, (
        "three lie on the right side at 2 columns and on the other at 11"
    )


def test_nothing_of_the_user_is_changed(beats: Any) -> None:
    X, lengths = beats
    before = X.copy(), lengths.copy(), global_randomness()
    model = zoo.WithLengths(zoo.normalised_over_columns)
    statistics = model.norm.running_mean.clone()  # type: ignore[union-attr]
    audit_padding(model, X, lengths)
    audit_padding(zoo.WithLengths(zoo.with_dropout), X, lengths)
    assert np.array_equal(X, before[0])
    assert np.array_equal(lengths, before[1])
    assert global_randomness() == before[2]
    assert torch.equal(model.norm.running_mean, statistics)  # type: ignore[arg-type]
    assert not model.norm.training
    assert not any(module._forward_hooks for module in model.modules())


def test_the_same_seed_gives_the_same_audit(beats: Any) -> None:
    X, lengths = beats
    model = zoo.WithLengths(zoo.last_column)
    first, again, other = (audit_padding(model, X, lengths, random_state=seed) for seed in (0, 0, 1))
    assert first == again
    assert first["padding content"].largest_change != other["padding content"].largest_change


def test_a_model_of_one_width_is_not_blamed() -> None:
    X = np.array([[0.5, 0.1, 0.0], [0.2, 0.0, 0.0], [0.3, 0.3, 0.3]])
    weights = np.array([1.0, -1.0, 0.5])
    audit = audit_padding(lambda table: 1 / (1 + np.exp(-table @ weights)), X)
    assert audit["padding amount"].verdict == "not tested"
    assert audit["padding amount"].note == (
        "the model takes tables of one width only (ValueError at 4 columns instead of 3)"
    )
    assert audit.passed


def test_a_model_of_one_width_that_reads_padding_is_named() -> None:
    """Its lengths are taken and not used; it refuses the wider tables that would tell more."""
    X, lengths = np.array([[0.5, 0.1, 0.0], [0.2, 0.0, 0.0], [0.3, 0.3, 0.3]]), [2, 1, 3]

    def scores(table: Floats, lengths: NDArray[np.int64]) -> Any:
        return 1 / (1 + np.exp(-table @ np.array([1.0, -1.0, 0.5])))

    audit = audit_padding(scores, X, lengths)
    assert audit["padding content"].verdict == "broken"
    assert audit["padding amount"].verdict == "not tested"
    assert audit.diagnosis == LAST


def transposed_final_state(model: zoo.Recurrent, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    states: torch.Tensor = model.rnn(x.transpose(0, 1))[0]
    return states[lengths - 1, torch.arange(len(x))]


def test_time_first_is_right_where_the_data_are_time_first_too() -> None:
    """Also with as many rows as columns, where shapes do not tell which is which."""
    X = np.random.default_rng(0).normal(size=(15, 15, 1))
    lengths = np.arange(1, 16)
    audit = audit_padding(zoo.WithLengths(transposed_final_state, batch_first=False), X, lengths)
    assert audit.diagnosis is None
    assert audit.read_out == {"forward": "last real step"}


def test_failing_a_users_test_shows_the_audit(beats: Any) -> None:
    X, _ = beats
    with pytest.raises(
        AssertionError, match=re.escape(f"The answer must not depend on padding; {LAST}")
    ) as caught:
        assert_padding_invariant(zoo.WithoutLengths(zoo.last_column), X)
    assert "padding amount    broken" in str(caught.value)


@pytest.mark.parametrize(
    ("error", "message", "call"),
    [
        (ValueError, "`tolerance` must be positive; got 0. 0.0001 is the default.", {"tolerance": 0}),
        (ValueError, "`max_sequences` must be at least 2; got 1.", {"max_sequences": 1}),
        (ValueError, "An audit needs at least two sequences; got 1. Pass some dozens.", {"X": [[1.0, 0.0]]}),
        (TypeError, "`model` must be callable, or have `predict_proba`; got int.", {"model": 3}),
    ],
)
def test_wrong_options_are_refused(error: type[Exception], message: str, call: dict[str, Any]) -> None:
    arguments: dict[str, Any] = {"model": lambda X: X[:, 0], "X": [[0.5, 0.0], [0.2, 0.3]]} | call
    arguments["X"] = np.asarray(arguments["X"])
    with pytest.raises(error, match=re.escape(message)):
        audit_padding(**arguments)


def test_a_list_is_refused() -> None:
    with pytest.raises(
        TypeError, match=re.escape("`X` must be a padded array, 2-D or 3-D, as the model takes it; got list.")
    ):
        audit_padding(lambda X: X[:, 0], [[0.5], [0.2, 0.3]])
