"""What several processes run in one launch: fits that must equal those of one process, and fits that must fail in all of them.

`python -m torch.distributed.run --nproc-per-node=4 cases.py FOLDER`
"""

from __future__ import annotations

import json
import os
import signal
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor, nn

import seqclf
from seqclf import GRUClassifier, SequenceClassifier, SequenceEnsemble
from seqclf.nn import CrossEntropyLoss, FocalLoss, MeanPooling, RecurrentEncoder, SequenceNetwork
from seqclf.sampling import ShuffleSampler
from seqclf.sequences import SequenceWriter, open_sequences
from seqclf.training import current_group

N = 35
"""Samples: batches of 16, 16 and 3, so that one of four processes has no share of the last batch."""

rng = np.random.default_rng(0)
X = seqclf.as_sequences([rng.normal(size=(n, 2)) + n % 3 for n in rng.integers(3, 40, size=N)])
Y = np.array(["a", "b", "c"])[(X.lengths.numpy() + (rng.random(N) < 0.2)) % 3]
WEIGHT = rng.random(N) * 3
WEIGHT[5:9] = 0.01
VALID = (X[:10], Y[:10])
SMALL: dict[str, Any] = {
    "hidden_size": 5,
    "num_layers": 1,
    "dropout": 0.0,
    "max_epochs": 3,
    "batch_size": 16,
    "lr": 0.02,
    "augmentation": None,
    "optimizer": "sgd",
    "random_state": 0,
}


def gru(**options: Any) -> GRUClassifier:
    return GRUClassifier(**SMALL | options)


