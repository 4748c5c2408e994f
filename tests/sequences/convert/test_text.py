"""Text columns become positions among the sorted texts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqclf.sequences import from_long
from seqclf.sequences.convert._text import encode_text


def dictionary(texts: list[str | None]) -> Any:
    """Return an Arrow dictionary array that holds each text twice and, twice, a missing one."""
    found = [*dict.fromkeys(texts), None]
    indices = [found.index(text) + len(found) * (i % 2) for i, text in enumerate(texts)]
    return pa.DictionaryArray.from_arrays(
        pa.array(indices, pa.int8()), pa.array([*found, *found], pa.string())
    )


COLUMNS: dict[str, Any] = {
    "polars": lambda texts: pl.Series(texts, dtype=pl.String),
    "polars, categorical": lambda texts: pl.Series(texts, dtype=pl.Categorical),
    "polars, enum": lambda texts: pl.Series(
        texts, dtype=pl.Enum(["unused", *sorted({*texts} - {None})[::-1]])
    ),
    "arrow": lambda texts: pa.array(texts, pa.string()),
    "arrow, large": lambda texts: pa.array(texts, pa.large_string()),
    "arrow, chunks": lambda texts: pa.chunked_array([texts[:1], texts[1:]], pa.string()),
    "arrow, no chunk": lambda texts: pa.chunked_array([texts] if texts else [], pa.string()),
    "arrow, dictionary": dictionary,
}


@pytest.mark.parametrize("column", COLUMNS.values(), ids=COLUMNS)
def test_a_tiny_case_by_hand(column: Any) -> None:
    encoded = encode_text(column(["b", "a", None, "é", "b"]))
    assert encoded is not None
    assert (encoded[0].tolist(), encoded[1].tolist()) == ([1, 0, -1, 2, 1], ["a", "b", "é"])


@pytest.mark.parametrize("column", COLUMNS.values(), ids=COLUMNS)
def test_positions_give_back_the_texts_in_python_s_order(column: Any) -> None:
    text = st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"]), max_size=3))

    @given(st.lists(text, max_size=20))
    def check(texts: list[str | None]) -> None:
        if "unused" in texts:
            return
        encoded = encode_text(column(texts))
        assert encoded is not None
        codes, found = encoded
        assert [None if code < 0 else found[code] for code in codes] == texts
        assert found.tolist() == sorted({*texts} - {None})  # type: ignore[type-var]

    check()


@pytest.mark.parametrize(
    "column",
    [
        pd.Series(["a"]),
        pl.Series([1]),
        pl.Series([b"a"]),
        pa.array([1]),
        pa.array([1]).dictionary_encode(),
        "a",
    ],
)
def test_other_columns_are_left_alone(column: Any) -> None:
    assert encode_text(column) is None


@pytest.mark.parametrize("library", [pl.DataFrame, pa.table])
def test_ids_and_labels_of_text_are_python_s_strings(library: Any) -> None:
    frame = library({"id": ["b", "a", "b"], "x": [1.0, 2.0, 3.0], "y": ["V", "N", "V"]})
    table = from_long(frame, id="id", target="y", values="x")
    assert table.labels is not None
    for array, expected in ((table.ids, ["a", "b"]), (table.labels, ["N", "V"])):
        assert array.dtype == np.dtype(object)
        assert [(type(text), text) for text in array] == [(str, text) for text in expected]
