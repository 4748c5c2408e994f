"""`RecurrentClassifier`: the scikit-learn face of a recurrent network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal, Self

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.metrics import accuracy_score
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from seqclf.estimators._assembly import Shape
from seqclf.estimators._data import (
    Door,
    ValidationData,
    read_samples,
    read_to_fit,
    read_validation,
    remember_columns,
    table_width,
)
from seqclf.estimators._fitting import new_generator, new_module, run_training, training_config
from seqclf.estimators._parameters import Fitted, Parameters
from seqclf.estimators._prediction import run_in_batches
from seqclf.estimators._prior import ClassPrior
from seqclf.estimators._targets import Labels, check_classes, encode, loss_weights, weight_of_classes
from seqclf.exceptions import TrainingDivergedError
from seqclf.sequences import Sequences
from seqclf.training import History, LabelledSequences, new_optimizer, set_rates


@dataclass(kw_only=True, eq=False, repr=False)
class RecurrentClassifier(
    Parameters, Fitted, ClassNamePrefixFeaturesOutMixin, TransformerMixin, ClassifierMixin, BaseEstimator
):
    """Classify sequences of unequal length with a recurrent network that never reads padding.

    Parameters
    ----------
    cell : {"rnn", "gru", "lstm"}, default="gru"
        The recurrence. `RNNClassifier`, `GRUClassifier` and `LSTMClassifier` fix it.
    hidden_size : int, default=64
        Units per layer and direction.
    num_layers : int, default=2
        Recurrent layers.
    bidirectional : bool, default=False
        Whether each layer also reads backwards, from the last real step to the first.
    dropout : float in [0, 1), default=0.0
        Probability of a zero between layers and before the head, in training.
    residual : bool, default=False
        Whether each layer after the first adds to what it reads instead of replacing it.
    layer_norm : bool, default=False
        Whether each step is normalised over its features behind each layer.
    stem : {"conv"}, torch.nn.Module or None, default=None
        What stands before the recurrence: "conv" is a `seqclf.nn.ConvolutionalStem` of `hidden_size` channels that leaves a
        quarter of the steps.
    pooling : {"last", "mean", "max", "attention"}, tuple of them, or torch.nn.Module, default=("last", "mean", "max")
        How the states of a sequence become one summary; a tuple puts several side by side.
    head : {"linear", "mlp"} or torch.nn.Module, default="linear"
        Summary to logits.
    init : {"orthogonal", "identity", "torch"}, default="orthogonal"
        Initial recurrent weights; see `seqclf.nn.RecurrentEncoder`.
    nonlinearity : {"tanh", "relu"}, default="tanh"
        Of the cell "rnn".
    max_epochs : int or "auto", default="auto"
        Passes over the data. "auto" makes 12, and on small data as many as it takes for 300 training steps.
    batch_size : int, default=128
        Sequences per training step.
    lr : float, default=0.004
        Learning rate of AdamW, the schedule's peak.
    schedule : {"one_cycle", "cosine", "plateau", "constant"}, default="one_cycle"
        Learning rate over the run.
    weight_decay : float, default=0.01
        Decoupled weight decay of matrices.
    gradient_clip : float or None, default=1.0
        Largest norm of the gradient.
    early_stopping : bool, default=False
        Stop when the validation loss stops improving and restore the best weights. Without `validation_data`, a
        `validation_fraction` of the samples is held out, stratified if there are enough of each class.
    validation_fraction : float in (0, 1), default=0.1
        Part held out by `early_stopping`.
    n_iter_no_change : int, default=5
        Epochs without improvement by `tol` before stopping.
    tol : float, default=1e-4
        Smallest decrease of the loss that counts.
    class_weight : dict, {"balanced", "inverse_sqrt", "effective_number"} or None, default=None
        Weight of each class in the loss; see `seqclf.sampling.class_weights`.
    sampler : {"balanced", "stratified", "length_bucket"}, callable or None, default=None
        Which samples come next: all classes equally often, each class in each batch, or similar lengths together. A callable
        makes a sampler of your own; see `MakeSampler`.
    loss : {"cross_entropy", "focal", "logit_adjusted"} or seqclf.nn.Loss, default="cross_entropy"
        What training makes small.
    label_smoothing : float in [0, 1), default=0.0
        Share of each target that is spread evenly over all classes.
    prior_correction : bool, default=False
        Whether predictions are moved back to the class frequencies of the training samples, after `class_weight`, `sampler`
        or `loss` made rare classes count more. Only one of these may; "length_bucket" and "focal" do not count.
    augmentation : seqclf.transforms.Transform or None, default=None
        Random change of each training batch, and of nothing else.
    padding_value : float or None, default=0.0
        What padded arrays are padded with, where no `lengths` come; None means that no step is padding.
    device : str, default="auto"
        "cpu", "cuda", ...; "auto" is a CUDA GPU where there is one.
    engine : {"auto", "native", "packed"}, default="auto"
        What runs the recurrence: compiled kernels (on a CPU) or torch's own layers; "auto" takes the kernels where they can run.
    callbacks : sequence of seqclf.training.Callback, default=()
        Told of each epoch; a `seqclf.training.FitCallback`, such as a tracker of `seqclf.tuning`, also of begin and end.
    warm_start : bool, default=False
        Whether `fit` goes on from the weights of the last `fit`.
    verbose : bool, default=False
        Whether to show a progress bar (extra `progress`).
    random_state : int, numpy RandomState or None, default=None
        Source of weights, batches, dropout and augmentation. The same number gives the same model, on a CPU bit for bit on
        the same machine; torch's and numpy's global states are never touched.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    n_features_in_ : int
        Values at each step; of a 2-D table its columns.
    feature_names_in_ : ndarray of shape (n_columns,)
        Names of the columns of a data frame, where all are text. Tables to predict must have them in the same order.
    class_prior_ : ndarray of shape (n_classes,)
        Share of each class among the training samples, sample weights counted.
    module_ : seqclf.nn.SequenceNetwork
        The network.
    history_ : seqclf.training.History
        Loss, accuracy, macro F1 and seconds of each epoch.
    n_epochs_ : int
        Epochs trained.
    engine_ : str
        The engine that ran.

    Raises
    ------
    ValueError
        On `fit`, if a parameter is out of range; what was fitted before stays.
    seqclf.InvalidSequenceError
        If the samples are not sequences.
    seqclf.TrainingDivergedError
        If the loss, or an answer of `predict`, becomes infinite or NaN.

    See Also
    --------
    seqclf.as_sequences : What `X` may be.

    Notes
    -----
    A 2-D array is a table of one-feature sequences, a row each. A table to predict must have its columns, behind
    which only padding may follow; with `lengths`, or as a list or `Sequences`, any length is fine. Features should be
    of the order of 1; use `ZScore` in a pipeline where they are not.

    Examples
    --------
    >>> from seqclf import RecurrentClassifier
    >>> X = [[0.1, 0.9], [0.2, 0.8, 0.9], [0.9, 0.1, 0.2], [0.8, 0.2]] * 8
    >>> y = ["up", "up", "down", "down"] * 8
    >>> model = RecurrentClassifier(cell="lstm", hidden_size=8, random_state=0).fit(X, y)
    >>> model.predict([[0.0, 0.5, 0.9], [0.9, 0.3]])
    array(['up', 'down'], dtype='<U4')
    """

    def fit(
        self,
        X: Any,
        y: ArrayLike,
        lengths: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        validation_data: ValidationData | None = None,
    ) -> Self:
        """Learn to tell the classes apart.

        Parameters
        ----------
        X : array, list of arrays, Sequences, ... as `seqclf.as_sequences` takes
            The samples.
        y : array-like of shape (n_samples,)
            Their labels, of any kind; at least two classes.
        lengths : array-like of shape (n_samples,) of int, default=None
            Real steps of each row of a padded array; None strips trailing `padding_value`.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights in the loss; samples of weight 0 are left out.
        validation_data : tuple (X, y) or (X, y, lengths), default=None
            Scored after each epoch, and monitored by `early_stopping`; its classes weigh what those of the samples do.

        Returns
        -------
        RecurrentClassifier
            The estimator itself.
        """
        goes_on = self.warm_start and hasattr(self, "module_")
        with self._as_before_on_error():
            data, of_class = self._read(X, y, lengths, sample_weight, fresh=not goes_on, new_prior=True)
            validation = None
            if validation_data is not None:
                validation = read_validation(validation_data, self.classes_, self._door, of_class)
            config = training_config(self, len(data))
            self._optimizer = None  # that of `partial_fit` knows other gradients
            self.history_ = run_training(
                self, data, config, generator=self._generator, prior=self._prior, validation=validation
            )
            self.n_epochs_ = len(self.history_)
        return self

    def partial_fit(
        self,
        X: Any,
        y: ArrayLike,
        classes: ArrayLike | None = None,
        lengths: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> Self:
        """Go once over these samples, at the constant learning rate `lr`.

        Parameters
        ----------
        X, y, lengths, sample_weight
            As in `fit`.
        classes : array-like of shape (n_classes,), default=None
            All labels that will ever come; needed by the first call if its `y` lacks some.

        Returns
        -------
        RecurrentClassifier
            The estimator itself.
        """
        fresh = not hasattr(self, "module_")
        with self._as_before_on_error():
            data, _ = self._read(X, y, lengths, sample_weight, fresh=fresh, new_prior=fresh, classes=classes)
            config = replace(
                training_config(self, len(data)), max_epochs=1, schedule="constant", early_stopping=False
            )
            if self._optimizer is None:
                self._optimizer = new_optimizer(self.module_, config)
            else:
                set_rates(self._optimizer, config)  # `lr` may have been set since
            (record,) = run_training(
                self, data, config, generator=self._generator, prior=self._prior, optimizer=self._optimizer
            )
            self.n_epochs_ += 1
            self.history_.epochs.append(replace(record, epoch=self.n_epochs_))
        return self

    def decision_function(self, X: Any, lengths: ArrayLike | None = None) -> NDArray[np.float64]:
        """Return logits of shape (n_samples, n_classes); for two classes their difference, (n_samples,)."""
        logits: NDArray[np.float64] = self._logits(X, lengths).numpy()
        return logits[:, 1] - logits[:, 0] if logits.shape[1] == 2 else logits

    def predict_proba(self, X: Any, lengths: ArrayLike | None = None) -> NDArray[np.float64]:
        """Return the probability of each class, of shape (n_samples, n_classes), in the order of `classes_`."""
        proba: NDArray[np.float64] = self._logits(X, lengths).softmax(dim=1).numpy()
        return proba

    def predict(self, X: Any, lengths: ArrayLike | None = None) -> Labels:
        """Return the most probable label of each sample, of shape (n_samples,)."""
        most_probable = self._logits(X, lengths).argmax(dim=1).numpy()
        labels: Labels = self.classes_[most_probable]
        return labels

    def transform(self, X: Any, lengths: ArrayLike | None = None) -> NDArray[np.float32]:
        """Return the pooled summary of each sample, of shape (n_samples, n_summary_features)."""
        summary: NDArray[np.float32] = self._run("summarize", X, lengths).numpy()
        return summary

    def fit_transform(
        self,
        X: Any,
        y: ArrayLike,
        lengths: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        validation_data: ValidationData | None = None,
    ) -> NDArray[np.float32]:
        """Fit, and return the summaries: scikit-learn's own would not hand `lengths` on to `transform`."""
        return self.fit(X, y, lengths, sample_weight, validation_data).transform(X, lengths)

    def score(
        self, X: Any, y: ArrayLike, lengths: ArrayLike | None = None, sample_weight: ArrayLike | None = None
    ) -> float:
        """Return the accuracy of `predict` on these samples."""
        return float(accuracy_score(y, self.predict(X, lengths), sample_weight=sample_weight))

    def _read(
        self,
        X: Any,
        y: ArrayLike,
        lengths: ArrayLike | None,
        sample_weight: ArrayLike | None,
        *,
        fresh: bool,
        new_prior: bool,
        classes: ArrayLike | None = None,
    ) -> tuple[LabelledSequences, NDArray[np.float64] | None]:
        """Check samples to fit; return them, and the weight of each class.

        `fresh` begins anew with the classes and features they have, `new_prior` counting.
        """
        if not fresh:
            remember_columns(self, X, reset=False)
        sequences = read_to_fit(X, lengths, self.padding_value) if fresh else self._door.read(X, lengths)
        samples = read_samples(sequences, y, sample_weight)
        known = None if classes is None else check_classes(classes)
        if fresh:
            training_config(self, len(samples.labels))  # a wrong parameter is told before anything is built
            self._start(
                check_classes(samples.labels) if known is None else known,
                sequences.n_features,
                table_width(X, sequences),
            )
            remember_columns(self, X, reset=True)
        elif known is not None and not np.array_equal(known, self.classes_):
            raise ValueError(
                f"`classes` must be those of the first call, {self.classes_.tolist()}; got {known.tolist()}. "
                "Fit a new estimator for other classes."
            )
        target = encode(samples.labels, self.classes_)
        prior = ClassPrior.unknown(len(self.classes_)) if new_prior else self._prior
        self._prior = prior.with_samples(target, samples.weights)
        self.class_prior_ = self._prior.frequencies
        of_class = weight_of_classes(self.class_weight, samples.labels, self.classes_)
        weight = loss_weights(samples.weights, of_class, target)
        return LabelledSequences(sequences=samples.sequences, target=target, weight=weight), of_class

    @contextmanager
    def _as_before_on_error(self) -> Iterator[None]:
        """Put back what was there if a fit raises: nobody shall predict with weights that were never trained, or diverged.

        Of a fit that goes on, the weights stay as far as they have come. So they do after Ctrl-C.
        """
        before = dict(self.__dict__)
        try:
            yield
        except Exception:
            self.__dict__.clear()
            self.__dict__.update(before)
            raise

    def _start(self, classes: Labels, n_step_features: int, width: int | None) -> None:
        """Begin anew: classes, features, source of randomness and fresh weights."""
        generator = new_generator(self.random_state)
        self.module_ = new_module(self, Shape(n_features=n_step_features, n_classes=len(classes)), generator)
        self.engine_ = self.module_.engine_
        self.classes_ = classes
        self.n_features_in_ = n_step_features if width is None else width
        self.history_, self.n_epochs_ = History(), 0
        self._generator, self._optimizer = generator, None
        self._door = Door(
            padding_value=self.padding_value,
            n_features=n_step_features,
            width=width,
            name=type(self).__name__,
        )

    def _logits(self, X: Any, lengths: ArrayLike | None) -> Tensor:
        """Return logits, for the natural frequencies of the classes if they are asked for."""
        logits = self._run("forward", X, lengths).double()
        if not torch.isfinite(logits).all():
            row = int((~torch.isfinite(logits)).any(dim=1).nonzero()[0])
            raise TrainingDivergedError(
                f"Each answer must be finite; got {logits[row].tolist()} for row {row}. The weights have diverged, or its values "
                "are too large: fit again with a smaller `lr`, or scale the samples."
            )
        return logits + self._prior.shift if self.prior_correction else logits

    def _run(self, method: Literal["forward", "summarize"], X: Any, lengths: ArrayLike | None) -> Tensor:
        """Run a method of the fitted module over all samples."""
        check_is_fitted(self)
        remember_columns(self, X, reset=False)
        function: Callable[[Sequences], Tensor] = getattr(self.module_, method)
        return run_in_batches(self.module_, function, self._door.read(X, lengths))

    @property
    def _n_features_out(self) -> int:
        """Width of `transform`, by which scikit-learn names its columns."""
        return self._run("summarize", torch.zeros(1, 1, self._door.n_features), None).shape[1]

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags
