"""Predictions during a fit of the same object come from the old model, and do not change the training."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np

from attack.attacks import Attack, at_once
from attack.samples import clean
from contract.entry_points import REFERENCE, weights_of
from seqclf import GRUClassifier

CALLS = ("predict_proba", "predict", "decision_function", "transform", "score")
KINDS: dict[str, dict[str, Any]] = {
    "GRU": {},
    "dropout": {"dropout": 0.3, "num_layers": 2, "head_dropout": 0.3},
    "packed": {"engine": "packed", "dropout": 0.2, "num_layers": 2},
    "augmented": {"augmentation": "jitter", "sampler": "balanced"},
    "stem": {"stem": "conv", "pooling": "attention", "head": "mlp"},
    "LSTM-like options": {"bidirectional": True, "layer_norm": True, "residual": True, "num_layers": 2},
    "early stopping": {"early_stopping": True, "schedule": "plateau"},
}


def concurrency_attacks() -> Iterator[Attack]:
    """Yield predictions from a callback and from another thread, during a fit."""
    for name in KINDS:
        for method in CALLS:
            for where, attack in {"callback": _from_callback, "thread": _from_thread}.items():
                title = f"{method} from a {where} | {name}"
                wanted = _undisturbed(name, method)
                yield Attack(
                    "predictions during a fit", title, at_once(_attack(attack, name, method)), wanted
                )


def _data() -> tuple[Any, Any, Any]:
    """Return the samples of the old fit, those of the new one, and labels for both."""
    samples = clean(3)
    old = REFERENCE.make(samples)[[0, 1, 2, 3, 4, 5, 6, 7] * 8]
    return old, old.with_values(old.values.flip(0)), np.tile(samples.y, 8)


def _fitted(name: str) -> GRUClassifier:
    model = GRUClassifier(hidden_size=4, max_epochs=3, batch_size=16, random_state=0)
    model.set_params(**KINDS[name])
    old, _, y = _data()
    return model.fit(old, y)


def _call(model: GRUClassifier, method: str) -> Any:
    old, _, y = _data()
    return np.asarray(model.score(old, y) if method == "score" else getattr(model, method)(old))


@cache
def _expected(name: str, method: str) -> list[Any]:
    model = _fitted(name)
    before = _call(model, method)
    _, new, y = _data()
    model.fit(new, y)
    return [weights_of(model), _call(model, method), before]


def _undisturbed(name: str, method: str) -> Callable[[], Any]:
    return lambda: _expected(name, method)


def _attack(attack: Callable[[GRUClassifier, str], Any], name: str, method: str) -> Callable[[], Any]:
    def call() -> Any:
        model = _fitted(name)
        during = attack(model, method)
        return [weights_of(model), _call(model, method), during]

    return call


def _one_of(predictions: list[Any]) -> Any:
    """Return the prediction that all calls made, or all of them if they differ."""
    return predictions[0] if len({p.tobytes() for p in predictions}) == 1 else predictions


def _from_callback(model: GRUClassifier, method: str) -> Any:
    class Predicts:
        def __init__(self) -> None:
            self.seen: list[Any] = []

        def __deepcopy__(self, memo: object) -> Predicts:
            return self

        def on_epoch_end(self, record: Any) -> None:
            self.seen.append(_call(model, method))

    predicts = Predicts()
    _, new, y = _data()
    model.set_params(callbacks=[predicts]).fit(new, y)
    model.set_params(callbacks=[])
    return _one_of(predicts.seen)


def _from_thread(model: GRUClassifier, method: str) -> Any:
    started, stop = threading.Event(), threading.Event()

    class Waits:
        def on_epoch_end(self, record: Any) -> None:
            if record.epoch == 1:
                assert started.wait(3600)
            else:
                stop.set()  # from here on, the fit may publish the new model

    seen: list[Any] = []

    def predict() -> None:
        while not stop.is_set():
            made = _call(model, method)
            if not stop.is_set():
                seen.append(made)
            started.set()

    thread = threading.Thread(target=predict)
    thread.start()
    _, new, y = _data()
    model.set_params(callbacks=[Waits()]).fit(new, y)
    stop.set()
    thread.join()
    model.set_params(callbacks=[])
    return _one_of(seen)
