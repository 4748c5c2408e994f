"""Text, lists of tokens and frames with categorical columns become `Sequences` with tokens."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqclf import InvalidSequenceError, SeqclfWarning, as_sequences, from_long
from seqclf.sequences import Sequences

FRAMES = [
    pd.DataFrame({"activity": ["start", "pay"], "cost": [0.0, 9.5], "who": ["b", None]}),
    pd.DataFrame({"activity": ["start"], "cost": [1.0], "who": ["a"]}),
]


def decoded(sequences: Sequences, column: str = "token") -> list[list[Any]]:
    """The tokens of each sequence."""
    assert sequences.tokens is not None
    tokens = sequences.tokens.decode()[column]
    return [part.tolist() for part in np.split(tokens, sequences.offsets[1:-1].numpy())]


def test_a_tiny_case_by_hand() -> None:
    s = as_sequences(["bab", "ca"], vocabulary=["a", "b"])
    assert s.tokens is not None
    assert s.tokens.codes.flatten().tolist() == [2, 1, 2, 0, 1]
    assert s.tokens.vocabularies == {"token": ("a", "b")}
    assert (s.lengths.tolist(), s.n_features, s.values.shape) == ([3, 2], 0, (5, 0))
    assert decoded(s) == [["b", "a", "b"], [None, "a"]]


ONE_COLUMN: dict[str, Any] = {
    "list of lists": [["a", "b", "a"], ["c"]],
    "tuple of tuples": (("a", "b", "a"), ("c",)),
    "strings": ["aba", "c"],
    "array of strings": np.array(["aba", "c"]),
    "array of objects": np.array(["aba", "c"], dtype=object),
    "Series of strings": pd.Series(["aba", "c"], index=[5, 3]),
    "polars": pl.Series(["aba", "c"]),
    "Arrow": pa.array(["aba", "c"]),
    "list of arrays": [np.array(["a", "b", "a"]), np.array(["c"])],
    "list of Series": [pd.Series(["a", "b", "a"]), pd.Series(["c"], dtype="category")],
    "list of polars Series": [pl.Series(["a", "b", "a"]), pl.Series(["c"])],
}


@pytest.mark.parametrize("X", ONE_COLUMN.values(), ids=ONE_COLUMN)
def test_containers_of_the_same_tokens_agree(X: Any) -> None:
    assert as_sequences(X, vocabulary="auto") == as_sequences(["aba", "c"], vocabulary=["a", "b", "c"])
    assert as_sequences(X, vocabulary={"token": ["c"]}) == as_sequences(["aba", "c"], vocabulary=("c",))


@settings(deadline=None)
@given(
    st.lists(
        st.lists(st.integers(-3, 3) | st.text(max_size=2), min_size=1, max_size=5), min_size=1, max_size=5
    )
)
def test_decoding_undoes_encoding_and_the_order_of_samples_does_not_matter(rows: list[list[Any]]) -> None:
    s = as_sequences(rows, vocabulary="auto")
    assert decoded(s) == rows
    assert s.tokens is not None
    assert as_sequences(rows[::-1], vocabulary="auto")[::-1] == s
    assert as_sequences(rows, vocabulary=s.tokens.vocabularies["token"]) == s
    known = s.tokens.vocabularies["token"][::2]
    expected = [[token if token in known else None for token in row] for row in rows]
    assert (
        decoded(as_sequences(rows, vocabulary=known))
        == decoded(as_sequences(s, vocabulary=known))
        == expected
    )


def test_missing_tokens_are_unknown_and_integers_come_first() -> None:
    s = as_sequences([[3, None, "b"], [float("nan"), np.int64(-1), pd.NA], [3.0, True]], vocabulary="auto")
    assert s.tokens is not None
    assert s.tokens.vocabularies == {"token": (-1, 1, 3, "b")}
    assert decoded(s) == [[3, None, "b"], [None, -1, None], [3, 1]]
    of_column = as_sequences([pd.DataFrame({"x": [1, None]})], vocabulary={"x": "auto"})
    assert decoded(of_column, "x") == [[1, None]]


@pytest.mark.parametrize("library", ["pandas", "polars", "arrow"])
@pytest.mark.parametrize("vocabulary", ["auto", {"activity": "auto", "who": ["a", "b"]}])
def test_columns_of_frames_beside_features(library: str, vocabulary: Any) -> None:
    frames = {
        "pandas": FRAMES,
        "polars": [pl.from_pandas(frame) for frame in FRAMES],
        "arrow": [pa.Table.from_pandas(frame) for frame in FRAMES],
    }[library]
    s = as_sequences(frames, vocabulary=vocabulary, static=[5.0, 6.0])
    assert s.values.flatten().tolist() == [0.0, 9.5, 1.0]
    assert (decoded(s, "activity"), decoded(s, "who")) == (
        [["start", "pay"], ["start"]],
        [["b", None], ["a"]],
    )
    assert s.n_static_features == 1
    long = pd.concat([frame.assign(case=i, step=range(len(frame))) for i, frame in enumerate(FRAMES)])
    shuffled = long.iloc[[2, 1, 0]].reset_index(drop=True)
    table = {"pandas": shuffled, "polars": pl.from_pandas(shuffled), "arrow": pa.Table.from_pandas(shuffled)}[
        library
    ]
    tokens = ["activity", "who"] if vocabulary == "auto" else vocabulary
    result = from_long(table, id="case", time="step", tokens=tokens)
    assert result.sequences == s.with_static(None)
    assert result.columns == ("cost",)


def test_a_long_table_of_tokens_only() -> None:
    log = pd.DataFrame({"case": [1, 1, 2], "activity": ["a", "b", "a"], "text": ["x", "y", "z"]})
    expected = as_sequences([["a", "b"], ["a"]], vocabulary="auto")
    tokens: Any
    for tokens in ("activity", {"activity": ["a", "b"]}):
        s = from_long(log, id="case", tokens=tokens, values=[]).sequences
        assert s.tokens is not None
        assert expected.tokens is not None
        assert s.tokens.vocabularies["activity"] == expected.tokens.vocabularies["token"]
        assert decoded(s, "activity") == decoded(expected)
    with pytest.warns(SeqclfWarning, match=re.escape("left out: ['text']. Name the columns")):
        assert from_long(log, id="case", tokens="activity").sequences.n_features == 0


ACTIVITIES = ["b", None, "a"]
COLUMNS: dict[str, Any] = {
    "pandas object": pd.Series(ACTIVITIES, dtype="object"),
    "pandas category": pd.Series(ACTIVITIES, dtype="category"),
    "pandas string": pd.Series(ACTIVITIES, dtype="string"),
    "polars": pl.Series(ACTIVITIES),
    "polars categorical": pl.Series(ACTIVITIES, dtype=pl.Categorical),
    "Arrow": pa.chunked_array([ACTIVITIES[:1], ACTIVITIES[1:]]),
    "Arrow dictionary": pa.chunked_array([pa.array(ACTIVITIES).dictionary_encode()]),
}


@pytest.mark.parametrize("column", COLUMNS.values(), ids=COLUMNS)
def test_columns_of_any_type(column: Any) -> None:
    kind = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.table}[
        type(column).__module__.split(".")[0]
    ]
    for ids in ([1, 1, 2], [2, 1, 2]):
        log = kind({"case": ids, "activity": column})
        frames = [kind({"activity": column[:2]}), kind({"activity": column[2:]})]
        s = from_long(log, id="case", tokens="activity").sequences
        expected = [["b", None], ["a"]] if ids == [1, 1, 2] else [[None], ["b", "a"]]
        assert decoded(s, "activity") == expected
        assert decoded(as_sequences(frames, vocabulary="auto"), "activity") == [["b", None], ["a"]]


REFUSED: dict[str, tuple[Any, Any, type[Exception], str]] = {
    "float": ([["a"], ["b", 2.5]], "auto", InvalidSequenceError, "must be text or an integer; got 2.5 in row 1, step 1. Numbers"),
    "list": ([["a", ["b"]]], "auto", InvalidSequenceError, "got ['b'] in row 0, step 1. Pass data frames if each step"),
    "tuple": ([[("a", "b")]], "auto", InvalidSequenceError, "got ('a', 'b') in row 0, step 0. Pass data frames"),
    "date": ([[np.datetime64("2020-01-01")]], "auto", InvalidSequenceError, "step 0. Convert it to text."),
    "both": (["ab", ["c"]], "auto", InvalidSequenceError, "or a list of tokens; got both. Pass `list(text)`"),
    "one list": ([1, 2], "auto", InvalidSequenceError, "got 1 in row 0. If X is one sequence of tokens, pass `[X]`."),
    "one text": ("ab", "auto", TypeError, "must be a list of sequences; got the str 'ab'. Pass `[X]`"),
    "empty": (["ab", ""], "auto", InvalidSequenceError, "at least one step; got none in row 1. Drop empty"),
    "nothing": ([], "auto", InvalidSequenceError, "Found array with 0 sample(s)"),
    "table": (np.zeros((2, 3)), "auto", TypeError, "got ndarray of shape (2, 3). Pass one column of a table of texts"),
    "long table": (FRAMES[0], "auto", TypeError, "got DataFrame of shape (2, 3). Pass one column of a table of texts, `from_long`"),
    "list for frames": (FRAMES, ["a"], ValueError, 'a dict of columns, or "auto"; got list. Pass `{column'),
    "column": (FRAMES, {"when": "auto"}, ValueError, "must name columns of the frames, ['activity', 'cost', 'who']; got ['when']"),
    "no column": (FRAMES, {}, ValueError, "must name columns of the frames"),
    "numeric frames": ([FRAMES[0][["cost"]]], "auto", InvalidSequenceError, "got only numeric columns, ['cost']. Name"),
    "no frame": ([FRAMES[0], ["a"]], "auto", InvalidSequenceError, "must be a data frame if one is; got list in row 1."),
    "dict": (["ab"], {"x": ["a"]}, ValueError, "must be a list of tokens for sequences of one token per step; got a dict of ['x']"),
    "twice": (["ab"], ["a", "b", "a"], ValueError, "must be distinct; got 'a' twice for column 'token'. Drop one"),
    "missing": (["ab"], ["a", None], ValueError, "must be text or an integer; got None at position 1 for column 'token'. Leave"),
    "name": (["ab"], "ab", ValueError, "must be a list of tokens or \"auto\"; got 'ab' for column 'token'. If its characters"),
    "set": (["ab"], {"a"}, TypeError, "`vocabulary['token']` must be a sequence of tokens; got {'a'}"),
    "numbers": (as_sequences([[1.0]]), "auto", ValueError, "for sequences with tokens; got `Sequences` of numbers only"),
}  # fmt: skip


@pytest.mark.parametrize(("X", "vocabulary", "error", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_tokens_is_refused(X: Any, vocabulary: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        as_sequences(X, vocabulary=vocabulary)


def test_errors_of_long_tables_name_the_id() -> None:
    log = pd.DataFrame({"case": [1, 1, 2], "activity": ["a", "b", 2.5]}, dtype=object)
    message = (
        "must be text or an integer; got 2.5 in column 'activity' for id 2 (row 2). Numbers are features"
    )
    with pytest.raises(InvalidSequenceError, match=re.escape(message)):
        from_long(log, id="case", tokens="activity")
    with pytest.raises(
        ValueError, match="A column must have one role; got 'activity' in `values` and in `tokens`"
    ):
        from_long(log, id="case", tokens="activity", values="activity")


def test_lengths_are_refused() -> None:
    message = "padded arrays of numbers; got it with `vocabulary`. Pass each sequence without its padding"
    with pytest.raises(ValueError, match=re.escape(message)):
        as_sequences([[1, 0]], lengths=[1], vocabulary="auto")


def test_strings_of_one_character_may_be_one_sequence() -> None:
    with pytest.warns(
        SeqclfWarning, match=re.escape("got 2 strings of one character. If they are the tokens")
    ):
        as_sequences(["a", "b"], vocabulary="auto")
    as_sequences(["a"], vocabulary="auto")
    as_sequences(["a", "b"], vocabulary=["a"])


def test_text_without_a_vocabulary_is_pointed_to_tokens() -> None:
    advice = 'Read text as tokens with `TokenEncoder` or `as_sequences(X, vocabulary="auto")`.'
    for X in (["ab", "c"], [["ab"], ["c"]], [np.array(["a"], dtype=object)]):
        with pytest.raises((TypeError, InvalidSequenceError), match=re.escape(advice)):
            as_sequences(X)
