"""Data and parameters of an estimator -> a trained module."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from math import ceil
from typing import TYPE_CHECKING

import numpy as np
import torch
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state
from torch import Tensor

from seqclf._checks import check_integer, check_number
from seqclf.estimators._assembly import Shape, assemble, make_stem, stem_width
from seqclf.estimators._imbalance import check_imbalance, new_batches, new_loss
from seqclf.estimators._prior import ClassPrior, CountedBatches
from seqclf.nn import RecurrentEncoder, SequenceNetwork
from seqclf.sequences import Sequences
from seqclf.training import (
    Callback,
    EpochRecord,
    FitCallback,
    History,
    LabelledSequences,
    ProgressBar,
    TrainingConfig,
    train,
)

if TYPE_CHECKING:
    from seqclf.estimators._classifier import RecurrentClassifier


def new_generator(random_state: int | np.random.RandomState | None) -> torch.Generator:
    """Return the one source of randomness of a fit; None takes entropy from the system."""
    # Not scikit-learn's reading of None, numpy's global state: drawing from that would change it.
    source = np.random.RandomState() if random_state is None else check_random_state(random_state)
    seed = int(source.randint(2**31 - 1))
    return torch.Generator().manual_seed(seed)


def new_module(estimator: RecurrentClassifier, shape: Shape, generator: torch.Generator) -> SequenceNetwork:
    """Build the module that an estimator's parameters describe, on the device it asks for."""
    device = choose_device(estimator.device)
    stem = make_stem(estimator.stem, shape.n_features, estimator.hidden_size, generator)
    encoder = RecurrentEncoder(
        estimator.cell,
        stem_width(stem, shape.n_features),
        estimator.hidden_size,
        num_layers=estimator.num_layers,
        bidirectional=estimator.bidirectional,
        dropout=estimator.dropout,
        residual=estimator.residual,
        layer_norm=estimator.layer_norm,
        nonlinearity=estimator.nonlinearity,
        init=estimator.init,
        engine=estimator.engine,
        generator=generator,
    )
    return assemble(
        encoder,
        estimator.pooling,
        estimator.head,
        shape,
        stem=stem,
        dropout=estimator.dropout,
        generator=generator,
    ).to(device)


def choose_device(device: str) -> torch.device:
    """Return the device that `device` names; "auto" is a CUDA GPU where there is one."""
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        # Only a tensor tells whether this torch, on this machine, can use the device.
        return torch.empty(0, device=device).device
    except (RuntimeError, AssertionError, NotImplementedError, TypeError) as error:
        raise ValueError(
            f"`device` must be 'auto' or a device of this machine that torch can use; got {device!r} ({error}). "
            "Use 'cpu' if in doubt."
        ) from error


def training_config(estimator: RecurrentClassifier, n_samples: int) -> TrainingConfig:
    """Gather the parameters of an estimator that concern training, and check them."""
    check_integer("batch_size", estimator.batch_size)
    if not 0.0 <= check_number("dropout", estimator.dropout) < 1.0:
        raise ValueError(f"`dropout` must lie in [0, 1); got {estimator.dropout!r}. 0 switches it off.")
    if isinstance(estimator.max_epochs, str) and estimator.max_epochs != "auto":
        raise ValueError(f"`max_epochs` must be an integer or 'auto'; got {estimator.max_epochs!r}.")
    check_imbalance(estimator)
    steps_per_epoch = ceil(n_samples / estimator.batch_size)
    max_epochs = (
        max(12, ceil(300 / steps_per_epoch)) if estimator.max_epochs == "auto" else estimator.max_epochs
    )
    return TrainingConfig(
        max_epochs=max_epochs,
        lr=estimator.lr,
        schedule=estimator.schedule,
        weight_decay=estimator.weight_decay,
        gradient_clip=estimator.gradient_clip,
        early_stopping=estimator.early_stopping,
        n_iter_no_change=estimator.n_iter_no_change,
        tol=estimator.tol,
    )


