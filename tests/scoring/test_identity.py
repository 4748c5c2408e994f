"""Equal models have equal digests, whatever they have gone through; others do not."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.pipeline import make_pipeline

from scoring.beats import model, small
from seqclf import ZScore
from seqclf.scoring._identity import identify

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
