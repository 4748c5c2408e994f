"""Random end of a sequence."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ramps import ramps, small
from seqclf import GRUClassifier, ZScore, as_sequences
from seqclf.sequences import Sequences
from seqclf.transforms import Compose, Jitter, MinMax, RandomApply, RandomPrefix, Views
from strategies import ragged_sequences
from transforms.kinds import generator

DATA = ramps(48)
LONG = [np.repeat(x, 20, axis=0) for x in DATA.arrays]


def test_prefixes_by_hand() -> None:
    """Of four steps at least two are kept: 2, 3 or 4 steps equally often."""
    cut = RandomPrefix(0.5)(as_sequences([[1.0, 2.0, 3.0, 4.0]] * 9000), generator())
    results = Counter(tuple(one.flatten().tolist()) for one in cut)
    assert set(results) == {(1, 2), (1, 2, 3), (1, 2, 3, 4)}
    assert min(results.values()) > 2800, "3000 are expected, with a standard deviation of 45"


@pytest.mark.parametrize(
    ("shortest", "least"),
    [
        (0.3, lambda n: max(1, -(-3 * n // 10))),  # the share, rounded up
        (0.05, lambda n: -(-n // 20)),
        (1.0, lambda n: n),
        (7, lambda n: min(7, n)),
        (np.int64(7), lambda n: min(7, n)),
    ],
)
def test_the_shortest_prefix_is_a_share_or_a_number_of_steps(shortest: float | int, least: Any) -> None:
    lengths = list(range(1, 61))
    samples = as_sequences([np.arange(float(n)) for n in lengths for _ in range(400)])
    kept = RandomPrefix(shortest)(samples, generator()).lengths.reshape(60, 400)
    assert kept.amin(dim=1).tolist() == [least(n) for n in lengths]
    assert kept.amax(dim=1).tolist() == lengths


@given(ragged_sequences(), st.integers(0, 1000))
def test_what_is_kept_is_the_start(sequences: Sequences, seed: int) -> None:
    cut = RandomPrefix(0.2)(sequences, generator(seed))
    for whole, one in zip(sequences, cut, strict=True):
        assert torch.equal(one, whole[: len(one)])


def test_missing_values_stay_missing() -> None:
    values = torch.tensor([[float("nan")], [1.0], [float("nan")], [3.0]])
    cut = RandomPrefix(2)(Sequences(values, torch.tensor([0, 4])), generator())
    assert torch.equal(cut.values.isnan(), values[: len(cut.values)].isnan())


@pytest.mark.parametrize("value", ["half", True, None])
def test_something_that_is_not_a_number_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="`shortest` must be a number; got"):
        RandomPrefix(value)


def test_by_name_half_of_the_sequences_are_cut() -> None:
    seen: list[torch.Tensor] = []

    def note(sequences: Sequences, generator: Any = None, labels: Any = None) -> Sequences:
        seen.append(sequences.lengths)
        return sequences

    samples, y = as_sequences([np.arange(50.0)] * 400), np.arange(400) % 2
    by_name = Compose([RandomApply(RandomPrefix()), note])
    small(augmentation=by_name, max_epochs=1).fit(samples, y)
    whole = (torch.cat(seen) == 50).double().mean()
    assert 0.4 < whole < 0.62, "half of them, and the prefixes that happen to be whole"
    named = small(augmentation="prefix", max_epochs=2).fit(samples, y)
    same = small(augmentation=RandomApply(RandomPrefix()), max_epochs=2).fit(samples, y)
    assert np.array_equal(named.predict_proba(samples), same.predict_proba(samples))


@pytest.mark.parametrize(
    "augmentation", ["prefix", RandomPrefix(3), Compose([Jitter(), RandomApply(RandomPrefix())])], ids=repr
)
def test_auto_standardises_what_will_be_cut(augmentation: Any) -> None:
    model = GRUClassifier(hidden_size=4, num_layers=1, augmentation=augmentation, max_epochs=1)
    assert model.fit(LONG, DATA.y).auto_parameters_["scale"] == "standard"
    plain = GRUClassifier(hidden_size=4, num_layers=1, augmentation=Jitter(), max_epochs=1)
    assert plain.fit(LONG, DATA.y).auto_parameters_["scale"] == "views"


@pytest.mark.parametrize(
    "scale",
    ["sequence", "views", ZScore(per="sequence"), MinMax(per="sequence"), Views()],
    ids=repr,
)
def test_scales_that_measure_whole_sequences_are_refused(scale: Any) -> None:
    with pytest.raises(ValueError, match="`scale` must not measure whole sequences if `augmentation` cuts"):
        small(scale=scale, augmentation="prefix").fit(LONG, DATA.y)
    small(scale=scale, augmentation="jitter", max_epochs=1).fit(LONG, DATA.y)


@pytest.mark.parametrize("scale", ["standard", None, ZScore(), MinMax()], ids=repr)
@pytest.mark.parametrize("missing", ["error", "indicator"])
def test_scales_of_single_steps_are_accepted(scale: Any, missing: Any) -> None:
    samples = as_sequences(LONG, static=np.arange(48.0) / 48)
    if missing == "indicator":
        values = samples.values.clone()
        values[1::3] = float("nan")
        samples = samples.with_values(values)
    model = small(scale=scale, missing=missing, augmentation="prefix", max_epochs=1)
    assert model.fit(samples, DATA.y).predict(samples.prefixes(2)).shape == (48,)


def test_prefixes_in_training_make_prefixes_predictable() -> None:
    """The first step shows the class, but a model that sees the last one need not learn it."""
    rng = np.random.default_rng(0)
    y = np.arange(200) % 2
    X = [np.concatenate([[label], 0.5 * rng.normal(size=20)])[:, None] for label in y]
    X = [np.concatenate([x, [[5 * label]]]) for x, label in zip(X, y, strict=True)]
    first = as_sequences(X).prefixes(3)
    scores = [
        small(augmentation=augmentation, max_epochs=20).fit(X, y).score(first, y)
        for augmentation in (None, RandomApply(RandomPrefix(2)))
    ]
    assert scores[1] > 0.9 > scores[0]
