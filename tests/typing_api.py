"""Typical user code: type-checked, never run."""

from __future__ import annotations

from typing import Any, assert_type

import numpy as np
import torch
from numpy.typing import NDArray

from seqclf import (
    GRUClassifier,
    LSTMClassifier,
    RecurrentClassifier,
    RNNClassifier,
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
from seqclf.datasets import Heartbeats, WFDBRecord, cut_beats, load_pretrained, read_wfdb
from seqclf.estimators import SequenceClassifier
from seqclf.evaluation import Report, evaluate
from seqclf.nn import MeanPooling, RecurrentEncoder, SequenceNetwork
from seqclf.sampling import BalancedSampler
from seqclf.sequences import Tokens
from seqclf.training import EpochRecord, History
from seqclf.transforms import Compose, Differences, FillMissing, Jitter, Scale


class StopEarly:
    """A custom callback."""

    def on_epoch_end(self, record: EpochRecord) -> bool | None:
        return record.monitored_loss < 0.1


def missing_values_and_representations(X: list[NDArray[np.float64]], y: list[str]) -> NDArray[Any]:
    sequences = as_sequences(X, missing="keep", dtype=None)
    assert_type(FillMissing(times=0).fit_transform(sequences), Sequences)
    assert_type(Differences(append=False).fit(X).transform(X), Sequences)
    GRUClassifier(missing=FillMissing(indicators=False)).fit(sequences, y)
    assert_type(GRUClassifier().get_params(), dict[str, Any])
    return GRUClassifier(missing="indicator", scale=Differences()).fit(sequences, y).predict(X)


def from_an_array_to_a_report(X: NDArray[np.float64], y: list[str]) -> str:
    sequences = as_sequences(X, lengths=infer_lengths(X))
    model = GRUClassifier(
        hidden_size=32,
        bidirectional=True,
        pooling=("mean", "max"),
        augmentation=Compose([Scale(0.1), Jitter(0.02)]),
        callbacks=[StopEarly()],
        random_state=0,
    )
    assert_type(sequences, Sequences)
    assert_type(model.fit(sequences, y), GRUClassifier)
    assert_type(model.partial_fit(sequences, y), GRUClassifier)
    assert_type(model.predict_proba(X, lengths=[3, 4]), NDArray[np.float64])
    assert_type(model.decision_function(X), NDArray[np.float64])
    assert_type(model.transform(X), NDArray[np.float32])
    assert_type(model.fit_transform(X, y), NDArray[np.float32])
    assert_type(model.predict(X), NDArray[Any])
    assert_type(model.score(X, y), float)
    assert_type(model.history_, History)
    assert_type(model.n_epochs_, int)
    report = evaluate(y, model.predict(X), model.predict_proba(X))
    assert_type(report, Report)
    return str(report)


def every_estimator() -> list[RecurrentClassifier]:
    custom: RecurrentClassifier = RecurrentClassifier(
        cell="lstm", pooling=MeanPooling(), head=torch.nn.Linear(64, 2)
    )
    return [RNNClassifier(nonlinearity="relu"), LSTMClassifier(class_weight={"N": 1.0}), custom]


def ragged_and_back(sequences: Sequences) -> None:
    assert_type(unpack(pack(sequences)), Sequences)
    assert_type(unpad(*pad(sequences)), Sequences)
    assert_type(sequences.lengths, torch.Tensor)
    assert_type(ZScore(per="sequence").fit_transform(sequences), Sequences)


def tokens(names: list[str], log: Any) -> None:
    encoded = TokenEncoder(min_count=2).fit(names).transform(names)
    assert_type(encoded, Sequences)
    assert_type(encoded.tokens, Tokens | None)
    GRUClassifier(embedding={"activity": 8, "resource": 4})
    assert_type(from_long(log, id="case", tokens=["activity", "resource"]).sequences, Sequences)


def custom_training(y: NDArray[np.int64]) -> None:
    generator = torch.Generator().manual_seed(0)
    encoder = RecurrentEncoder("gru", 1, 8, generator=generator)
    module = SequenceNetwork(encoder, MeanPooling(), torch.nn.Linear(8, 2))
    for index in BalancedSampler(y, batch_size=32, generator=generator):
        assert_type(index, torch.Tensor)
    assert_type(module.engine_, str)


def rejected() -> None:
    """Each line is a mistake that a type checker reports; an unused `ignore` would be an error."""
    RecurrentClassifier(cell="elman")  # type: ignore[arg-type]
    GRUClassifier(pooling="sum")  # type: ignore[arg-type]
    GRUClassifier(schedule="linear")  # type: ignore[arg-type]
    GRUClassifier(sampler="even")  # type: ignore[arg-type]
    GRUClassifier(callbacks=[len])  # type: ignore[list-item]
    load_pretrained("beats")  # type: ignore[arg-type]


def from_records_to_beats(paths: list[str]) -> Sequences:
    record = assert_type(read_wfdb(paths[0], channels=["II"], annotator="atr", resample_to=250), WFDBRecord)
    assert_type(record.signal, NDArray[np.float64])
    assert_type(record.samples, NDArray[np.int64] | None)
    beats = assert_type(cut_beats(read_wfdb(path, annotator="atr") for path in paths), Heartbeats)
    model = assert_type(load_pretrained("heartbeats"), SequenceClassifier)
    assert_type(model.predict(beats.sequences), NDArray[Any])
    return beats.sequences
