"""Objects that hold sequences are refused, saying which of their attributes to pass."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pandas as pd
import pytest

from ramps import small
from seqclf import as_sequences
from seqclf.datasets import make_heartbeats

BEATS = make_heartbeats(20, random_state=0)


def test_heartbeats_are_refused() -> None:
    message = re.escape(
        "X must be sequences; got Heartbeats, which holds them. Pass its `.sequences`, and `.target` as y: "
        "`fit(X.sequences, X.target)`."
    )
    with pytest.raises(TypeError, match=message):
        small().fit(BEATS, BEATS.target)
    model = small(max_epochs=1).fit(BEATS.sequences, BEATS.target)
    with pytest.raises(TypeError, match=message):
        model.predict(BEATS)


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        (
            {"labels": ["a"]},
            r"Pass its `\.sequences`, and `\.labels` as y: `fit\(X\.sequences, X\.labels\)`\.",
        ),
        ({}, r"which holds them\. Pass its `\.sequences`\.$"),
    ],
)
def test_any_object_that_holds_sequences_is_refused(attributes: dict[str, object], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        as_sequences(SimpleNamespace(sequences=BEATS.sequences, **attributes))


def test_a_frame_with_a_column_called_sequences_is_read() -> None:
    assert as_sequences(pd.DataFrame({"sequences": [[0.1, 0.2], [0.3]]})).lengths.tolist() == [2, 1]
