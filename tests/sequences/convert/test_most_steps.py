"""An upper bound of the steps of data that have not been converted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from seqclf import as_sequences
from seqclf.sequences import most_steps

CASES: dict[str, tuple[Any, int | None]] = {
    "sequences": (as_sequences([[1, 2], [3]]), 3),
    "padded table": (np.zeros((3, 5)), 15),
    "padded array": (torch.zeros(3, 5, 2), 15),
    "frame": (pd.DataFrame(np.zeros((3, 5))), 15),
    "lists": ([[1, 2], [3]], 3),
    "arrays": ((np.zeros((4, 2)), np.zeros((1, 2))), 5),
    "no sequences": ([], 0),
    "scalars in a list, which conversion refuses": ([1.0, torch.tensor(2.0), None], 3),
    "frame of cells": (pd.DataFrame({"x": [[1, 2], [3]]}), None),
    "one axis": (np.zeros(3), None),
    "anything else": (object(), None),
}


@pytest.mark.parametrize("name", CASES)
def test_the_bound_comes_from_sizes(name: str) -> None:
    X, expected = CASES[name]
    assert most_steps(X) == expected
