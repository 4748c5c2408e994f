"""Ctrl-C at any line of a fit leaves the old model or the new one, with the history of its epochs."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from functools import cache
from types import FrameType
from typing import Any

from attack.attacks import Attack, at_once
from attack.samples import clean
from attack.verdicts import SOURCE
from contract.entry_points import REFERENCE, small, weights_of
from seqclf import GRUClassifier

OLD, NEW = clean(1), clean(3)
METHODS = ("fit", "fit, resumed", "partial_fit")


class CountsEpochs:
    """A callback that counts the epochs it is notified of."""

    n_epochs = 0

    def on_epoch_end(self, record: Any) -> None:
        self.n_epochs += 1


def interrupt_attacks(seed: int) -> Iterator[Attack]:
    """Yield interrupts at random lines of a fit."""
    rng = random.Random(seed)
    for i in range(2000):
        method, share = METHODS[i % len(METHODS)], rng.random()
        name = f"{method}, after {share:.6f} of its lines"
        yield Attack("interrupts", name, at_once(_interrupted(method, share)), lambda: "consistent")


def _model(method: str) -> GRUClassifier:
    model = small(warm_start=method == "fit, resumed")
    return model.fit(REFERENCE.make(OLD), OLD.y)


def _train(model: GRUClassifier, method: str) -> None:
    # A fit may change the number of features; one that resumes may not.
    samples = NEW if method == "fit" else OLD
    call = model.partial_fit if method == "partial_fit" else model.fit
    call(REFERENCE.make(samples), samples.y)


@cache
def _n_lines(method: str) -> int:
    model = _model(method)
    counter = _Lines(None)
    counter.run(lambda: _train(model, method))
    return counter.n


@cache
def _complete(method: str) -> list[Any]:
    """Return the training losses of a fit that is not interrupted."""
    model = _model(method)
    _train(model, method)
    return [*model.history_["train_loss"]]


def _interrupted(method: str, share: float) -> Callable[[], str]:
    def call() -> str:
        model, counts = _model(method), CountsEpochs()
        before, old_history = weights_of(model), [*model.history_["train_loss"]]
        model.set_params(callbacks=[counts])
        lines = _Lines(1 + int(share * _n_lines(method)))
        try:
            lines.run(lambda: _train(model, method))
        except KeyboardInterrupt:
            pass
        else:
            return "consistent" if lines.n < (lines.at or 0) else "the interrupt was lost"
        return _problem(model, method, before.tobytes(), old_history, counts.n_epochs)

    return call


def _problem(model: GRUClassifier, method: str, before: bytes, old_history: list[Any], n_told: int) -> str:
    """Return what is wrong with an interrupted model."""
    losses = [*model.history_["train_loss"]]
    is_old = model.n_features_in_ == 1 and losses == old_history and weights_of(model).tobytes() == before
    if is_old and method != "fit, resumed":
        return "consistent"
    samples = NEW if method == "fit" else OLD
    model.predict_proba(REFERENCE.make(samples))
    if model.n_features_in_ != samples.n_features:
        return "the old number of features with new weights or a new history"
    known = 0 if method != "partial_fit" else len(old_history)
    made = losses[known:]
    if losses != _complete(method)[: len(losses)] and losses != old_history:
        return f"another history: {losses}"
    if losses != old_history and not n_told <= len(made) <= n_told + 1:
        return f"{len(made)} epochs in the history after {n_told} notifications"
    return "consistent"


class _Lines:
    """Counts the lines of seqclf that run, and interrupts one of them."""

    def __init__(self, at: int | None) -> None:
        self.at, self.n = at, 0

    def run(self, call: Callable[[], None]) -> None:
        sys.settrace(self._enter)
        try:
            call()
        finally:
            sys.settrace(None)

    def _enter(self, frame: FrameType, event: str, argument: Any) -> Any:
        return self._line if frame.f_code.co_filename.startswith(str(SOURCE)) else None

    def _line(self, frame: FrameType, event: str, argument: Any) -> Any:
        if event == "line":
            self.n += 1
            if self.n == self.at:
                raise KeyboardInterrupt
        return self._line
