"""torch's default dtype and default device change no result of any public function."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import torch
from torch import nn

from ramps import ramps, small
from seqclf import (
    MinMax,
    Sequences,
    TokenEncoder,
    ZScore,
    as_sequences,
    from_long,
    infer_lengths,
    pack,
    pad,
    unpack,
    unpad,
)
from seqclf import transforms as tf
from seqclf.audit import audit_padding
from seqclf.datasets import make_heartbeats
from seqclf.nn import CrossEntropyLoss, FocalLoss, LogitAdjustedLoss, RecurrentEncoder
from seqclf.sampling import BalancedSampler, LengthBucketSampler, ShuffleSampler, StratifiedBatchSampler
from seqclf.sequences import describe_padding
from seqclf.tuning import Choice, sweep

DATA = ramps()
X, Y, ARRAYS, TABLE = DATA.sequences, DATA.y, DATA.arrays, DATA.padded()
LOGITS, TARGET = torch.from_numpy(np.eye(2, dtype=np.float32)), torch.from_numpy(np.array([0, 1]))
WEIGHT = torch.from_numpy(np.array([1, 2], dtype=np.float32))


def seeded() -> torch.Generator:
    return torch.Generator("cpu").manual_seed(0)


class Mean(nn.Module):
    """A GRU with a linear head, over padded tensors."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.GRU(2, 4, batch_first=True)
        self.head = nn.Linear(4, 2)

    def forward(self, table: torch.Tensor) -> torch.Tensor:
        scores: torch.Tensor = self.head(self.layer(table)[0].mean(dim=1))
        return scores


MEAN = Mean()


WORDS = ["abc"[: 1 + i % 3] + "cab"[i % 2 :] for i in range(48)]


def codes(sequences: Sequences) -> torch.Tensor:
    assert sequences.tokens is not None
    return sequences.tokens.codes


def fitted(**options: Any) -> Callable[[], Any]:
    return lambda: small(**{"max_epochs": 2} | options).fit(ARRAYS, Y).predict_proba(ARRAYS)


def transformed(transform: Any) -> Callable[[], Any]:
    return lambda: transform(X, seeded(), Y).values


def drawn(sampler: Callable[[], Any]) -> Callable[[], Any]:
    return lambda: torch.cat(list(sampler()))


def measured(loss: Any) -> Callable[[], Any]:
    return lambda: loss(LOGITS, TARGET, WEIGHT)


def encoded(**options: Any) -> Callable[[], Any]:
    return lambda: RecurrentEncoder("lstm", 2, 4, generator=seeded(), **options)(X).values.detach()


def resumed() -> Any:
    model = small(dropout=0.2, num_layers=2).partial_fit(X, Y, sample_weight=np.arange(48))
    return pickle.loads(pickle.dumps(model)).partial_fit(X, Y).predict_proba(X)


