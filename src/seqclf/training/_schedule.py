"""The learning rate over a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch.optim import Optimizer
from torch.optim.lr_scheduler import (
    CosineAnnealingLR,
    LRScheduler,
    OneCycleLR,
    ReduceLROnPlateau,
)

from seqclf._components import Seam

ScheduleName = Literal["one_cycle", "cosine", "plateau", "constant"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScheduleSpec:
    """The argument of a schedule factory.

    Parameters
    ----------
    optimizer : torch.optim.Optimizer
        Optimizer whose learning rate is set.
    lr : float
        The learning rate that the user chose.
    max_epochs, steps_per_epoch : int
        Length of the run.

    Notes
    -----
    A factory returns a schedule of `torch.optim.lr_scheduler`. `ReduceLROnPlateau` is stepped after each epoch, with the
    validation loss; any other one after each batch.

    Examples
    --------
    >>> from torch.optim.lr_scheduler import LinearLR
    >>> from seqclf import GRUClassifier
    >>> def linear(spec, generator):
    ...     return LinearLR(spec.optimizer, start_factor=1.0, end_factor=0.01, total_iters=spec.total_steps)
    >>> X, y = [[0.1, 0.9], [0.9, 0.1]] * 8, [1, 0] * 8
    >>> model = GRUClassifier(hidden_size=4, schedule=linear, lr=0.1, max_epochs=2, random_state=0).fit(X, y)
    >>> [round(lr, 4) for lr in model.history_["lr"]]
    [0.1, 0.0505]
    """

    optimizer: Optimizer
    lr: float
    max_epochs: int
    steps_per_epoch: int

    @property
    def total_steps(self) -> int:
        """Batches of the whole run."""
        return self.max_epochs * self.steps_per_epoch


ScheduleChoice = ScheduleName | Callable[[ScheduleSpec, torch.Generator], LRScheduler]


def _is_schedule(value: Any) -> bool:
    return isinstance(value, LRScheduler | ReduceLROnPlateau)


SCHEDULE: Seam[ScheduleSpec, Any] = Seam(
    parameter="schedule",
    names={
        # Momentum stays constant: if both changed, a result could not be attributed to one of them.
        "one_cycle": lambda spec, _: OneCycleLR(
            spec.optimizer, max_lr=spec.lr, total_steps=spec.total_steps, cycle_momentum=False
        ),
        "cosine": lambda spec, _: CosineAnnealingLR(spec.optimizer, T_max=spec.total_steps),
        "plateau": lambda spec, _: ReduceLROnPlateau(spec.optimizer, factor=0.5, patience=2),
        "constant": lambda spec, _: None,
    },
    is_instance=_is_schedule,
    kind="a schedule of torch.optim.lr_scheduler",
)


class LearningRate:
    """Steps a schedule after each batch or, on a plateau, after each epoch.

    Attributes
    ----------
    is_rising : bool
        Whether the last change was an increase: the warm-up of a schedule is not over.
    """

    def __init__(
        self, schedule: ScheduleChoice, spec: ScheduleSpec, generator: torch.Generator | None = None
    ) -> None:
        if _is_schedule(schedule):
            name = type(schedule).__name__
            raise ValueError(
                f"`schedule` must be made for the optimizer that `fit` builds; got an instance, {name}. Pass a factory: "
                f"`lambda spec, generator: {name}(spec.optimizer, ...)`."
            )
        self._optimizer = spec.optimizer
        self._schedule = SCHEDULE.build(
            schedule, spec, torch.Generator("cpu") if generator is None else generator
        )
        self._last = self.current
        self.is_rising: bool = False

    @property
    def current(self) -> float:
        """The learning rate of the next step."""
        return float(self._optimizer.param_groups[0]["lr"])

    def state(self) -> dict[str, Any]:
        """Return what `load_state` restores; the rate itself belongs to the optimizer."""
        schedule = None if self._schedule is None else self._schedule.state_dict()
        return {"schedule": schedule, "last": self._last, "is_rising": self.is_rising}

    def load_state(self, state: dict[str, Any]) -> None:
        """Continue where another one stopped."""
        if self._schedule is not None:
            self._schedule.load_state_dict(state["schedule"])
        self._last, self.is_rising = state["last"], state["is_rising"]

    def after_batch(self) -> None:
        """Advance by one step."""
        if self._schedule is not None and not isinstance(self._schedule, ReduceLROnPlateau):
            self._schedule.step()
            if self.current != self._last:
                self.is_rising = self.current > self._last
            self._last = self.current

    def after_epoch(self, loss: float) -> None:
        """Advance by one epoch that ended with this loss."""
        if isinstance(self._schedule, ReduceLROnPlateau):
            self._schedule.step(loss)