def run_training(
    estimator: RecurrentClassifier,
    data: LabelledSequences,
    config: TrainingConfig,
    *,
    generator: torch.Generator,
    prior: ClassPrior,
    validation: LabelledSequences | None = None,
    optimizer: torch.optim.Optimizer | None = None,
) -> History:
    """Train the estimator's module on data, in place; `prior` counts what it is trained on.

    With an optimizer to go on with, this is a part of a longer training, `partial_fit`: callbacks are told of no begin and no
    end, and its epochs are numbered after those before it.
    """
    if config.early_stopping and validation is None:
        data, validation = _hold_out(data, estimator.validation_fraction, generator)
    loss = new_loss(estimator, prior.natural)
    prior.note_loss(loss)
    run = partial(
        train,
        estimator.module_,
        loss,
        data,
        CountedBatches(batches=new_batches(estimator, data, generator), data=data, prior=prior, loss=loss),
        config,
        n_classes=len(estimator.classes_),
        validation=validation,
        optimizer=optimizer,
        augment=_augmentation(estimator, generator),
    )
    callbacks: tuple[Callback, ...] = tuple(estimator.callbacks)
    with ExitStack() as stack:
        if optimizer is None:
            stack.enter_context(_told_of_fit(callbacks, estimator))
        else:
            callbacks = tuple(_Continued(callback, estimator.n_epochs_) for callback in callbacks)
        if estimator.verbose:
            bar = ProgressBar(config.max_epochs, title=type(estimator).__name__)
            callbacks = (*callbacks, stack.enter_context(bar))
        return run(callbacks=callbacks)


@contextmanager
def _told_of_fit(callbacks: Sequence[Callback], estimator: RecurrentClassifier) -> Iterator[None]:
    """Tell those callbacks that ask for it when a fit begins, and how it ends."""
    parameters = estimator.get_params(deep=False)
    del parameters["callbacks"]
    with ExitStack() as stack:  # whatever one of them raises, the others hear of the end
        for callback in callbacks:
            if isinstance(callback, FitCallback):
                callback.on_fit_start(type(estimator).__name__, dict(parameters))
                stack.push(partial(_tell_end, callback))
        yield


def _tell_end(
    callback: FitCallback, kind: type[BaseException] | None, error: BaseException | None, traceback: object
) -> None:
    """Tell one callback of the end, called as an exit of a `with` block is."""
    callback.on_fit_end(error)


@dataclass(frozen=True, slots=True)
class _Continued:
    """Tells a callback the epochs of a `partial_fit` by their numbers in the whole training."""

    callback: Callback
    n_before: int

    def on_epoch_end(self, record: EpochRecord) -> bool | None:
        return self.callback.on_epoch_end(replace(record, epoch=record.epoch + self.n_before))


def _augmentation(
    estimator: RecurrentClassifier, generator: torch.Generator
) -> Callable[[Sequences, Tensor], Sequences] | None:
    """Return what changes a training batch; the transform may look at the labels as they stand in `y`."""
    transform = estimator.augmentation
    if transform is None:
        return None
    return lambda sequences, target: transform(sequences, generator, estimator.classes_[target.numpy()])


def _hold_out(
    data: LabelledSequences, fraction: float, generator: torch.Generator
) -> tuple[LabelledSequences, LabelledSequences]:
    """Split off a validation part, stratified where each class has enough samples for that."""
    if not 0.0 < fraction < 1.0:
        raise ValueError(f"`validation_fraction` must lie in (0, 1); got {fraction!r}.")
    target = data.target.numpy()
    counts = np.unique(target, return_counts=True)[1]
    n_valid = int(np.ceil(fraction * len(target)))
    possible = counts.min() >= 2 and len(counts) <= min(n_valid, len(target) - n_valid)
    seed = int(torch.randint(2**31 - 1, (1,), generator=generator))
    kept, held = train_test_split(
        np.arange(len(target)), test_size=n_valid, stratify=target if possible else None, random_state=seed
    )
    return data[torch.from_numpy(kept)], data[torch.from_numpy(held)]
