"""`TokenEncoder` learns vocabularies from training samples; other tokens are unknown."""

from __future__ import annotations

import pickle
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_predict
from sklearn.pipeline import make_pipeline

from ramps import small
from seqclf import InvalidSequenceError, TokenEncoder, as_sequences, from_long
from seqclf.sequences import Sequences, Tokens

NAMES = ["Ivanov", "Petrov", "Smirnov", "Sato", "Suzuki", "Tanaka"] * 8
LANGUAGES = np.array(["Russian"] * 3 + ["Japanese"] * 3).tolist() * 8
FRAMES = [
    pd.DataFrame({"activity": ["start", "pay"], "cost": [0.0, 9.5], "code": [1, 2]}),
    pd.DataFrame({"activity": ["start"], "cost": [1.0], "code": [1]}),
]


def tokens_of(sequences: Sequences) -> Tokens:
    assert sequences.tokens is not None
    return sequences.tokens


def test_a_tiny_case_by_hand() -> None:
    encoder = TokenEncoder().fit(["bab", "b"])
    assert encoder.vocabularies_ == {"token": ("a", "b")}
    assert tokens_of(encoder.transform(["abc"])).codes.flatten().tolist() == [1, 2, 0]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ("a", "b", "c", "d")),
        ({"min_count": 2}, ("a", "b", "c")),
        ({"max_tokens": 2}, ("a", "c")),  # b and a occur as often: sorted
        ({"max_tokens": np.int64(3), "min_count": np.int64(3)}, ("c",)),
    ],
)
def test_rare_tokens_are_unknown(options: dict[str, Any], expected: tuple[str, ...]) -> None:
    encoder = TokenEncoder(**options)
    samples = ["bca", "cdc", "ab"]
    fitted = encoder.fit_transform(samples)
    assert encoder.vocabularies_ == {"token": expected}
    assert fitted == encoder.transform(samples)
    assert clone(encoder).fit(samples[::-1]).vocabularies_ == encoder.vocabularies_
    decoded = tokens_of(fitted).decode()["token"].tolist()
    assert decoded == [token if token in expected else None for token in "bcacdcab"]


def test_all_forms_of_tokens() -> None:
    of_text = TokenEncoder().fit(["ab", "c"])
    assert of_text.transform([["c", "x"]]) == of_text.transform(["cx"])
    assert of_text.transform(as_sequences(["cx"], vocabulary="auto")) == of_text.transform(["cx"])
    of_integers = TokenEncoder().fit([[3, 1], np.array([2])])
    assert tokens_of(of_integers.transform([[1, 2, 3, 4]])).codes.flatten().tolist() == [1, 2, 3, 0]
    of_frames = TokenEncoder(columns=["activity", "code"])
    encoded = of_frames.fit_transform(FRAMES)
    assert (encoded.n_features, of_frames.n_features_in_) == (1, 1)
    assert of_frames.vocabularies_ == {"activity": ("pay", "start"), "code": (1, 2)}
    assert TokenEncoder().fit(FRAMES).vocabularies_ == {"activity": ("pay", "start")}
    log = pd.concat([frame.assign(case=i) for i, frame in enumerate(FRAMES)])
    of_log = from_long(log, id="case", tokens=["code", "activity"]).sequences
    assert of_frames.transform(of_log) == encoded  # columns are found by name
    assert TokenEncoder().fit(of_log).vocabularies_ == {"code": (1, 2), "activity": ("pay", "start")}


def test_other_samples_must_have_the_columns_of_fit() -> None:
    encoder = TokenEncoder().fit(FRAMES)
    with pytest.raises(InvalidSequenceError, match="feature names should match"):
        encoder.transform([frame.drop(columns="cost") for frame in FRAMES])
    without_cost = from_long(
        pd.concat([frame.assign(case=i) for i, frame in enumerate(FRAMES)]),
        id="case",
        tokens="activity",
        values=[],
    )
    message = "must have 2 features beside their tokens, as in `fit`; got 0. Pass the same columns."
    with pytest.raises(InvalidSequenceError, match=re.escape(message)):
        encoder.transform(without_cost.sequences)
    with pytest.raises(
        InvalidSequenceError, match=re.escape("token columns ['activity'], as the vocabularies do")
    ):
        encoder.transform(as_sequences(["ab"], vocabulary="auto"))
    with pytest.raises(ValueError, match="one token per step; got a dict of"):
        encoder.transform(["ab"])
    with pytest.raises(NotFittedError):
        TokenEncoder().transform(["ab"])


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"min_count": 0}, ValueError, "`min_count` must be at least 1; got 0."),
        ({"max_tokens": 1.5}, TypeError, "`max_tokens` must be an integer; got 1.5."),
        ({"columns": ["when"]}, ValueError, "must name columns of the frames"),
    ],
)
def test_parameters_are_checked(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        TokenEncoder(**options).fit(FRAMES)


def test_it_is_a_step_of_a_pipeline() -> None:
    model = make_pipeline(TokenEncoder(), small()).fit(NAMES, LANGUAGES)
    assert model.score(NAMES, LANGUAGES) == 1.0
    back = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(
        back.predict_proba(["Popov", "漱石"]), model.predict_proba(["Popov", "漱石"])
    )
    assert np.mean(cross_val_predict(clone(model), NAMES, LANGUAGES, cv=3) == np.array(LANGUAGES)) > 0.8
    search = GridSearchCV(clone(model), {"tokenencoder__min_count": [1, 10**6]}, cv=2).fit(NAMES, LANGUAGES)
    assert search.best_params_ == {"tokenencoder__min_count": 1}
    assert not hasattr(TokenEncoder(), "set_output")
