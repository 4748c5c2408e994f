"""What a sampler and an augmentation may give to the loop."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.utils.data import BatchSampler, RandomSampler, SequentialSampler

from ramps import ramps, small
from seqclf.training import LabelledSequences, read_batches
from seqclf.training._batches import select_batch

DATA = ramps()
INDICES = [[0, 1, 2], [3, -1]]


@pytest.mark.parametrize(
    "make",
    [list, tuple, np.array, torch.tensor, lambda b: np.array(b, dtype=np.uint8 if b[-1] > 0 else np.int32)],
)
def test_batches_of_any_kind_become_index_tensors(make: Any) -> None:
    batches = list(read_batches([make(batch) for batch in INDICES], 5))
    assert [batch.tolist() for batch in batches] == INDICES
    assert {batch.dtype for batch in batches} == {torch.int64}


SINGLE = "`sampler` must yield batches, tensors or lists of indices; got a single index, 0. Wrap it: `torch.utils.data.BatchSampler("
NO_BATCHES: list[tuple[Any, type[Exception], str]] = [
    (range(48), TypeError, SINGLE),
    ([torch.tensor(0)], TypeError, "got a single index, tensor(0)."),
    (SequentialSampler(range(48)), TypeError, SINGLE),
    (
        [[0, 48]],
        IndexError,
        "`sampler` must yield indices of the 48 training samples; got 48. Was it made for other data?",
    ),
    ([[0, -49]], IndexError, "got -49."),
    (
        [[]],
        TypeError,
        "`sampler` must yield batches of at least one integer index; got float64 of shape (0,).",
    ),
    ([[0.5, 1.0]], TypeError, "got float64 of shape (2,)."),
    ([np.ones(48, dtype=bool)], TypeError, "got bool of shape (48,)."),
    ([torch.ones(2, 3, dtype=torch.int64)], TypeError, "got torch.int64 of shape (2, 3)."),
    (["ab"], TypeError, "got <U2 of shape ()."),
    ([], ValueError, "An epoch must have at least one batch; got none. Does the sampler yield any?"),
]


@pytest.mark.parametrize(("sampler", "error", "message"), NO_BATCHES, ids=range(len(NO_BATCHES)))
def test_what_is_not_a_batch_is_rejected_before_training(
    sampler: Any, error: type[Exception], message: str
) -> None:
    for fit in (small(sampler=sampler).fit, small(sampler=sampler).partial_fit):
        with pytest.raises(error, match=re.escape(message)):
            fit(DATA.sequences, DATA.y)


def test_torchs_batch_sampler_trains_as_the_same_tensors_do() -> None:
    lists = BatchSampler(SequentialSampler(range(48)), 10, drop_last=False)
    tensors = [torch.arange(48)[i : i + 10] for i in range(0, 48, 10)]
    first, again = (
        small(sampler=sampler).fit(DATA.sequences, DATA.y).predict_proba(DATA.sequences)
        for sampler in (lists, tensors)
    )
    np.testing.assert_array_equal(first, again)
    shuffled = BatchSampler(
        RandomSampler(range(48), generator=torch.Generator().manual_seed(0)), 10, drop_last=False
    )
    assert small(sampler=shuffled).fit(DATA.sequences, DATA.y).n_epochs_ == 12


def test_an_augmentation_must_return_sequences() -> None:
    data = LabelledSequences(sequences=DATA.sequences, target=torch.from_numpy(DATA.y))

    def values(sequences: Any, target: Tensor) -> Any:
        return sequences.values

    with pytest.raises(TypeError, match="`augmentation` must return `Sequences`; got Tensor"):
        select_batch(data, torch.arange(3), values, torch.device("cpu"))


@pytest.mark.parametrize(
    ("augmentation", "got"),
    [("noise", "'noise'"), ("Jitter", "'Jitter'"), (3, "3"), (["jitter", "scale"], "['jitter', 'scale']")],
)
def test_an_unknown_augmentation_is_rejected_before_training(augmentation: Any, got: str) -> None:
    names = "['baseline_wander', 'crop', 'distort', 'dropout', 'jitter', 'magnitude_warp', 'prefix', 'scale', 'time_warp']"
    message = f"`augmentation` must be one of {names}, a transform or a factory of one; got {got}."

    def network(spec: Any, generator: Any) -> Any:
        raise AssertionError("nothing is built")

    model = small(augmentation=augmentation, head=network)
    for fit in (model.fit, model.partial_fit):
        with pytest.raises((TypeError, ValueError), match=re.escape(message)):
            fit(DATA.sequences, DATA.y)
