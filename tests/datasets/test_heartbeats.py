from __future__ import annotations

import dataclasses
import pickle

import numpy as np
import pytest
import torch

from seqclf.datasets import Heartbeats
from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences import Sequences

TWO = Sequences(torch.tensor([[1.0], [0.0], [0.5]]), torch.tensor([0, 1, 3]))


def test_repr_shows_the_beats_of_each_class_and_the_records() -> None:
    beats = Heartbeats(sequences=TWO, target=np.array(["N", "V"]), record=np.array([100, 100]))
    assert len(beats) == 2
    assert repr(beats) == "Heartbeats(2 beats: N 1, S 0, V 1, F 0, Q 0; 1 record)"
    assert repr(Heartbeats(sequences=TWO[:1], target=np.array(["F"]))) == (
        "Heartbeats(1 beat: N 0, S 0, V 0, F 1, Q 0)"
    )


def test_heartbeats_are_frozen() -> None:
    beats = Heartbeats(sequences=TWO, target=np.array(["N", "V"]))
    with pytest.raises(dataclasses.FrozenInstanceError):
        beats.record = np.array([1, 2])  # type: ignore[misc]


def test_heartbeats_can_be_pickled() -> None:
    beats = Heartbeats(sequences=TWO, target=np.array(["N", "V"]), record=np.array([100, 101]))
    again = pickle.loads(pickle.dumps(beats))
    assert again.sequences == beats.sequences
    np.testing.assert_array_equal(again.target, beats.target)
    np.testing.assert_array_equal(again.record, beats.record)


def test_arrays_of_different_lengths_are_refused() -> None:
    with pytest.raises(
        InvalidSequenceError, match=r"`target` must have one entry for each of the 2 seq.*got shape \(1,"
    ):
        Heartbeats(sequences=TWO, target=np.array(["N"]))
    with pytest.raises(
        InvalidSequenceError, match=r"`record` must have one entry.*got shape \(3,\)\. Select the same"
    ):
        Heartbeats(sequences=TWO, target=np.array(["N", "N"]), record=np.array([1, 2, 3]))


def test_an_unknown_class_is_refused() -> None:
    with pytest.raises(
        InvalidSequenceError, match=r"contain only N, S, V, F, Q; got target\[1\]='X'\. Add the class"
    ):
        Heartbeats(sequences=TWO, target=np.array(["N", "X"]))
