"""Prediction with a fitted estimator."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import Tags
from torch import Tensor

from seqclf._checks import check_boolean
from seqclf._pickling import pack, unpack
from seqclf._row_order import check_row_order
from seqclf._versions import with_version, without_version
from seqclf.estimators._accuracy import accuracy
from seqclf.estimators._automatic import with_values
from seqclf.estimators._fitted import Fitted, FittedModel
from seqclf.estimators._network import probe
from seqclf.estimators._parameters import Parameters
from seqclf.estimators._random_weights import with_shuffled_weights
from seqclf.estimators._stream import open_stream
from seqclf.estimators._targets import Labels
from seqclf.estimators._training import new_generator
from seqclf.streaming import Stream


class Predictor(
    Parameters, Fitted, ClassNamePrefixFeaturesOutMixin, TransformerMixin, ClassifierMixin, BaseEstimator
):
    """The methods of an estimator that use what it learned."""

    def decision_function(self, X: Any, *, lengths: ArrayLike | None = None) -> NDArray[np.float64]:
        """Return logits of shape (n_samples, n_classes); for two classes their difference, (n_samples,)."""
        logits: NDArray[np.float64] = self._logits(X, lengths).numpy()
        return logits[:, 1] - logits[:, 0] if logits.shape[1] == 2 else logits

    def predict_proba(self, X: Any, *, lengths: ArrayLike | None = None) -> NDArray[np.float64]:
        """Return the probability of each class, of shape (n_samples, n_classes), in the order of `classes_`."""
        return _probabilities(self._logits(X, lengths))

    def predict(self, X: Any, *, lengths: ArrayLike | None = None) -> Labels:
        """Return the most probable label of each sample, of shape (n_samples,)."""
        most_probable = self._logits(X, lengths).argmax(dim=1).numpy()
        labels: Labels = self.classes_[most_probable]
        return labels

    def stream(self, n_streams: int = 1, *, after: Any = ()) -> Stream:
        """Return a `seqclf.streaming.Stream`, which predicts sequences while their steps arrive.

        Parameters
        ----------
        n_streams : int, default=1
            Number of sequences that are read at the same time.
        after : transformer, pipeline or sequence of transformers, default=()
            Fitted transformers whose output this estimator reads, in their order: for the last step of a pipeline, `pipeline[:-1]`.
            Another order is noticed only if it changes the number of features.

        Returns
        -------
        Stream
            With a copy of the network: later training does not change it.

        Raises
        ------
        ValueError
            If the model needs whole sequences: it is bidirectional, or scales each sequence by its own statistics. The message says
            what to train instead. If a transformer was not fitted to the features that the one before it returns.
        TypeError
            If a custom component has no method `stepper()`, or a subclass has a `predict_proba` of its own.
        """
        model = self._checked()
        if type(self).predict_proba is not Predictor.predict_proba:
            raise TypeError(
                f"A stream returns the probabilities of the network, which `predict_proba` must do, too; got {type(self).__name__}, "
                "which has its own. Stream an estimator of seqclf, and apply to its probabilities what yours does."
            )
        shift = model.prior.shift if check_boolean("prior_correction", self.prior_correction) else None

        def activate(logits: Tensor) -> NDArray[np.float64]:
            logits = model.with_shape(logits)
            # Raises if the weights are not finite; the stream names the steps of other rows.
            model.rows_not_finite(logits)
            return _probabilities(logits if shift is None else logits + shift)

        return open_stream(model, activate, n_streams, after)

    def transform(self, X: Any, *, lengths: ArrayLike | None = None) -> NDArray[np.float32]:
        """Return the pooled summary of each sample, of shape (n_samples, n_summary_features)."""
        model = self._checked()
        with model.turn(X):
            summaries: NDArray[np.float32] = model.summaries(model.contract.convert(X, lengths)).numpy()
        return summaries

    def score(
        self,
        X: Any,
        y: ArrayLike,
        *,
        lengths: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> float:
        """Return the accuracy of `predict` on these samples."""
        check_row_order(X=X, y=y, sample_weight=sample_weight)
        return accuracy(self.predict(X, lengths=lengths), y, sample_weight)

    def with_random_weights(self, *, random_state: int | np.random.RandomState | None = None) -> Self:
        """Return a copy of the fitted estimator whose network has its weights in random order.

        It has learned nothing, so whatever an explanation shows for it, such as `seqclf.evaluation.occlusion`, is not what a model
        learned. Each parameter of the network holds the same numbers as before, shuffled; scaling and classes are the same.

        Parameters
        ----------
        random_state : int, RandomState or None, default=None
            Source of the order.

        Returns
        -------
        SequenceClassifier
            Independent of this one.
        """
        model = self._checked()
        generator = new_generator(random_state)
        shuffled = with_values(self, {})
        shuffled._model = replace(
            model,
            network=with_shuffled_weights(model.network, generator),
            generator=generator,
            optimizer=None,
        )
        return shuffled

    def __getstate__(self) -> dict[str, Any]:
        """Return what any process of any machine can unpickle; parameters may hold tensors and generators too."""
        state = with_version(super().__getstate__())
        if "_model" in state:
            state["_model"] = self._model.state()
        # At once: a parameter that the model refers to stays the same object.
        packed: dict[str, Any] = pack(state)
        return packed

    def __setstate__(self, state: dict[str, Any]) -> None:
        state = dict(unpack(without_version(state)))
        if "_model" in state:
            state["_model"] = FittedModel.from_state(dict(state["_model"]))
        super().__setstate__(state)

    def _logits(self, X: Any, lengths: ArrayLike | None) -> Tensor:
        """Return logits, corrected to the natural class frequencies if `prior_correction` is set."""
        corrected = check_boolean("prior_correction", self.prior_correction)
        model = self._checked()
        with model.turn(X):
            logits = model.logits(model.contract.convert(X, lengths))
        return logits + model.prior.shift if corrected else logits

    @property
    def _n_features_out(self) -> int:
        """Number of columns of `transform`, from which scikit-learn derives their names."""
        model = self._checked()
        return model.n_summaries(probe(model.contract.network_spec(len(model.classes))))

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.input_tags.allow_nan = self.missing != "error"
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags


def _probabilities(logits: Tensor) -> NDArray[np.float64]:
    """Return the probabilities of logits, (n_samples, n_classes) each."""
    proba: NDArray[np.float64] = logits.softmax(dim=1).numpy()
    return proba
