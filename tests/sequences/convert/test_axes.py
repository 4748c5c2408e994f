"""A warning where time and features look swapped."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.pipeline import make_pipeline

from seqclf import GRUClassifier, SeqclfWarning, ZScore
from seqclf.sequences import SequenceWriter, as_sequences, pack, warn_of_swapped_axes


@pytest.mark.parametrize("X", [np.ones((8, 2, 3)), torch.ones(8, 2, 3)])
def test_more_features_than_steps_bring_a_warning(X: Any) -> None:
    message = (
        "A 3-D array is read as (sample, time, feature); got shape (8, 2, 3): more features than time steps. "
        "If it is in the order (sample, channel, time) of aeon and sktime, pass `X.transpose(0, 2, 1)`. "
        "If the order is right, pass `as_sequences(X, check_axes=False)`."
    )
    with pytest.warns(SeqclfWarning, match=re.escape(str(message))) as caught:
        warn_of_swapped_axes(X)
    assert caught[0].filename == __file__


def objects(arrays: list[Any]) -> Any:
    result = np.empty(len(arrays), dtype=object)
    result[:] = arrays
    return result


@pytest.mark.parametrize("collect", [list, tuple, objects, pd.Series])
@pytest.mark.parametrize("make", [np.asarray, torch.tensor, pd.DataFrame, np.ndarray.tolist])
@pytest.mark.parametrize(
    ("shapes", "got"),
    [
        ([(3, 40), (3, 187), (3, 50)], "3 rows and 40 to 187 columns"),
        ([(1, 2), (1, 3)], "1 row and 2 to 3 columns"),
        ([(2, 3), (2, 3)], "2 rows and 3 columns"),
        ([(2, 5), (3, 4)], "2 to 3 rows and 4 to 5 columns"),
    ],
)
def test_more_features_than_steps_in_every_array_of_a_list_bring_a_warning(
    shapes: list[tuple[int, int]], got: str, make: Any, collect: Any
) -> None:
    message = (
        f"Each array of a list is read as (time, feature); got {got}: more features than time steps. "
        "If they are in the order (channel, time), pass `[x.T for x in X]`. If the order is right, pass "
        "`as_sequences(X, check_axes=False)`."
    )
    X = collect([make(np.ones(shape)) for shape in shapes])
    with pytest.warns(SeqclfWarning, match=re.escape(message)) as caught:
        warn_of_swapped_axes(X)
    assert caught[0].filename == __file__


@pytest.mark.parametrize(
    "X",
    [
        np.ones((8, 3, 3)),
        np.ones((2, 8)),
        [[1.0, 2.0]],
        None,
        [],
        np.ones(4),
        pack(as_sequences([np.ones((1, 3))] * 2, check_axes=False)),
        as_sequences([np.ones((1, 3))] * 2, check_axes=False),
        [np.ones((3, 40))],  # one sequence tells too little
        [np.ones((2, 64)), np.ones((9, 64))],  # 64 features at 2 and 9 steps
        [np.ones((3, 40)), np.ones((3, 2))],
        [np.ones((3, 40)), np.ones(40)],
        [np.ones(40), np.ones(50)],
        as_sequences([np.ones((1, 3)), np.ones((2, 3))]).to_nested(),
    ],
)
def test_anything_else_brings_none(X: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_of_swapped_axes(X)


SWAPPED = [np.ones((6, 3, 20)), [np.ones((3, 20))] * 6]
LABELS = [0, 1] * 3


def store(folder: Path, X: Any) -> None:
    with SequenceWriter(folder / "walks") as writer:
        writer.append(X)
        writer.append(X)


@pytest.mark.parametrize("X", SWAPPED, ids=["array", "list"])
@pytest.mark.parametrize(
    "read",
    [
        lambda X, folder: as_sequences(X),
        lambda X, folder: GRUClassifier(max_epochs=1).fit(X, LABELS),
        lambda X, folder: ZScore().fit(X),
        lambda X, folder: ZScore().fit_transform(X),
        lambda X, folder: make_pipeline(ZScore(), GRUClassifier(max_epochs=1)).fit(X, LABELS),
        lambda X, folder: store(folder, X),
    ],
    ids=["as_sequences", "fit", "transformer", "fit_transform", "pipeline", "writer"],
)
def test_swapped_axes_bring_one_warning_wherever_samples_come_in(read: Any, X: Any, tmp_path: Path) -> None:
    with pytest.warns(SeqclfWarning, match="more features than time steps") as caught:
        read(X, tmp_path)
    assert len(caught) == 1


def test_the_warning_is_attributed_to_the_caller_and_can_be_switched_off() -> None:
    with pytest.warns(SeqclfWarning, match="more features than time steps") as caught:
        as_sequences(SWAPPED[0])
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = GRUClassifier(max_epochs=1).fit(as_sequences(SWAPPED[0], check_axes=False), LABELS)
        model.predict(SWAPPED[0])  # as many features as in `fit`
    with pytest.raises(TypeError, match="`check_axes` must be True or False; got 'no'"):
        as_sequences(SWAPPED[0], check_axes="no")  # type: ignore[arg-type]
