"""What the tests run in another process."""

from __future__ import annotations

import multiprocessing as mp
from queue import Empty
from typing import Any

import numpy as np

PATIENCE = 3600
"""Seconds that only a hang reaches."""


def continue_training(model: Any, data: Any, y: Any, results: Any) -> None:
    """Predict, train for two more epochs, predict again."""
    before = model.predict_proba(data)
    for _ in range(2):
        model.partial_fit(data, y)
    results.put((before, model.predict_proba(data)))


def count_epochs(model: Any, data: Any, y: Any, results: Any) -> None:
    """Train for one more epoch."""
    results.put(model.partial_fit(data, y).n_epochs_)


def echo(data: Any, results: Any) -> None:
    """Return what arrived, as arrays."""
    tensors = [getattr(data, name, None) for name in ("target", "weight")]
    sequences = getattr(data, "sequences", data)
    tensors += [sequences.values, sequences.offsets, sequences.static]
    results.put([None if tensor is None else tensor.numpy() for tensor in tensors])


def run(method: Any, target: Any, *arguments: Any) -> Any:
    """Run a function in a new process; return what it puts into the queue that it gets as its last argument."""
    context = mp.get_context(method)
    results = context.Queue()
    process = context.Process(target=target, args=(*arguments, results))
    process.start()
    try:
        while True:
            try:
                return results.get(timeout=1)
            except Empty:
                assert process.is_alive() or not results.empty(), "the child died"
    finally:
        process.join(PATIENCE)
        assert process.exitcode == 0


def arrays(*values: Any) -> list[Any]:
    """Return arrays as lists, to compare them."""
    return [None if value is None else np.asarray(value).tolist() for value in values]
