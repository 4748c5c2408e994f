from __future__ import annotations

from typing import Any

import pytest
from sklearn.pipeline import make_pipeline

from seqclf import GRUClassifier, ZScore
from seqclf.tuning import NOTEBOOK_GRU, NOTEBOOK_LSTM, Choice, Either, LogUniform
from seqclf.tuning._check_space import check_space, parameters_of

LR = LogUniform(1e-3, 1e-1)


def test_notebook_spaces_fit_their_estimators() -> None:
    from seqclf import LSTMClassifier

    check_space(NOTEBOOK_GRU, GRUClassifier())
    check_space(NOTEBOOK_LSTM, LSTMClassifier())


def test_parameters_of_a_pipeline_are_named_by_step() -> None:
    pipeline = make_pipeline(ZScore(), GRUClassifier())
    check_space({"gruclassifier": {"lr": LR}}, pipeline)
    check_space({"gruclassifier__lr": LR}, pipeline)
    with pytest.raises(ValueError, match=r"got 'gruclassifier__lrr'. Did you mean 'gruclassifier__lr'"):
        check_space({"gruclassifier": {"lrr": LR}}, pipeline)


@pytest.mark.parametrize(
    ("space", "message"),
    [
        (
            {"hiden_size": Choice([8])},
            r"a parameter of GRUClassifier; got 'hiden_size'. Did you mean 'hidden_size'",
        ),
        ({"learning_rate": LR}, "got 'learning_rate'"),
        ({"depth": Either([{}, {"num_layer": 2}])}, "got 'num_layer'. Did you mean 'num_layers'"),
        ({"callbacks": Choice([()])}, "must not contain 'callbacks': the sweep adds its own"),
        (
            {"padding_value": Choice([0.0, None])},
            "must not contain 'padding_value': samples are converted once",
        ),
        (
            {"class_weight": {"up": 1.0}},
            r"space of a pipeline step; 'class_weight' is not a step.*write \{'class_weight': Choice\(\[\{...\}\]\)\}",
        ),
        ({"lr": LR, "speed": Either([{"lr": 0.1}, {}])}, "must set each parameter once; got 'lr' twice"),
    ],
)
def test_an_invalid_space_names_the_parameter(space: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_space(space, GRUClassifier())


@pytest.mark.parametrize("space", [{}, [], None, "lr"])
def test_a_space_must_be_a_non_empty_mapping(space: Any) -> None:
    with pytest.raises(
        TypeError, match="`space` must be a non-empty mapping from parameters to their values"
    ):
        check_space(space, GRUClassifier())


def test_names_must_be_strings() -> None:
    with pytest.raises(TypeError, match="Each name in `space` must be a string; got 3"):
        check_space({3: LR}, GRUClassifier())


def test_options_of_an_either_may_share_a_parameter() -> None:
    assert parameters_of({"a": Either([{"lr": LR}, {"lr": 0.1, "tol": 0.0}])}) == ["lr", "tol"]
