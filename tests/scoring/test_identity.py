"""Equal models have equal digests, whatever they have gone through; others do not."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.pipeline import make_pipeline

from scoring.beats import model, small
from seqclf import GRUClassifier, SequenceEnsemble, ZScore, load, save
from seqclf.scoring._identity import identify
from seqclf.training import EpochRecord

X = [np.arange(n, dtype=float) for n in (3, 4, 5, 6)]
Y = [0, 1, 0, 1]


def test_fitting_again_predicting_and_pickling_change_nothing() -> None:
    first = small().fit(X, Y)
    digest = identify(first)
    first.predict(X)
    assert (
        identify(first)
        == identify(small().fit(X, Y))
        == identify(pickle.loads(pickle.dumps(first)))
        == digest
    )


def fitted(**parameters: Any) -> Any:
    return small(**parameters).fit(X, Y)


OTHERS: dict[str, Any] = {
    "weights": lambda: fitted(random_state=1),
    "classes": lambda: small().fit(X, ["a", "b", "a", "b"]),
    "prior": lambda: fitted(prior_correction=True),
    "scale": lambda: fitted(scale=None),
    "pipeline": lambda: make_pipeline(ZScore(), small()).fit(X, Y),
}


class Silent:
    def on_epoch_end(self, record: EpochRecord) -> None: ...


IN_MEMORY: dict[str, Any] = {
    "classifier": lambda: fitted(
        callbacks=[Silent()],
        optimizer=lambda spec, generator: torch.optim.SGD(spec.parameter_groups),
        verbose=True,
    ),
    "with an optimizer": lambda: small().fit(X, Y).partial_fit(X, Y),
    "corrected": lambda: fitted(prior_correction=True, sampler="balanced"),
    "pipeline": lambda: make_pipeline(ZScore(), small(), verbose=True).fit(X, Y),
    "ensemble": lambda: SequenceEnsemble(estimators=[small()], n_members=2, n_jobs=1).fit(X, Y),
}


@pytest.mark.parametrize("name", IN_MEMORY)
@pytest.mark.filterwarnings("ignore::seqclf.SeqclfWarning")
def test_a_model_from_a_file_is_the_one_in_memory(name: str, tmp_path: Path) -> None:
    in_memory = IN_MEMORY[name]()
    save(in_memory, tmp_path / "model")
    assert identify(load(tmp_path / "model")) == identify(in_memory)


@pytest.mark.parametrize("name", ["lr", "batch_size", "verbose"])
def test_parameters_of_training_do_not_count(name: str) -> None:
    changed = fitted().set_params(**{name: 3})
    assert identify(changed) == identify(fitted())


class Doubtful(GRUClassifier):
    """Its predictions depend on a parameter that others only train with."""

    def predict_proba(self, X: Any, *, lengths: Any = None) -> Any:
        exponent = self.lr if isinstance(self.lr, float) else 1.0
        return super().predict_proba(X, lengths=lengths) ** exponent


def test_all_parameters_count_where_predictions_may_depend_on_them() -> None:
    first, second = (
        Doubtful(hidden_size=4, max_epochs=1, lr=0.1, random_state=0).fit(X, Y) for _ in range(2)
    )
    assert identify(first) == identify(second)
    assert identify(first) != identify(second.set_params(lr=0.2))


@pytest.mark.parametrize("name", OTHERS)
def test_other_models_differ(name: str) -> None:
    assert identify(OTHERS[name]()) != identify(fitted())


def test_one_weight_counts() -> None:
    one = pickle.loads(pickle.dumps(model()))
    with torch.no_grad():
        next(one.module_.parameters()).view(-1)[0] += 1e-6
    assert identify(one) != identify(model())


def test_functions_and_circles_are_allowed() -> None:
    def sampler(spec: Any, generator: Any) -> Any:
        return [torch.arange(len(spec.target))]

    assert identify(fitted(sampler=sampler)) == identify(fitted(sampler=sampler))
    circle: list[Any] = [1]
    circle.append(circle)
    assert identify(circle) == identify(circle)


def test_what_cannot_be_pickled_is_named() -> None:
    with pytest.raises(
        TypeError, match="`model` must be picklable, so that results can be recognised as its own; got: "
    ):
        identify(i for i in range(3))
