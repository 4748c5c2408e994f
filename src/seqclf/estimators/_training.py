"""Parameters of an estimator and data -> a trained model."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from seqclf._checks import as_random_state, check_integer, check_number
from seqclf.estimators._augmentation import AUGMENTATION, build_augmentation
from seqclf.estimators._balancing import build_batches, build_loss, check_balancing, check_built_loss
from seqclf.estimators._checkpointed_fit import CheckpointedFit
from seqclf.estimators._copies import copies_in_validation
from seqclf.estimators._fitted import FittedModel
from seqclf.estimators._long_fit import LONG_FIT, warn_if_long
from seqclf.estimators._notification import numbered_from, progress_bar
from seqclf.estimators._parameters import Parameters
from seqclf.estimators._prior import CountedBatches
from seqclf.estimators._resumable_batches import ResumableBatches
from seqclf.estimators._targets import Labels
from seqclf.exceptions import SeqclfWarning
from seqclf.training import (
    Callback,
    History,
    LabelledSequences,
    TrainingConfig,
    TrainingSpec,
    as_callbacks,
    current_group,
    new_optimizer,
    set_rates,
    synchronize_generator,
    train,
)

SMALL_VALIDATION_SET = 20
"""Below this, one sample changes the accuracy by more than five points."""


def training_config(given: Parameters, classes: Labels | None = None) -> TrainingConfig:
    """Gather the parameters of an estimator that concern training, and check them."""
    fraction = check_number("validation_fraction", given.validation_fraction)
    if not 0.0 < fraction < 1.0:
        raise ValueError(f"`validation_fraction` must lie in (0, 1); got {given.validation_fraction!r}.")
    if given.augmentation is not None:
        AUGMENTATION.check(given.augmentation)
    check_balancing(
        class_weight=given.class_weight,
        sampler=given.sampler,
        loss=given.loss,
        label_smoothing=given.label_smoothing,
    )
    config = TrainingConfig(
        max_epochs=check_integer("max_epochs", given.max_epochs),
        optimizer=given.optimizer,
        lr=check_number("lr", given.lr),
        schedule=given.schedule,
        weight_decay=given.weight_decay,
        gradient_clip=given.gradient_clip,
        early_stopping=given.early_stopping,
        monitor=given.monitor,
        n_iter_no_change=given.n_iter_no_change,
        tol=given.tol,
    )
    return config if classes is None else replace(config, monitor=_of_labels(given.monitor, classes))


def _of_labels(monitor: Any, classes: Labels) -> Any:
    """Return a monitor of class indices; the user's callable receives labels as in `y`."""
    if isinstance(monitor, str):
        return monitor
    metric: Callable[[Any, Any], float] = monitor
    return lambda target, predicted: metric(classes[target], classes[predicted])


def train_model(
    given: Parameters,
    model: FittedModel,
    data: LabelledSequences,
    config: TrainingConfig,
    *,
    callbacks: Sequence[Callback],
    validation: LabelledSequences | None = None,
    long_fit: float | None = LONG_FIT,
    run: CheckpointedFit | None = None,
) -> None:
    """Train the network of a model in place, with the loss, batches and augmentation that the parameters describe.

    Warn if that will take longer than `long_fit` seconds. With a `run`, resume it and store it.
    """
    generator = model.generator
    synchronize_generator(generator)
    is_given = validation is not None
    if config.early_stopping and validation is None:
        data, validation = hold_out(data, given.validation_fraction, generator)
        _warn_if_small(len(validation))
    spec = TrainingSpec(
        target=data.target,
        lengths=data.sequences.lengths.cpu(),
        class_counts=model.prior.natural,
        n_features=data.sequences.n_features,
        batch_size=int(given.batch_size),  # checked where values are chosen for "auto"
    )
    loss = build_loss(given.loss, given.label_smoothing, spec, generator)
    check_built_loss(loss, class_weight=given.class_weight, sampler=given.sampler)
    model.prior.note_loss(loss)
    batches, checkpoint, n_done = build_batches(given.sampler, spec, generator), None, 0
    if run is not None:
        n_done = run.n_epochs
        batches = resumable = ResumableBatches(batches)
        checkpoint = run.checkpoint(resumable, model.prior)
    batches = CountedBatches(batches=batches, data=data, prior=model.prior, loss=loss)
    is_main = current_group().is_main
    if validation is not None and is_main and not n_done:
        _warn_of_copies(validation, data, is_given=is_given)
    if long_fit is not None and is_main and not n_done:
        batches = warn_if_long(batches, given, model, data, config, validation=validation, limit=long_fit)
    shown = given.verbose and is_main
    with progress_bar(config.max_epochs, type(given).__name__, n_done=n_done, shown=shown) as bar:
        train(
            model.network,
            loss,
            data,
            batches,
            config,
            validation=validation,
            optimizer=model.optimizer,
            augment=build_augmentation(given.augmentation, spec, model.classes, generator),
            callbacks=(*callbacks, *bar),
            history=model.history,
            generator=generator,
            checkpoint=checkpoint,
        )


