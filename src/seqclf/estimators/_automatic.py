"""Parameters that are "auto" -> values that suit the training samples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, log2
from typing import Any, Self, TypeVar

from seqclf._checks import check_integer
from seqclf.estimators._augmentation import cuts_prefixes
from seqclf.estimators._parameters import Parameters
from seqclf.sequences import LazySequences, Sequences

Estimator = TypeVar("Estimator", bound=Parameters)

# All numbers below were chosen by cross-validation inside of training sets: eight of the UCR/UEA archive, two tables of
# trajectories, and heartbeats. `docs/explanation/defaults.md` gives the reasons.

FEW_SAMPLES = 4096
"""Below this number of samples, networks have dropout, and long sequences are augmented."""

LONG_SEQUENCES = 64
"""From this median length on, a network reads several views of the sequences, and a stem shortens them before the recurrence."""

RATE = 0.004
"""The learning rate. For few long sequences, which are distorted, it is half of this."""

TRAINING_STEPS = 600
"""The least number of training steps."""

SAMPLES_SEEN = 50_000
"""Number of samples, counted once per epoch, that a network is trained on, in 12 to 50 epochs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSize:
    """What the automatic values depend on."""

    n_samples: int
    median_length: float
    has_tokens: bool = False

    @classmethod
    def of(cls, sequences: Sequences | LazySequences) -> Self:
        """Measure training samples."""
        return cls(
            n_samples=len(sequences),
            median_length=float(sequences.lengths.double().median()),
            has_tokens=sequences.tokens is not None,
        )

    @property
    def batch_size(self) -> int:
        """A 32nd of the samples, rounded to a power of two between 16 and 128."""
        return int(min(128, max(16, 2 ** round(log2(self.n_samples / 32)))))

    def max_epochs(self, batch_size: int) -> int:
        """As many epochs as 50,000 samples take, between 12 and 50, but always enough for 600 training steps."""
        steps_per_epoch = ceil(self.n_samples / min(batch_size, self.n_samples))
        epochs = min(50, max(12, SAMPLES_SEEN // self.n_samples))
        return max(epochs, ceil(TRAINING_STEPS / steps_per_epoch))

    @property
    def dropout(self) -> float:
        """0.2 for few samples, else 0."""
        return 0.2 if self.n_samples < FEW_SAMPLES else 0.0

    @property
    def is_long(self) -> bool:
        """Whether sequences are long, such as signals, where a single step carries little information; a token carries much."""
        return self.median_length >= LONG_SEQUENCES and not self.has_tokens

    @property
    def scale(self) -> str:
        """Several views of long sequences; a short one has too few steps to measure its own mean and standard deviation."""
        return "views" if self.is_long else "standard"

    @property
    def stem(self) -> str | None:
        """A convolutional stem for long sequences."""
        return "conv" if self.is_long else None

    @property
    def is_few_long(self) -> bool:
        """Whether there are few long sequences, which a network would memorise if training did not vary them."""
        return self.is_long and self.n_samples < FEW_SAMPLES

    @property
    def augmentation(self) -> str | None:
        """Distortions of few long sequences; those of short ones could change their class."""
        return "distort" if self.is_few_long else None

    @property
    def lr(self) -> float:
        """Half of the usual rate for few long sequences."""
        return RATE / 2 if self.is_few_long else RATE


def automatic_training(given: Parameters, size: DataSize) -> dict[str, Any]:
    """Choose the values for any network; those for recurrent networks only are chosen by `automatic_architecture`."""
    for name, kind in (("batch_size", "an integer"), ("max_epochs", "an integer"), ("lr", "a number")):
        _check_name(given, name, kind)
    batch_size = size.batch_size if is_automatic(given.batch_size) else given.batch_size
    batch_size = check_integer("batch_size", batch_size)
    values: dict[str, Any] = {
        "batch_size": batch_size,
        "max_epochs": size.max_epochs(batch_size),
        "lr": RATE,
        "augmentation": None,
        "scale": "standard",
    }
    return {name: value for name, value in values.items() if is_automatic(getattr(given, name))}


def automatic_architecture(given: Any, size: DataSize) -> dict[str, Any]:
    """Choose the values for a recurrent encoder; with a custom encoder or stem, features are standardised and not augmented.

    With prefixes, features are standardised too: other scales measure whole sequences.
    """
    _check_name(given, "dropout", "a number in [0, 1)")
    own = is_name(given.encoder) and (given.stem is None or is_name(given.stem))
    values: dict[str, Any] = {
        "stem": size.stem if is_name(given.encoder) else None,
        "scale": size.scale if own and not cuts_prefixes(given.augmentation) else "standard",
        "augmentation": size.augmentation if own and given.scale is not None else None,
        "lr": size.lr if own else RATE,
    }
    if is_name(given.encoder):
        values["dropout"] = size.dropout
    return {name: value for name, value in values.items() if is_automatic(getattr(given, name))}


def _check_name(given: Any, name: str, kind: str) -> None:
    """Raise if a number is given as text that is not "auto"."""
    value = getattr(given, name)
    if isinstance(value, str) and value != "auto":
        raise ValueError(f"`{name}` must be {kind} or 'auto'; got {value!r:.100}.")


def is_name(value: Any) -> bool:
    """Return whether a component is given by name."""
    return isinstance(value, str)


def is_automatic(value: Any) -> bool:
    """Return whether a parameter is "auto"; an array that is compared with a string has no truth value."""
    return isinstance(value, str) and value == "auto"


def with_values(given: Estimator, values: Mapping[str, Any]) -> Estimator:
    """Return a copy of an estimator with the chosen values in place of "auto"."""
    chosen = object.__new__(type(given))  # `copy.copy` would copy the fitted model and the callbacks
    vars(chosen).update(vars(given) | dict(values))
    return chosen
