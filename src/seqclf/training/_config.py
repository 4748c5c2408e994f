"""Everything a training run is told, in one frozen value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from seqclf._checks import check_choice, check_integer, check_number

Schedule = Literal["one_cycle", "cosine", "plateau", "constant"]
SCHEDULES: tuple[Schedule, ...] = get_args(Schedule)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingConfig:
    """How long, how fast and how carefully to train.

    Parameters
    ----------
    max_epochs : int, default=12
        Passes over the data at most.
    lr : float, default=0.004
        Learning rate of AdamW; the peak of the schedules "one_cycle" and "cosine".
    schedule : {"one_cycle", "cosine", "plateau", "constant"}, default="one_cycle"
        Learning rate over the run. "plateau" halves it when the monitored loss has not improved for 2 epochs.
    weight_decay : float, default=0.01
        Decoupled weight decay of AdamW.
    gradient_clip : float or None, default=1.0
        Largest norm of the gradient; None does not clip.
    early_stopping : bool, default=False
        Stop when the validation loss stops improving, and restore the best weights.
    n_iter_no_change : int, default=5
        Epochs without improvement after which to stop.
    tol : float, default=1e-4
        Smallest decrease of the loss that counts as improvement.

    Raises
    ------
    ValueError, TypeError
        If a value is out of its range, or no number.

    References
    ----------
    Loshchilov & Hutter, Decoupled weight decay, arXiv:1711.05101. Smith & Topin, Super-convergence,
    arXiv:1708.07120 (one cycle).

    Examples
    --------
    >>> from seqclf.training import TrainingConfig
    >>> TrainingConfig(max_epochs=3).schedule
    'one_cycle'
    """

    max_epochs: int = 12
    lr: float = 4e-3
    schedule: Schedule = "one_cycle"
    weight_decay: float = 1e-2
    gradient_clip: float | None = 1.0
    early_stopping: bool = False
    n_iter_no_change: int = 5
    tol: float = 1e-4

    def __post_init__(self) -> None:
        check_choice("schedule", self.schedule, SCHEDULES)
        check_integer("max_epochs", self.max_epochs)
        check_integer("n_iter_no_change", self.n_iter_no_change)
        if not check_number("lr", self.lr) > 0:
            raise ValueError(f"`lr` must be positive; got {self.lr!r}. 0.004 is the default.")
        for name in ("weight_decay", "tol"):
            if not check_number(name, getattr(self, name)) >= 0:
                raise ValueError(f"`{name}` must not be negative; got {getattr(self, name)!r}.")
        if self.gradient_clip is not None and not check_number("gradient_clip", self.gradient_clip) > 0:
            raise ValueError(
                f"`gradient_clip` must be positive or None; got {self.gradient_clip!r}. None does not clip."
            )
