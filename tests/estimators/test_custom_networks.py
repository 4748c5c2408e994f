"""Labels, priors, pipelines, searches, sweeps, trackers and audits work with any network."""

from __future__ import annotations

import pickle
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from torch import Tensor, nn

from networks import NETWORKS, convolutional, stack, transformer
from oracles import global_randomness
from ramps import ramps
from seqclf import RecurrentClassifier, SequenceClassifier, ZScore, as_sequences
from seqclf.audit import audit_padding
from seqclf.nn import LinearHead, MeanPooling
from seqclf.sequences import Sequences
from seqclf.tracking import CsvTracker
from seqclf.tuning import Choice, LogUniform, sweep

DATA, NEW = ramps(), ramps(20, seed=1)
LABELS = np.array(["falls", "rises"])
every_network = pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)


def classifier(network: Any, **options: Any) -> SequenceClassifier:
    return SequenceClassifier(
        network=network, **{"max_epochs": 12, "batch_size": 16, "lr": 0.02, "random_state": 0} | options
    )


@every_network
def test_it_learns_labels_and_predicts_one_at_a_time(network: Any) -> None:
    model = classifier(network, max_epochs=30).fit(DATA.sequences, LABELS[DATA.y])
    assert model.score(NEW.sequences, LABELS[NEW.y]) >= 0.9
    assert model.classes_.tolist() == ["falls", "rises"]
    together = model.predict_proba(NEW.arrays)
    alone = np.concatenate([model.predict_proba([array]) for array in NEW.arrays])
    np.testing.assert_allclose(together, alone, atol=1e-5)
    assert model.transform(NEW.sequences).shape[0] == 20


@every_network
def test_the_same_seed_gives_the_same_model(network: Any) -> None:
    before = global_randomness()
    first, again = (classifier(network, max_epochs=2).fit(DATA.arrays, DATA.y) for _ in range(2))
    np.testing.assert_array_equal(first.predict_proba(NEW.arrays), again.predict_proba(NEW.arrays))
    other = classifier(network, max_epochs=2, random_state=1).fit(DATA.arrays, DATA.y)
    assert not np.array_equal(first.predict_proba(NEW.arrays), other.predict_proba(NEW.arrays))
    assert global_randomness() == before


@every_network
def test_it_works_with_cross_validation_and_grid_search(network: Any) -> None:
    assert (
        cross_val_score(
            classifier(network, max_epochs=30), DATA.sequences, DATA.y, cv=2, error_score="raise"
        ).mean()
        > 0.8
    )
    search = GridSearchCV(classifier(network, max_epochs=1), {"lr": [0.01, 0.02]}, cv=2, error_score="raise")
    assert search.fit(DATA.sequences, DATA.y).predict(NEW.sequences).shape == (20,)


def test_the_network_can_be_searched_like_any_parameter() -> None:
    search = GridSearchCV(
        classifier(stack, max_epochs=1), {"network": [convolutional, transformer]}, cv=2, error_score="raise"
    )
    assert search.fit(DATA.sequences, DATA.y).best_params_["network"] in (convolutional, transformer)


@every_network
def test_it_works_in_pipelines_clones_and_pickles(network: Any) -> None:
    pipeline = make_pipeline(ZScore(), classifier(network, max_epochs=2)).fit(DATA.sequences, DATA.y)
    expected = pipeline.predict_proba(NEW.sequences)
    np.testing.assert_array_equal(
        clone(pipeline).fit(DATA.sequences, DATA.y).predict_proba(NEW.sequences), expected
    )
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(pipeline)).predict_proba(NEW.sequences), expected)


@every_network
def test_it_works_with_partial_fit_and_prior_correction(network: Any) -> None:
    model = classifier(network, sampler="balanced", prior_correction=True)
    rare = np.concatenate([np.flatnonzero(DATA.y == 0), np.flatnonzero(DATA.y == 1)[:4]])
    for _ in range(3):
        model.partial_fit(DATA.sequences[rare], DATA.y[rare], classes=[0, 1])
    assert model.n_epochs_ == 3
    assert model.class_prior_.tolist() == pytest.approx([24 / 28, 4 / 28])
    corrected = model.predict_proba(NEW.sequences)[:, 1]
    assert (corrected < model.set_params(prior_correction=False).predict_proba(NEW.sequences)[:, 1]).all()


@every_network
def test_it_works_in_a_sweep(network: Any) -> None:
    space = {"lr": LogUniform(0.01, 0.03), "batch_size": Choice([16, 24])}
    result = sweep(
        classifier(network, max_epochs=2), space, DATA.sequences, DATA.y, n_trials=2, random_state=0
    )
    assert {trial.status for trial in result.trials} <= {"complete", "pruned"}
    assert set(result.best_params) == {"lr", "batch_size"}
    assert result.best_estimator.predict(NEW.sequences).shape == (20,)


