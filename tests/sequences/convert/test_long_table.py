"""`LongTable`: a short `repr`, and an error that names its parts where sequences belong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import make_pipeline

from seqclf import GRUClassifier, TokenEncoder, ZScore, as_sequences, from_long
from seqclf.sequences import SequenceWriter

FRAME = pd.DataFrame({"id": [1, 1, 2], "a": [1.0, 2.0, 3.0], "label": ["N", "N", "V"]})
TABLE = from_long(FRAME, id="id", values="a", target="label")


def test_repr_is_short() -> None:
    assert repr(TABLE) == "LongTable(2 sequences, columns ['a'], labels ['N', 'V'])"
    assert repr(from_long(FRAME[:2], id="id", values="a")) == "LongTable(1 sequence, columns ['a'])"
    wide = pd.DataFrame(np.zeros((99, 9)), columns=[f"column {i}" for i in range(9)])
    table = from_long(wide.assign(id=range(99), y=range(99)), id="id", values=list(wide), target="y")
    assert repr(table) == (
        "LongTable(99 sequences, columns ['column 0', 'column 1', 'column 2', 'column 3', 'column 4', ... (9)], "
        "labels [0, 1, 2, 3, 4, ... (99)])"
    )


@pytest.mark.parametrize(
    "read",
    [
        as_sequences,
        lambda X: as_sequences(X, vocabulary="auto"),
        lambda X: GRUClassifier().fit(X, ["N", "V"]),
        lambda X: make_pipeline(ZScore(), GRUClassifier()).fit(X, ["N", "V"]),
        lambda X: TokenEncoder().fit(X),
    ],
)
def test_a_table_in_place_of_its_sequences_is_named(read: Callable[[Any], Any]) -> None:
    with pytest.raises(
        TypeError,
        match=r"X must be sequences; got LongTable, which holds them\. Pass its `\.sequences`, and `\.labels` as y: "
        r"`fit\(X\.sequences, X\.labels\)`\.",
    ):
        read(TABLE)
    with pytest.raises(
        TypeError, match=r"list of LongTable, which hold them\. Pass `Sequences\.concatenate\("
    ):
        read([TABLE])


def test_a_file_takes_the_sequences_of_a_table(tmp_path: Path) -> None:
    with SequenceWriter(tmp_path / "a.safetensors") as writer:
        writer.append(TABLE.sequences)
        with pytest.raises(TypeError, match=r"Pass its `\.sequences`, and"):
            writer.append(TABLE)
