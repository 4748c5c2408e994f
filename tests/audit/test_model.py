"""Callables, estimators and torch modules are called with the arguments of their signature."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.pipeline import make_pipeline
from torch import nn

from audit import models
from networks import NETWORKS
from oracles import global_randomness
from ramps import ramps, small
from seqclf import SequenceClassifier, ZScore, as_sequences
from seqclf.audit import assert_padding_invariant, audit_padding
from seqclf.audit._model import as_model
from seqclf.nn import RecurrentEncoder

from .conftest import Table

Floats = NDArray[np.float64]
TABLE = np.array([[[0.5], [0.1]], [[0.2], [0.0]]])
LENGTHS = np.array([2, 1])


def called_with(model: Any) -> Floats:
    return as_model(model, flat=True, dtype=np.dtype(np.float64))(TABLE, LENGTHS)


def by_keyword(table: Floats, lengths: Any = None) -> Any:
    return np.full(len(table), 0.5) if lengths is None else lengths / 4


def keyword_only(table: Floats, *, lengths: Any = None) -> Any:
    return by_keyword(table, lengths)


def by_position(table: Floats, n_steps: Any, scale: float = 1.0) -> Any:
    return n_steps / 4 * scale


def positional_only(table: Floats, lengths: Any, /) -> Any:
    return by_keyword(table, lengths)


@pytest.mark.parametrize("function", [by_keyword, keyword_only, by_position, positional_only])
def test_lengths_are_passed_to_functions_that_take_them(function: Any) -> None:
    np.testing.assert_allclose(called_with(function), [[0.5, 0.5], [0.75, 0.25]])


def test_a_function_without_lengths_receives_only_the_table() -> None:
    np.testing.assert_allclose(called_with(lambda table: table[:, 0]), [[0.5, 0.5], [0.8, 0.2]])
    assert not as_model(np.tanh, flat=True, dtype=np.dtype(np.float64)).takes_lengths


class Estimator:
    """An estimator whose prediction takes lengths by keyword only."""

    def predict_proba(self, X: Floats, *, lengths: Any = None) -> Floats:
        """Return a probability for each class."""
        share = keyword_only(X, lengths=lengths)
        return np.column_stack([1 - share, share])

    def decision_function(self, X: Floats) -> Floats:
        """Fail: not used beside `predict_proba`."""
        raise AssertionError


def test_predict_proba_of_an_estimator_receives_lengths_by_keyword() -> None:
    np.testing.assert_allclose(called_with(Estimator()), [[0.5, 0.5], [0.75, 0.25]])


@pytest.mark.parametrize("estimator", [LogisticRegression(), RidgeClassifier()])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_estimators_of_scikit_learn_are_audited(estimator: Any, n_classes: int) -> None:
    """One with probabilities, one with scores only; both see columns, and accept one width."""
    X = np.random.default_rng(0).normal(size=(12, 4))
    X[::3, 2:] = 0
    audit = audit_padding(estimator.fit(X, np.arange(12) % n_classes), X)
    assert audit["padding amount"].verdict == "not tested"
    assert audit["order"].verdict == audit["neighbours"].verdict == "holds"
    assert audit.passed


@pytest.mark.parametrize(
    "options", [{}, {"bidirectional": True}, {"pooling": "attention"}, {"engine": "packed"}]
)
def test_estimators_of_this_library_pass(options: dict[str, Any]) -> None:
    data = ramps()
    estimator = small(**options).fit(data.arrays, data.y)
    assert_padding_invariant(estimator, data.padded(), data.lengths)
    assert_padding_invariant(estimator.decision_function, data.padded(), data.lengths)
    assert audit_padding(estimator, data.padded(), data.lengths)["padding content"].verdict == "holds"


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
def test_lengths_reach_an_estimator_with_a_custom_network(network: Any) -> None:
    """Without them, garbage in the padding would change the predictions."""
    data = ramps()
    estimator = SequenceClassifier(network=network, max_epochs=1, random_state=0).fit(data.arrays, data.y)
    audit = audit_padding(estimator, data.padded(), data.lengths)
    assert audit["padding content"].verdict == "holds"
    assert audit.passed


def test_a_model_with_static_features_is_wrapped() -> None:
    data = ramps()
    static = np.ones((len(data.y), 1), dtype=np.float32)
    estimator = small(static="head").fit(data.sequences.with_static(static), data.y)

    def scores(table: Floats, lengths: NDArray[np.int64]) -> Floats:
        return estimator.predict_proba(as_sequences(table, lengths=lengths, static=static[: len(table)]))

    assert_padding_invariant(scores, data.padded(), data.lengths)


def test_a_pipeline_passes() -> None:
    data = ramps()
    pipeline = make_pipeline(ZScore(), small()).fit(data.padded(), data.y)
    assert_padding_invariant(pipeline, data.padded())


def test_the_users_data_module_and_random_state_are_unchanged(beats: Table) -> None:
    X, lengths = beats
    before = X.copy(), lengths.copy(), global_randomness()
    model = models.WithLengths(models.normalised_over_columns)
    statistics = model.norm.running_mean.clone()  # type: ignore[union-attr]
    audit_padding(model, X, lengths)
    audit_padding(models.WithLengths(models.with_dropout), X, lengths)
    assert np.array_equal(X, before[0])
    assert np.array_equal(lengths, before[1])
    assert global_randomness() == before[2]
    assert torch.equal(model.norm.running_mean, statistics)  # type: ignore[arg-type]
    assert not model.norm.training
    assert not any(module._forward_hooks for module in model.modules())


def test_calling_a_module_runs_its_hooks() -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(2, 2))
    model.register_forward_hook(lambda module, args, logits: 0 * logits)
    np.testing.assert_allclose(called_with(model), np.full((2, 2), 0.5))


def test_a_model_that_cannot_be_called_is_refused() -> None:
    message = "`model` must be callable, or have `predict_proba` or `decision_function`; got int."
    with pytest.raises(TypeError, match=re.escape(message)):
        audit_padding(3, TABLE)


class Returns(nn.Module):
    """A GRU whose scores come in a given form."""

    def __init__(self, form: Any) -> None:
        super().__init__()
        self.form = form
        self.layer = nn.GRU(1, 4, batch_first=True)
        self.head = nn.Linear(4, 2)

    def forward(self, table: torch.Tensor) -> Any:
        states, last = self.layer(table)
        return self.form(self.head(states.mean(dim=1)), last)


@pytest.mark.parametrize(
    "form",
    [
        lambda scores, last: (scores, last),
        lambda scores, last: ((scores, last), last),
        lambda scores, last: (scores,),
    ],
)
@pytest.mark.parametrize("convert", [nn.Module.float, nn.Module.double])
def test_scores_may_come_with_a_hidden_state(form: Any, convert: Any, beats: Table) -> None:
    X = beats[0]
    plain, model = Returns(lambda scores, last: scores), Returns(form)
    model.load_state_dict(plain.state_dict())
    assert str(audit_padding(convert(model), X)) == str(audit_padding(convert(plain), X))
    assert audit_padding(model, X).pooled_steps == {"forward": "all columns"}


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (
            Returns(lambda scores, last: {"logits": scores}),
            "`model` must return an array of scores, or a tuple that begins with it",
        ),
        (
            Returns(lambda scores, last: (last, scores)),
            "got tuple. Wrap the model so that it returns the scores alone.",
        ),
        (Returns(lambda scores, last: "scores"), "got str."),
        (Returns(lambda scores, last: scores[:1]), "`model` must return scores of shape"),
        (nn.Module(), "`model` must have a method `forward`; got Module without one."),
        (Returns, "`model` must be an instance; got the class Returns. Create one, or fit it first."),
        (
            RecurrentEncoder("gru", 1, 2),
            "`model` must map a padded tensor to scores; RecurrentEncoder raised AttributeError: 'Tensor' object has no "
            "attribute 'n_features'. Audit a network that maps `Sequences` in its fitted estimator.",
        ),
    ],
)
def test_a_model_that_returns_no_scores_is_refused(model: Any, message: str, beats: Table) -> None:
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        audit_padding(model, beats[0])
