"""Files of the archive, damaged at random, are read right or refused with the file and the line."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datasets.archive_files import (
    Plain,
    arff_text,
    plain_arff,
    plain_ts,
    plain_tsv,
    ts_text,
    tsv_text,
)
from seqclf.datasets import read_arff, read_ts, read_tsv
from seqclf.exceptions import InvalidSequenceError, SeqclfWarning

_RNG = np.random.default_rng(0)
_LABELS = ["1", "10", "walk", "1", "walk"]
_ONE = [_RNG.normal(size=(n, 1)).round(3) for n in (4, 2, 5, 3, 5)]
_TWO = [_RNG.normal(size=(n, 2)).round(3) for n in (4, 2, 5, 3, 5)]
_EQUAL = [
    np.where(_RNG.uniform(size=(4, 2)) < 0.1, np.nan, one) for one in _RNG.normal(size=(5, 4, 2)).round(2)
]

Read = Callable[..., Any]
FILES: dict[str, tuple[str, Read, Callable[[str], Plain]]] = {
    "univariate.ts": (ts_text(_ONE, _LABELS), read_ts, plain_ts),
    "multivariate.ts": (ts_text(_TWO, _LABELS, pad=True), read_ts, plain_ts),
    "equal.ts": (ts_text(_EQUAL, _LABELS), read_ts, plain_ts),
    "univariate.arff": (arff_text(_ONE, _LABELS), read_arff, plain_arff),
    "relational.arff": (arff_text(_TWO, _LABELS), read_arff, plain_arff),
    "padded.tsv": (tsv_text(_ONE, _LABELS), read_tsv, plain_tsv),
}
_TOKEN = re.compile(rb"[^\s,:{}()@]+|.", re.DOTALL)
_PIECES = [
    b"",
    b"?",
    b"NaN",
    b"inf",
    b"1e999",
    b"1_0",
    b":",
    b",",
    b"\t",
    b"\n",
    b"'",
    b"\\n",
    b"@data",
    b"true",
    b"\xff",
    b"\0",
]


@st.composite
def damaged(draw: st.DrawFn, content: bytes) -> bytes:
    """One to three changes: a byte, a line cut, dropped or doubled, two tokens swapped, a token replaced."""
    for _ in range(draw(st.integers(1, 3))):
        change = draw(st.sampled_from(["byte", "cut", "drop", "double", "swap", "replace"]))
        if change == "byte":
            place = draw(st.integers(0, len(content) - 1))
            content = content[:place] + bytes([draw(st.integers(0, 255))]) + content[place + 1 :]
        elif change in ("cut", "drop", "double"):
            lines = content.splitlines(keepends=True)
            place = draw(st.integers(0, len(lines) - 1))
            line = lines[place]
            end = draw(st.integers(0, len(line)))
            lines[place] = {"cut": line[:end], "drop": b"", "double": line + line}[change]
            content = b"".join(lines)
        else:
            tokens = _TOKEN.findall(content)
            first, second = (draw(st.integers(0, len(tokens) - 1)) for _ in range(2))
            if change == "swap":
                tokens[first], tokens[second] = tokens[second], tokens[first]
            else:
                tokens[first] = draw(st.sampled_from(_PIECES))
            content = b"".join(tokens)
        content = content or b"\n"
    return content


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=150)
@given(data=st.data())
def test_a_damaged_file_is_read_right_or_refused(name: str, data: st.DataObject) -> None:
    text, read, plain = FILES[name]
    content = data.draw(damaged(text.encode()))
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore", SeqclfWarning)
        path = Path(folder, name)
        path.write_bytes(content)
        try:
            X, y = read(path, missing="keep")
        except InvalidSequenceError as error:
            refusal = str(error)
        else:
            refusal = ""
    if refusal:
        assert refusal.startswith(str(path))
        return
    expected, labels = plain(content.decode(errors="surrogateescape"))
    assert y.tolist() == labels
    assert X.lengths.tolist() == [len(steps) for steps in expected]
    np.testing.assert_array_equal(X.values.numpy(), np.concatenate(expected))
    assert not np.isinf(X.values.numpy()).any()


@pytest.mark.parametrize("name", FILES)
def test_an_undamaged_file_is_read_as_by_plain_loops(tmp_path: Path, name: str) -> None:
    text, read, plain = FILES[name]
    (tmp_path / name).write_text(text)
    X, y = read(tmp_path / name, missing="keep")
    expected, labels = plain(text)
    series = _EQUAL if name == "equal.ts" else _ONE if X.n_features == 1 else _TWO
    assert y.tolist() == labels == _LABELS
    for steps, plain_steps, written in zip(X, expected, series, strict=True):
        np.testing.assert_array_equal(steps.numpy(), plain_steps)
        np.testing.assert_array_equal(steps.numpy(), written[: len(plain_steps)])
        assert np.isnan(written[len(plain_steps) :]).all()
