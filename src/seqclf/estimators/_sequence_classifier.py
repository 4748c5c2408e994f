"""`SequenceClassifier`: the scikit-learn estimator for any network."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import nn

from seqclf._omitted import check_complete
from seqclf._row_order import check_row_order
from seqclf.estimators._augmentation import check_scale_of_prefixes
from seqclf.estimators._automatic import DataSize, automatic_training, with_values
from seqclf.estimators._checked import checked
from seqclf.estimators._checkpointed_fit import CheckpointedFit
from seqclf.estimators._fitted import FittedModel
from seqclf.estimators._input import (
    Samples,
    ValidationData,
    read_first,
    read_validation,
    scaled_validation,
    select_samples,
    with_known_tokens,
)
from seqclf.estimators._missing import accepted
from seqclf.estimators._network import build_network, share_generator
from seqclf.estimators._notification import notified_of_fit
from seqclf.estimators._prediction import Predictor
from seqclf.estimators._prior import ClassPrior
from seqclf.estimators._scaling import fit_scaling
from seqclf.estimators._targets import check_classes, check_same_classes
from seqclf.estimators._training import (
    choose_device,
    new_generator,
    train_model,
    train_one_epoch,
    training_config,
)
from seqclf.nn import NetworkSpec
from seqclf.training import LabelledSequences, as_callbacks


@dataclass(kw_only=True, eq=False, repr=False)
class SequenceClassifier(Predictor):
    """Classify sequences of unequal length with any network that maps `Sequences` to logits.

    Parameters
    ----------
    network : torch.nn.Module or callable
        The network, or a factory of one: `network(spec, generator)`, where `spec` is a `seqclf.nn.NetworkSpec` and `generator`
        the source of randomness. A module is copied. It maps `Sequences` to logits of shape (batch, n_classes). It receives
        scaled features; tokens (`Sequences.tokens`) are never scaled.
    max_epochs : int or "auto", default="auto"
        Number of epochs. "auto": 50,000 divided by the number of training samples, between 12 and 50, but always enough
        epochs for 600 training steps.
    batch_size : int or "auto", default="auto"
        Sequences per training step. "auto": a 32nd of the training samples, rounded to a power of two between 16 and 128.
    optimizer : {"adamw", "adam", "sgd"}, a class of torch.optim, or a factory, default="adamw"
        A factory is called with a `seqclf.training.OptimizerSpec` and the generator.
    lr : float or "auto", default="auto"
        Learning rate, the peak of the schedule. "auto": 0.004 here; see `RecurrentClassifier`.
    schedule : {"one_cycle", "cosine", "plateau", "constant"} or a factory, default="one_cycle"
        Learning rate over the run. A factory is called with a `seqclf.training.ScheduleSpec` and the generator.
    weight_decay : float, default=0.01
        Weight decay of matrices.
    gradient_clip : float or None, default=1.0
        Maximum norm of the gradient; None does not clip.
    early_stopping : bool, default=False
        Whether to stop when `monitor` no longer improves, and restore the best weights. Without `validation_data`, a
        `validation_fraction` of the samples is held out, stratified if there are enough of each class; it does not keep the samples
        of a group, such as a person, together.
    monitor : {"valid_loss", "valid_macro_f1", "valid_accuracy"} or callable, default="valid_loss"
        What `early_stopping` monitors. A callable, such as a metric of scikit-learn, maps the true and the
        predicted labels of the validation set to a number where larger is better. Without early stopping, it selects nothing:
        a callable is recorded in `history_` if there are `validation_data`, and `seqclf.tuning.sweep` may compare epochs by it.
    validation_fraction : float in (0, 1), default=0.1
        Share of the samples held out by `early_stopping`.
    n_iter_no_change : int, default=5
        Epochs without improvement by `tol` after which to stop; those in which the learning rate still rises do not count.
    tol : float, default=1e-4
        Smallest change of the monitored value that counts as an improvement.
    class_weight : dict, {"balanced", "inverse_sqrt", "effective_number"} or None, default=None
        Weight of each class in the loss; see `seqclf.sampling.class_weights`.
    sampler : {"balanced", "stratified", "length_bucket", "block_shuffle"}, iterable, factory or None, default=None
        How batches are drawn: all classes equally often, each class in each batch, similar lengths together, or neighbours in a
        file at about the same time; see `seqclf.sampling`. None shuffles all samples. A custom one
        yields tensors of indices, as those of `seqclf.sampling` do; a factory is called with a
        `seqclf.training.TrainingSpec` and the generator.
    loss : {"cross_entropy", "focal", "logit_adjusted"}, seqclf.nn.Loss, torch loss or factory, default="cross_entropy"
        The training objective. A factory is called with a `seqclf.training.TrainingSpec` and the generator.
    label_smoothing : float in [0, 1), default=0.0
        Share of each target that is spread evenly over all classes.
    prior_correction : bool, default=False
        Whether predictions are corrected to the class frequencies of the training samples, after
        `class_weight`, `sampler` or `loss` gave rare classes more weight. Only one of these may do so;
        "length_bucket" and "focal" do not count.
    augmentation : name, seqclf.transforms.Transform, factory or None, default="auto"
        Random change of each training batch: one of "baseline_wander", "crop", "dropout", "jitter", "magnitude_warp", "prefix",
        "scale", "time_warp" and "distort", which warps time and amplitude, scales and adds noise; a transform; or a factory that is
        called with a `seqclf.training.TrainingSpec` and the generator. "auto": None here; see `RecurrentClassifier`.
    scale : {"auto", "standard", "sequence", "views"}, transformer or None, default="auto"
        How features are scaled, in float64, before the network reads them. "standard": each feature by its mean and standard
        deviation over the real steps of the training samples. "sequence": each sequence by its own, which are kept as static
        features, together with its length. "views": both, and differences between steps; see `seqclf.transforms.Views`.
        "auto": "standard" here; see `RecurrentClassifier`. A transformer, such as `seqclf.MinMax()` or a pipeline, is copied,
        fitted to the training samples and maps `Sequences` to `Sequences`. None: features stay as they are, and those far from
        the order of 1 bring a warning.
    missing : {"error", "indicator"} or seqclf.transforms.FillMissing, default="error"
        What `fit` and predictions do with missing values (NaN) inside of sequences. "error": they are refused. "indicator": a
        missing value becomes the last observed one of its feature and, for each feature with missing values in `fit`, two
        features are appended: whether its value is missing, and the time since its last observation, in steps or, with
        `FillMissing(times=0)`, in the times that feature 0 holds. (Missing values of other features in later samples are filled
        in but not marked, and bring a warning.) `scale` does not scale the appended features. With `scale` "standard",
        "sequence" or "views", only observed values are measured. The same holds for a `ZScore`, `MinMax` or `Views`, alone or as the
        first step of a pipeline. Other transformers read the filled values.
    padding_value : float or None, default=0.0
        Padding of arrays that come without `lengths`; None means that no step is padding.
    device : str, default="auto"
        "cpu", "cuda", ...; "auto" is a CUDA GPU if there is one.
    callbacks : sequence of seqclf.training.Callback, a single one, or None, default=()
        Notified of each epoch; a `seqclf.training.FitCallback`, such as a tracker of `seqclf.tracking`, also
        of the start and the end of `fit`.
    warm_start : bool, default=False
        Whether `fit` resumes from the weights of the last `fit`.
    verbose : bool, default=False
        Whether to show a progress bar (extra `progress`).
    random_state : int, RandomState or None, default=None
        Source of weights, batches, dropout and augmentation. The same number gives the same model, bitwise
        identical on the same machine with the same number of threads; torch's and NumPy's global states are neither read nor
        changed.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    n_features_in_ : int
        Number of features per step; for a 2-D table, its number of columns.
    feature_names_in_ : ndarray of shape (n_columns,)
        Column names of a data frame, or of the frames of a list, if all are strings. Those of later input must be
        the same, in the same order.
    class_prior_ : ndarray of shape (n_classes,)
        Share of each class among the training samples, weighted by `sample_weight`.
    module_ : torch.nn.Module
        The network.
    history_ : seqclf.training.History
        Loss, accuracy, macro F1 and seconds of each epoch.
    n_epochs_ : int
        Epochs trained.
    engine_ : str
        The engine that runs the network's encoder in predictions on this machine; "custom" for a network without one.
    auto_parameters_ : dict
        The value that was chosen for each parameter that is "auto" and depends on the training samples, such as `batch_size`.

    Raises
    ------
    ValueError, TypeError
        In `fit`, if a parameter is out of range; the previous model is kept.
    seqclf.InvalidSequenceError
        If the samples are not sequences.
    seqclf.TrainingDivergedError
        If the loss, or a prediction, becomes infinite or NaN.

    See Also
    --------
    RecurrentClassifier : The same with a ready-made recurrent network.
    seqclf.as_sequences : Accepted types of `X`.

    Notes
    -----
    A 2-D array is a table of one-feature sequences, one per row. A table passed to `predict` must have the
    same columns, after which only padding may follow; with `lengths`, or in a list or `Sequences`, any length
    is accepted.

    Parameters that take a component accept it in three forms: a *name*; an *instance*, which is copied; or a
    *factory*, called once per fit with a spec and a `torch.Generator`, so that `random_state` reaches it. A
    class whose constructor needs no arguments is called without arguments.

    Examples
    --------
    >>> from seqclf import SequenceClassifier
    >>> from seqclf.nn import ConvolutionalStem, LinearHead, MaxPooling, SequenceNetwork
    >>> def convolutional(spec, generator):
    ...     encoder = ConvolutionalStem(spec.n_features, 16, kernel_size=3, strides=(1, 1), generator=generator)
    ...     return SequenceNetwork(encoder, MaxPooling(), LinearHead(16, spec.n_classes, generator=generator))
    >>> X = [[0.1, 0.9], [0.2, 0.8, 0.9], [0.9, 0.1, 0.2], [0.8, 0.2]] * 8
    >>> y = ["up", "up", "down", "down"] * 8
    >>> model = SequenceClassifier(network=convolutional, random_state=0).fit(X, y)
    >>> model.predict([[0.0, 0.5, 0.9], [0.9, 0.3]])
    array(['up', 'down'], dtype='<U4')
    """

    def fit(
        self,
        X: Any,
        y: ArrayLike,
        *,
        lengths: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        validation_data: ValidationData | None = None,
        checkpoint: str | os.PathLike[str] | None = None,
        checkpoint_every: int | None = None,
    ) -> Self:
        """Learn to classify sequences.

        Parameters
        ----------
        X : array, list of arrays, Sequences, ..., as accepted by `seqclf.as_sequences`
            The training samples.
        y : array-like of shape (n_samples,)
            Their labels, of any kind; at least two classes. They belong to the samples by position; row labels (pandas) that
            are those of `X` in another order are an error.
        lengths : array-like of shape (n_samples,) of int, default=None
            Real steps of each row of a padded array; None strips trailing `padding_value`.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights in the loss; samples of weight 0 are left out.
        validation_data : tuple (X, y) or (X, y, lengths), default=None
            Scored after each epoch, and monitored by `early_stopping`; its classes have the weights of the
            training samples.
        checkpoint : str, path or None, default=None
            A file in which `fit` stores the state of the training. If it exists, the same call resumes from it and ends with bitwise the
            same model as an uninterrupted fit; if that fit was complete, it returns the model. Ctrl-C writes a checkpoint.
        checkpoint_every : int or None, default=None
            Number of batches between two checkpoints; None: every 30 seconds, or less often if writing takes long.

        Returns
        -------
        SequenceClassifier
            The estimator itself.

        Raises
        ------
        InvalidCheckpointError
            If the file is damaged, or belongs to a fit of other samples or parameters. `callbacks`, `device` and `verbose` may change.

        Warns
        -----
        SeqclfWarning
            If validation samples, passed or held out by `early_stopping`, are copies of training samples.
            If the first batches show that training will take more than ten minutes; the message names what would shorten it.
            With `checkpoint`, if it cannot be written, if versions of packages have changed since it was written, or if the network
            draws from a global random generator.
        """
        given = checked(self)
        run = CheckpointedFit.begin(checkpoint, checkpoint_every, given, self.get_params(deep=False))
        known = self._model if given.warm_start and self.__sklearn_is_fitted__() else None
        if known is None:
            given, model, samples = given._begin(X, y, lengths, sample_weight, None, run=run)
        else:
            given, model, samples = given._resume(known.restarted(), X, y, lengths, sample_weight)
        model, data, of_class = model.encode(samples, given.class_weight)
        validation = self._read_validation(validation_data, model, of_class, run)
        config = training_config(given, model.classes)
        parameters = self.get_params(deep=False) | dict(model.automatic)
        callbacks = as_callbacks(parameters.pop("callbacks"))
        with notified_of_fit(callbacks, type(self).__name__, parameters):
            try:
                train_model(given, model, data, config, callbacks=callbacks, validation=validation, run=run)
            except KeyboardInterrupt:
                if model.prior.trained.any():  # else nothing was trained: the previous model is kept
                    self._model = model
                raise
        self._model = model
        return self

    def partial_fit(
        self,
        X: Any,
        y: ArrayLike,
        *,
        classes: ArrayLike | None = None,
        lengths: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> Self:
        """Train for one epoch on these samples, at the constant learning rate `lr`.

        Parameters
        ----------
        X, y, lengths, sample_weight
            As in `fit`. The vocabulary of tokens is that of the first call, with the tokens that its samples do not hold.
        classes : array-like of shape (n_classes,), default=None
            All labels that occur in any call; required in the first call if its `y` lacks some.

        Returns
        -------
        SequenceClassifier
            The estimator itself.
        """
        given = checked(self)
        known = self._model if self.__sklearn_is_fitted__() else None
        if known is None:
            given, model, samples = given._begin(X, y, lengths, sample_weight, classes, all_tokens=True)
        else:
            given, model, samples = given._resume(known, X, y, lengths, sample_weight)
        if classes is not None:
            check_same_classes(check_classes(classes), model.classes)
        model, data, _ = model.encode(samples, given.class_weight)
        config = training_config(given, model.classes)
        self._model = train_one_epoch(given, model, data, config)
        return self

    def fit_transform(
        self,
        X: Any,
        y: ArrayLike,
        *,
        lengths: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        validation_data: ValidationData | None = None,
    ) -> NDArray[np.float32]:
        """Fit, and return the summaries: scikit-learn's own method would not pass `lengths` to `transform`."""
        self.fit(X, y, lengths=lengths, sample_weight=sample_weight, validation_data=validation_data)
        return self.transform(X, lengths=lengths)

    def _begin(
        self,
        X: Any,
        y: ArrayLike,
        lengths: Any,
        sample_weight: ArrayLike | None,
        classes: ArrayLike | None,
        *,
        all_tokens: bool = False,
        run: CheckpointedFit | None = None,
    ) -> tuple[Self, FittedModel, Samples[Any]]:
        """Read the first samples; return the estimator with values for "auto", an untrained model, and the scaled samples."""
        check_complete(self)
        contract, samples = read_first(
            X,
            y,
            lengths,
            sample_weight,
            padding_value=self.padding_value,
            missing=accepted(self.missing),
            name=type(self).__name__,
        )
        if not all_tokens:  # later samples of `partial_fit` may hold tokens that these do not
            samples = samples.with_sequences(with_known_tokens(samples.sequences))
        size = DataSize.of(samples.sequences)
        given = with_values(self, automatic := self._automatic(size))
        scaling, scaled = fit_scaling(given.scale, samples.sequences, samples.weights, missing=given.missing)
        check_scale_of_prefixes(given.augmentation, scaling, samples.sequences, scaled)
        contract = contract.scaled_by(scaling, samples.sequences, scaled)
        training_config(given)  # raises for a wrong parameter before anything is built
        labels = check_classes(samples.labels if classes is None else classes)
        if run is not None:
            run.note_samples(samples)
        generator = new_generator(given.random_state, run)
        network = given._build_network(contract.network_spec(len(labels)), generator)
        share_generator(network, generator)
        model = FittedModel(
            network=network.to(choose_device(given.device)),
            classes=labels,
            contract=contract,
            generator=generator,
            prior=ClassPrior.unknown(len(labels)),
            architecture=self._architecture(),
            size=size,
            automatic=automatic,
        )
        return given, model, samples.with_sequences(scaled)

    def _resume(
        self, known: FittedModel, X: Any, y: ArrayLike, lengths: Any, sample_weight: ArrayLike | None
    ) -> tuple[Self, FittedModel, Samples[Any]]:
        """Read samples as the first fit did; values for "auto" are chosen for the samples of the first fit."""
        known.check_architecture(self._architecture())
        check_row_order(X=X, y=y, sample_weight=sample_weight)
        check_complete(self, unused=self._architecture())
        known = replace(known, automatic=self._automatic(known.size))
        return (
            with_values(self, known.automatic),
            known,
            select_samples(self._model.contract.read(X, lengths), y, sample_weight),
        )

    @staticmethod
    def _read_validation(
        data: ValidationData | None,
        model: FittedModel,
        of_class: NDArray[np.float64] | None,
        run: CheckpointedFit | None,
    ) -> LabelledSequences | None:
        """Return validation samples as the network reads them."""
        samples = None if data is None else read_validation(data, model.contract)
        if run is not None:
            run.note_validation(samples)
        return (
            None if samples is None else scaled_validation(samples, model.classes, model.contract, of_class)
        )

    def _automatic(self, size: DataSize) -> dict[str, Any]:
        """Return a value for each parameter that is "auto"."""
        return automatic_training(self, size)

    def _architecture(self) -> dict[str, Any]:
        """Return the parameters that shape the network."""
        names = ("network", "padding_value", "scale", "missing")
        return {name: getattr(self, name) for name in names}

    def _build_network(self, spec: NetworkSpec, generator: torch.Generator) -> nn.Module:
        """Return a new network, on the CPU."""
        return build_network(self.network, spec, generator)
