"""The training loop: zero_grad, backward, step on one screen."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from dataclasses import replace
from typing import Protocol

import torch
from torch import Tensor, nn

from seqclf.exceptions import TrainingDivergedError
from seqclf.sequences import Sequences
from seqclf.training._callbacks import Callback
from seqclf.training._config import TrainingConfig
from seqclf.training._data import LabelledSequences
from seqclf.training._history import EpochRecord, History, Scores
from seqclf.training._schedules import LearningRate
from seqclf.training._scoring import Tally
from seqclf.training._stopping import EarlyStopping

LossFunction = Callable[[Tensor, Tensor, Tensor | None], Tensor]
"""Logits (batch, n_classes), targets (batch,), weights (batch,) or None -> scalar."""


class IndexBatches(Sized, Iterable[Tensor], Protocol):
    """Yields the indices of each batch of an epoch; `len` is the number of batches.

    Examples
    --------
    >>> import torch
    >>> batches = [torch.tensor([0, 2]), torch.tensor([1])]  # a list will do, if each epoch may be the same
    >>> len(batches)
    2
    """

    def __iter__(self) -> Iterator[Tensor]: ...


def train(
    module: nn.Module,
    loss: LossFunction,
    data: LabelledSequences,
    batches: IndexBatches,
    config: TrainingConfig,
    *,
    n_classes: int,
    validation: LabelledSequences | None = None,
    optimizer: torch.optim.Optimizer | None = None,
    augment: Callable[[Sequences, Tensor], Sequences] | None = None,
    callbacks: Sequence[Callback] = (),
) -> History:
    """Fit a module in place, and leave it in evaluation mode.

    Parameters
    ----------
    module : torch.nn.Module
        Maps `Sequences` to logits of shape (batch, n_classes).
    loss : callable
        Maps logits, targets and weights to a scalar.
    data : LabelledSequences
        What to fit; batches are moved to the module's device.
    batches : iterable of index tensors, with a length
        The batches of one epoch; asked anew for each.
    config : TrainingConfig
        How to train.
    n_classes : int
        Number of logits.
    validation : LabelledSequences or None, default=None
        What to monitor.
    optimizer : torch.optim.Optimizer or None, default=None
        To go on with; None makes `new_optimizer(module, config)`.
    augment : callable or None, default=None
        Changes each training batch: `Sequences` and targets (batch,) -> as many `Sequences`.
    callbacks : sequence of Callback, default=()
        Told of each epoch; one that returns True ends the training.

    Returns
    -------
    History

    Raises
    ------
    TrainingDivergedError
        If the loss of an epoch is not finite.

    Examples
    --------
    >>> import torch
    >>> from seqclf import as_sequences
    >>> from seqclf.nn import CrossEntropyLoss, LinearHead, MeanPooling, RecurrentEncoder, SequenceNetwork
    >>> from seqclf.sampling import ShuffleSampler
    >>> from seqclf.training import LabelledSequences, TrainingConfig, train
    >>> generator = torch.Generator().manual_seed(0)
    >>> encoder = RecurrentEncoder("gru", 1, 8, generator=generator)
    >>> module = SequenceNetwork(encoder, MeanPooling(), LinearHead(8, 2, generator=generator))
    >>> sequences = as_sequences([[0.1, 0.2], [0.9, 0.8, 0.9]] * 8)
    >>> data = LabelledSequences(sequences=sequences, target=torch.tensor([0, 1] * 8))
    >>> batches = ShuffleSampler(16, batch_size=4, generator=generator)
    >>> history = train(module, CrossEntropyLoss(), data, batches, TrainingConfig(max_epochs=20, lr=0.02), n_classes=2)
    >>> history["train_accuracy"][-1]
    1.0
    """
    optimizer = new_optimizer(module, config) if optimizer is None else optimizer
    learning_rate = LearningRate(optimizer, config, len(batches))
    stopping = EarlyStopping(config) if config.early_stopping else None
    history = History()
    for epoch in range(1, config.max_epochs + 1):
        started, lr = time.perf_counter(), learning_rate.current
        trained = train_epoch(
            module, loss, data, batches, optimizer, learning_rate, config, n_classes, augment
        )
        checked = None if validation is None else score(module, loss, validation, n_classes)
        record = _record(epoch, time.perf_counter() - started, lr, trained, checked)
        history.epochs.append(record)
        learning_rate.after_epoch(record.monitored_loss)
        stops = [callback.on_epoch_end(record) for callback in callbacks]
        if stopping is not None:
            stops.append(stopping.update(record.monitored_loss, module))
        if any(stops):
            break
    if stopping is not None:
        stopping.restore(module)
    module.eval()
    return history


def train_epoch(
    module: nn.Module,
    loss: LossFunction,
    data: LabelledSequences,
    batches: IndexBatches,
    optimizer: torch.optim.Optimizer,
    learning_rate: LearningRate,
    config: TrainingConfig,
    n_classes: int,
    augment: Callable[[Sequences, Tensor], Sequences] | None,
) -> Scores:
    """Go over the data once."""
    module.train()
    tally, device = Tally(), device_of(module)
    for index in batches:
        batch = data[index]
        if augment is not None:
            batch = replace(batch, sequences=augment(batch.sequences, batch.target))
        batch = batch.to(device)
        optimizer.zero_grad(set_to_none=True)
        logits: Tensor = module(batch.sequences)
        value = loss(logits, batch.target, batch.weight)
        value.backward()  # type: ignore[no-untyped-call]
        if config.gradient_clip is not None:
            nn.utils.clip_grad_norm_(module.parameters(), config.gradient_clip)
        optimizer.step()
        learning_rate.after_batch()
        tally.add(value, logits, batch.target)
    return _finite(tally.scores(n_classes), config)


@torch.no_grad()
def score(
    module: nn.Module, loss: LossFunction, data: LabelledSequences, n_classes: int, *, batch_size: int = 1024
) -> Scores:
    """Return loss, accuracy and macro F1 of a module on data, without training it.

    Parameters
    ----------
    module, loss, data, n_classes
        As in `train`.
    batch_size : int, default=1024
        Sequences at a time.

    Returns
    -------
    Scores

    Examples
    --------
    >>> import torch
    >>> from seqclf import as_sequences
    >>> from seqclf.nn import CrossEntropyLoss
    >>> from seqclf.training import LabelledSequences, score
    >>> class FirstValue(torch.nn.Module):
    ...     def forward(self, sequences):
    ...         first = sequences.values[sequences.offsets[:-1]]
    ...         return torch.cat([-first, first], dim=1)
    >>> data = LabelledSequences(sequences=as_sequences([[1, 0], [-1]]), target=torch.tensor([1, 0]))
    >>> score(FirstValue(), CrossEntropyLoss(), data, 2).accuracy
    1.0
    """
    was_training = module.training
    module.eval()
    tally, device = Tally(), device_of(module)
    for start in range(0, len(data), batch_size):
        batch = data[start : start + batch_size].to(device)
        logits: Tensor = module(batch.sequences)
        tally.add(loss(logits, batch.target, batch.weight), logits, batch.target, batch.weight)
    module.train(was_training)
    return tally.scores(n_classes)


def new_optimizer(module: nn.Module, config: TrainingConfig) -> torch.optim.AdamW:
    """Return AdamW that decays matrices only: a bias pulled to zero is no simpler model.

    Parameters
    ----------
    module : torch.nn.Module
        Whose parameters to train.
    config : TrainingConfig
        Gives `lr` and `weight_decay`.

    Returns
    -------
    torch.optim.AdamW

    Examples
    --------
    >>> import torch
    >>> from seqclf.training import TrainingConfig, new_optimizer
    >>> optimizer = new_optimizer(torch.nn.Linear(2, 2), TrainingConfig(lr=0.1))
    >>> [group["weight_decay"] for group in optimizer.param_groups]
    [0.01, 0.0]
    """
    matrices = [p for p in module.parameters() if p.ndim > 1]
    vectors = [p for p in module.parameters() if p.ndim <= 1]
    groups = [
        {"params": matrices, "weight_decay": config.weight_decay},
        {"params": vectors, "weight_decay": 0.0},
    ]
    # Fused: one pass over each parameter instead of ten small operators.
    return torch.optim.AdamW([group for group in groups if group["params"]], lr=config.lr, fused=True)


def set_rates(optimizer: torch.optim.Optimizer, config: TrainingConfig) -> None:
    """Give an optimizer of `new_optimizer` the rates of another configuration; what it remembers of gradients stays.

    Parameters
    ----------
    optimizer : torch.optim.Optimizer
        Changed in place.
    config : TrainingConfig
        Gives `lr` and `weight_decay`.

    Examples
    --------
    >>> import torch
    >>> from seqclf.training import TrainingConfig, new_optimizer, set_rates
    >>> optimizer = new_optimizer(torch.nn.Linear(2, 2), TrainingConfig(lr=0.1))
    >>> set_rates(optimizer, TrainingConfig(lr=0.01))
    >>> [group["lr"] for group in optimizer.param_groups]
    [0.01, 0.01]
    """
    for group in optimizer.param_groups:
        group["lr"] = config.lr
        if any(parameter.ndim > 1 for parameter in group["params"]):
            group["weight_decay"] = config.weight_decay


def device_of(module: nn.Module) -> torch.device:
    """Return where a module's first parameter is; the CPU for one without parameters.

    Examples
    --------
    >>> import torch
    >>> from seqclf.training import device_of
    >>> device_of(torch.nn.Linear(2, 2))
    device(type='cpu')
    """
    return next((p.device for p in module.parameters()), torch.device("cpu"))


def _finite(scores: Scores, config: TrainingConfig) -> Scores:
    if not torch.isfinite(torch.tensor(scores.loss)):
        raise TrainingDivergedError(
            f"The loss of an epoch must be finite; got {scores.loss} at lr={config.lr}. "
            "Lower `lr`, set `gradient_clip`, or scale the features to unit variance."
        )
    return scores


def _record(epoch: int, seconds: float, lr: float, trained: Scores, checked: Scores | None) -> EpochRecord:
    return EpochRecord(
        epoch=epoch,
        seconds=seconds,
        lr=lr,
        train_loss=trained.loss,
        train_accuracy=trained.accuracy,
        train_macro_f1=trained.macro_f1,
        valid_loss=None if checked is None else checked.loss,
        valid_accuracy=None if checked is None else checked.accuracy,
        valid_macro_f1=None if checked is None else checked.macro_f1,
    )
