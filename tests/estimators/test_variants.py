"""One estimator per cell: `RecurrentClassifier` with a fixed cell."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from torch import nn

from ramps import SMALL, ramps
from seqclf import GRUClassifier, LSTMClassifier, RecurrentClassifier, RNNClassifier

VARIANTS: list[tuple[type[RecurrentClassifier], str, type[nn.Module]]] = [
    (RNNClassifier, "rnn", nn.RNN),
    (GRUClassifier, "gru", nn.GRU),
    (LSTMClassifier, "lstm", nn.LSTM),
]


@pytest.mark.parametrize(("kind", "cell", "layer"), VARIANTS)
def test_a_variant_equals_the_general_classifier_with_its_cell(
    kind: type[RecurrentClassifier], cell: Any, layer: type[nn.Module]
) -> None:
    data = ramps(12)
    options = SMALL | {"max_epochs": 3}
    variant = kind(**options).fit(data.sequences, data.y)
    general = RecurrentClassifier(cell=cell, **options).fit(data.sequences, data.y)
    np.testing.assert_array_equal(
        variant.predict_proba(data.sequences), general.predict_proba(data.sequences)
    )
    assert any(type(module) is layer for module in variant.module_.modules())
    assert "cell" not in variant.get_params()
    assert clone(variant).cell == cell


def test_only_the_rnn_has_the_parameter_nonlinearity() -> None:
    assert "nonlinearity" in RNNClassifier().get_params()
    assert "nonlinearity" not in GRUClassifier().get_params()
    assert "nonlinearity" not in LSTMClassifier().get_params()
    with pytest.raises(TypeError, match="unexpected keyword argument 'cell'"):
        GRUClassifier(cell="lstm")


def test_nonlinearity_changes_the_states_of_an_rnn() -> None:
    data = ramps(12)
    relu, tanh = (
        RNNClassifier(nonlinearity=nonlinearity, init="identity", **SMALL).fit(data.sequences, data.y)
        for nonlinearity in ("relu", "tanh")
    )
    assert (relu.transform(data.sequences) >= 0).all()
    assert not (tanh.transform(data.sequences) >= 0).all()
