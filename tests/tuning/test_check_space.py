from __future__ import annotations

from typing import Any

import pytest
from sklearn.pipeline import make_pipeline

from seqclf import GRUClassifier, ZScore
from seqclf.tuning import DOCUMENT_GRU, DOCUMENT_LSTM, Choice, Either, LogUniform
from seqclf.tuning._check_space import check_space, parameters_of

LR = LogUniform(1e-3, 1e-1)


def test_ready_spaces_fit_their_estimators() -> None:
    from seqclf import LSTMClassifier

    check_space(DOCUMENT_GRU, GRUClassifier())
    check_space(DOCUMENT_LSTM, LSTMClassifier())


def test_a_pipeline_is_named_by_its_steps() -> None:
    pipeline = make_pipeline(ZScore(), GRUClassifier())
    check_space({"gruclassifier": {"lr": LR}}, pipeline)
    check_space({"gruclassifier__lr": LR}, pipeline)
    with pytest.raises(ValueError, match=r"got 'gruclassifier__lrr'. The nearest one is 'gruclassifier__lr'"):
        check_space({"gruclassifier": {"lrr": LR}}, pipeline)


@pytest.mark.parametrize(
    ("space", "message"),
    [
        (
            {"hiden_size": Choice([8])},
            r"a parameter of GRUClassifier; got 'hiden_size'. The nearest one is 'hidden_size'",
        ),
        ({"learning_rate": LR}, "got 'learning_rate'"),
        ({"depth": Either([{}, {"num_layer": 2}])}, "got 'num_layer'. The nearest one is 'num_layers'"),
        ({"callbacks": Choice([()])}, "must not hold 'callbacks': the sweep adds its own"),
        ({"padding_value": Choice([0.0, None])}, "must not hold 'padding_value': samples are read once"),
        (
            {"class_weight": {"up": 1.0}},
            r"space of a step, and 'class_weight' is none.*write \{'class_weight': Choice\(\[\{...\}\]\)\}",
        ),
        ({"lr": LR, "speed": Either([{"lr": 0.1}, {}])}, "must set each parameter once; got 'lr' twice"),
    ],
)
def test_a_bad_space_names_the_parameter(space: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_space(space, GRUClassifier())


@pytest.mark.parametrize("space", [{}, [], None, "lr"])
def test_what_is_no_space_is_refused(space: Any) -> None:
    with pytest.raises(TypeError, match="`space` must be a mapping from parameters to what they may be"):
        check_space(space, GRUClassifier())


def test_names_are_strings() -> None:
    with pytest.raises(TypeError, match="Each name in `space` must be a string; got 3"):
        check_space({3: LR}, GRUClassifier())


def test_options_of_an_either_may_share_a_parameter() -> None:
    assert parameters_of({"a": Either([{"lr": LR}, {"lr": 0.1, "tol": 0.0}])}) == ["lr", "tol"]
