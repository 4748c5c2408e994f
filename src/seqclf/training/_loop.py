"""The training loop: zero_grad, backward, step."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from typing import Protocol

import torch
from torch import nn

from seqclf.exceptions import TrainingDivergedError
from seqclf.training._batches import Augment, IndexBatches, read_batches, select_batch
from seqclf.training._callbacks import Callback, as_callbacks
from seqclf.training._calls import call_network, check_loss
from seqclf.training._config import TrainingConfig
from seqclf.training._data import LabelledSequences
from seqclf.training._history import EpochRecord, History, Scores
from seqclf.training._inference import device_of
from seqclf.training._loss import LossFunction
from seqclf.training._optimizer import new_optimizer
from seqclf.training._processes._group import current_group
from seqclf.training._processes._sharing import Sharing, start_sharing
from seqclf.training._schedule import LearningRate, ScheduleSpec
from seqclf.training._step_randomness import StepRandomness
from seqclf.training._stopping import EarlyStopping
from seqclf.training._tally import Tally


@dataclass(slots=True, kw_only=True, eq=False)
class Training:
    """Everything that a training changes, and where it stands."""

    module: nn.Module
    optimizer: torch.optim.Optimizer
    learning_rate: LearningRate
    stopping: EarlyStopping | None
    sharing: Sharing
    history: History
    randomness: StepRandomness | None
    tally: Tally = field(default_factory=Tally)
    epoch: int = 1
    n_batches: int = 0  # of the epoch, that are done
    lr: float = field(init=False)  # at the start of the epoch
    started: float = field(init=False)  # when the epoch did, by `time.perf_counter`
    is_finished: bool = False

    def __post_init__(self) -> None:
        self._start_epoch()

    def next_epoch(self) -> None:
        """Move on to the next epoch."""
        self.epoch, self.n_batches, self.tally = self.epoch + 1, 0, Tally()
        self._start_epoch()

    def _start_epoch(self) -> None:
        self.lr, self.started = self.learning_rate.current, time.perf_counter()


class Checkpoints(Protocol):
    """Resumes a training, and stores it from time to time; see `Checkpoint`."""

    @property
    def is_interrupted(self) -> bool:
        """Whether this process got Ctrl-C."""
        ...

    def running(self, training: Training) -> AbstractContextManager[object]:
        """Resume a training that was stored, and defer interrupts within the block."""
        ...

    def after_batch(self, training: Training, *, stops: bool) -> None:
        """Called after each batch; `stops` is true in all processes if one of several got Ctrl-C before."""
        ...

    def after_epoch(self, training: Training) -> None:
        """Called between two epochs."""
        ...

    def finish(self, training: Training) -> None:
        """Called at the end of the training."""
        ...


@torch.enable_grad()
def train(
    module: nn.Module,
    loss: LossFunction,
    data: LabelledSequences,
    batches: IndexBatches,
    config: TrainingConfig,
    *,
    validation: LabelledSequences | None = None,
    optimizer: torch.optim.Optimizer | None = None,
    augment: Augment | None = None,
    callbacks: Sequence[Callback] | Callback | None = (),
    history: History | None = None,
    generator: torch.Generator | None = None,
    checkpoint: Checkpoints | None = None,
) -> History:
    """Fit a module in place, and leave it in evaluation mode.

    Parameters
    ----------
    module : torch.nn.Module
        Maps `Sequences` to logits of shape (batch, n_classes).
    loss : callable
        Maps logits, targets and weights to a scalar.
    data : LabelledSequences
        The training samples; batches are moved to the module's device.
    batches : iterable of index tensors, with a length
        The batches of one epoch; iterated again in each epoch.
    config : TrainingConfig
        How to train.
    validation : LabelledSequences or None, default=None
        Scored after each epoch, and monitored.
    optimizer : torch.optim.Optimizer or None, default=None
        An optimizer to continue with; None creates the one of `config`.
    augment : callable or None, default=None
        Changes each training batch: `Sequences` and targets (batch,) -> as many `Sequences`.
    callbacks : sequence of Callback, a single one, or None, default=()
        Notified of each epoch; one that returns True ends the training.
    history : History or None, default=None
        Extended after each epoch, so that it is complete after an interruption; None creates a new one.
    generator : torch.Generator or None, default=None
        Passed to the factories of optimizer and schedule. What the network and `augment` draw in a step is a function of its state
        at the start, the epoch and the batch. None: they draw from their generators as usual, so each step depends on those before.
    checkpoint : Checkpoint or None, default=None
        Stores the state of the training, and resumes from a stored one.

    Returns
    -------
    History
        The one that was passed, if any.

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
    >>> history = train(module, CrossEntropyLoss(), data, batches, TrainingConfig(max_epochs=20, lr=0.02))
    >>> history["train_accuracy"][-1]
    1.0
    """
    if torch.is_inference_mode_enabled():
        raise RuntimeError(
            "A network must be trained outside `torch.inference_mode()`, in which no gradients exist; got a call inside it."
        )
    if len(batches) == 0:
        raise ValueError("An epoch must have at least one batch; got none. Does the sampler yield any?")
    callbacks = as_callbacks(callbacks)
    sharing = start_sharing(
        module, loss, data, batches, config, validation=validation, optimizer=optimizer, generator=generator
    )
    if optimizer is None:
        optimizer = new_optimizer(
            module, config.optimizer, lr=config.lr, weight_decay=config.weight_decay, generator=generator
        )
    spec = ScheduleSpec(
        optimizer=optimizer, lr=config.lr, max_epochs=config.max_epochs, steps_per_epoch=len(batches)
    )
    training = Training(
        module=module,
        optimizer=optimizer,
        learning_rate=LearningRate(config.schedule, spec, generator),
        stopping=EarlyStopping(config) if config.early_stopping else None,
        sharing=sharing,
        history=History() if history is None else history,
        randomness=None if generator is None else StepRandomness(generator, rank=current_group().rank),
    )
    with ExitStack() as stack:
        if training.randomness is not None:
            stack.callback(training.randomness.finish)
        if checkpoint is not None:
            stack.enter_context(checkpoint.running(training))
        while not training.is_finished and training.epoch <= config.max_epochs:
            train_epoch(training, loss, data, batches, augment, config.gradient_clip, checkpoint)
            if end_epoch(training, loss, validation, config, callbacks):
                break
            training.next_epoch()
            if checkpoint is not None:
                checkpoint.after_epoch(training)
        if training.stopping is not None:
            training.stopping.restore(module)
        module.eval()
        if checkpoint is not None:
            checkpoint.finish(training)
    return training.history


def train_epoch(
    training: Training,
    loss: LossFunction,
    data: LabelledSequences,
    batches: IndexBatches,
    augment: Augment | None,
    gradient_clip: float | None,
    checkpoint: Checkpoints | None = None,
) -> None:
    """Train on each batch of an epoch that is left, updating the weights after each."""
    module, optimizer = training.module, training.optimizer
    module.train()
    device = device_of(module)
    for index in read_batches(batches, len(data)):
        if training.randomness is not None:
            training.randomness.start_step(module, training.epoch, training.n_batches)
        share = training.sharing.share(index)
        optimizer.zero_grad(set_to_none=True)
        computed = None
        if len(share.index):
            batch = select_batch(data, share.index, augment, device)
            logits = call_network(module, batch.sequences)  # (batch, n_classes)
            value = share.part_of(check_loss(loss(logits, batch.target, batch.weight)))
            value.backward()  # type: ignore[no-untyped-call]
            computed = (value, logits, batch)
        stops = training.sharing.complete(
            module,
            training.tally,
            len(index),
            computed,
            stops=checkpoint is not None and checkpoint.is_interrupted,
        )
        if gradient_clip is not None:
            nn.utils.clip_grad_norm_(module.parameters(), gradient_clip)
        optimizer.step()
        training.learning_rate.after_batch()
        training.n_batches += 1
        if checkpoint is not None:
            checkpoint.after_batch(training, stops=stops)
    training.sharing.end_epoch(module)


def end_epoch(
    training: Training,
    loss: LossFunction,
    validation: LabelledSequences | None,
    config: TrainingConfig,
    callbacks: Sequence[Callback],
) -> bool:
    """Score and record an epoch; return whether a callback or `early_stopping` ends the training."""
    module = training.module
    trained = training.tally.scores()
    _check_finite(trained, config)
    checked = None
    if validation is not None:
        metric = None if isinstance(config.monitor, str) else config.monitor
        checked = training.sharing.score(module, loss, validation, metric)
    seconds = time.perf_counter() - training.started
    record = _record(training.epoch, seconds, training.lr, trained, checked)
    training.history.epochs.append(record)
    training.learning_rate.after_epoch(record.monitored_loss)
    stops = [callback.on_epoch_end(record) for callback in callbacks]
    if training.stopping is not None:
        stops.append(training.stopping.update(record, module, warming_up=training.learning_rate.is_rising))
    return training.sharing.any(any(stops))


def _check_finite(scores: Scores, config: TrainingConfig) -> None:
    if not math.isfinite(scores.loss):
        raise TrainingDivergedError(
            f"The loss of an epoch must be finite; got {scores.loss} at lr={config.lr}. "
            "Lower `lr`, set `gradient_clip`, or scale the features to unit variance. If it stays so at a tiny `lr`, the network or the "
            "loss itself returns values that are not finite."
        )


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
        valid_monitor=None if checked is None else checked.monitor,
    )
