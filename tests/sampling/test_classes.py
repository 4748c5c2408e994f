"""Labels -> the samples of each class."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch

from seqclf.sampling._classes import classes_of


def test_a_tiny_case_by_hand() -> None:
    classes = classes_of(["V", "N", "V", "F"])
    assert classes.names.tolist() == ["F", "N", "V"]
    assert classes.counts.tolist() == [1, 1, 2]
    assert classes.starts.tolist() == [0, 1, 2]
    assert classes.members().tolist() == [3, 1, 0, 2]
    assert classes.members(torch.tensor([2, 1, 0, 3])).tolist() == [3, 1, 2, 0]


def test_more_classes_than_a_byte_can_hold_are_supported() -> None:
    y = np.random.default_rng(0).permutation(1000) % 300
    members = classes_of(y).members().numpy()
    assert (np.diff(y[members]) >= 0).all()


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([], "`y` must hold one class for each of at least one sample; got shape (0,)."),
        (
            [[0, 1]],
            "`y` must hold one label for each sample; got an array of shape (1, 2). If it is one-hot, pass",
        ),
        ([0, None], "`y` must hold a label for each sample; got y[1]=None."),
    ],
)
def test_wrong_labels_are_refused(y: list[int], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        classes_of(y)
