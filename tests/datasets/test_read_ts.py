from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from seqclf import GRUClassifier
from seqclf.datasets import read_ts
from seqclf.exceptions import InvalidSequenceError, SeqclfWarning
from seqclf.sequences import check_finite

ReadText = Callable[..., tuple[list[list[list[float]]], list[str]]]

UNIVARIATE = """\
## A description, ä, with its signs
%an older sign
@problemName Made
@timeStamps false
@missing false
@univariate true
@equalLength false
@classLabel true walk run
@data
1,2.5,-3e-1:walk
4.0, 5 :run
# a comment
6:walk
"""
MULTIVARIATE = """\
@problemName Made
@univariate false
@dimensions 2
@classLabel true 1 2
@data
1,2:3,4:2
5:6:1
"""
TIMES = """\
@timeStamps true
@univariate false
@classLabel true a b
@data
(0,1),(2.5,?):(0,3),(2.5,4):a
(7,5) : (7,6) : b
"""
DATES = """\
@timeStamps true
@classLabel true a b
@data
(1970-01-01 00:01:00,1.5),(2007-01-01 00:00:00.25,2):a
(1970-01-02,3), (1969-12-31T23:59,4):b
"""


@pytest.fixture
def read(tmp_path: Path) -> ReadText:
    """Return a function that writes a text to a file and reads it."""

    def read_text(text: str, **options: object) -> tuple[list[list[list[float]]], list[str]]:
        path = tmp_path / "Made_TRAIN.ts"
        path.write_text(text, encoding="utf-8")
        X, y = read_ts(path, **options)  # type: ignore[arg-type]
        assert X.values.dtype == torch.float64
        return [steps.tolist() for steps in X], y.tolist()

    return read_text


def test_a_line_is_a_series_and_its_class(read: ReadText) -> None:
    X, y = read(UNIVARIATE)
    assert X == [[[1.0], [2.5], [-0.3]], [[4.0], [5.0]], [[6.0]]]
    assert y == ["walk", "run", "walk"]


def test_dimensions_become_features(read: ReadText) -> None:
    X, y = read(MULTIVARIATE)
    assert X == [[[1, 3], [2, 4]], [[5, 6]]]
    assert y == ["2", "1"]


def test_times_become_the_first_feature(read: ReadText) -> None:
    X, y = read(TIMES, missing="keep")
    np.testing.assert_array_equal(X[0], [[0, 1, 3], [2.5, np.nan, 4]])
    assert X[1] == [[7, 5, 6]]
    assert y == ["a", "b"]


def test_dates_become_seconds(read: ReadText) -> None:
    X, _ = read(DATES)
    assert X == [[[60, 1.5], [1167609600.25, 2]], [[86400, 3], [-60, 4]]]


def test_the_header_is_read_in_any_case_order_and_spacing(read: ReadText) -> None:
    text = """\
        @CLASSLABEL   True  walk   Walk
        @timestamps\tFALSE
        @dimension 1
        @Univariate true
        @equallength TRUE
        @equallength true
        @serieslength 002
        @targetlabel false
        @problemname
        @DATA
        1,2:Walk
    """
    assert read(text) == ([[[1], [2]]], ["Walk"])


def test_a_series_length_says_nothing_if_lengths_differ(read: ReadText) -> None:
    text = UNIVARIATE.replace("@equalLength false", "@equalLength false\n@seriesLength 99")
    assert read(text) == read(UNIVARIATE)


def test_a_comment_may_be_in_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "made.ts"
    path.write_bytes(b"# caf\xe9\n" + UNIVARIATE.encode())
    assert len(read_ts(path)[0]) == 3


def test_padding_is_dropped(read: ReadText) -> None:
    text = MULTIVARIATE.replace("5:6", "5,7,NaN,nan:6,NaN,NaN,?").replace("1,2:3,4", "1,2,?,?:3,4,?,?")
    X, _ = read(text, missing="keep")
    assert X[0] == [[1, 3], [2, 4]]
    np.testing.assert_array_equal(X[1], [[5, 6], [7, np.nan]])


def test_padding_of_series_of_equal_length_is_dropped_with_a_warning(read: ReadText) -> None:
    text = UNIVARIATE.replace("@equalLength false", "@equalLength true")
    text = text.replace("4.0, 5 ", "4,5,NaN").replace("6:", "6,?,?:")
    message = r"TRAIN\.ts: 2 series end in steps without any value, the first one in line 11, although .* If they are padding"
    with pytest.warns(SeqclfWarning, match=message) as caught:
        X, _ = read(text)
    assert [len(steps) for steps in X] == [3, 2, 1]
    assert caught[0].filename == __file__


