"""Padding that would be read as real steps is found; signals are not taken for padding."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import polars
import pytest
import torch
from numpy.typing import NDArray
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import RobustScaler, StandardScaler

from seqclf.datasets import make_heartbeats
from seqclf.sequences import as_sequences, pad, padding_in_list, suspicious_padding

Floats = NDArray[np.float64]
N, WIDTH = 300, 100


def lengths_of(rng: np.random.Generator) -> NDArray[np.int64]:
    return rng.integers(5, WIDTH + 1, N)


def padded(signal: Floats, value: float, rng: np.random.Generator) -> Floats:
    return np.where(np.arange(WIDTH) < lengths_of(rng)[:, None], signal, value)


def beats(rng: np.random.Generator) -> Floats:
    """Simulated heartbeats, of which none ends before the width."""
    sequences, _ = make_heartbeats(N, random_state=int(rng.integers(1000)), return_X_y=True)
    rows: Floats = pad(sequences)[0][..., 0].numpy().astype(np.float64)
    return rows[:, : min(WIDTH, int(sequences.lengths.min()))]


def walks(rng: np.random.Generator) -> Floats:
    return 5 + np.cumsum(rng.normal(size=(N, WIDTH)), axis=1)


SIGNALS: list[Any] = [
    lambda rng: rng.normal(size=(N, WIDTH)),
    walks,
    lambda rng: np.sin(np.arange(WIDTH) * rng.uniform(0.05, 0.3, (N, 1)) + rng.uniform(0, 6, (N, 1))),
    lambda rng: np.round(1024 + 10 * walks(rng)),
    lambda rng: rng.integers(1, 50, (N, WIDTH)).astype(float),
]
"""Noise, walks, waves, counts of an analogue-to-digital converter, and tokens."""


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("signal", SIGNALS)
@pytest.mark.parametrize("value", [-1.0, -999.0])
def test_padding_with_another_value_is_found(signal: Any, value: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = padded(signal(rng), value, rng)
    message = suspicious_padding(X)
    assert message is not None
    pattern = (
        rf"^1\d\d of 150 sampled rows end in runs of {value:g} of different lengths \(median \d+(\.5)? steps\), which "
        rf"are read as real steps\. If they are padding, pass `padding_value={value:g}`, or their lengths, "
    )
    assert re.match(pattern, message)
    assert suspicious_padding(X, padding_value=value) is None


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("value", [0.0, -1.0])
@pytest.mark.parametrize("signal", SIGNALS)
def test_padding_in_front_is_found(signal: Any, value: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    message = suspicious_padding(padded(signal(rng), value, rng)[:, ::-1])
    assert message is not None
    pattern = (
        rf"^1\d\d of 150 sampled rows start with runs of {value:g} of different lengths \(median [\d.]+ steps\), as "
        r"padding in front, Keras' default\. Only padding at the end is dropped\. Pad at the end "
    )
    assert re.match(pattern, message)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("signal", SIGNALS)
def test_padding_that_was_scaled_is_found(signal: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = StandardScaler().fit_transform(padded(1 + signal(rng) ** 2, 0.0, rng))
    message = suspicious_padding(X)
    assert message is not None
    assert re.match(
        r"^1\d\d of 150 sampled rows end in runs of different lengths .* as padding that was scaled", message
    )
    assert message.endswith(
        "Drop the padding before you scale: `as_sequences(X, lengths=lengths)`, then `ZScore`."
    )


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("signal", SIGNALS[:3])  # the values of a converter stay close to the scaled 0
def test_padding_scaled_by_the_median_is_found(signal: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    # The last columns hold padding in most rows: their median is 0, and 0 stays 0.
    X = RobustScaler().fit_transform(padded(1 + signal(rng) ** 2, 0.0, rng))
    assert (X[:, -1] == 0).sum() > N / 2
    assert "as padding that was scaled" in str(suspicious_padding(X))


def test_columns_that_all_rows_pad_are_ignored() -> None:
    rng = np.random.default_rng(0)
    X = np.zeros((N, WIDTH + 4))
    X[:, :WIDTH] = padded(1 + SIGNALS[0](rng) ** 2, 0.0, rng)
    message = suspicious_padding(StandardScaler().fit_transform(X))  # a column of zeros stays as it is
    assert "as padding that was scaled" in str(message)
    X = np.zeros((N, WIDTH + 4))
    X[:, :WIDTH] = suspicious_table()
    assert "runs of -1" in str(suspicious_padding(X))


def test_rows_padded_at_either_end_are_found() -> None:
    rng = np.random.default_rng(0)
    X = padded(walks(rng), 0.0, rng)
    X[::3] = X[::3, ::-1]
    assert "rows start with runs of 0" in str(suspicious_padding(X))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("signal", SIGNALS)
def test_padding_that_was_imputed_is_found(signal: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = SimpleImputer().fit_transform(padded(signal(rng), np.nan, rng))
    message = suspicious_padding(X)
    assert message is not None
    assert "of the mean of each column, as imputed padding." in message
    assert "pass NaN with `padding_value=float('nan')`" in message


def held(signal: Floats, rng: np.random.Generator) -> Floats:
    """Rows that are padded with their last value."""
    last = np.minimum(np.arange(WIDTH), lengths_of(rng)[:, None] - 1)
    return np.take_along_axis(signal, last, axis=1)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("signal", SIGNALS)
def test_padding_with_the_last_value_is_found(signal: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = held(signal(rng), rng)
    message = suspicious_padding(X)
    assert message is not None
    assert re.match(
        r"^1\d\d of 150 sampled rows repeat their last value at the end \(median [\d.]+ steps\), which is ",
        message,
    )
    assert message.endswith("If this is padding, pass the lengths, `as_sequences(X, lengths=lengths)`.")
    in_list = padding_in_list(as_sequences(list(X)))
    assert in_list is not None
    assert "repeat their last value at the end" in in_list
    assert in_list.endswith("cut it off. If the values are real, pass `as_sequences(X)`.")
    assert "rows start with runs of their first value of" in str(suspicious_padding(X[:, ::-1]))


def test_padding_with_the_last_step_of_several_features_is_found() -> None:
    rng = np.random.default_rng(0)
    last = np.minimum(np.arange(WIDTH), lengths_of(rng)[:, None] - 1)
    X = np.take_along_axis(rng.normal(size=(N, WIDTH, 2)), last[..., None], axis=1)
    assert "repeat their last value" in str(suspicious_padding(X))
    X[..., 1] = rng.normal(size=(N, WIDTH))
    assert suspicious_padding(X) is None


def test_padding_of_a_few_rows_and_of_small_tables_is_found() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(N, WIDTH))
    few = np.where((np.arange(N) % 5 == 0)[:, None], padded(X, -1.0, rng), X)
    for table in (few, padded(X, -1.0, rng)[:20]):
        assert "runs of -1" in str(suspicious_padding(table))


def test_steps_of_several_features_are_compared_as_a_whole() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(N, WIDTH, 2))
    end = np.arange(WIDTH) >= lengths_of(rng)[:, None]
    both = np.where(end[..., None], -1.0, X)
    assert "runs of -1 of" in str(suspicious_padding(both))
    own = np.where(end[..., None], [0.25, -3.0], X)
    message = str(suspicious_padding(own))
    assert "runs of [0.25, -3] of" in message
    assert "If they are padding, pass their lengths, `as_sequences(X, lengths=lengths)`." in message
    one = X.copy()
    one[..., 0] = both[..., 0]  # the other feature goes on
    assert suspicious_padding(one) is None


def events(rate: float) -> Any:
    return lambda rng: (rng.random((N, WIDTH)) < rate).astype(float)


def step_up(rng: np.random.Generator) -> Floats:
    return np.where(np.arange(WIDTH) < lengths_of(rng)[:, None], 0.0, 2.5)


def levels(rng: np.random.Generator) -> Floats:
    changes = np.cumsum(rng.random((N, WIDTH)) < 0.04, axis=1, dtype=np.int64)
    return np.take_along_axis(rng.integers(-1, 3, (N, WIDTH)), changes, axis=1).astype(float)


def settling(rng: np.random.Generator) -> Floats:
    """Bumps that return to a baseline of exactly 0.3."""
    distance = np.arange(WIDTH) - rng.uniform(0, 40, (N, 1))
    return 0.3 + rng.uniform(0.5, 2, (N, 1)) * np.exp(-0.5 * (distance / rng.uniform(1, 6, (N, 1))) ** 2)


def decays(rng: np.random.Generator) -> NDArray[np.float32]:
    """Transients that are exactly at rest from some step on."""
    return (
        0.3 + rng.uniform(0.5, 2, (N, 1)) * np.exp(-np.arange(WIDTH) / rng.uniform(0.5, 4, (N, 1)))
    ).astype(np.float32)


def dead_columns(rng: np.random.Generator) -> Floats:
    X = rng.normal(size=(N, WIDTH))
    X[:, 90:] = np.arange(10)
    return X


NO_PADDING = {
    "heartbeats": beats,
    "heartbeats of two digits": lambda rng: np.round(beats(rng), 2),
    "noise": SIGNALS[0],
    "walks": walks,
    "walks from 0": lambda rng: walks(rng) - walks(rng)[:, :1],
    "walks of integers": lambda rng: np.cumsum(rng.integers(-1, 2, (N, WIDTH)), axis=1),
    "limited walks": lambda rng: np.clip(walks(rng), 1, 9),
    "scaled limited walks": lambda rng: StandardScaler().fit_transform(np.clip(walks(rng), 1, 9)),
    "limited noise": lambda rng: np.clip(3 * rng.normal(size=(N, WIDTH)), -1, 1),
    "rectified walks": lambda rng: np.maximum(walks(rng) - 5, 0),
    "scaled rectified walks": lambda rng: StandardScaler().fit_transform(np.maximum(walks(rng) - 5, 0)),
    "rare events": events(0.02),
    "scaled rare events": lambda rng: StandardScaler().fit_transform(events(0.02)(rng)),
    "frequent events": events(0.5),
    "counts": lambda rng: rng.poisson(1.0, (N, WIDTH)),
    "scaled counts": lambda rng: StandardScaler().fit_transform(rng.poisson(1.0, (N, WIDTH))),
    "growing counts": lambda rng: np.cumsum(events(0.05)(rng), axis=1),
    "scaled growing counts": lambda rng: StandardScaler().fit_transform(np.cumsum(events(0.05)(rng), axis=1)),
    "growing amounts": lambda rng: np.cumsum(events(0.1)(rng) * rng.normal(size=(N, WIDTH)), axis=1),
    "a last amount": lambda rng: np.cumsum(events(0.01)(rng) * rng.normal(size=(N, WIDTH)), axis=1),
    "one step up": step_up,
    "levels": levels,
    "constant rows": lambda rng: np.repeat(rng.normal(size=(N, 1)), WIDTH, axis=1),
    "one constant": lambda rng: np.ones((N, WIDTH)),
    "dead columns": dead_columns,
    "repeated rows": lambda rng: np.repeat(rng.normal(size=(3, WIDTH)), N // 3, axis=0),
    "settling": settling,
    "ramps to a limit": lambda rng: np.minimum(np.arange(WIDTH) * rng.uniform(0.011, 0.2, (N, 1)), 1.0),
    "decays": decays,
    "onsets": lambda rng: decays(rng)[:, ::-1],
    "settling in single precision": lambda rng: settling(rng).astype(np.float32),
    "settling in coarse steps": lambda rng: np.round(settling(rng), 1),
    "settling on a wave": lambda rng: (settling(rng) + np.sin(np.arange(WIDTH) * 0.1)).astype(np.float32),
    "padding at the end": lambda rng: padded(walks(rng), 0.0, rng),
    "events with padding at the end": lambda rng: padded(events(0.5)(rng), 0.0, rng),
}


@pytest.mark.parametrize("seed", [0, 1, 2, 13, 47])  # the last two need the rarest rules
@pytest.mark.parametrize("name", NO_PADDING)
def test_signals_are_not_taken_for_padding(name: str, seed: int) -> None:
    assert suspicious_padding(NO_PADDING[name](np.random.default_rng(seed))) is None


def suspicious_table() -> Floats:
    rng = np.random.default_rng(0)
    return padded(rng.normal(size=(N, WIDTH)), -1.0, rng)


def test_every_kind_of_table_is_read() -> None:
    X = suspicious_table()
    message = suspicious_padding(X)
    assert message is not None
    forms = [
        pd.DataFrame(X),
        torch.from_numpy(X),
        np.asfortranarray(X),
        X[..., None],
        pd.DataFrame(X).astype(object),
    ]
    assert [suspicious_padding(form) for form in forms] == [message] * len(forms)
    assert suspicious_padding(X.astype(np.float32)) == message
    assert suspicious_padding(torch.from_numpy(X).to(torch.bfloat16)) is not None
    assert suspicious_padding(polars.DataFrame(X)) == message


def test_input_that_says_what_is_real_is_not_suspicious() -> None:
    X = suspicious_table()
    assert suspicious_padding(X, padding_value=None) is None
    assert suspicious_padding(X, lengths=[WIDTH] * N) is None
    rng = np.random.default_rng(0)
    narrow = np.where(np.arange(9) < rng.integers(1, 10, N)[:, None], rng.normal(size=(N, 9)), -1.0)
    cells = pd.DataFrame({f"x{j}": [[value] * 2 for value in narrow[:, j]] for j in range(9)})
    assert suspicious_padding(narrow) is not None
    for form in (
        X.tolist(),
        list(X),
        X.astype(object),
        as_sequences(X),
        as_sequences(X).to_nested(),
        cells,
        None,
        5,
    ):
        assert suspicious_padding(form) is None


def test_small_and_narrow_tables_are_not_judged() -> None:
    X = suspicious_table()
    for table in (X[:0], X[:1], X[:4], X[:, -1:], X[:, :0], X[:, -3:], np.zeros((20, 30)), X[:, -1]):
        assert suspicious_padding(table) is None
    assert suspicious_padding(np.full((20, 30), np.nan), padding_value=np.nan) is None


def test_the_input_is_not_changed() -> None:
    X = suspicious_table()
    before = X.copy()
    X.flags.writeable = False
    suspicious_padding(X)
    np.testing.assert_array_equal(X, before)


def test_an_invalid_padding_value_is_named() -> None:
    with pytest.raises(TypeError, match="`padding_value` must be a number"):
        suspicious_padding(np.ones((2, 3)), padding_value="0")  # type: ignore[arg-type]
