"""What has parameters: constructors and functions, each with arguments that are valid."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch

import seqclf
from attack.samples import LENGTHS, clean
from contract.entry_points import REFERENCE, weights_of
from seqclf import audit, datasets, evaluation, nn, sampling, training, transforms, tuning
from seqclf.nn import LastState, LinearHead, MeanPooling, RecurrentEncoder, SequenceNetwork

FAST: dict[str, Any] = {"max_epochs": 1, "random_state": 0, "device": "cpu"}
N = len(LENGTHS)


@dataclass(frozen=True, kw_only=True)
class Target:
    """A callable whose result shows whether its arguments were used: numbers, or nothing."""

    call: Callable[..., Any]
    make: Callable[[], dict[str, Any]] = dict
    signature: Callable[..., Any] | None = None  # whose parameters are attacked besides those of `make`
    takes_long: tuple[str, ...] = ()  # parameters for which a large number is valid, but takes for ever

    def parameters(self) -> dict[str, Any]:
        """Return the parameters with a valid value of each."""
        found = {} if self.signature is None else inspect.signature(self.signature).parameters
        defaults = {
            name: parameter.default
            for name, parameter in found.items()
            if parameter.default is not parameter.empty and name != "generator"
        }
        return defaults | self.make()


def estimator(kind: type[Any], **options: Any) -> Target:
    """Return a target that fits an estimator and predicts with it."""

    def call(**parameters: Any) -> Any:
        model = kind(**parameters).fit(REFERENCE.make(clean(3)), clean(3).y)
        return [weights_of(model), model.predict_proba(REFERENCE.make(clean(3)))]

    return Target(call=call, make=lambda: FAST | options, signature=kind, takes_long=("max_epochs",))


def transform(kind: Callable[..., Any], **options: Any) -> Target:
    """Return a target that changes sequences at random."""

    def call(**parameters: Any) -> Any:
        generator = torch.Generator().manual_seed(0)
        return kind(**parameters)(REFERENCE.make(clean(3)), generator, clean(3).y).values.numpy()

    return Target(call=call, make=lambda: options, signature=kind)


def scaler(kind: type[Any]) -> Target:
    """Return a target that scales sequences."""
    return Target(
        call=lambda **parameters: kind(**parameters).fit_transform(REFERENCE.make(clean(3))).values.numpy(),
        signature=kind,
    )


def sampler(kind: type[Any], **options: Any) -> Target:
    """Return a target that draws the batches of an epoch."""

    def call(**parameters: Any) -> Any:
        return [index.numpy() for index in kind(**parameters)]

    make = {"batch_size": 3} | options
    return Target(call=call, make=lambda: make, signature=kind, takes_long=("n_samples",))


def loss(kind: type[Any], **options: Any) -> Target:
    """Return a target that calls a loss."""
    logits, target = torch.zeros(3, 2), torch.tensor([0, 1, 1])
    return Target(
        call=lambda **parameters: kind(**parameters)(logits, target).numpy(),
        make=lambda: options,
        signature=kind,
    )


def module(kind: type[Any], **options: Any) -> Target:
    """Return a target that runs a module on sequences or on rows."""

    def call(**parameters: Any) -> Any:
        built = kind(**parameters)
        rows = not isinstance(built, nn.ConvolutionalStem | nn.RecurrentEncoder | nn.AttentionPooling)
        with torch.no_grad():
            out = built(torch.zeros(2, 3) if rows else REFERENCE.make(clean(3)))
        return (out.values if isinstance(out, seqclf.Sequences) else out).numpy()

    return Target(call=call, make=lambda: options, signature=kind)


def function(called: Callable[..., Any], read: Callable[[Any], Any] = lambda _: 0, **options: Any) -> Target:
    """Return a target that calls a function; `read` returns the numbers in its result."""
    return Target(call=lambda **given: read(called(**given)), make=lambda: options, signature=called)


def _ecg_record() -> datasets.WFDBRecord:
    return datasets.WFDBRecord(
        signal=np.sin(np.arange(400.0))[:, None],
        sampling_rate=125.0,
        channels=("II",),
        samples=np.array([10, 110, 210]),
        symbols=np.array(["N", "V", "N"]),
    )


def _values(sequences: Any) -> Any:
    return sequences.values.numpy()


def _network(spec: Any, generator: Any) -> Any:
    encoder = RecurrentEncoder("gru", spec.n_features, 4, generator=generator)
    return SequenceNetwork(encoder, MeanPooling(), LinearHead(4, spec.n_classes, generator=generator))


def _long() -> pd.DataFrame:
    return pd.DataFrame({"beat": [0, 0, 1], "time": [0, 1, 0], "x": [1.0, 2.0, 3.0], "y": [1, 1, 0]})


def _audited(table: Any, lengths: Any) -> Any:
    return np.stack([row[:n].mean(axis=0) for row, n in zip(table, lengths, strict=True)])


SMALL: dict[str, Any] = {"hidden_size": 4, "num_layers": 1}
Y = [0, 1, 1, 0, 1, 0, 0, 1]
PROBA = np.column_stack([np.linspace(0.1, 0.9, N), np.linspace(0.9, 0.1, N)])
SWEPT: dict[str, Any] = {
    "estimator": seqclf.GRUClassifier(**SMALL, **FAST),
    "space": {"hidden_size": tuning.Choice([3])},
    "y": clean(1).y,
    "n_trials": 1,
    "random_state": 0,
    "refit": False,
}

TARGETS: dict[str, Target] = {
    "GRUClassifier": estimator(seqclf.GRUClassifier, **SMALL),
    "LSTMClassifier": estimator(seqclf.LSTMClassifier, **SMALL),
    "RNNClassifier": estimator(seqclf.RNNClassifier, **SMALL),
    "RecurrentClassifier": estimator(seqclf.RecurrentClassifier, **SMALL),
    "SequenceClassifier": estimator(seqclf.SequenceClassifier, network=_network),
    "TrainingConfig": function(training.TrainingConfig),
    **{
        kind.__name__: transform(kind)
        for kind in (
            *(transforms.Jitter, transforms.Scale, transforms.BaselineWander, transforms.Crop),
            *(transforms.Shift, transforms.Dropout, transforms.MagnitudeWarp, transforms.TimeWarp),
        )
    },
    "RandomApply": transform(transforms.RandomApply, transform=transforms.Jitter()),
    "Compose": transform(transforms.Compose, transforms=[transforms.Jitter()]),
    "ZScore": scaler(transforms.ZScore),
    "MinMax": scaler(transforms.MinMax),
    "ShuffleSampler": sampler(sampling.ShuffleSampler, n_samples=N),
    "BalancedSampler": sampler(sampling.BalancedSampler, y=Y),
    "StratifiedBatchSampler": sampler(sampling.StratifiedBatchSampler, y=Y),
    "class_weights": function(sampling.class_weights, lambda found: [*found.values()], y=Y),
    "CrossEntropyLoss": loss(nn.CrossEntropyLoss),
    "FocalLoss": loss(nn.FocalLoss),
    "LogitAdjustedLoss": loss(nn.LogitAdjustedLoss, class_prior=[0.2, 0.8]),
    "RecurrentEncoder": module(nn.RecurrentEncoder, cell="gru", input_size=3, hidden_size=4),
    "ConvolutionalStem": module(nn.ConvolutionalStem, input_size=3, channels=4),
    "LinearHead": module(nn.LinearHead, input_size=3, n_classes=2),
    "MLPHead": module(nn.MLPHead, input_size=3, n_classes=2),
    "AttentionPooling": module(nn.AttentionPooling, input_size=3),
    "LastState": function(LastState),
    "as_sequences": function(seqclf.as_sequences, _values, X=[[1.0, 2.0], [3.0]]),
    "from_long": function(
        seqclf.from_long,
        lambda table: _values(table.sequences),
        frame=_long(),
        id="beat",
        time="time",
        values=["x"],
    ),
    "pad": function(seqclf.pad, lambda made: made[1].numpy(), sequences=REFERENCE.make(clean(1))),
    "infer_lengths": function(seqclf.infer_lengths, X=clean(1).table()),
    "describe_padding": function(seqclf.describe_padding, X=clean(1).table()),
    "make_heartbeats": function(
        datasets.make_heartbeats, lambda beats: _values(beats.sequences), n_samples=3, random_state=0
    ),
    "WFDBRecord": function(
        datasets.WFDBRecord,
        lambda record: record.signal,
        signal=np.ones((400, 1)),
        sampling_rate=125.0,
        channels=("II",),
        samples=np.array([10, 110, 210]),
        symbols=np.array(["N", "V", "N"]),
    ),
    "cut_beats": function(
        datasets.cut_beats,
        lambda beats: _values(beats.sequences),
        records=_ecg_record(),
        cut=datasets.BeatCut(),
    ),
    "evaluate": function(
        evaluation.evaluate, lambda report: report.confusion, y_true=Y, y_pred=Y[::-1], proba=PROBA
    ),
    "calibration_error": function(evaluation.calibration_error, y_true=Y, proba=PROBA),
    "stratified_split": function(evaluation.stratified_split, y=Y, random_state=0),
    "split_by_group": function(evaluation.split_by_group, groups=Y, train=[0], test=[1]),
    "audit_padding": function(
        audit.audit_padding, model=_audited, X=clean(1).table(), lengths=np.array(LENGTHS)
    ),
    "sweep": Target(
        call=lambda **given: tuning.sweep(X=REFERENCE.make(clean(1)), **given).best_score,
        make=lambda: dict(SWEPT),
        signature=tuning.sweep,
        takes_long=("n_trials", "n_jobs", "timeout"),
    ),
    "Uniform": function(tuning.Uniform, low=0.0, high=1.0),
    "LogUniform": function(tuning.LogUniform, low=0.1, high=1.0),
    "IntRange": function(tuning.IntRange, low=1, high=4),
    "Choice": function(tuning.Choice, options=[1, 2]),
    "Either": function(tuning.Either, options=[{"a": 1}, {"b": 1}]),
}
