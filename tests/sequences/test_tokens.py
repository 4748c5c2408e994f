"""`Tokens` hold codes and what they stand for, beside the values of `Sequences`."""

from __future__ import annotations

import copy
import pickle
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences import Sequences, Tokens, as_sequences, pack, pad
from strategies import sequences_with_tokens

COLUMNS = {"activity": ("pay", "start"), "resource": (7,)}


def small() -> Tokens:
    """Of three steps: start 7, pay unknown, unknown 7."""
    return Tokens(torch.tensor([[2, 1], [1, 0], [0, 1]]), COLUMNS)


def two() -> Sequences:
    """The first step alone, and the other two, with one feature."""
    return Sequences(torch.tensor([[1.0], [2.0], [3.0]]), torch.tensor([0, 1, 3]), tokens=small())


def test_a_tiny_case_by_hand() -> None:
    tokens = small()
    assert tokens.n_tokens == two().n_tokens == {"activity": 3, "resource": 2}
    decoded = tokens.decode()
    assert decoded["activity"].tolist() == ["start", "pay", None]
    assert decoded["resource"].tolist() == [7, None, 7]
    assert repr(tokens) == "Tokens(3 steps, activity: 2 tokens, resource: 1 token)"
    assert repr(two()) == "Sequences(2 sequences, 1 feature, 2 token columns, lengths 1 to 2, 3 steps)"
    assert as_sequences([[1.0]]).n_tokens == {}


@pytest.mark.parametrize(
    ("codes", "vocabularies", "error", "message"),
    [
        ([[0]], COLUMNS, TypeError, "`codes` must be a tensor, int64 of shape (n_steps, 2)"),
        (
            torch.zeros(3, 1, dtype=torch.int64),
            COLUMNS,
            InvalidSequenceError,
            "got torch.int64 of shape (3, 1)",
        ),
        (
            torch.zeros(3, 2),
            COLUMNS,
            InvalidSequenceError,
            "got torch.float32 of shape (3, 2). Use `as_sequences",
        ),
        (torch.zeros(3, 0, dtype=torch.int64), {}, InvalidSequenceError, "int64 of shape (n_steps, 0)"),
        (
            torch.tensor([[1, 0], [3, 0]]),
            COLUMNS,
            InvalidSequenceError,
            "must lie in [0, 3), the tokens of column 'activity' and 0 for unknown ones; got 3 at step 1. Use the vocabulary",
        ),
        (
            torch.tensor([[1, -1]]),
            COLUMNS,
            InvalidSequenceError,
            "must lie in [0, 2), the tokens of column 'resource'",
        ),
    ],
)
def test_codes_are_checked(codes: Any, vocabularies: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        Tokens(codes, vocabularies)


def test_tokens_belong_to_the_steps() -> None:
    values, offsets = torch.ones(2, 1), torch.tensor([0, 2])
    message = "`tokens` must have one row for each of the 2 steps; got 3. Were steps dropped"
    with pytest.raises(InvalidSequenceError, match=re.escape(message)):
        Sequences(values, offsets, tokens=small())
    with pytest.raises(InvalidSequenceError, match=re.escape(message)):
        Sequences(values, offsets).with_tokens(small())
    with pytest.raises(TypeError, match=r"`tokens` must be `Tokens` or None; got Tensor\. Encode them with"):
        Sequences(values, offsets, tokens=torch.zeros(2, 1))  # type: ignore[arg-type]
    with pytest.raises(InvalidSequenceError, match="with at least one feature, or `tokens`; got"):
        Sequences(torch.ones(2, 0), offsets)
    assert Sequences(torch.ones(3, 0), torch.tensor([0, 3]), tokens=small()).n_features == 0


def selections(s: Sequences) -> list[Any]:
    n = len(s)
    return [
        slice(None),
        slice(1, None),
        slice(None, None, -1),
        [n - 1, 0],
        np.arange(n) % 2 == 0,
        torch.arange(n),
    ]


@settings(deadline=None)
@given(sequences_with_tokens())
def test_a_selection_keeps_the_tokens_of_its_sequences(s: Sequences) -> None:
    assert s.tokens is not None
    codes = torch.tensor_split(s.tokens.codes, s.offsets[1:-1])
    for index in selections(s):
        chosen = s[index]
        rows = as_sequences([[float(i)] for i in range(len(s))])[index].values.int().flatten().tolist()
        assert torch.equal(
            chosen.tokens.codes, torch.cat([s.tokens.codes[:0], *(codes[row] for row in rows)])
        )
        assert chosen.tokens.vocabularies == s.tokens.vocabularies
        assert Sequences(chosen.values, chosen.offsets, chosen.static, chosen.tokens) == chosen


@settings(deadline=None)
@given(sequences_with_tokens(), st.data())
def test_concatenation_undoes_a_cut(s: Sequences, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(s)))
    assert Sequences.concatenate([s[:cut], s[cut:]]) == s