def test_a_missing_value_is_refused_or_kept(read: ReadText) -> None:
    text = MULTIVARIATE.replace("3,4", "3,?")
    message = (
        r"TRAIN\.ts, line 6: each value must be known; got a missing one in dimension 2, step 2\. Read the file with "
        r'`missing="keep"`, and use an estimator with `missing="indicator"`'
    )
    with pytest.raises(InvalidSequenceError, match=message):
        read(text)
    X, _ = read(text, missing="keep")
    np.testing.assert_array_equal(X[0], [[1, 3], [2, np.nan]])


def test_a_number_too_large_is_refused_also_where_missing_values_are_kept(read: ReadText) -> None:
    message = r"line 7: each value must fit float64 .*; got a larger one in dimension 2, step 2\. Correct it, or write `\?`"
    with pytest.raises(InvalidSequenceError, match=message):
        read(MULTIVARIATE.replace("5:6", "?,5:6,-1e999"), missing="keep")


def test_a_missing_value_beside_a_time_is_located(read: ReadText) -> None:
    with pytest.raises(InvalidSequenceError, match=r"line 5: .* missing one in dimension 1, step 2\."):
        read(TIMES)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("2.5", "2_5", "line 10: each value must be a number, or `?` or NaN if it is missing; got '2_5' in dimension 1, step 2. Corr"),
        ("2.5", "", "got '' in dimension 1, step 2. Write `?` for a missing value"),
        ("1,2.5", "1 2.5", "got '1 2.5' in dimension 1, step 1. Separate values with commas"),
        ("2.5", "٢", "got '٢' in dimension 1, step 2"),
        ("2.5", "inf", "got 'inf' in dimension 1, step 2"),
        ("2.5", "?1", "got '?1' in dimension 1, step 2"),
        ("2.5", "x" * 99, f"got '{'x' * 40}' in dimension 1, step 2"),
        ("2.5", "1e999", "line 10: each value must fit float64 (at most 1.8e308); got a larger one in dimension 1, step 2"),
        ("6:", ":", "line 13: each value must be a number, or `?` or NaN if it is missing; got '' in dimension 1, step 1"),
        ("6:", "?,NaN:", "line 13: a series must have at least one value; got missing values only. Drop the line"),
        ("6:walk", "6", "line 13: a line must hold a series and its class, separated by a colon; got '6'. Is"),
        ("6:walk", "6:", "the last field must be one of the classes that `@classLabel` declares: run, walk; got ''. Is"),
        ("6:walk", "6:Walk", "line 13: the last field must be one of the classes"),
        ("6:walk", "6:7:walk", "line 13: each series must have as many dimensions as the header says, 1; got 2. Is"),
        ("6:walk", "(0,6):walk", "line 13: values must stand in pairs `(time,value)` if, and only if, the header says"),
        ("@data\n", "", "line 9: a line before `@data` must be a comment, which begins with `#`, or begin with @problemName"),
        (UNIVARIATE[-60:], "", " must contain a line `@data` before its series; got none"),
        ("@data", "@data 1", "line 9: `@data` must stand alone; got `1`. Correct the header"),
        ("@missing", "@mising", "got `@mising false`. Correct or delete it"),
        ("@missing false", "@relation x", "Correct or delete it. Read .arff files with `read_arff`"),
        ("@missing false", "@missing", "line 5: `@missing` must be followed by `true` or `false`; got ``"),
        ("@missing false", "@missing no", "`@missing` must be followed by `true` or `false`; got `no`"),
        ("@missing false", "@timeStamps true", "line 5: a header must say a thing once; got `@timeStamps true` after the value `false`"),
        ("@missing false", "@dimensions 0", "`@dimensions` must be followed by an integer from 1 to 999,999,999; got `0`"),
        ("@missing false", f"@seriesLength {'9' * 5000}", "`@seriesLength` must be followed by an integer from 1 to"),
        ("@missing false", "@dimensions 2", "line 9: the header above must not contradict itself; got `@univariate true` and `@dimensions 2`"),
        ("@missing false", "@targetLabel true", "line 5: the targets must be classes; got numbers, as `@targetLabel true` says"),
        ("@classLabel true walk run", "@classLabel false", "line 8: the series must have classes; got `@classLabel false`. Write"),
        ("@classLabel true walk run", "@classLabel true", "line 8: `@classLabel` must be followed by `true` and all classes"),
        ("@classLabel true walk run\n", "", "line 8: `@classLabel true`, followed by all classes, must come before `@data`"),
        ("@equalLength false", "@equalLength true", "line 11: all series must have the same number of steps, as the header says; got 2, and 3 in line 10"),
        ("@equalLength false", "@equalLength true\n@seriesLength 4", "line 11: each series must have the 4 steps of `@seriesLength`; got 3"),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused(read: ReadText, old: str, new: str, message: str) -> None:
    assert old in UNIVARIATE
    with pytest.raises(InvalidSequenceError, match=r"TRAIN\.ts.*" + re.escape(message)):
        read(UNIVARIATE.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("3,4", "3", "line 6: all dimensions of a series must have the same number of steps; got 2 in dimension 1 and 1 in dimension 2"),
        ("@dimensions 2\n", "@dimensions 3\n", "line 6: each series must have as many dimensions as the header says, 3; got 2"),
    ],
)  # fmt: skip
def test_dimensions_that_do_not_match_are_refused(read: ReadText, old: str, new: str, message: str) -> None:
    with pytest.raises(InvalidSequenceError, match=re.escape(message)):
        read(MULTIVARIATE.replace(old, new))


