"""One value that is finite but huge is an error of its row, not of the model."""

from __future__ import annotations

import math
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from seqclf import GRUClassifier, InvalidSequenceError, SequenceEnsemble, as_sequences
from seqclf.nn import LinearHead, MeanPooling
from seqclf.sequences import SequenceWriter, open_sequences

X = [[0.1, 0.9, 0.3], [0.9, 0.1]] * 8
Y = ["up", "down"] * 8
BAD = [[0.2, 0.1], [0.1, 0.2, 0.3, 1.0], [0.3]]


def fitted(**parameters: Any) -> GRUClassifier:
    given: dict[str, Any] = {
        "hidden_size": 4,
        "stem": "conv",
        "max_epochs": 1,
        "random_state": 0,
    } | parameters
    return GRUClassifier(**given).fit(X, Y)


def with_value(value: float) -> list[list[float]]:
    return [BAD[0], [*BAD[1][:3], value], BAD[2]]


@pytest.mark.parametrize("scale", ["views", "standard", "sequence", None])
@pytest.mark.parametrize("value", [1e30, -1e38, 3e38, 1e300])
def test_the_row_and_the_value_that_came_are_named(scale: str | None, value: float) -> None:
    model = fitted(scale=scale)
    if scale == "sequence" and abs(value) < 1e31:  # which removes any amplitude
        assert np.isfinite(model.predict_proba(with_value(value))).all()
        return
    for method in (model.predict_proba, model.predict, model.transform):
        with pytest.raises(
            InvalidSequenceError, match="must not overflow float32 in a transformer or in the network"
        ) as caught:
            method(with_value(value))
        assert f"got {value:g} in step 3, feature 0 of row 1. Correct the value, or leave out" in str(
            caught.value
        )
        assert caught.value.rows == (1,)
        assert pickle.loads(pickle.dumps(caught.value)).rows == (1,)


def test_all_rows_are_listed_also_of_ensembles_and_files(tmp_path: Path) -> None:
    ensemble = SequenceEnsemble(
        estimators=[GRUClassifier(hidden_size=4, max_epochs=1)], n_members=2, n_jobs=1, random_state=0
    ).fit(X, Y)
    many = [[0.5] * 30_000, *with_value(1e300), [1e30, -1e200]]  # batches hold up to 50,000 steps
    with SequenceWriter(tmp_path / "many.safetensors", dtype="float64") as writer:
        writer.append(many)
    for model, samples in (
        (ensemble, many),
        (fitted(), many),
        (fitted(), open_sequences(tmp_path / "many.safetensors")),
    ):
        with pytest.raises(
            InvalidSequenceError, match=r"got 1e\+300 in step 3, feature 0 of row 2"
        ) as caught:
            model.predict(samples)
        assert caught.value.rows == (2, 4)


@pytest.mark.filterwarnings("ignore:.*far from the training samples")
def test_static_features_are_named() -> None:
    model = GRUClassifier(hidden_size=4, max_epochs=1, random_state=0).fit(
        as_sequences(X, static=np.arange(16.0) / 16), Y
    )
    with pytest.raises(InvalidSequenceError, match=r"got -3e\+38 in static feature 0 of row 1"):
        model.predict(as_sequences(X[:2], static=[1.0, -3e38]))


class Logarithm(torch.nn.Module):
    """A network with a fault of its own: NaN for a negative mean."""

    def __init__(self, spec: Any, generator: Any) -> None:
        super().__init__()
        self.pooling, self.head = MeanPooling(), LinearHead(spec.n_features, spec.n_classes)

    def forward(self, sequences: Any) -> torch.Tensor:
        logits: torch.Tensor = self.head(self.pooling(sequences).log())
        return logits


def test_a_fault_of_the_network_is_not_blamed_on_the_values() -> None:
    from seqclf import SequenceClassifier

    model = SequenceClassifier(network=Logarithm, scale=None, max_epochs=1, random_state=0).fit(X, Y)
    with pytest.raises(
        ValueError,
        match=r"`network` must return finite predictions for finite sequences; got NaN or .* row 1, .* at most 0\.5",
    ):
        model.predict([[0.2], [-0.5]])
    with pytest.raises(InvalidSequenceError, match="of row 0"):
        model.predict([[-1e30]])


class Log:
    """A transformer that returns infinity for 0."""

    def fit(self, sequences: Any, y: object = None) -> Log:
        return self

    def transform(self, sequences: Any) -> Any:
        return sequences.with_values(sequences.values.log())

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        return {}


def test_infinity_from_ordinary_values_is_not_called_too_large() -> None:
    model = fitted(scale=Log())
    with pytest.raises(
        InvalidSequenceError, match=r"got infinity \(-inf\) in row 0, step 1, feature 0"
    ) as caught:
        model.predict([[1.0, 0.0]])
    assert caught.value.rows == ()
    assert math.isfinite(model.predict_proba([[1.0]]).sum())
