"""Read-only arrays, such as those of pandas with copy-on-write, bring neither a warning nor an error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from ramps import ramps, small
from seqclf import (
    MinMax,
    Sequences,
    ZScore,
    as_sequences,
    describe_padding,
    from_long,
    infer_lengths,
    pad,
    unpad,
)
from seqclf.evaluation import calibration_error, evaluate, split_by_group, stratified_split
from seqclf.nn import CrossEntropyLoss, LogitAdjustedLoss
from seqclf.sampling import (
    BalancedSampler,
    LengthBucketSampler,
    ShuffleSampler,
    StratifiedBatchSampler,
    class_weights,
)
from seqclf.transforms import Jitter, RandomApply

DATA = ramps(24)


def read_only(values: Any) -> Any:
    array = np.array(values)
    array.setflags(write=False)
    return array


X, LIST = read_only(DATA.padded()), [read_only(x) for x in DATA.arrays]
FLAT = read_only(DATA.padded()[:, :, 0])
FORTRAN = np.asfortranarray(DATA.padded()[:, :, 0].astype(np.float32))
FORTRAN.setflags(write=False)
FRAME = pd.DataFrame(FLAT)
Y, TEXT = read_only(DATA.y), read_only(np.array(["falls", "rises"])[DATA.y])
LENGTHS, WEIGHT = read_only(DATA.lengths), read_only(np.linspace(0.5, 2.0, 24))
STATIC, INDEX = read_only(np.linspace(0, 1, 24, dtype=np.float32)), read_only([3, 1, 2])
LONG = pd.DataFrame(
    {"case": read_only(np.arange(96) // 4), "time": read_only(np.arange(96.0)), "a": read_only(np.ones(96))}
)
LONG["label"] = read_only(np.arange(96) // 4 % 2)
PROBA = read_only(np.full((24, 2), 0.5))


def model(**options: Any) -> Any:
    return small(max_epochs=1, **options)


def sampler_batches(sampler: Any) -> list[Any]:
    return list(sampler)


CALLS: dict[str, Callable[[], Any]] = {
    "padded array": lambda: (
        model().fit(X, Y, lengths=LENGTHS, sample_weight=WEIGHT).score(X, Y, lengths=LENGTHS)
    ),
    "table": lambda: model().fit(FLAT, TEXT, sample_weight=WEIGHT).score(FLAT, TEXT, sample_weight=WEIGHT),
    "columns": lambda: model().fit(FORTRAN, Y).predict(FORTRAN),
    "frame": lambda: model().fit(FRAME, pd.Series(Y), sample_weight=pd.Series(WEIGHT)).predict_proba(FRAME),
    "series of text": lambda: model().fit(FRAME, pd.Series(TEXT)).score(FRAME, pd.Series(TEXT)),
    "categories": lambda: model().fit(FRAME, pd.Series(TEXT, dtype="category")).predict(FRAME),
    "list": lambda: model().fit(LIST, Y, sample_weight=WEIGHT).transform(LIST),
    "partial_fit": lambda: model().partial_fit(
        X, Y, lengths=LENGTHS, sample_weight=WEIGHT, classes=read_only([0, 1])
    ),
    "validation_data": lambda: model().fit(X, Y, lengths=LENGTHS, validation_data=(X, Y, LENGTHS)),
    "class_weight": lambda: model(class_weight="balanced").fit(X, TEXT, sample_weight=WEIGHT),
    "balanced": lambda: model(sampler="balanced").fit(X, Y),
    "stratified": lambda: model(sampler="stratified").fit(X, TEXT),
    "length_bucket": lambda: model(sampler="length_bucket").fit(X, Y),
    "prior_correction": lambda: model(class_weight="balanced", prior_correction=True).fit(
        X, Y, sample_weight=WEIGHT
    ),
    "augmentation": lambda: model(augmentation=RandomApply(Jitter(), {"rises": 1.0})).fit(X, TEXT),
    "early stopping": lambda: model(early_stopping=True, validation_fraction=0.9).fit(
        X, Y, sample_weight=WEIGHT
    ),
    "class_weights": lambda: class_weights(TEXT),
    "BalancedSampler": lambda: sampler_batches(BalancedSampler(Y, batch_size=8)),
    "StratifiedBatchSampler": lambda: sampler_batches(StratifiedBatchSampler(TEXT, batch_size=8)),
    "LengthBucketSampler": lambda: sampler_batches(
        LengthBucketSampler(ShuffleSampler(24, batch_size=8), LENGTHS)
    ),
    "custom sampler": lambda: model(sampler=[read_only([0, 1, 2]), read_only([3, 4])]).fit(X, Y),
    "unpad": lambda: unpad(X, LENGTHS),
    "from_long": lambda: from_long(LONG, id="case", time="time", target="label"),
    "groups": lambda: model().fit(LONG.groupby("case")[["a"]], Y),
    "series of arrays": lambda: model().fit(pd.Series(LIST), pd.Series(Y)).predict(pd.Series(LIST)),
    "cells": lambda: model().fit(pd.DataFrame({"a": [x[:, 0] for x in LIST]}), Y),
    "static": lambda: as_sequences(X, static=STATIC),
    "index": lambda: as_sequences(LIST)[INDEX],
    "mask": lambda: as_sequences(LIST)[read_only(DATA.y == 1)],
    "infer_lengths": lambda: infer_lengths(X),
    "describe_padding": lambda: describe_padding(X),
    "pad": lambda: pad(as_sequences(X, lengths=LENGTHS)),
    "ZScore": lambda: ZScore().fit(X, lengths=LENGTHS).transform(LIST),
    "MinMax": lambda: MinMax(per="sequence").fit_transform(FLAT),
    "evaluate": lambda: evaluate(TEXT, TEXT, PROBA, labels=read_only(["falls", "rises"])),
    "calibration_error": lambda: calibration_error(Y, PROBA),
    "splits": lambda: (
        stratified_split(TEXT),
        split_by_group(read_only(np.arange(24) // 4), train=read_only([0, 1]), test=read_only([2])),
    ),
    "class_weight of a loss": lambda: model(loss=CrossEntropyLoss(class_weight=read_only([1.0, 2.0]))).fit(
        X, Y
    ),
    "class_weight of the loss of a factory": lambda: model(
        loss=lambda spec, generator: CrossEntropyLoss(class_weight=read_only([1.0, 2.0]))
    ).fit(X, Y),
    "losses": lambda: (
        CrossEntropyLoss(class_weight=read_only([1.0, 2.0]))(torch.zeros(2, 2), torch.tensor([0, 1])),
        LogitAdjustedLoss(class_prior=read_only([0.5, 0.5]))(torch.zeros(2, 2), torch.tensor([0, 1])),
    ),
}


@pytest.fixture
def every_warning() -> Iterator[None]:
    """Have torch warn of each read-only array, not only of the first one in the process."""
    before = torch.is_warn_always_enabled()
    torch.set_warn_always(True)
    yield
    torch.set_warn_always(before)


def test_torch_warns_of_read_only_arrays(every_warning: None) -> None:
    """If it no longer does, the test below shows nothing."""
    for _ in range(2):
        with pytest.warns(UserWarning, match="not writable"):
            torch.from_numpy(WEIGHT)


@pytest.mark.usefixtures("every_warning")
@pytest.mark.filterwarnings(
    "error",
    "ignore:The validation set of `early_stopping`:seqclf.SeqclfWarning",
    "ignore:.*copies of training samples:seqclf.SeqclfWarning",
)
@pytest.mark.parametrize("call", CALLS)
def test_read_only_arrays_are_accepted(call: str) -> None:
    CALLS[call]()


def test_values_are_not_shared_with_the_input() -> None:
    """Else writing to the sequences would write to read-only memory."""
    for X_, lengths in ((X, LENGTHS), (FLAT, None), (LIST, None), (FRAME, None)):
        s: Sequences = as_sequences(X_, lengths=lengths, static=STATIC)
        before = float(np.asarray(LIST[0])[0, 0])
        s.values.add_(1.0)
        assert s.static is not None
        s.static.add_(1.0)
        assert float(np.asarray(LIST[0])[0, 0]) == before
        assert STATIC[0] == 0.0
