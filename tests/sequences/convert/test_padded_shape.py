"""The shape of a padded array; data with their own lengths have none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars
import pytest
import torch

from seqclf.sequences import as_sequences, pack, padded_shape

RAGGED = as_sequences([[1.0, 2.0], [3.0]])


@pytest.mark.parametrize(
    "X", [np.ones((2, 3)), torch.ones(2, 3), pd.DataFrame(np.ones((2, 3))), polars.DataFrame(np.ones((2, 3)))]
)
def test_arrays_tensors_and_frames_have_a_shape(X: Any) -> None:
    assert padded_shape(X) == (2, 3)


def test_an_array_of_several_features_has_three_axes() -> None:
    assert padded_shape(np.ones((2, 3, 4))) == (2, 3, 4)


@pytest.mark.parametrize(
    "X",
    [
        None,
        [[1.0, 2.0], [3.0, 4.0]],
        (np.ones((3, 2)), np.ones((3, 2))),
        np.array([[1, 2], [3, 4]], dtype=object),
        np.ones(3),
        pd.Series([[1, 2], [3]]),
        pd.DataFrame({"a": [[1, 2], [3]]}),
        polars.DataFrame({"a": [[1, 2], [3]]}),
        RAGGED,
        RAGGED.to_arrow(),
        RAGGED.to_nested(),
        pack(RAGGED),
        pd.DataFrame({"case": [1, 1, 2], "a": [1, 2, 3]}).groupby("case"),
    ],
    ids=lambda X: type(X).__name__,
)
def test_data_with_their_own_lengths_have_none(X: Any) -> None:
    assert padded_shape(X) == ()


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors:UserWarning")  # torch's own
def test_the_older_nested_tensors_have_none() -> None:
    assert padded_shape(torch.nested.nested_tensor([torch.ones(2, 3), torch.ones(1, 3)])) == ()
