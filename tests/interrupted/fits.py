"""Fits that are interrupted: each changes something else during training."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import CosineAnnealingWarmRestarts, LambdaLR, LinearLR, SequentialLR

from networks import NETWORKS
from ramps import ramps
from seqclf import (
    GRUClassifier,
    LSTMClassifier,
    MinMax,
    RecurrentClassifier,
    SequenceClassifier,
    as_sequences,
)
from seqclf.nn import Dropout, LinearHead, MeanPooling, NetworkSpec, SequenceNetwork
from seqclf.sampling import EpochSampler
from seqclf.sequences import SequenceWriter, open_sequences
from seqclf.training import OptimizerSpec, ScheduleSpec, TrainingSpec

DATA, VALID = ramps(90), ramps(40, seed=1)
LABELS = np.array(["down", "up"])[DATA.y]
SMALL: dict[str, Any] = {"hidden_size": 5, "max_epochs": 4, "batch_size": 16, "random_state": 0}


class Momentum(torch.optim.Optimizer):
    """A custom optimizer, whose state is tensors in float64, numbers, text and lists."""

    def __init__(self, weights: Any, lr: float) -> None:
        super().__init__(weights, {"lr": lr, "nothing": None, "pair": (1, 0.9), "largest": float("inf")})

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        for group in self.param_groups:
            for weight in group["params"]:
                state = self.state[weight]
                if not state:
                    state |= {"mean": weight.double() * 0, "n": 0, "last": [], "kind": "mean", "on": True}
                state["n"] += 1
                state["last"] = [*state["last"], float(weight.grad.norm())][-3:]
                state["mean"].mul_(group["pair"][1]).add_(weight.grad.double(), alpha=1 / state["n"])
                weight -= group["lr"] * (state["mean"] + sum(state["last"]) * 1e-3).float()


class Halves(EpochSampler):
    """A custom sampler that draws another half of the samples in each epoch."""

    def epoch_batches(self, epoch: int) -> list[Tensor]:
        order = torch.randperm(self.n_samples, generator=self.generator_of(epoch))
        return list(torch.split(order[: self.n_samples // 2], self.batch_size))

    def __len__(self) -> int:
        return -(-(self.n_samples // 2) // self.batch_size)


class Encoder(nn.Module):
    """Statistics of batches, a buffer outside of the state, tied weights, and dropout without a generator."""

    level: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(width, width, bias=False), nn.Linear(width, width, bias=False)
        self.second.weight = self.first.weight
        self.norm, self.dropout = nn.BatchNorm1d(width), Dropout(0.3)
        self.register_buffer("level", torch.zeros(()), persistent=False)

    def forward(self, batch: Any) -> Any:
        values: Tensor = self.second(self.first(batch.values))
        if self.training:
            self.level = 0.9 * self.level + 0.1 * values.detach().mean()
        return batch.with_values(self.dropout(self.norm(values)) + self.level)


def network(spec: NetworkSpec, generator: torch.Generator) -> nn.Module:
    encoder = Encoder(spec.n_features)
    for weight in encoder.parameters():
        nn.init.uniform_(weight, -1, 1, generator=generator)
    return SequenceNetwork(
        encoder, MeanPooling(), LinearHead(spec.n_features, spec.n_classes, generator=generator)
    )


def warm_restarts(spec: ScheduleSpec, generator: torch.Generator) -> Any:
    return CosineAnnealingWarmRestarts(spec.optimizer, T_0=7)


def sequential(spec: ScheduleSpec, generator: torch.Generator) -> Any:
    parts = [
        LinearLR(spec.optimizer, 0.1, total_iters=5),
        LambdaLR(spec.optimizer, [lambda step: 0.9**step] * 2),
    ]
    return SequentialLR(spec.optimizer, parts, milestones=[5])


def halves(spec: TrainingSpec, generator: torch.Generator) -> EpochSampler:
    return Halves(len(spec.target), batch_size=spec.batch_size, generator=generator)


def nesterov(spec: OptimizerSpec, generator: torch.Generator) -> Any:
    return torch.optim.SGD(spec.parameter_groups, lr=spec.lr, momentum=0.9, nesterov=True)


def accuracy(target: Any, predicted: Any) -> float:
    return float(np.mean(target == predicted))


def _in_memory(model: Any, folder: Path, **options: Any) -> Any:
    return model.fit(DATA.arrays, LABELS, **options)


def _on_disk(model: Any, folder: Path, **options: Any) -> Any:
    X, valid = (_file(folder / f"{name}.safetensors", one) for name, one in (("X", DATA), ("valid", VALID)))
    return model.fit(X, LABELS, validation_data=(valid, np.array(["down", "up"])[VALID.y]), **options)


def _file(path: Path, data: Any) -> Any:
    if not path.exists():
        with SequenceWriter(path, dtype="float64") as writer:
            for start in range(0, len(data.arrays), 20):
                writer.append(data.arrays[start : start + 20])
    return open_sequences(path)


def _with_static_and_tokens(model: Any, folder: Path, **options: Any) -> Any:
    words = [["ab"[(i + j) % 2] for j in range(len(array))] for i, array in enumerate(DATA.arrays)]
    X = as_sequences(words, static=np.arange(90.0), vocabulary=["a", "b"])
    return model.fit(X, LABELS, sample_weight=np.arange(90.0), **options)


Fit = Callable[..., Any]


def _fit(kind: Any = GRUClassifier, call: Fit = _in_memory, **parameters: Any) -> Fit:
    shared = (
        SMALL if kind is not SequenceClassifier else {k: v for k, v in SMALL.items() if k != "hidden_size"}
    )

    def run(folder: Path, callbacks: Any = (), **options: Any) -> Any:
        return call(kind(**shared | parameters, callbacks=callbacks), folder, **options)

    return run


FITS: dict[str, Fit] = {
    "adamw, one_cycle, dropout, jitter": _fit(dropout=0.3, augmentation="jitter"),
    "adam, cosine, balanced": _fit(optimizer="adam", schedule="cosine", sampler="balanced"),
    "sgd, plateau, early stopping": _fit(
        optimizer="sgd",
        schedule="plateau",
        early_stopping=True,
        validation_fraction=0.25,
        n_iter_no_change=2,
        lr=1e-9,
        max_epochs=9,
    ),
    "custom optimizer, constant, stratified": _fit(
        optimizer=Momentum, schedule="constant", sampler="stratified"
    ),
    "nesterov, warm restarts, length_bucket": _fit(
        optimizer=nesterov, schedule=warm_restarts, sampler="length_bucket", class_weight=None
    ),
    "adagrad, sequential schedule, custom sampler": _fit(
        optimizer=torch.optim.Adagrad, schedule=sequential, sampler=halves, augmentation="distort"
    ),
    "rmsprop, fixed batches, focal loss": _fit(
        optimizer=partial(torch.optim.RMSprop, momentum=0.9),
        sampler=[torch.arange(0, 50), torch.arange(50, 90)],
        loss="focal",
        max_epochs=9,
    ),
    "data on disk, block_shuffle, custom monitor": _fit(
        call=_on_disk, sampler="block_shuffle", early_stopping=True, monitor=accuracy, dropout=0.2
    ),
    "data on disk, custom scale, prefixes": _fit(call=_on_disk, scale=MinMax(), augmentation="prefix"),
    "class weights, prior correction": _fit(
        class_weight={"up": 3.0}, prior_correction=True, label_smoothing=0.1, gradient_clip=None
    ),
    "tokens, static features, sample weights": _fit(call=_with_static_and_tokens, loss="logit_adjusted"),
    "custom network": _fit(SequenceClassifier, network=network),
    "attention": _fit(SequenceClassifier, network=NETWORKS["transformer"], augmentation="time_warp"),
    "packed LSTM, two layers, attention pooling": _fit(
        LSTMClassifier, engine="packed", num_layers=2, bidirectional=True, dropout=0.2, pooling="attention"
    ),
    "stem, views": _fit(RecurrentClassifier, stem="conv", scale="views", augmentation="crop"),
}


def result_of(model: Any) -> dict[str, Any]:
    """Return everything that a fit learned, without its times: equal means bitwise equal."""
    learned = model._model
    weights = {name: one.numpy().tobytes() for name, one in learned.network.state_dict().items()}
    buffers = {name: one.numpy().tobytes() for name, one in learned.network.named_buffers()}
    history = learned.history.to_dict()
    del history["seconds"]
    return {
        "weights": weights | buffers,
        "history": repr(history),
        "class counts": learned.prior.trained.numpy().tobytes(),
        "generator": learned.generator.get_state().numpy().tobytes(),
    }