def _warn_if_small(n_valid: int) -> None:
    if n_valid < SMALL_VALIDATION_SET:
        warnings.warn(
            f"The validation set of `early_stopping` should have at least {SMALL_VALIDATION_SET} samples; got {n_valid}: its scores "
            "are mostly noise. Pass `validation_data`, raise `validation_fraction`, or train without early stopping.",
            SeqclfWarning,
            stacklevel=4,
        )


def _warn_of_copies(validation: LabelledSequences, data: LabelledSequences, *, is_given: bool) -> None:
    mistake = copies_in_validation(validation.sequences, data.sequences, is_given=is_given)
    if mistake is not None:
        warnings.warn(mistake, SeqclfWarning, stacklevel=4)


def train_one_epoch(
    given: Parameters, model: FittedModel, data: LabelledSequences, config: TrainingConfig
) -> FittedModel:
    """Train for one epoch at a constant learning rate; return the model with its optimizer and longer history."""
    config = replace(config, max_epochs=1, schedule="constant", early_stopping=False)
    rates = {"lr": config.lr, "weight_decay": config.weight_decay}
    optimizer = model.optimizer
    if optimizer is None:
        optimizer = new_optimizer(model.network, config.optimizer, **rates, generator=model.generator)
    else:
        set_rates(optimizer, **rates)  # the parameters may have changed since the last epoch
    n_before = len(model.history)
    epoch = replace(model, optimizer=optimizer, history=History())
    callbacks = numbered_from(as_callbacks(given.callbacks), n_before)
    train_model(given, epoch, data, config, callbacks=callbacks, long_fit=None)
    numbered = [replace(record, epoch=n_before + 1) for record in epoch.history]
    return replace(epoch, history=History([*model.history, *numbered]))


def new_generator(
    random_state: int | np.random.RandomState | None, run: CheckpointedFit | None = None
) -> torch.Generator:
    """Return the one source of randomness of a fit; None takes entropy from the system, but a resumed `run` has its seed."""
    seed = int(as_random_state(random_state).randint(2**31 - 1))
    return torch.Generator("cpu").manual_seed(seed if run is None else run.seed(seed, random_state))


def choose_device(device: str) -> torch.device:
    """Return the device called `device`; "auto" is a CUDA GPU where there is one."""
    if isinstance(device, str) and device == "auto":  # `pandas.NA == "auto"` has no truth value
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        # Only creating a tensor shows whether this torch can use the device on this machine.
        chosen = torch.empty(0, dtype=torch.uint8, device=device).device
        if chosen.type == "meta":
            raise TypeError("tensors there hold no values")
    except (RuntimeError, AssertionError, NotImplementedError, TypeError, ValueError, OverflowError) as error:
        raise ValueError(
            f"`device` must be 'auto' or a device of this machine that torch can use; got {device!r} ({error}). "
            "Use 'cpu' if in doubt."
        ) from error
    return chosen


def hold_out(
    data: LabelledSequences, fraction: float, generator: torch.Generator
) -> tuple[LabelledSequences, LabelledSequences]:
    """Split off a validation set, stratified where each class has enough samples; training keeps one of each class."""
    target = data.target.numpy()
    classes, counts = np.unique(target, return_counts=True)
    n_valid = int(np.ceil(fraction * len(target)))
    n_train = len(target) - n_valid
    if n_train < len(classes):
        raise ValueError(
            f"`validation_fraction` must leave a training sample of each of the {len(classes)} classes; got {fraction!r}, which "
            f"leaves {n_train} of {len(target)} samples. Lower it, pass `validation_data`, or train without early stopping."
        )
    seed = int(torch.randint(2**31 - 1, (1,), generator=generator, device="cpu"))
    kept, held = _split(
        target, n_valid, seed, stratified=counts.min() >= 2 and len(classes) <= min(n_valid, n_train)
    )
    return data.subset(torch.from_numpy(kept)), data.subset(torch.from_numpy(held))


def _split(
    target: Labels, n_valid: int, seed: int, *, stratified: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the indices of the training and of the validation samples."""
    from sklearn.model_selection import train_test_split  # here, because it imports sklearn.metrics: 0.05 s

    all_samples = np.arange(len(target))
    if stratified:
        kept, held = train_test_split(all_samples, test_size=n_valid, stratify=target, random_state=seed)
        if len(np.unique(target[kept])) == len(np.unique(target)):
            return kept, held
    order = np.random.RandomState(seed).permutation(len(target))
    reserved = order[np.unique(target[order], return_index=True)[1]]  # one sample of each class
    others = np.setdiff1d(order, reserved, assume_unique=True)
    order = np.random.RandomState(seed).permutation(others)
    return np.concatenate([reserved, order[n_valid:]]), order[:n_valid]
