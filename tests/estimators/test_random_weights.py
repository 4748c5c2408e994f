"""A copy of a fitted estimator with its weights in random order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from sklearn.exceptions import NotFittedError

from oracles import global_randomness
from ramps import ramps, small
from seqclf import SequenceClassifier, SequenceEnsemble
from seqclf.nn import LinearHead, MaxPooling, RecurrentEncoder, SequenceNetwork

DATA = ramps(24)


def sorted_parameters(model: Any) -> list[torch.Tensor]:
    return [parameter.detach().flatten().sort().values for parameter in model.module_.parameters()]


@pytest.mark.parametrize("options", [{}, {"stem": "conv"}, {"bidirectional": True, "layer_norm": True}])
def test_the_same_numbers_in_another_order(options: dict[str, Any]) -> None:
    model = small(max_epochs=2, **options).fit(DATA.arrays, DATA.y)
    before, state = model.predict_proba(DATA.arrays), global_randomness()
    shuffled = model.with_random_weights(random_state=0)
    assert type(shuffled) is type(model)
    assert all(map(torch.equal, sorted_parameters(shuffled), sorted_parameters(model)))
    assert not np.allclose(shuffled.predict_proba(DATA.arrays), before)
    assert np.array_equal(model.predict_proba(DATA.arrays), before)
    assert global_randomness() == state
    assert shuffled.get_params() == model.get_params()
    assert shuffled.classes_.tolist() == model.classes_.tolist()
    again, other = (model.with_random_weights(random_state=seed) for seed in (0, 1))
    expected = shuffled.predict_proba(DATA.arrays)
    assert np.array_equal(again.predict_proba(DATA.arrays), expected)
    assert not np.array_equal(other.predict_proba(DATA.arrays), expected)


def test_the_copy_is_independent() -> None:
    model = small(max_epochs=2).fit(DATA.arrays, DATA.y)
    before = model.predict_proba(DATA.arrays)
    model.with_random_weights(random_state=0).partial_fit(DATA.arrays, DATA.y)
    assert np.array_equal(model.predict_proba(DATA.arrays), before)
    after = model.partial_fit(DATA.arrays, DATA.y).predict_proba(DATA.arrays)
    same = small(max_epochs=2).fit(DATA.arrays, DATA.y).partial_fit(DATA.arrays, DATA.y)
    assert np.array_equal(same.predict_proba(DATA.arrays), after)


def test_a_network_given_as_a_module_is_shuffled_too() -> None:
    generator = torch.Generator().manual_seed(0)
    network = SequenceNetwork(
        RecurrentEncoder("gru", 2, 4, generator=generator),
        MaxPooling(),
        LinearHead(4, 2, generator=generator),
    )
    model = SequenceClassifier(network=network, max_epochs=1, random_state=0).fit(DATA.arrays, DATA.y)
    shuffled = model.with_random_weights(random_state=0)
    assert not np.allclose(shuffled.predict_proba(DATA.arrays), model.predict_proba(DATA.arrays))


def test_the_members_of_an_ensemble_are_shuffled() -> None:
    model = SequenceEnsemble(estimators=[small(max_epochs=1)], n_members=2, n_jobs=1, random_state=0)
    model.fit(DATA.arrays, DATA.y)
    before = model.predict_proba(DATA.arrays)
    shuffled = model.with_random_weights(random_state=0)
    assert not np.allclose(shuffled.predict_proba(DATA.arrays), before)
    assert np.array_equal(model.predict_proba(DATA.arrays), before)
    first, second = (member.predict_proba(DATA.arrays) for member in shuffled.members_)
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("model", [small(), SequenceEnsemble()], ids=lambda model: type(model).__name__)
def test_an_unfitted_estimator_has_no_weights(model: Any) -> None:
    with pytest.raises(NotFittedError):
        model.with_random_weights()
