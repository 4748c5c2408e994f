"""Properties of all random transforms."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from oracles import global_randomness
from ramps import ramps, small
from seqclf import InvalidSequenceError
from seqclf.sequences import Sequences, Tokens, as_sequences
from seqclf.transforms import (
    BaselineWander,
    Crop,
    Dropout,
    Jitter,
    MagnitudeWarp,
    MinMax,
    RandomApply,
    RandomPrefix,
    Scale,
    Shift,
    TimeWarp,
    Transform,
    ZScore,
)
from strategies import ragged_sequences, sequences_with_static, sequences_with_tokens
from transforms.kinds import KEEP_LENGTHS, NOTHING, TRANSFORMS, generator


@pytest.mark.parametrize("transform", TRANSFORMS, ids=repr)
@settings(deadline=None, max_examples=30)
@given(ragged_sequences(), st.integers(0, 1000))
def test_the_result_is_valid_and_reproducible_without_side_effects(
    transform: Transform, sequences: Sequences, seed: int
) -> None:
    values, offsets, state = sequences.values.clone(), sequences.offsets.clone(), global_randomness()
    labels = np.arange(len(sequences))
    changed = transform(sequences, generator(seed), labels)
    Sequences(changed.values, changed.offsets, changed.static)  # checks the layout, which transforms do not
    assert len(changed) == len(sequences)
    assert changed.n_features == sequences.n_features
    assert torch.isfinite(changed.values).all()
    assert (changed.lengths <= sequences.lengths).all()
    assert changed == transform(sequences, generator(seed), labels)
    assert torch.equal(sequences.values, values)
    assert torch.equal(sequences.offsets, offsets)
    assert labels.tolist() == list(range(len(sequences)))
    assert global_randomness() == state


@pytest.mark.parametrize("transform", TRANSFORMS, ids=repr)
@settings(deadline=None, max_examples=30)
@given(sequences_with_static(), st.integers(0, 1000))
def test_static_features_are_kept(transform: Transform, sequences: Sequences, seed: int) -> None:
    changed = transform(sequences, generator(seed), np.arange(len(sequences)))
    assert changed.static is not None
    assert sequences.static is not None
    assert torch.equal(changed.static, sequences.static)


@pytest.mark.parametrize("transform", TRANSFORMS, ids=repr)
@settings(deadline=None, max_examples=30)
@given(sequences_with_tokens(), st.integers(0, 1000))
def test_tokens_stay_beside_their_steps(transform: Transform, sequences: Sequences, seed: int) -> None:
    """A step keeps its token, wherever a transform moves it; a lost step loses it, and others never become tokens."""
    assert sequences.tokens is not None
    place = torch.arange(len(sequences.values), dtype=torch.float32)[:, None]
    tokens = Tokens(place.long() + 1, {"place": tuple(range(len(place)))})
    changed = transform(
        as_steps(sequences, place).with_tokens(tokens), generator(seed), np.arange(len(sequences))
    )
    assert changed.tokens is not None
    assert changed.tokens.n_tokens == tokens.n_tokens
    code = changed.tokens.codes[:, 0]
    moved = transform(as_steps(sequences, place), generator(seed), np.arange(len(sequences)))
    assert torch.equal(changed.values, moved.values)
    if isinstance(
        transform, Shift | Crop | RandomPrefix | TimeWarp
    ):  # values show the place: tokens are those of the nearest step
        assert ((code - 1) - changed.values[:, 0]).abs().max() <= 0.501
    elif isinstance(transform, Dropout):
        lost = (changed.values[:, 0] == 0) & (place[:, 0] > 0)
        assert (code[lost] == 0).all()
        assert torch.equal(code[code > 0], place[code > 0, 0].long() + 1)
    elif not isinstance(transform, RandomApply):
        assert torch.equal(code, place[:, 0].long() + 1)


def as_steps(sequences: Sequences, values: torch.Tensor) -> Sequences:
    return Sequences(values, sequences.offsets)


@pytest.mark.parametrize("transform", TRANSFORMS, ids=repr)
def test_sequences_of_tokens_only_are_transformed(transform: Transform) -> None:
    words = as_sequences(["abcdefgh", "cb", "a"], vocabulary="auto")
    changed = transform(words, generator(0), np.arange(3))
    assert changed.n_features == 0
    assert changed.n_tokens == words.n_tokens


@pytest.mark.parametrize(
    "scaler",
    [ZScore(), ZScore(per="sequence", append_statistics=True), MinMax(), MinMax(per="sequence")],
    ids=repr,
)
def test_scalers_keep_tokens(scaler: ZScore | MinMax) -> None:
    words = as_sequences(["abc", "c"], vocabulary="auto")
    for samples in (words, words.with_values(torch.ones(4, 2))):
        assert scaler.fit_transform(samples).tokens == words.tokens
        assert scaler.fit(samples).transform(samples).n_features == samples.n_features


@pytest.mark.parametrize("transform", KEEP_LENGTHS, ids=repr)
@settings(deadline=None, max_examples=30)
@given(ragged_sequences(), st.integers(0, 1000))
def test_lengths_do_not_change(transform: Transform, sequences: Sequences, seed: int) -> None:
    assert torch.equal(transform(sequences, generator(seed)).offsets, sequences.offsets)


@pytest.mark.parametrize(
    "scaler", [ZScore(), ZScore(per="sequence"), MinMax(), MinMax(per="sequence")], ids=repr
)
def test_scalers_scale_static_features_over_the_sequences_of_fit(scaler: ZScore | MinMax) -> None:
    scaler.fit(as_sequences([[1.0, 2.0], [3.0]], static=[5.0, 7.0]))
    scaled = scaler.transform(as_sequences([[1.0, 2.0], [3.0], [4.0]], static=[5.0, 7.0, 9.0]))
    assert scaled.static is not None
    expected = [-1.0, 1.0, 3.0] if isinstance(scaler, ZScore) else [0.0, 1.0, 2.0]
    assert scaled.static.flatten().tolist() == expected
    with pytest.raises(InvalidSequenceError, match="must have 1 static feature, as in `fit`; got 0"):
        scaler.transform([[1.0]])


@pytest.mark.parametrize("transform", NOTHING, ids=repr)
@settings(deadline=None, max_examples=30)
@given(ragged_sequences(), st.integers(0, 1000))
def test_strength_0_changes_nothing(transform: Transform, sequences: Sequences, seed: int) -> None:
    assert transform(sequences, generator(seed)) == sequences


@pytest.mark.parametrize("transform", [t for t in TRANSFORMS if not isinstance(t, Dropout)], ids=repr)
def test_different_seeds_give_different_changes(transform: Transform) -> None:
    sequences = as_sequences([np.arange(40.0), np.arange(25.0), np.arange(33.0)])
    changed = [transform(sequences, generator(seed)) for seed in range(6)]
    assert any(one != changed[0] for one in changed[1:])
    assert any(one != sequences for one in changed)


@pytest.mark.parametrize("transform", TRANSFORMS, ids=repr)
def test_sequences_of_one_step_are_supported(transform: Transform) -> None:
    for seed in range(20):
        assert transform(as_sequences([[2.0]]), generator(seed)).lengths.tolist() == [1]


@pytest.mark.parametrize("transform", TRANSFORMS, ids=repr)
def test_values_of_one_sequence_never_reach_another(transform: Transform) -> None:
    """The values of other sequences do not affect how a sequence is changed."""
    one, neighbour, far = np.arange(12.0), np.arange(7.0), 1e6 * np.ones(7)
    for seed in range(10):
        near = transform(as_sequences([neighbour, one, neighbour]), generator(seed))[1]
        assert torch.equal(near, transform(as_sequences([far, one, far]), generator(seed))[1])


def test_augmentation_receives_the_labels_of_each_batch() -> None:
    seen: list[np.ndarray[tuple[int], np.dtype[np.str_]]] = []
    rises = ramps()
    y = np.array(["falls", "rises"])[rises.y]

    def note(
        sequences: Sequences, generator: torch.Generator | None = None, labels: object = None
    ) -> Sequences:
        assert isinstance(labels, np.ndarray)
        up = [bool(one[-1, 0] > one[0, 0]) for one in sequences]
        assert (labels == np.array(["falls", "rises"])[np.array(up, dtype=int)]).mean() > 0.9
        seen.append(labels)
        return sequences

    small(augmentation=note, max_epochs=2).fit(rises.arrays, y)
    assert sum(map(len, seen)) == 2 * len(y)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Jitter(-0.1), "`scale` must be finite and not negative; got -0.1. 0 changes nothing."),
        (lambda: Scale(float("nan")), "`scale` must be finite and not negative; got nan. 0 changes nothing."),
        (lambda: MagnitudeWarp(-1), "`scale` must be finite and not negative; got -1. 0 changes nothing."),
        (lambda: TimeWarp(-1), "`strength` must be finite and not negative; got -1. 0 changes nothing."),
        (lambda: BaselineWander(-1), "`scale` must be finite and not negative; got -1. 0 changes nothing."),
        (lambda: Crop(1.0), "`strength` must be below 1 and not negative; got 1.0. 0 changes nothing."),
        (lambda: RandomPrefix(0.0), "`shortest` must be a share in (0, 1] or a positive number of steps"),
        (lambda: RandomPrefix(1.5), "as an integer; got 1.5. 1.0 changes nothing."),
        (lambda: RandomPrefix(float("nan")), "as an integer; got nan."),
        (lambda: RandomPrefix(0), "`shortest` must be at least 1; got 0."),
        (lambda: Dropout(1.0), "`rate` must be below 1 and not negative; got 1.0. 0 changes nothing."),
    ],
)
def test_a_strength_out_of_range_is_refused(make: Callable[[], Transform], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        make()
