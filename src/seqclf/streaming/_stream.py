"""`Stream`: steps pushed as they arrive, probabilities after each push."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from seqclf._checks import check_integer
from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences import Sequences, too_large
from seqclf.streaming._index import check_streams
from seqclf.streaming._model import StreamedModel
from seqclf.streaming._network import NetworkStepper
from seqclf.streaming._protocol import State, Stepper, rows_of
from seqclf.streaming._read import ChunkReader
from seqclf.streaming._state import StreamState


class Stream:
    """Sequences that a fitted model reads step by step; created by `model.stream(n_streams)`.

    After each push, the probabilities are those that `predict_proba` returns for all steps pushed so far, at the cost of the new
    steps alone. The streams are numbered from 0 and independent of each other; those of one push are computed together.

    Parameters
    ----------
    network : NetworkStepper
        Reads steps as the network does.
    steppers : Stepper
        Scales the steps as the model does.
    reader : ChunkReader
        Converts what is pushed, and checks it as `predict` does.
    activate : callable
        Logits, (n_streams, n_classes) -> probabilities.
    read_static : callable or None
        Static features and the number of their streams -> (n_streams, n_static_features), scaled; None for a model without them.
    n_streams : int, default=1
        Number of streams.

    Notes
    -----
    A stream works on a copy of the model: it does not change when the model is trained further. Only one thread at a time may use
    it. A wrong argument raises an error, and no stream changes.

    A convolutional stem, and `Downsample`, wait for the steps after a window. After each push, the waiting windows are completed
    as if the sequence ended here, as `predict_proba` does, and this is undone before the next push.

    With the native engine, probabilities are bitwise identical to those of `predict_proba`; with attention pooling, with torch's
    engine and on a GPU, they differ by rounding errors.

    Examples
    --------
    >>> from seqclf import GRUClassifier
    >>> X = [[0.1, 0.9], [0.2, 0.8, 0.9], [0.9, 0.1, 0.2], [0.8, 0.2]] * 8
    >>> model = GRUClassifier(hidden_size=8, random_state=0).fit(X, ["up", "up", "down", "down"] * 8)
    >>> stream = model.stream(2)
    >>> stream.push([[0.1, 0.5], [0.9]]).shape
    (2, 2)
    >>> _ = stream.push([[0.9]], streams=[0])
    >>> final = stream.finish([0])
    >>> bool(abs(final - model.predict_proba([[0.1, 0.5, 0.9]])).max() < 1e-6)
    True
    """

    def __init__(
        self,
        *,
        network: NetworkStepper,
        steppers: Stepper,
        reader: ChunkReader,
        activate: Callable[[Tensor], NDArray[np.float64]],
        read_static: Callable[[ArrayLike, int], Tensor] | None,
        n_streams: int = 1,
    ) -> None:
        self._reader, self._read_static = reader, read_static
        self._n_streams = check_integer("n_streams", n_streams)
        n_static = 0 if read_static is None else reader.n_static_features
        self._model = StreamedModel(network, steppers, activate, n_static)
        self._state = self._model.start(self._n_streams)

    @property
    def n_streams(self) -> int:
        """Number of streams."""
        return self._n_streams

    @property
    def n_steps(self) -> NDArray[np.int64]:
        """Number of steps that each stream has read, (n_streams,)."""
        steps: NDArray[np.int64] = self._state[0].numpy().copy()
        return steps

    @torch.no_grad()
    def push(self, chunk: Any, *, streams: Sequence[int] | None = None) -> NDArray[np.float64]:
        """Read the next steps of some streams.

        Parameters
        ----------
        chunk : array, list of arrays, Sequences, ..., as accepted by `seqclf.as_sequences`
            The new steps of each stream, in the order of `streams`; a list may hold empty arrays, for streams without new steps.
            Every step is real: nothing is stripped from arrays. For a single stream, also an array of shape (n_steps, n_features) or,
            for one feature, (n_steps,); for several, also one of shape (n_streams, n_steps, n_features).
        streams : sequence of int or None, default=None
            The streams that the steps belong to, each at most once. None: all.

        Returns
        -------
        ndarray of shape (n_pushed_streams, n_classes)
            The probability of each class after all steps so far, in the order of `streams` and of `classes_`. NaN for a stream
            without steps.

        Raises
        ------
        ValueError
            If a stream does not exist or is repeated, or there is not one chunk for each stream.
        seqclf.InvalidSequenceError
            If steps cannot be read, do not have the features that `fit` saw, have values that are too large for the model, or the
            static features of a stream are missing.
        """
        index = check_streams(streams, self._n_streams)
        n_pushed = self._n_streams if index is None else index.shape[0]
        steps = self._reader.read(chunk, n_pushed, index)
        state = rows_of(self._state, index)
        self._model.check_static(state, index)
        try:
            state = self._model.advance(state, steps)
            proba = self._model.predict(state)
        except InvalidSequenceError as error:
            if not error.rows:
                raise
            raise _too_large(steps, error.rows, index) from error
        if not math.isfinite(proba.sum()):
            wrong = np.isnan(proba).any(axis=1) & (state[0] > 0).numpy()
            if wrong.any():
                raise _too_large(steps, wrong.nonzero()[0].tolist(), index)
        self._write(index, state)
        return proba

    @torch.no_grad()
    def finish(self, streams: Sequence[int] | None = None) -> NDArray[np.float64]:
        """Return the final probabilities of some streams, and reset these streams for other sequences.

        Parameters
        ----------
        streams : sequence of int or None, default=None
            The streams that have ended; each must have at least one step. None: all.

        Returns
        -------
        ndarray of shape (n_finished_streams, n_classes)
            What `predict_proba` returns for the whole sequences.

        Raises
        ------
        ValueError
            If a stream does not exist or is repeated.
        seqclf.InvalidSequenceError
            If a stream has no steps.
        """
        index = check_streams(streams, self._n_streams)
        state = rows_of(self._state, index)
        if not bool((state[0] > 0).all()):
            row = int((state[0] == 0).nonzero()[0])
            number = row if index is None else int(index[row])
            raise InvalidSequenceError(
                f"Every stream that ends must have at least one step; got none for stream {number}. Push its steps first, or leave it out."
            )
        proba = self._model.predict(state)
        self._write(index, self._model.start(state[0].shape[0]))
        return proba

    @torch.no_grad()
    def reset(self, streams: Sequence[int] | None = None, *, static: ArrayLike | None = None) -> None:
        """Forget the steps of some streams, and set the static features of the sequences that begin.

        Parameters
        ----------
        streams : sequence of int or None, default=None
            None: all.
        static : array-like of shape (n_reset_streams, n_static_features), default=None
            Features of the whole sequences, for a model that was fitted with them: needed before their first step.

        Raises
        ------
        ValueError
            If a stream does not exist or is repeated, or `static` is given but the model has no static features.
        seqclf.InvalidSequenceError
            If `static` is not one row of finite numbers for each stream.
        """
        index = check_streams(streams, self._n_streams)
        n_reset = self._n_streams if index is None else index.shape[0]
        state = self._model.start(n_reset)
        if static is not None:
            if self._read_static is None:
                raise ValueError(
                    "`static` must be left out for a model that was fitted without static features; got it. Fit to "
                    "`as_sequences(X, static=...)` to use them."
                )
            state = (state[0], self._read_static(static, n_reset), *state[2:])
        self._write(index, state)

    def state(self, streams: Sequence[int] | None = None) -> StreamState:
        """Return a copy of the state of some streams, which can be pickled; None for all."""
        index = check_streams(streams, self._n_streams)
        arrays = tuple(part.cpu().numpy().copy() for part in rows_of(self._state, index))
        return StreamState(arrays, self._model.fingerprint())

    @torch.no_grad()
    def restore(self, state: StreamState, streams: Sequence[int] | None = None) -> None:
        """Continue some streams from a saved state, of this stream or of another one of the same model.

        Parameters
        ----------
        state : StreamState
            What `state` returned, with as many streams.
        streams : sequence of int or None, default=None
            The streams that continue, in the order of those in `state`. None: all.

        Raises
        ------
        TypeError
            If `state` is not a StreamState.
        ValueError
            If `state` has another number of streams, or belongs to another model.
        """
        index = check_streams(streams, self._n_streams)
        n_restored = self._n_streams if index is None else index.shape[0]
        if not isinstance(state, StreamState):
            raise TypeError(
                f"`state` must be a StreamState, as `stream.state()` returns; got {type(state).__name__}."
            )
        if len(state) != n_restored:
            raise ValueError(
                f"`state` must hold the state of each of the {n_restored} streams; got {len(state)}. Name the streams that "
                "continue: `restore(state, [0, 1])`."
            )
        start = self._model.start(n_restored)
        shapes = [(tuple(part.shape), str(part.dtype).removeprefix("torch.")) for part in start]
        if (
            state.model != self._model.fingerprint()
            or [(part.shape, str(part.dtype)) for part in state.arrays] != shapes
        ):
            raise ValueError(
                "`state` must come from a stream of the same model; got one of other weights. Was the model trained in between? Load the "
                "model that made the state, or push the steps again."
            )
        copies = (torch.from_numpy(part.copy()) for part in state.arrays)
        self._write(index, tuple(copy.to(like.device) for copy, like in zip(copies, start, strict=True)))

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "A Stream cannot be pickled. Pickle the model and `stream.state()`, and call `restore` on a new stream."
        )

    def __repr__(self) -> str:
        return f"Stream({self._n_streams} stream{'' if self._n_streams == 1 else 's'})"

    def _write(self, index: Tensor | None, state: State) -> None:
        """Replace the state of some streams; it is complete, so nothing can fail halfway."""
        if index is None:
            self._state = state
            return
        for part, new in zip(self._state, state, strict=True):
            part[index] = new


def _too_large(steps: Sequences, rows: Sequence[int], index: Tensor | None) -> InvalidSequenceError:
    """Return the error for streams whose new steps are too large for the model."""
    number = rows[0] if index is None else int(index[rows[0]])
    cure = "Correct the value, or leave out the step; no stream has changed."
    return too_large(steps, rows, first=f"the chunk of stream {number}", cure=cure)
