"""Numbers that mark missing values are found among training samples, and nothing else is."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ramps import small
from seqclf import SequenceEnsemble, Sequences, as_sequences
from seqclf.estimators._missing_codes import missing_codes
from seqclf.exceptions import SeqclfWarning

RNG = np.random.default_rng(0)
MEASURED = RNG.normal(20.0, 3.0, size=2000)


def one_feature(column: Any) -> Sequences:
    """Return sequences of 20 steps with one feature."""
    return as_sequences(
        np.asarray(column, dtype=np.float64).reshape(-1, 20, 1),
        dtype="float64",
        missing="keep",
        padding_value=None,
    )


def marked(column: Any, *codes: float, share: float = 0.02) -> np.ndarray[Any, Any]:
    """Return a copy in which some values are codes."""
    changed = np.array(column, dtype=np.float64)
    places = np.random.default_rng(1).permutation(len(changed))[: round(share * len(changed))]
    changed[places] = np.resize(codes, len(places))
    return changed


@pytest.mark.parametrize(
    "code", [-999, -9999, 9999, -99, -1000, -200, 1e30, 9.96921e36, -3.4e38, 65535, -999.25]
)
@pytest.mark.parametrize("share", [0.002, 0.02, 0.9])
def test_a_repeated_number_far_from_all_others_is_found(code: float, share: float) -> None:
    found = missing_codes(one_feature(marked(MEASURED, code, share=share)))
    assert found is not None
    assert found.startswith(f"Feature 0 is {code:g} in several steps, far from its other values, ")
    assert 'with NaN, and pass `missing="indicator"`' in found


@pytest.mark.parametrize("codes", [(-999.0, 999.0), (-999.0, -9999.0), (-9.0, 99999.0)])
def test_one_of_several_codes_is_found(codes: tuple[float, ...]) -> None:
    found = missing_codes(one_feature(marked(MEASURED, *codes)))
    assert found is not None
    assert "other feature" not in found


def test_an_outlier_at_the_other_end_hides_nothing() -> None:
    column = marked(MEASURED, -999.0)
    column[7] = 1e5
    found = missing_codes(one_feature(column))
    assert found is not None
    assert "is -999 in" in found


def test_missing_values_beside_a_code_do_not_hide_it() -> None:
    column = marked(MEASURED, -999.0)
    column[RNG.permutation(2000)[:300]] = np.nan
    assert missing_codes(one_feature(column)) is not None
    assert missing_codes(one_feature(np.full(20, np.nan))) is None


@pytest.mark.parametrize(
    ("values", "code"), [((0, 1), 999), ((1, 2, 3, 4, 5), 99), ((10, 20, 30), -99), ((0, 1), -9)]
)
def test_usual_marks_are_found_among_categories(values: tuple[int, ...], code: int) -> None:
    assert missing_codes(one_feature(marked(RNG.choice(values, size=2000), code))) is not None


def test_usual_marks_may_be_closer_to_other_values() -> None:
    wind = RNG.uniform(10.0, 165.0, size=2000)
    assert missing_codes(one_feature(marked(wind, -99.0))) is not None
    assert missing_codes(one_feature(marked(wind, -95.0))) is None


@pytest.mark.parametrize(
    "column",
    {
        "measured": MEASURED,
        "two outliers": np.r_[MEASURED[:-2], -999.0, -999.0],
        "clipped": np.clip(MEASURED, 19.0, 21.0),
        "a constant": np.full(2000, -999.0),
        "a mark beside a constant": marked(np.zeros(2000), -999.0),
        "two categories": RNG.choice([0.0, 1.0], size=2000),
        "three categories": marked(RNG.choice([0.0, 1.0], size=2000), 5.0),
        "three temperatures": marked(RNG.choice([0.0, 0.5, 1.0], size=2000), -9.5),
        "integers around -9": RNG.integers(-12, 30, size=2000),
        "-9 at the end": RNG.integers(-9, 30, size=2000),
        "percentages": RNG.integers(0, 100, size=2000),
        "lognormal": RNG.lognormal(0.0, 2.0, size=2000),
        "rare large counts": RNG.zipf(2.0, size=2000),
        "rain": np.maximum(RNG.normal(size=2000), 0.0),
        "a pulse": marked(RNG.normal(size=2000), 7.0),
        "-1 below a share": marked(RNG.random(2000), -1.0),
    }.items(),
    ids=lambda item: item[0],
)
def test_other_numbers_are_left_alone(column: tuple[str, Any]) -> None:
    assert missing_codes(one_feature(column[1])) is None


@settings(deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    scale=st.floats(1e-6, 1e6),
    shift=st.floats(-1e6, 1e6),
    draw=st.sampled_from(["normal", "uniform", "exponential", "integers"]),
)
def test_no_draw_at_random_has_a_code(seed: int, scale: float, shift: float, draw: str) -> None:
    rng = np.random.default_rng(seed)
    column = rng.integers(-50, 50, size=400) if draw == "integers" else getattr(rng, draw)(size=400)
    assert missing_codes(one_feature(scale * column + shift)) is None


def test_the_feature_with_most_codes_is_named() -> None:
    columns = np.stack([MEASURED, marked(MEASURED, -999.0), marked(MEASURED, 9999.0, share=0.1)], axis=1)
    sequences = as_sequences(columns.reshape(-1, 20, 3)).with_feature_names(["flow", "pH", "depth"])
    found = missing_codes(sequences)
    assert found is not None
    assert found.startswith("Feature 'depth' is 9999 in several steps")
    assert "(1 other feature has such numbers, too)" in found
    pressure = RNG.integers(882, 1025, size=2000)
    pressure[:2] = 882, 1024
    found = missing_codes(one_feature(np.r_[pressure, np.zeros(20)]))
    assert found is not None
    assert found.startswith("Feature 0 is 0 in several steps, far from its other values, 882 to 1024. Such")


def test_static_features_are_looked_at() -> None:
    ages = marked(RNG.integers(20, 90, size=100), 999, share=0.1)
    static = pd.DataFrame({"sex": RNG.integers(0, 2, size=100), "age": ages})
    found = missing_codes(one_feature(MEASURED).with_static(static))
    assert found is not None
    assert found.startswith("Static feature 'age' is 999 in several sequences")
    assert "with the median" in found
    static["age"] = marked(ages, -777, share=0.1)  # perhaps a statistic of the sequence
    assert missing_codes(one_feature(MEASURED).with_static(static.where(static != 999, 50))) is None


@pytest.mark.parametrize("first", [0, 7_000_000, 7_800_000])
def test_a_long_series_is_sampled_along_its_whole_length(first: int) -> None:
    column = np.tile(MEASURED, 4000)
    column[first : first + 200_000] = -999.0
    assert missing_codes(as_sequences([column])) is not None


@pytest.mark.parametrize("as_frame", [False, True])
def test_fit_warns_once_and_not_after_the_cure(as_frame: bool) -> None:
    y = np.arange(100) % 2
    table = marked(MEASURED, -999.0).reshape(100, 20)
    X: Any = [pd.DataFrame({"flow": row}) for row in table] if as_frame else list(table)
    with pytest.warns(SeqclfWarning) as found:
        small(max_epochs=1).fit(X, y)
    assert [str(one.message).split(" is ")[0] for one in found] == [
        "Feature 'flow'" if as_frame else "Feature 0"
    ]
    assert found[0].filename == __file__
    cured = [np.where(row == -999.0, np.nan, row) for row in table]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        small(max_epochs=1, missing="indicator").fit(cured, y)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_an_ensemble_warns_once(n_jobs: int) -> None:
    X = list(marked(MEASURED, -999.0).reshape(100, 20))
    members = [small(max_epochs=1), small(max_epochs=1, num_layers=2)]
    with pytest.warns(SeqclfWarning) as found:
        SequenceEnsemble(estimators=members, n_members=2, n_jobs=n_jobs).fit(X, np.arange(100) % 2)
    assert [one.filename for one in found] == [__file__]


def test_padding_is_not_called_a_missing_value() -> None:
    y = np.arange(100) % 2
    table = RNG.normal(20.0, 3.0, size=(100, 20))
    for row, length in zip(table, RNG.integers(5, 18, size=100), strict=True):
        row[length:] = -999.0
    with pytest.warns(SeqclfWarning) as found:
        small(max_epochs=1).fit(table, y)
    assert len(found) == 1
    assert "padding" in str(found[0].message)
