"""The state of some streams, outside of the object that pushes steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class StreamState:
    """What `Stream.state` returns and `Stream.restore` accepts: arrays, which any process can unpickle.

    Attributes
    ----------
    arrays : tuple of ndarray
        Each has one row for each stream.
    model : str
        Fingerprint of the weights of the network.
    n_steps : ndarray of shape (n_streams,), int64
        Number of steps that each stream has read.

    Examples
    --------
    >>> from seqclf import GRUClassifier
    >>> model = GRUClassifier(hidden_size=8, max_epochs=1).fit([[0.1, 0.9], [0.9, 0.1]] * 8, ["up", "down"] * 8)
    >>> stream = model.stream(2)
    >>> _ = stream.push([[0.1, 0.5]], streams=[1])
    >>> stream.state()
    StreamState(2 streams, 0 to 2 steps read)
    """

    arrays: tuple[NDArray[np.generic], ...]
    model: str

    @property
    def n_steps(self) -> NDArray[np.int64]:
        return self.arrays[0].astype(np.int64)

    def __len__(self) -> int:
        return len(self.arrays[0])

    def __repr__(self) -> str:
        steps, n = self.n_steps, len(self)
        read = f"{steps.min()} to {steps.max()}" if n else "no"
        return f"StreamState({n} stream{'' if n == 1 else 's'}, {read} steps read)"
