"""Transforms applied in order, or to some sequences only."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import ArrayLike

from seqclf.sequences import Sequences, as_sequences
from seqclf.transforms import Compose, Crop, RandomApply
from transforms.kinds import generator


def add(
    sequences: Sequences, generator: torch.Generator | None = None, labels: ArrayLike | None = None
) -> Sequences:
    return sequences.with_values(sequences.values + 1)


def double(
    sequences: Sequences, generator: torch.Generator | None = None, labels: ArrayLike | None = None
) -> Sequences:
    return sequences.with_values(sequences.values * 2)


def test_transforms_are_applied_in_order() -> None:
    assert Compose([add, double])(as_sequences([[1.0, 2.0]])).values.flatten().tolist() == [4.0, 6.0]
    assert Compose([double, add])(as_sequences([[1.0, 2.0]])).values.flatten().tolist() == [3.0, 5.0]


def test_sequences_are_changed_with_the_given_probability() -> None:
    changed = RandomApply(add, 0.3)(as_sequences([[0.0, 5.0]] * 20_000), generator())
    first = changed.values[::2, 0]
    assert first.mean().item() == pytest.approx(0.3, abs=0.015)
    assert torch.equal(changed.values[1::2, 0] - first, torch.full((20_000,), 5.0)), (
        "whole sequences are changed"
    )


def test_the_order_is_kept_when_lengths_change() -> None:
    sequences = as_sequences([[float(i)] * (i % 7 + 2) for i in range(60)])
    changed = RandomApply(Crop(0.9), 0.5)(sequences, generator())
    assert [int(one[0, 0]) for one in changed] == list(range(60))
    assert (changed.lengths < sequences.lengths).any()
    assert (changed.lengths == sequences.lengths).sum() >= 20


def test_each_class_has_its_own_probability() -> None:
    labels = np.array(["F", "N", "S"] * 4000)
    changed = RandomApply(add, {"F": 1.0, "S": 0.25})(as_sequences([[0.0]] * 12_000), generator(), labels)
    shares = [changed.values[labels == label].mean().item() for label in "FNS"]
    assert shares == pytest.approx([1.0, 0.0, 0.25], abs=0.03)
    assert RandomApply(add, {3: 1.0})(
        as_sequences([[0.0], [0.0]]), labels=[3, 4]
    ).values.flatten().tolist() == [1, 0]


def test_the_transform_receives_the_labels_of_the_sequences_it_changes() -> None:
    got: list[Any] = []

    def note(sequences: Sequences, generator: Any = None, labels: Any = None) -> Sequences:
        got.append((sequences.values.flatten().tolist(), labels.tolist()))
        return sequences

    inner = Compose([note])
    RandomApply(inner, {"b": 1.0})(as_sequences([[0.0], [1.0], [2.0]]), generator(), ["a", "b", "b"])
    assert got == [([1.0, 2.0], ["b", "b"])]


def test_probabilities_per_class_require_labels() -> None:
    message = (
        "`labels` must be given when `probability` is a dict of classes; got None. Pass the class of each sequence; "
        "`fit` of an estimator does so."
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        RandomApply(add, {"F": 1.0})(as_sequences([[0.0]]))


@pytest.mark.parametrize("probability", [-0.1, 1.5, {"F": 2.0}])
def test_a_probability_out_of_range_is_refused(probability: Any) -> None:
    with pytest.raises(ValueError, match=r"`probability.* must lie in \[0, 1\]; got "):
        RandomApply(add, probability)