CALLS: dict[str, Callable[[], Any]] = {
    "list": lambda: as_sequences([[1, 2], [3.0]]).values,
    "array": lambda: as_sequences(TABLE).values,
    "array with lengths": lambda: as_sequences(TABLE, lengths=DATA.lengths).values,
    "tensor": lambda: as_sequences(torch.from_numpy(TABLE)).values,
    "list of tensors": lambda: as_sequences([torch.from_numpy(array) for array in ARRAYS]).values,
    "arrow": lambda: as_sequences(X.to_arrow()).values,
    "arrow float64": lambda: as_sequences(pa.array([[1.5, 2], [3.0]])).values,
    "arrow fixed": lambda: as_sequences(pa.array([[1.0, 2], [3.0, 4]], pa.list_(pa.float32(), 2))).values,
    "nested": lambda: as_sequences(X.to_nested()).values,
    "packed": lambda: as_sequences(pack(X)).values,
    "long": lambda: from_long(pd.DataFrame({"id": [1, 1, 2], "v": [1.0, 2, 3]}), id="id").sequences.values,
    "static": lambda: as_sequences([[1, 2], [3.0]], static=[1, 2]).static_to_steps().values,
    "unpack": lambda: unpack(pack(X)).values,
    "pad": lambda: pad(X)[0],
    "unpad": lambda: unpad(*pad(X)).values,
    "infer_lengths": lambda: infer_lengths(TABLE),
    "describe_padding": lambda: str(describe_padding(TABLE)),
    "index": lambda: X[[3, 1]].values,
    "mask": lambda: X[np.arange(48) % 2 == 0].values,
    "slice": lambda: X[::2].values,
    "concatenate": lambda: Sequences.concatenate([X, X]).values,
    "pickle": lambda: pickle.loads(pickle.dumps(X[2:5])).values,
    "heartbeats": lambda: make_heartbeats(30, random_state=0).sequences.values,
    "tokens": lambda: codes(as_sequences(WORDS, vocabulary="auto")[[3, 1]]),
    "TokenEncoder": lambda: codes(TokenEncoder(min_count=3).fit_transform(WORDS)),
    "recoded tokens": lambda: codes(as_sequences(WORDS, vocabulary=["c", "b"])),
    "pickled tokens": lambda: codes(pickle.loads(pickle.dumps(as_sequences(WORDS, vocabulary="auto")))),
    "ZScore": lambda: ZScore().fit_transform(ARRAYS).values,
    "ZScore per sequence": lambda: ZScore(per="sequence").fit_transform(ARRAYS).values,
    "MinMax": lambda: MinMax(feature_range=(-1, 1)).fit_transform(ARRAYS).values,
    "Jitter": transformed(tf.Jitter()),
    "Scale": transformed(tf.Scale()),
    "BaselineWander": transformed(tf.BaselineWander()),
    "Crop": transformed(tf.Crop(0.5)),
    "RandomPrefix": transformed(tf.RandomPrefix(0.3)),
    "prefixes": lambda: X.prefixes(2).values,
    "Shift": transformed(tf.Shift()),
    "MagnitudeWarp": transformed(tf.MagnitudeWarp()),
    "TimeWarp": transformed(tf.TimeWarp()),
    "Dropout": transformed(tf.Dropout(0.5)),
    "RandomApply": transformed(tf.RandomApply(tf.Jitter())),
    "RandomApply by class": transformed(tf.RandomApply(tf.Jitter(), {0: 1.0})),
    "Compose": transformed(tf.Compose([tf.Jitter(), tf.Crop(0.2)])),
    "CrossEntropyLoss": measured(CrossEntropyLoss(class_weight=[1, 2])),
    "FocalLoss": measured(FocalLoss(class_weight=[1, 2], label_smoothing=0.1)),
    "LogitAdjustedLoss": measured(LogitAdjustedLoss(class_prior=[0.1, 0.9])),
    "ShuffleSampler": drawn(lambda: ShuffleSampler(48, batch_size=5, generator=seeded())),
    "BalancedSampler": drawn(lambda: BalancedSampler(Y, batch_size=5, generator=seeded())),
    "StratifiedBatchSampler": drawn(lambda: StratifiedBatchSampler(Y, batch_size=5, generator=seeded())),
    "LengthBucketSampler": drawn(
        lambda: LengthBucketSampler(
            ShuffleSampler(48, batch_size=5, generator=seeded()), DATA.lengths, generator=seeded()
        )
    ),
    "encoder": encoded(),
    "packed encoder": encoded(engine="packed", bidirectional=True, layer_norm=True, num_layers=2),
    "fit": fitted(),
    "fit deep": fitted(bidirectional=True, num_layers=2, dropout=0.2, layer_norm=True, residual=True),
    "fit standard": fitted(scale="standard"),
    "fit scaled sequences": fitted(scale="sequence"),
    "fit stem": fitted(stem="conv"),
    "fit attention": fitted(pooling="attention"),
    "fit mlp": fitted(head="mlp", head_dropout=0.2),
    "fit packed": fitted(engine="packed"),
    "fit torch's weights": fitted(init="torch"),
    "fit identity": fitted(init="identity"),
    "fit balanced": fitted(sampler="balanced", prior_correction=True),
    "fit stratified": fitted(sampler="stratified"),
    "fit bucketed": fitted(sampler="length_bucket"),
    "fit focal": fitted(loss="focal"),
    "fit adjusted": fitted(loss="logit_adjusted", prior_correction=True),
    "fit class weights": fitted(class_weight="balanced"),
    "fit torch's loss": fitted(loss=nn.CrossEntropyLoss()),
    "fit stopping": fitted(early_stopping=True, validation_fraction=0.5),
    "fit adam": fitted(optimizer="adam"),
    "fit sgd": fitted(optimizer="sgd"),
    "fit plateau": fitted(schedule="plateau"),
    "fit cosine": fitted(schedule="cosine"),
    "fit tokens": lambda: (
        small(max_epochs=2, augmentation="time_warp")
        .fit(as_sequences(WORDS, vocabulary="auto"), Y)
        .predict_proba(as_sequences(["ab", "xa"], vocabulary="auto"))
    ),
    "fit augmented": fitted(augmentation="time_warp"),
    "partial_fit": resumed,
    "audit of an estimator": lambda: str(audit_padding(small(max_epochs=1).fit(X, Y), TABLE, DATA.lengths)),
    "audit of a module": lambda: str(audit_padding(MEAN, TABLE)),
    "sweep": lambda: str(
        sweep(small(max_epochs=1), {"lr": Choice([0.01, 0.02])}, X, Y, n_trials=2, random_state=0).best_params
    ),
}


@contextmanager
def default(name: str) -> Iterator[None]:
    """Set one of torch's defaults, and restore it."""
    try:
        if name == "meta":
            torch.set_default_device("meta")
        else:
            torch.set_default_dtype(getattr(torch, name))
        yield
    finally:
        torch.set_default_device(None)
        torch.set_default_dtype(torch.float32)


@pytest.mark.parametrize("name", CALLS)
def test_torchs_defaults_change_nothing(name: str) -> None:
    expected = CALLS[name]()
    for setting in ("float64", "bfloat16", "meta"):
        with default(setting):
            result = CALLS[name]()
        if isinstance(expected, torch.Tensor):
            assert (result.dtype, result.device) == (expected.dtype, expected.device), setting
            assert torch.equal(result, expected), setting
        elif isinstance(expected, np.ndarray):
            np.testing.assert_array_equal(result, expected, err_msg=setting)
        else:
            assert result == expected, setting