@every_network
def test_it_passes_the_padding_audit(network: Any) -> None:
    model = classifier(network, max_epochs=2).fit(DATA.sequences, DATA.y)
    assert audit_padding(model, NEW.padded(), NEW.lengths).passed


def test_an_audit_finds_a_network_that_reads_padding() -> None:
    class MeanOverPadding(nn.Module):
        """Pads, and takes the mean over the padded steps too."""

        def __init__(self, spec: Any, generator: torch.Generator) -> None:
            super().__init__()
            self.head = LinearHead(spec.n_features, spec.n_classes, generator=generator)

        def forward(self, batch: Sequences) -> Tensor:
            logits: Tensor = self.head(batch.to_nested().to_padded_tensor(0.0).mean(dim=1))
            return logits

    model = classifier(MeanOverPadding, max_epochs=3).fit(DATA.sequences, DATA.y)
    assert not audit_padding(model, NEW.padded(), NEW.lengths).passed


def test_it_works_with_a_tracker(tmp_path: Path) -> None:
    classifier(stack, max_epochs=2, callbacks=[CsvTracker(tmp_path)]).fit(DATA.sequences, DATA.y)
    assert list(tmp_path.rglob("*.csv"))


def test_a_module_is_copied() -> None:
    network = stack(_spec(), torch.Generator().manual_seed(0))
    before = {name: value.clone() for name, value in network.state_dict().items()}
    model = classifier(network, max_epochs=1).fit(DATA.sequences, DATA.y)
    assert model.module_ is not network
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())
    assert model.engine_ == "custom"


def _spec() -> Any:
    from seqclf.nn import NetworkSpec

    return NetworkSpec(n_features=2, n_classes=2)


class Bare(nn.Module):
    """Logits only: no encoder, no method `summarize`."""

    def __init__(self, spec: Any, generator: torch.Generator) -> None:
        super().__init__()
        self.head = LinearHead(spec.n_features, spec.n_classes, generator=generator)

    def forward(self, batch: Sequences) -> Tensor:
        logits: Tensor = self.head(MeanPooling()(batch))
        return logits


def test_a_module_without_summarize_predicts_but_does_not_transform() -> None:
    model = classifier(Bare).fit(DATA.sequences, DATA.y)
    assert model.predict(NEW.sequences).shape == (20,)
    with pytest.raises(TypeError, match="`transform` needs a network with a method `summarize`; got Bare"):
        model.transform(NEW.sequences)


@pytest.mark.parametrize(
    ("network", "message"),
    [
        (3, "`network` must be a torch.nn.Module or a factory of one; got 3."),
        (None, "`network` must be a torch.nn.Module or a factory of one; got None."),
        (
            lambda spec, generator: nn.Flatten(),
            "`network` must accept `Sequences` as its input; Flatten raised",
        ),
        (
            lambda spec, generator: nn.Identity(),
            "`network` must return logits, a tensor of shape (batch, 2); got Sequences.",
        ),
        (lambda spec: None, "A factory of `network` must take two arguments, `factory(spec, generator)`"),
        (lambda spec, generator: "gru", "A factory of `network` must return a torch.nn.Module; got 'gru'"),
        (
            lambda spec, generator: nn.Sequential(MeanPooling(), nn.Linear(2, 5)),
            "`network` must return logits of shape (batch, 2); got (2, 5) for a batch of 2 sequences.",
        ),
    ],
)
def test_an_invalid_network_is_rejected(network: Any, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        classifier(network).fit(DATA.sequences, DATA.y)


def test_static_features_pass_pipelines_and_are_searched() -> None:
    """Only they tell the classes apart: the steps are noise."""
    noise = np.random.default_rng(0).normal(size=(48, 5, 1))
    y = np.arange(48) % 2
    X = as_sequences(noise, padding_value=None, static=y + np.linspace(0.1, 0.2, 48))
    pipeline = make_pipeline(
        ZScore(), RecurrentClassifier(hidden_size=4, num_layers=1, max_epochs=20, lr=0.05)
    )
    grid = {
        "recurrentclassifier__static": ["head", "steps", "both"],
        "recurrentclassifier__random_state": [0],
    }
    search = GridSearchCV(pipeline, grid, cv=2, error_score="raise").fit(X, y)
    assert min(search.cv_results_["mean_test_score"]) > 0.9
    assert search.predict(X[[3, 0]]).tolist() == [1, 0]
