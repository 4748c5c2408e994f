"""Threads with short predictions take turns, the conversion of their input included."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from seqclf import GRUClassifier
from seqclf.training import one_at_a_time

CPU = torch.device("cpu")


class Watched:
    """An array that notes when it is read."""

    def __init__(self, n_samples: int, n_timesteps: int) -> None:
        self._values = np.full((n_samples, n_timesteps), 0.5)
        self.shape = self._values.shape
        self.was_read = threading.Event()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[np.float64]:
        """Return the values."""
        self.was_read.set()
        return self._values


@pytest.fixture(scope="module")
def model() -> GRUClassifier:
    X = [[0.1, 0.9, 0.3], [0.9, 0.1]] * 8
    return GRUClassifier(hidden_size=4, max_epochs=1).fit(X, [0, 1] * 8)


@pytest.mark.parametrize("method", ["predict_proba", "predict", "decision_function", "transform"])
def test_a_short_prediction_converts_its_input_in_its_turn(model: GRUClassifier, method: str) -> None:
    X = Watched(2, 10)
    thread = threading.Thread(target=getattr(model, method), args=[X], kwargs={"lengths": [10, 9]})
    with one_at_a_time(1, CPU):
        thread.start()
        assert not X.was_read.wait(0.1)
    thread.join()
    assert X.was_read.is_set()


def test_a_long_input_is_converted_while_others_predict(model: GRUClassifier) -> None:
    X = Watched(1_000, 6)
    thread = threading.Thread(target=model.predict_proba, args=[X], kwargs={"lengths": [6] * 1_000})
    with one_at_a_time(1, CPU):
        thread.start()
        assert X.was_read.wait(3600)
    thread.join()


@pytest.mark.parametrize("method", ["predict_proba", "transform"])
def test_threads_get_the_predictions_of_one(model: GRUClassifier, method: str) -> None:
    predict = getattr(model, method)
    requests = [[np.linspace(0, 1, 2 + i)] for i in range(20)]
    expected = [predict(X) for X in requests]
    found: dict[int, Any] = {}
    threads = [
        threading.Thread(
            target=lambda mine=mine: found.update({i: predict(requests[i]) for i in range(mine, 20, 4)})
        )
        for mine in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for i, proba in enumerate(expected):
        np.testing.assert_array_equal(found[i], proba)
