"""Scores of each epoch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Loss, accuracy and macro F1 over a set of samples, and a custom monitor if there is one.

    Examples
    --------
    >>> from seqclf.training import Scores
    >>> Scores(loss=0.5, accuracy=0.9, macro_f1=0.8).macro_f1
    0.8
    """

    loss: float
    accuracy: float
    macro_f1: float
    monitor: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochRecord:
    """One epoch: its scores, learning rate and wall time in seconds.

    Training scores are those of the batches during the epoch, with dropout and augmentation, while the weights still changed.
    Validation scores are those at the end of the epoch, None without validation data. `valid_monitor` is the value of a custom
    monitor.

    Examples
    --------
    >>> from seqclf.training import EpochRecord
    >>> record = EpochRecord(epoch=1, seconds=2.0, lr=0.1, train_loss=0.5, train_accuracy=1.0, train_macro_f1=1.0)
    >>> record.monitored_loss
    0.5
    """

    epoch: int
    seconds: float
    lr: float
    train_loss: float
    train_accuracy: float
    train_macro_f1: float
    valid_loss: float | None = None
    valid_accuracy: float | None = None
    valid_macro_f1: float | None = None
    valid_monitor: float | None = None

    @property
    def monitored_loss(self) -> float:
        """The validation loss; without validation data, the training loss."""
        return self.train_loss if self.valid_loss is None else self.valid_loss

    def cost(self, monitor: str) -> float:
        """Return a monitored value such that smaller is better; without validation data, that of training."""
        value: float | None = getattr(self, monitor)
        if value is None:
            value = getattr(self, monitor.replace("valid_", "train_"), None)
        if value is None:
            raise ValueError("A custom `monitor` needs validation data; got none.")
        return value if monitor == "valid_loss" else -value


@dataclass(slots=True)
class History:
    """The epochs of a training, in order.

    Examples
    --------
    >>> from seqclf.training import EpochRecord, History
    >>> epoch = EpochRecord(epoch=1, seconds=0.1, lr=0.1, train_loss=0.5, train_accuracy=1.0, train_macro_f1=1.0)
    >>> history = History([epoch])
    >>> history["train_loss"]
    [0.5]
    """

    epochs: list[EpochRecord] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.epochs)

    def __iter__(self) -> Iterator[EpochRecord]:
        return iter(self.epochs)

    def __getitem__(self, name: str) -> list[float | None]:
        """Return one column, a value per epoch."""
        names = [f.name for f in fields(EpochRecord)]
        if name not in names:
            raise KeyError(f"A column of the history must be one of {names}; got {name!r}.")
        return [getattr(epoch, name) for epoch in self.epochs]

    def to_dict(self) -> dict[str, list[float | None]]:
        """Return all columns."""
        return {f.name: self[f.name] for f in fields(EpochRecord)}

    def to_records(self) -> list[dict[str, float | None]]:
        """Return one dictionary per epoch."""
        return [asdict(epoch) for epoch in self.epochs]