def squared(logits: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor:
    """Return a custom loss, a weighted mean."""
    losses = ((logits - nn.functional.one_hot(target, 3)) ** 2).sum(dim=1)
    weight = torch.ones_like(losses) if weight is None else weight
    return (losses * weight).sum() / weight.sum()


class Halves(nn.Module):
    """Has parameters that only long sequences use, and one that nothing uses."""

    def __init__(self, generator: torch.Generator) -> None:
        super().__init__()
        self.short = nn.Parameter(torch.randn(2, 3, generator=generator))
        self.long = nn.Parameter(torch.randn(2, 3, generator=generator))
        self.never = nn.Parameter(torch.randn(2, 2, generator=generator))

    def forward(self, sequences: seqclf.Sequences) -> Tensor:
        mean: Tensor = MeanPooling()(sequences)
        is_long = (sequences.lengths > 25)[:, None]
        if not is_long.any():
            return mean @ self.short
        return torch.where(is_long, mean @ self.long, mean @ self.short)


def halves(spec: Any, generator: torch.Generator) -> nn.Module:
    return Halves(generator)


def normalized(spec: Any, generator: torch.Generator) -> nn.Module:
    encoder = RecurrentEncoder("gru", spec.n_features, 4, generator=generator)
    return SequenceNetwork(encoder, MeanPooling(), nn.Sequential(nn.BatchNorm1d(4), nn.Linear(4, 3)))


def mapped(folder: Path) -> seqclf.Sequences:
    """Return the samples on disk."""
    path = folder / f"X-{current_group().rank}-{current_group().n_processes}.seqclf"
    with SequenceWriter(path) as writer:
        writer.append(X)
    return open_sequences(path)


def two_calls(model: Any) -> Any:
    return model.partial_fit(X, Y).partial_fit(X[:20], Y[:20])


def warm(model: Any) -> Any:
    return model.fit(X, Y).set_params(warm_start=True, max_epochs=1).fit(X, Y)


EQUAL: dict[str, Callable[[Path], Any]] = {
    "plain": lambda _: gru().fit(X, Y),
    "adamw": lambda _: gru(optimizer="adamw", lr=0.001).fit(X, Y),
    "two layers, two directions": lambda _: gru(num_layers=2, bidirectional=True).fit(X, Y),
    "batches smaller than the group": lambda _: gru(batch_size=3, max_epochs=1).fit(X, Y),
    "sample_weight": lambda _: gru().fit(X, Y, sample_weight=WEIGHT),
    "class_weight": lambda _: gru(class_weight="balanced").fit(X, Y, sample_weight=WEIGHT),
    "label_smoothing": lambda _: gru(label_smoothing=0.1).fit(X, Y, sample_weight=WEIGHT),
    "focal": lambda _: gru(loss="focal").fit(X, Y),
    "logit_adjusted": lambda _: gru(loss="logit_adjusted").fit(X, Y),
    "weighted loss": lambda _: gru(loss=CrossEntropyLoss(class_weight=(1, 2, 9))).fit(
        X, Y, sample_weight=WEIGHT
    ),
    "weighted focal loss": lambda _: gru(loss=FocalLoss(class_weight=(1, 2, 9))).fit(X, Y),
    "weighted torch loss": lambda _: gru(loss=nn.CrossEntropyLoss(weight=torch.tensor([1.0, 2, 9]))).fit(
        X, Y
    ),
    "weighted margin": lambda _: gru(loss=nn.MultiMarginLoss(weight=torch.tensor([1.0, 2, 9]))).fit(
        X, Y, sample_weight=WEIGHT
    ),
    "custom loss": lambda _: gru(loss=squared).fit(X, Y, sample_weight=WEIGHT),
    "validation_data": lambda _: gru(schedule="plateau").fit(X, Y, validation_data=VALID),
    "early stopping": lambda _: gru(early_stopping=True, max_epochs=12, n_iter_no_change=1, lr=0.3).fit(X, Y),
    "custom monitor": lambda _: gru(
        early_stopping=True, monitor=lambda true, predicted: float((true == predicted).mean())
    ).fit(X, Y),
    "few validation samples": lambda _: gru().fit(X, Y, validation_data=(X[:2], Y[:2])),
    "length_bucket": lambda _: gru(sampler="length_bucket").fit(X, Y),
    "stratified": lambda _: gru(sampler="stratified").fit(X, Y),
    "balanced": lambda _: gru(sampler="balanced", prior_correction=True).fit(X, Y),
    "block_shuffle on disk": lambda folder: gru(sampler="block_shuffle").fit(mapped(folder), Y),
    "no clipping": lambda _: gru(gradient_clip=None).fit(X, Y),
    "parameters without gradient": lambda _: SequenceClassifier(
        network=halves, max_epochs=2, batch_size=6, weight_decay=0.5, optimizer="sgd", lr=0.02, random_state=0
    ).fit(X, Y),
    "partial_fit": lambda _: two_calls(gru()),
    "warm start": lambda _: warm(gru()),
    "ensemble": lambda _: SequenceEnsemble(estimators=[gru(max_epochs=1)], n_members=2, random_state=0).fit(
        X, Y
    ),
}


def random_fit() -> GRUClassifier:
    """Return a model with dropout and augmentation, which the processes draw on their own."""
    return gru(num_layers=2, dropout=0.3, augmentation="distort", optimizer="adamw").fit(X, Y)


class Fails:
    """A callback, augmentation or sampler that raises in one process."""

    def __init__(self, rank: int, error: BaseException) -> None:
        self._fails, self._error = current_group().rank == rank, error

    def on_epoch_end(self, record: Any) -> None:
        if self._fails:
            raise self._error

    def __call__(self, sequences: seqclf.Sequences, *_: Any) -> seqclf.Sequences:
        self.on_epoch_end(None)
        return sequences


class Counter:
    """A callback that counts its calls."""

    n_calls = 0

    def on_epoch_end(self, record: Any) -> None:
        self.n_calls += 1


def here(rank: int, value: Any, other: Any) -> Any:
    return value if current_group().rank == rank else other


def unseeded(spec: Any, generator: torch.Generator) -> Any:
    return ShuffleSampler(
        len(spec.target), batch_size=16, generator=torch.Generator().manual_seed(current_group().rank)
    )


def divided(spec: Any, generator: torch.Generator) -> Any:
    group = current_group()
    return ShuffleSampler(
        len(spec.target), batch_size=16, generator=generator, rank=group.rank, num_replicas=group.n_processes
    )


def changed() -> seqclf.Sequences:
    values = X.values.clone()
    values[-1] += 0.01
    return X.with_values(values)


def search() -> Any:
    from seqclf.tuning import sweep

    return sweep(gru(), {"lr": [0.1, 0.2]}, X, Y, n_trials=2)


def nested() -> None:
    with seqclf.distributed():
        pass


ERRORS: dict[str, Callable[[], Any]] = {
    "augmentation": lambda: gru(augmentation=Fails(2, ValueError("boom"))).fit(X, Y),
    "callback": lambda: gru(callbacks=[Fails(0, OSError("disk full"))]).fit(X, Y),
    "interrupt": lambda: gru(augmentation=Fails(1, KeyboardInterrupt())).fit(X, Y),
    "before fit": lambda: gru(lr=here(3, -1.0, 0.1)).fit(X, Y),
    "after fit": lambda: gru(max_epochs=1).fit(X, Y).predict(here(1, [[]], X)),
    "number": lambda: gru().fit(X[: here(3, 30, 35)], Y[: here(3, 30, 35)]),
    "lengths": lambda: gru().fit(*here(2, (X[::-1], Y[::-1]), (X, Y))),
    "labels": lambda: gru().fit(X, here(1, np.roll(Y, 1), Y)),
    "weights": lambda: gru().fit(X, Y, sample_weight=here(1, WEIGHT, WEIGHT[::-1])),
    "values": lambda: gru(scale=None).fit(here(1, changed(), X), Y),
    "validation": lambda: gru().fit(X, Y, validation_data=here(2, VALID, None)),
    "parameter": lambda: gru(lr=here(1, 0.1, 0.2)).fit(X, Y),
    "layers": lambda: gru(hidden_size=here(1, 5, 6)).fit(X, Y),
    "loss": lambda: gru(loss=here(1, "focal", "cross_entropy")).fit(X, Y),
    "unseeded sampler": lambda: gru(sampler=unseeded).fit(X, Y),
    "divided sampler": lambda: gru(sampler=divided).fit(X, Y),
    "sum": lambda: gru(loss=nn.CrossEntropyLoss(reduction="sum")).fit(X, Y),
    "batch normalisation": lambda: SequenceClassifier(network=normalized, max_epochs=1).fit(X, Y),
    "checkpoint": lambda: gru().fit(X, Y, checkpoint=here(1, "run.ckpt", None)),
    "sweep": search,
    "nested": nested,
}


def state(model: Any) -> dict[str, Any]:
    """Return what a fit has learned, as numbers: exact in JSON."""
    members = getattr(model, "members_", [model])
    history = [{**record, "seconds": 0.0} for one in members for record in one.history_.to_records()]
    return {
        "weights": [w.flatten().tolist() for one in members for w in one.module_.state_dict().values()],
        "history": history,
        "proba": model.predict_proba(X).tolist(),
    }


def interrupted(path: Path) -> str:
    """Press Ctrl-C in one process; return which error the fit ends with, and whether there is a checkpoint."""

    def press(sequences: seqclf.Sequences, *_: Any) -> seqclf.Sequences:
        if current_group().rank == 1:
            os.kill(os.getpid(), signal.SIGINT)
        return sequences

    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with seqclf.distributed():
            gru(augmentation=press).fit(X, Y, checkpoint=path)
    except BaseException as error:
        return f"{type(error).__name__}, checkpoint: {path.exists()}"
    return "no error"


def kept_groups() -> list[str]:
    """Return the functions of torch that have a group as default value, which cannot be closed then."""
    functions = vars(sys.modules["torch.distributed.nn.functional"])
    return [
        name
        for name, one in functions.items()
        if any(isinstance(default, dist.ProcessGroup) for default in getattr(one, "__defaults__", None) or ())
    ]


def main(folder: Path) -> None:
    """Run all cases, and write what each process found."""
    warnings.simplefilter("ignore")
    rank = int(os.environ["RANK"])
    torch.set_num_threads(1)
    found: dict[str, Any] = {"alone": {}, "together": {}, "errors": {}}
    if rank == 0:
        found["alone"] = {name: state(fit(folder)) for name, fit in EQUAL.items()}
    with seqclf.distributed() as group:
        found["group"] = [group.rank, group.n_processes, group.is_main]
        found["together"] = {name: state(fit(folder)) for name, fit in EQUAL.items()}
        found["twice"] = [state(random_fit()), state(random_fit())]
        counter = Counter()
        gru(callbacks=[counter]).fit(X, Y)
        found["callback calls"] = counter.n_calls
        found["without a seed"] = state(gru(random_state=None, early_stopping=True).fit(X, Y))
    for name, fails in ERRORS.items():
        try:
            with seqclf.distributed():
                fails()
        except BaseException as error:
            found["errors"][name] = f"{type(error).__name__}: {error}"
    dist.init_process_group("gloo")  # a script may do so itself
    with seqclf.distributed() as group:
        found["own group"] = [group.n_processes, state(EQUAL["plain"](folder))]
    assert dist.is_initialized()
    dist.destroy_process_group()
    found["interrupted"] = interrupted(folder / "run.ckpt")
    found["groups kept"] = kept_groups()
    (folder / f"found-{rank}.json").write_text(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