KEEPERS: dict[str, Callable[[Sequences], Sequences]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": lambda s: pickle.loads(pickle.dumps(s)),
    "with_values": lambda s: s.with_values(2 * s.values),
    "with_static": lambda s: s.with_static([1.0, 2.0]),
    "static_to_steps": lambda s: s.with_static([1.0, 2.0]).static_to_steps(),
    "double": lambda s: s.double(),
    "float": lambda s: s.double().float(),
    "to": lambda s: s.to("cpu"),
    "concatenate": lambda s: Sequences.concatenate([s[:1], s[1:]]),
}


@pytest.mark.parametrize("keep", KEEPERS.values(), ids=KEEPERS)
@pytest.mark.parametrize("n_features", [0, 1])
def test_tokens_are_kept(keep: Callable[[Sequences], Sequences], n_features: int) -> None:
    assert keep(two().with_values(two().values[:, :n_features])).tokens == small()
    assert pickle.loads(pickle.dumps(small())) == small()


def test_equality_compares_codes_and_vocabularies() -> None:
    s = two()
    assert s == two()
    assert s != s.with_tokens(None)
    assert s.with_tokens(None) != s
    assert s != s.with_tokens(Tokens(small().codes.flip(0), COLUMNS))
    assert s != s.with_tokens(Tokens(small().codes, {"activity": ("pay", "end"), "resource": (7,)}))
    assert small() != [1]
    with pytest.raises(TypeError, match="unhashable"):
        hash(small())


def test_parts_of_a_concatenation_must_have_the_same_vocabularies() -> None:
    other = two().with_tokens(Tokens(small().codes, {"activity": ("a", "b"), "resource": (7,)}))
    message = (
        "same token columns and vocabularies; parts[1] differs from parts[0]. Encode them with one vocabulary"
    )
    with pytest.raises(InvalidSequenceError, match=re.escape(message)):
        Sequences.concatenate([two(), other])
    with pytest.raises(InvalidSequenceError, match="same number of token columns; got 2 in parts"):
        Sequences.concatenate([two(), two().with_tokens(None)])


@pytest.mark.parametrize(
    ("convert", "result"),
    [
        (pad, "A padded tensor"),
        (pack, "A packed sequence"),
        (Sequences.to_nested, "A nested tensor"),
        (Sequences.to_arrow, "An Arrow array of numbers"),
        (np.asarray, "An array of sequences"),
    ],
)
def test_what_holds_numbers_only_refuses_tokens(convert: Callable[[Sequences], Any], result: str) -> None:
    message = f"{result} has no place for tokens; got the columns ['activity', 'resource']. Pass `Sequences`"
    with pytest.raises(TypeError, match=re.escape(message)):
        convert(two())
    convert(two().with_tokens(None))


def test_recoding_keeps_what_tokens_stand_for() -> None:
    new = small().recoded({"resource": (5, 7), "activity": ("end", "start")})
    assert new.codes.tolist() == [[2, 2], [0, 0], [2, 0]]
    assert new.decode()["activity"].tolist() == ["start", None, None]
    assert small().recoded(dict(COLUMNS)).codes is not None
    message = "must have the token columns ['activity'], as the vocabularies do; got ['activity', 'resource']"
    with pytest.raises(InvalidSequenceError, match=re.escape(message)):
        small().recoded({"activity": ("pay",)})


@settings(deadline=None)
@given(sequences_with_tokens(), st.integers(1, 3), st.integers(1, 4))
def test_frequent_tokens_are_those_counted_by_hand(s: Sequences, min_count: int, max_tokens: int) -> None:
    assert s.tokens is not None
    kept = s.tokens.frequent(min_count=min_count, max_tokens=max_tokens)
    for name, tokens in s.tokens.decode().items():
        counts = {token: tokens.tolist().count(token) for token in s.tokens.vocabularies[name]}
        ranked = sorted(counts, key=lambda token: -counts[token])[:max_tokens]  # a stable sort: the first win
        assert kept[name] == tuple(
            token for token in counts if token in ranked and counts[token] >= min_count
        )
