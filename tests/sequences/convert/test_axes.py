"""A warning where time and features look swapped."""

from __future__ import annotations

import re
import warnings
from typing import Any

import numpy as np
import pytest
import torch

from seqclf import SeqclfWarning
from seqclf.sequences import warn_of_swapped_axes


@pytest.mark.parametrize("X", [np.ones((8, 2, 3)), torch.ones(8, 2, 3)])
def test_more_features_than_steps_bring_a_warning(X: Any) -> None:
    message = (
        "A 3-D array is read as (sample, time, feature); got shape (8, 2, 3): more features than time steps. "
        "If it is in the order (sample, channel, time) of aeon and sktime, pass `X.transpose(0, 2, 1)`."
    )
    with pytest.warns(SeqclfWarning, match=re.escape(str(message))) as caught:
        warn_of_swapped_axes(X)
    assert caught[0].filename == __file__


@pytest.mark.parametrize("X", [np.ones((8, 3, 3)), np.ones((2, 8)), [[1.0, 2.0]], None])
def test_anything_else_brings_none(X: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_of_swapped_axes(X)
