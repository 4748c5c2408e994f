"""Keras, on TensorFlow or on torch: `Masking`, then recurrent layers.

Computes: recurrence over all 187 steps; masked steps are computed and their results discarded. The head reads the state after the
last step that is not masked, of both directions if bidirectional.
Ignores: every step that is zero, not only padding; beats scaled to [0, 1] have such steps, and they are skipped.

On a CPU a mask costs a selection at each step but no slower path: Keras has fused kernels for GPUs only, and without one masked
and unmasked layers run the same loop. `jit_compile` is left to Keras, which does not use XLA without a GPU; in a short trial,
forcing it made no clear difference.
"""

from __future__ import annotations

import time

import keras
import numpy as np
from benchmarks.peers.work import (
    BATCH,
    CLASSES,
    HIDDEN,
    LAYERS,
    LEARNING_RATE,
    PREDICTION_BATCH,
    WIDTH,
    Beats,
    Epoch,
)
from numpy.typing import NDArray


class KerasPeer:
    """A sequential model, compiled with Adam."""

    def __init__(self, *, bidirectional: bool, threads: int) -> None:
        self._framework = _use_threads(threads)
        keras.utils.set_random_seed(0)
        recurrent = [keras.layers.GRU(HIDDEN, return_sequences=layer < LAYERS - 1) for layer in range(LAYERS)]
        self._model = keras.Sequential(
            [
                keras.Input((WIDTH, 1)),
                keras.layers.Masking(mask_value=0.0),
                *(keras.layers.Bidirectional(layer) if bidirectional else layer for layer in recurrent),
                keras.layers.Dense(CLASSES, activation="softmax"),
            ]
        )
        self._model.compile(
            optimizer=keras.optimizers.Adam(LEARNING_RATE), loss="sparse_categorical_crossentropy"
        )

    def train(self, beats: Beats, epochs: int = 1) -> Epoch:
        """Train; the seconds are those from the beginning to the end of each epoch, without the set-up of `fit`."""
        began: list[float] = []
        ended: list[float] = []
        clock = keras.callbacks.LambdaCallback(
            on_epoch_begin=lambda epoch, logs: began.append(time.perf_counter()),
            on_epoch_end=lambda epoch, logs: ended.append(time.perf_counter()),
        )
        history = self._model.fit(
            beats.padded, beats.target, batch_size=BATCH, epochs=epochs, verbose=0, callbacks=[clock]
        )
        return Epoch(seconds=(sum(ended) - sum(began)) / epochs, loss=float(history.history["loss"][-1]))

    def predict(self, beats: Beats) -> NDArray[np.floating]:
        """Predict with Keras's loop over batches."""
        proba: NDArray[np.floating] = self._model.predict(
            beats.padded, batch_size=PREDICTION_BATCH, verbose=0
        )
        return proba

    def versions(self) -> dict[str, str]:
        """Return versions, and whether Keras chose to compile."""
        return {
            "keras": keras.__version__,
            **self._framework,
            "jit_compile": str(self._model.jit_compile),
        }


def _use_threads(threads: int) -> dict[str, str]:
    """Set the backend's number of threads; return its version."""
    if keras.backend.backend() == "torch":
        import torch

        torch.set_num_threads(threads)
        return {"torch": torch.__version__}
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    return {"tensorflow": tf.__version__}
