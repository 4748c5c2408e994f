"""The result of `fit`, in one value, and the fitted attributes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, fields, replace
from math import isfinite
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted
from torch import Tensor, nn

from seqclf._pickling import device_or_cpu
from seqclf.estimators._automatic import DataSize
from seqclf.estimators._input import InputContract, Samples
from seqclf.estimators._prior import ClassPrior
from seqclf.estimators._targets import ClassWeight, Labels, encode, loss_weights, weight_of_classes
from seqclf.exceptions import TrainingDivergedError
from seqclf.sequences import Sequences, largest_value, most_steps, too_large
from seqclf.training import History, LabelledSequences, device_of, one_at_a_time, run_in_batches

_LARGE = 1000.0
"""Scaled values are of the order of 1; from this size on they are why a prediction is not finite."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FittedModel:
    """Everything that a fit learns.

    It is assigned to the estimator at the end of a fit: if a fit fails, the previous model is kept, and
    predictions during a fit come from the previous model. A warm start and `partial_fit` train the weights of
    that model in place.
    """

    network: nn.Module
    classes: Labels
    contract: InputContract
    generator: torch.Generator
    prior: ClassPrior
    architecture: Mapping[str, Any]  # the parameters that the network was built with, as the user gave them
    size: DataSize  # of the samples of the first fit
    automatic: Mapping[str, Any]  # what was chosen for each parameter that is "auto"
    optimizer: torch.optim.Optimizer | None = None
    history: History = field(default_factory=History)

    def state(self) -> dict[str, Any]:
        """Return the fields, as `from_state` reads them, without the optimizer: it reads its tensors as soon as it is copied."""
        optimizer = self.optimizer
        return {field.name: getattr(self, field.name) for field in fields(self)} | {
            "optimizer": None if optimizer is None else (type(optimizer), optimizer.__getstate__()),
            "device": device_of(self.network).type,
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Return a model on the type of device that it was on, or else on the CPU."""
        device = state.pop("device")
        state["network"].to(device_or_cpu(device))
        if state["optimizer"] is not None:
            kind, values = state["optimizer"]
            optimizer = kind.__new__(kind)
            optimizer.__setstate__(values)
            # Moves its moments to the device of the parameters.
            optimizer.load_state_dict(optimizer.state_dict())
            state["optimizer"] = optimizer
        return cls(**state)

    def check_architecture(self, given: Mapping[str, Any]) -> None:
        """Raise if parameters that shape the network were changed since it was built."""
        check_unchanged(
            self.architecture,
            given,
            "the network was built",
            "Fit with warm_start=False, or create a new estimator.",
        )

    def restarted(self) -> Self:
        """Return the model that a warm start resumes: same weights, new counts and history, no optimizer state."""
        return replace(self, prior=ClassPrior.unknown(len(self.classes)), optimizer=None, history=History())

    def encode(
        self, samples: Samples[Any], class_weight: ClassWeight
    ) -> tuple[Self, LabelledSequences, NDArray[np.float64] | None]:
        """Turn labels into class indices and weights.

        Returns the model with these samples counted, the data, and the weight of each class.
        """
        target = encode(samples.labels, self.classes)
        of_class = weight_of_classes(class_weight, samples.labels, self.classes)
        weight = loss_weights(samples.weights, of_class, target)
        data = LabelledSequences(sequences=samples.sequences, target=target, weight=weight)
        counted = replace(self, prior=self.prior.with_samples(target, samples.weights))
        return counted, data, of_class

    def turn(self, X: Any) -> AbstractContextManager[None]:
        """Return a context in which no other thread converts or predicts, if X is small."""
        return one_at_a_time(most_steps(X), device_of(self.network))

    def logits(self, sequences: Sequences) -> Tensor:
        """Return logits of sequences that are not scaled, (n_sequences, n_classes), float64; raise unless they are finite."""
        logits = self.with_shape(run_in_batches(self.network, self.contract.scaling.apply(sequences)))
        rows = self.rows_not_finite(logits)
        if rows:
            raise self._not_finite(sequences, rows)
        return logits

    def with_shape(self, logits: Tensor) -> Tensor:
        """Return logits in float64; raise unless they have the right shape."""
        logits = logits.double()
        if logits.shape[1:] != (len(self.classes),):
            raise ValueError(
                f"`network` must return logits of shape (batch, {len(self.classes)}) for any batch; got {tuple(logits.shape)} for "
                f"{len(logits)} sequences."
            )
        return logits

    def rows_not_finite(self, outputs: Tensor) -> list[int]:
        """Return the rows of outputs that are not finite; raise if the weights are not."""
        if isfinite(outputs.sum().item()):  # much faster than a test of each value
            return []
        rows: list[int] = (~torch.isfinite(outputs)).any(dim=1).nonzero()[:, 0].tolist()
        if rows:
            for name, weights in self.network.state_dict().items():
                if isinstance(weights, Tensor) and not torch.isfinite(weights).all():
                    raise TrainingDivergedError(
                        f"Each prediction must be finite; got {outputs[rows[0]].tolist()!r:.100} for row {rows[0]}, because the weights "
                        f"`{name}` of the network are not finite. Fit again with a smaller `lr`."
                    )
        return rows

    def _not_finite(self, sequences: Sequences, rows: Sequence[int]) -> ValueError:
        """Return the error for rows whose predictions are not finite, though the weights are."""
        scaled = self.contract.scaling.apply(sequences[rows[:1]])[:]
        if largest_value(scaled, 0) >= _LARGE:
            return too_large(sequences, rows)
        return ValueError(
            f"`network` must return finite predictions for finite sequences; got NaN or infinity for row {rows[0]}, whose scaled values "
            f"are at most {largest_value(scaled, 0):g}. Check its divisions and logarithms."
        )

    def summaries(self, sequences: Sequences) -> Tensor:
        """Return the pooled summary of each sequence that is not scaled, (n_sequences, n_summary_features), float32."""
        summaries = run_in_batches(self.network, self.contract.scaling.apply(sequences), self._summarize())
        rows = self.rows_not_finite(summaries)
        if rows:
            raise self._not_finite(sequences, rows)
        return summaries

    def n_summaries(self, scaled: Sequences) -> int:
        """Return the number of features of a summary, given any scaled sequences."""
        return run_in_batches(self.network, scaled, self._summarize()).shape[1]

    def _summarize(self) -> Callable[[Sequences], Tensor]:
        summarize: Callable[[Sequences], Tensor] | None = getattr(self.network, "summarize", None)
        if summarize is None:
            raise TypeError(
                f"`transform` needs a network with a method `summarize`; got {type(self.network).__name__}. Build it from a "
                "`seqclf.nn.SequenceNetwork`, or write `summarize(sequences) -> tensor of shape (batch, any)`."
            )
        return summarize


class Fitted:
    """The fitted attributes of an estimator, documented by its class."""

    _model: FittedModel

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "_model")

    def _checked(self) -> FittedModel:
        """Return what was learned; raise `NotFittedError`, an `AttributeError`, before `fit`."""
        check_is_fitted(self)
        return self._model

    @property
    def classes_(self) -> Labels:
        return self._checked().classes

    @property
    def n_features_in_(self) -> int:
        return self._checked().contract.n_features_in

    @property
    def feature_names_in_(self) -> NDArray[Any]:
        return self._checked().contract.column_names.feature_names_in

    @property
    def class_prior_(self) -> NDArray[np.float64]:
        return self._checked().prior.frequencies

    @property
    def auto_parameters_(self) -> dict[str, Any]:
        return dict(self._checked().automatic)

    @property
    def module_(self) -> nn.Module:
        return self._checked().network

    @property
    def history_(self) -> History:
        return self._checked().history

    @property
    def n_epochs_(self) -> int:
        return len(self._checked().history)

    @property
    def engine_(self) -> str:
        return str(getattr(self._checked().network, "engine_", "custom"))


def check_unchanged(first: Mapping[str, Any], given: Mapping[str, Any], made: str, cure: str) -> None:
    """Raise if parameters differ from those of the first fit; `made` says what was done with those."""
    for name, before in first.items():
        value = given[name]
        if not (value is before or _equal(value, before)):
            raise ValueError(
                f"`{name}` must not change when training resumes: {made} with {before!r:.80}; got {value!r:.80}. {cure}"
            )


def _equal(a: Any, b: Any) -> bool:
    """Return whether two parameters are equal; False if the comparison has no truth value, as for arrays."""
    try:
        return bool(a == b)
    except (TypeError, ValueError, RuntimeError):
        return False