def test_numbers_of_dimensions_must_be_equal_without_a_header(read: ReadText) -> None:
    text = MULTIVARIATE.replace("@dimensions 2\n", "").replace("5:6", "5:6:7")
    with pytest.raises(
        InvalidSequenceError,
        match="line 6: all series must have the same number of dimensions; got 3, and 2 in line 5",
    ):
        read(text)


@pytest.mark.parametrize(
    ("text", "old", "new", "message"),
    [
        (TIMES, "(0,3)", "(1,3)", "line 5: all dimensions of a series must have the same times; got others in dimension 2 than in"),
        (TIMES, "(0,3),", "", "line 5: all dimensions of a series must have the same times"),
        (TIMES, "(0,3)", "(0,3,3)", "line 5: each pair must hold a time and a value, separated by a comma; got (0,3,3) in dimension 2, step 1"),
        (TIMES, "(0,3)", "(0)", "each pair must hold a time and a value, separated by a comma; got (0) in dimension 2, step 1"),
        (TIMES, "(2.5,?)", "(2.5,?", "a time and a value, separated by a comma; got (2.5,?:(0,3) in dimension 1, step 2"),
        (TIMES, "(0,3)", "0,3)", "with `@timeStamps true`, each value must stand in a pair `(time,value)`; got '0,3),"),
        (TIMES, "(7,5)", "7,5", "line 6: values must stand in pairs `(time,value)` if, and only if"),
        (TIMES, "(0,3)", "(?,3)", "line 5: each time must be a finite number, like the first time of the file; got '?' in dimension 2, step 1"),
        (TIMES, "(0,3)", "(1e999,3)", "each time must be a finite number, like the first time of the file; got '1e999'"),
        (TIMES, "(0,3)", "(1_0,3)", "each time must be a finite number, like the first time of the file; got '1_0'"),
        (TIMES, "(0,3)", "(0,x)", "each value must be a number, or `?` or NaN if it is missing; got 'x' in dimension 2, step 1"),
        (DATES, "1970-01-02", "7", "line 5: each time must be a date, as 2007-01-31 12:30:00, like the first time of the file; got '7' in"),
        (DATES, "1970-01-02", "1970-02-30", "got '1970-02-30' in dimension 1, step 1"),
        (DATES, "1970-01-02", "now", "got 'now' in dimension 1, step 1"),
        (DATES, "1970-01-02", "1970", "got '1970' in dimension 1, step 1"),
    ],
)  # fmt: skip
def test_bad_times_are_refused(read: ReadText, text: str, old: str, new: str, message: str) -> None:
    assert old in text
    with pytest.raises(InvalidSequenceError, match=r"TRAIN\.ts, line \d: .*") as caught:
        read(text.replace(old, new), missing="keep")
    assert message in str(caught.value)


@pytest.mark.parametrize(("old", "repeated", "end"), [("2.5", "2", "x"), (" : ", " ", ";")])
def test_a_long_line_takes_linear_time(read: ReadText, old: str, repeated: str, end: str) -> None:
    with pytest.raises(InvalidSequenceError, match=r"line [56]: "):
        read(TIMES.replace(old, repeated * 300_000 + end))


def test_a_classifier_is_fitted_to_a_file(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    rows = [
        ",".join(map(str, (i % 2 + rng.normal(0, 0.1, 3 + i)).round(4))) + f":{'ab'[i % 2]}"
        for i in range(20)
    ]
    path = tmp_path / "made.ts"
    path.write_text("@classLabel true a b\n@data\n" + "\n".join(rows))
    X, y = read_ts(path)
    check_finite(X)
    model = GRUClassifier(hidden_size=4, max_epochs=5, lr=0.05, random_state=0).fit(X, y)
    assert model.classes_.tolist() == ["a", "b"]
    assert model.score(X, y) == 1.0
