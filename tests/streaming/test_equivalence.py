"""After any pushes, a stream predicts what `predict_proba` predicts for all its steps so far."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqclf.kernels import status
from streaming.models import KINDS, draw_steps, fitted, whole

N_STREAMS = 3
ENGINES = ["native", "packed"] if status().available else ["packed"]
actions = st.sampled_from(["push", "push", "push", "push", "finish", "reset", "move"])


class Player:
    """Pushes random chunks, and keeps the steps that each stream has read."""

    def __init__(self, name: str, engine: str, seed: int, dtype: Any) -> None:
        self.name, self.engine, self.kind, self.dtype = name, engine, KINDS[name], dtype
        self.rng = np.random.default_rng(seed)
        self.stream = self.open()
        self.read: list[list[Any]] = [[] for _ in range(N_STREAMS)]
        self.static = self.rng.normal(5, 3, size=(N_STREAMS, 2)) if self.kind.static else None
        self.reset(list(range(N_STREAMS)))

    def open(self) -> Any:
        model, transformers = fitted(self.name, self.engine)
        return model.stream(N_STREAMS, after=transformers)

    def act(self, action: str, streams: list[int]) -> None:
        getattr(self, action)(streams)

    def push(self, streams: list[int]) -> None:
        chunks = [self.chunk(number) for number in streams]
        for number, chunk in zip(streams, chunks, strict=True):
            self.read[number].append(chunk)
        self.compare(self.stream.push([chunk.copy() for chunk in chunks], streams=streams), streams)

    def chunk(self, number: int) -> Any:
        n_steps = int(self.rng.choice([0, 1, 1, 2, 3, 8]))
        before = [chunk for chunk in self.read[number] if len(chunk)]
        time = before[-1][-1, 0] if before else 0.0
        return draw_steps(self.kind, n_steps, self.rng, time).astype(self.dtype)

    def finish(self, streams: list[int]) -> None:
        ended = [number for number in streams if self.n_steps(number)]
        if ended:
            self.compare(self.stream.finish(ended), ended)
            self.reset(ended)

    def reset(self, streams: list[int]) -> None:
        static = None
        if self.static is not None:
            static = self.static[streams] = self.rng.normal(5, 3, size=(len(streams), 2))
        self.stream.reset(streams, static=static)
        for number in streams:
            self.read[number] = []

    def move(self, streams: list[int]) -> None:
        """Continue these streams at other numbers, and the others where they were, in a new object."""
        moved = pickle.loads(pickle.dumps(self.stream.state(streams)))
        everything = self.stream.state()
        self.stream = self.open()
        self.stream.restore(everything)
        turned = streams[1:] + streams[:1]
        self.stream.restore(moved, turned)
        read, static = list(self.read), None if self.static is None else self.static.copy()
        for old, new in zip(streams, turned, strict=True):
            self.read[new] = list(read[old])
            if static is not None and self.static is not None:
                self.static[new] = static[old]

    def n_steps(self, number: int) -> int:
        return sum(map(len, self.read[number]))

    def compare(self, proba: Any, streams: list[int]) -> None:
        assert self.stream.n_steps.tolist() == [
            0 if number in streams and not self.stream.n_steps[number] else self.n_steps(number)
            for number in range(N_STREAMS)
        ]
        begun = [i for i, number in enumerate(streams) if self.n_steps(number)]
        assert np.isnan(np.delete(proba, begun, axis=0)).all()
        if not begun:
            return
        numbers = [streams[i] for i in begun]
        static = None if self.static is None else self.static[numbers]
        expected = whole(self.name, self.engine, [np.concatenate(self.read[n]) for n in numbers], static)
        if self.engine == "native" and self.kind.exact:
            np.testing.assert_array_equal(proba[begun], expected)
        else:
            np.testing.assert_allclose(proba[begun], expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", KINDS)
@settings(max_examples=8)
@given(
    st.lists(st.tuples(actions, st.permutations(range(N_STREAMS)), st.integers(1, N_STREAMS)), max_size=10),
    st.integers(0, 2**32 - 1),
    st.sampled_from([np.float64, np.float32]),
)
@pytest.mark.filterwarnings("ignore:Feature . has missing values:seqclf.SeqclfWarning")
def test_a_stream_predicts_as_the_model_does(
    name: str, engine: str, script: list[tuple[str, list[int], int]], seed: int, dtype: Any
) -> None:
    player = Player(name, engine, seed, dtype)
    for action, order, n in script:
        player.act(action, list(order)[:n])
    player.act("push", [0, 1, 2])
    player.act("finish", [2, 0])
