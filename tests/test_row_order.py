"""Samples, labels and weights of pandas whose row labels are in different orders are refused, wherever both are passed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline

from ramps import small
from seqclf import SequenceEnsemble, TokenEncoder, ZScore, as_sequences
from seqclf.evaluation import calibration_error, earliness, evaluate, permutation_importance
from seqclf.tuning import sweep

RNG = np.random.default_rng(0)
NAMES = [f"p{i:02}" for i in range(24)]
ROWS = pd.Series([RNG.normal(size=n) for n in RNG.integers(3, 8, size=24)], index=NAMES)
TABLE = pd.DataFrame(RNG.normal(size=(24, 6)), index=NAMES)
Y = pd.Series(np.arange(24) % 2, index=NAMES)
WEIGHTS = pd.Series(RNG.random(24) + 0.1, index=NAMES)
PROBA = pd.DataFrame(np.full((24, 2), 0.5), index=NAMES)
LONG = pd.concat([pd.DataFrame({"id": name, "x": x}) for name, x in ROWS[::-1].items()], ignore_index=True)
MODEL = small(max_epochs=1).fit(ROWS, Y)


def shuffled(data: Any) -> Any:
    return data.iloc[np.random.default_rng(1).permutation(len(data))]


CALLS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "fit": ("y", lambda y: small(max_epochs=1).fit(ROWS, y)),
    "fit of a table": ("y", lambda y: small(max_epochs=1).fit(TABLE, y)),
    "fit of groups": ("y", lambda y: small(max_epochs=1).fit(LONG.groupby("id")["x"], y)),
    "weights": ("sample_weight", lambda w: small(max_epochs=1).fit(ROWS, Y, sample_weight=w)),
    "validation": ("y", lambda y: small(max_epochs=1).fit(ROWS, Y, validation_data=(ROWS, y))),
    "validation of an ensemble": (
        "y",
        lambda y: SequenceEnsemble(n_members=1, n_jobs=1).fit(ROWS, Y, validation_data=(ROWS, y)),
    ),
    "partial_fit": ("y", lambda y: small().partial_fit(ROWS, y)),
    "a second partial_fit": ("y", lambda y: small().partial_fit(ROWS, Y).partial_fit(ROWS, y)),
    "score": ("y", lambda y: MODEL.score(ROWS, y)),
    "pipeline": ("y", lambda y: make_pipeline(ZScore(), small(max_epochs=1)).fit(ROWS, y)),
    "a fitted transformer": ("y", lambda y: ZScore().fit(ROWS, y)),
    "tokens": ("y", lambda y: TokenEncoder().fit(pd.Series(NAMES, index=NAMES), y)),
    "ensemble": ("y", lambda y: SequenceEnsemble(n_members=1).fit(ROWS, y)),
    "search": ("y", lambda y: sweep(small(max_epochs=1), {"lr": [0.1]}, ROWS, y, n_trials=1)),
    "cross-validation": (
        "y",
        lambda y: cross_val_score(small(max_epochs=1), TABLE, y, cv=3, error_score="raise"),
    ),
    "permutation_importance": (
        "y",
        lambda y: permutation_importance(MODEL, list(ROWS), y, sample_weight=WEIGHTS),
    ),
    "earliness": ("y", lambda y: earliness(MODEL, TABLE, y)),
    "evaluate": ("y_pred", lambda y: evaluate(Y, y)),
    "calibration_error": ("proba", lambda y: calibration_error(Y, shuffled(PROBA))),
}


@pytest.mark.parametrize("name", CALLS)
def test_another_order_is_refused(name: str) -> None:
    argument, call = CALLS[name]
    given = shuffled(WEIGHTS if argument == "sample_weight" else Y)
    with pytest.raises(
        ValueError, match=r"must be in the order of `\w+`, because samples are matched by position"
    ):
        call(given)


def test_the_message_says_what_to_pass() -> None:
    given = Y.iloc[[1, 0, *range(2, 24)]]
    message = (
        r"`y` must be in the order of `X`, .* another order: 'p01' at position 0, where `X` has 'p00'\. Pass "
        r"`y\.loc\[X\.index\]`, or `y\.to_numpy\(\)` if its order is right\."
    )
    with pytest.raises(ValueError, match=message):
        small(max_epochs=1).fit(ROWS, given)
    by_label = small(max_epochs=1).fit(ROWS, given.loc[ROWS.index])
    assert by_label.score(ROWS, Y) == MODEL.score(ROWS, Y)
    small(max_epochs=1).fit(ROWS, given.to_numpy())


@pytest.mark.parametrize("argument", ["static", "lengths"])
def test_conversion_compares_what_belongs_to_a_sample(argument: str) -> None:
    given = pd.Series(RNG.integers(2, 6, size=24), index=NAMES)
    as_sequences(TABLE, **{argument: given})
    with pytest.raises(ValueError, match=f"`{argument}` must be in the order of `X`"):
        as_sequences(TABLE, **{argument: shuffled(given)})


def test_groups_are_in_another_order_than_the_rows_of_their_table() -> None:
    """pandas sorts the groups, so features in the order of the table would belong to other sequences."""
    ages = pd.DataFrame({"age": np.arange(24.0)}, index=NAMES[::-1])
    grouped = LONG.groupby("id")
    with pytest.raises(
        ValueError,
        match=r"'p23' at position 0, where `X` has 'p00'\. Pass `static.loc\[X\.size\(\)\.index\]`",
    ):
        as_sequences(grouped[["x"]], static=ages)
    cured = as_sequences(grouped[["x"]], static=ages.loc[grouped.size().index])
    assert cured.static is not None
    assert cured.static[0].item() == 23.0
    in_order = as_sequences(LONG.groupby("id", sort=False)[["x"]], static=ages)
    assert in_order.static is not None
    assert in_order.static[0].item() == 0.0


@pytest.mark.parametrize(
    "index",
    {
        "default": pd.RangeIndex(24),
        "other labels": [f"visit {i}" for i in range(24)],
        "a label in common": [f"visit {i}" for i in range(23)] + ["p00"],
        "labels that occur twice": ["p00"] * 24,
    }.items(),
    ids=lambda item: item[0],
)
def test_labels_that_prove_nothing_are_left_alone(index: tuple[str, Any]) -> None:
    small(max_epochs=1).fit(ROWS, pd.Series(Y.to_numpy(), index=index[1]))


def test_numbers_of_rows_may_overlap_by_chance() -> None:
    table = TABLE.set_axis(np.arange(5, 29))
    small(max_epochs=1).fit(table, Y.set_axis(np.arange(6, 30)))
    with pytest.raises(ValueError, match="got row labels in another order: 6 at position 0, where `X` has 5"):
        small(max_epochs=1).fit(table, Y.set_axis(np.roll(np.arange(5, 29), -1)))


def test_labels_that_are_shifted_by_one_row_are_refused() -> None:
    with pytest.raises(ValueError, match="'p01' at position 0, where `X` has 'p00'"):
        small(max_epochs=1).fit(ROWS, Y.set_axis([*NAMES[1:], "p24"]))


def test_a_default_index_labels_nothing() -> None:
    """What was computed from shuffled rows often has a default index, and is in the right order."""
    table, y = TABLE.reset_index(drop=True), Y.reset_index(drop=True)
    small(max_epochs=1).fit(table, shuffled(y))
    small(max_epochs=1).fit(shuffled(table), y)
    with pytest.raises(ValueError, match="matched by position"):
        small(max_epochs=1).fit(shuffled(table), y.iloc[::-1])
