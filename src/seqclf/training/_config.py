"""The parameters of training, in one frozen value."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from seqclf._checks import check_boolean, check_integer, check_not_negative, check_positive, convert_fields
from seqclf.training._monitor import Monitor, check_monitor
from seqclf.training._optimizer import OPTIMIZER, OptimizerChoice
from seqclf.training._schedule import SCHEDULE, ScheduleChoice


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingConfig:
    """The parameters of training.

    Parameters
    ----------
    max_epochs : int, default=12
        Largest number of epochs.
    optimizer : {"adamw", "adam", "sgd"}, a class of torch.optim, or a factory, default="adamw"
        Updates the weights; see `new_optimizer`.
    lr : float, default=0.004
        Learning rate; the peak of the schedules "one_cycle" and "cosine".
    schedule : {"one_cycle", "cosine", "plateau", "constant"} or a factory, default="one_cycle"
        Learning rate over the run. "plateau" halves it when the validation loss (without validation data, the training loss)
        has not improved for 2 epochs. A factory is called with a `ScheduleSpec` and the generator.
    weight_decay : float, default=0.01
        Weight decay of matrices; biases and norms are not decayed.
    gradient_clip : float or None, default=1.0
        Maximum norm of the gradient; None does not clip.
    early_stopping : bool, default=False
        Whether to stop when `monitor` no longer improves, and restore the best weights.
    monitor : {"valid_loss", "valid_macro_f1", "valid_accuracy"} or callable, default="valid_loss"
        What `early_stopping` monitors. A callable maps the true and the predicted class indices of the
        validation set, arrays of shape (n_samples,), to a number where larger is better.
    n_iter_no_change : int, default=5
        Epochs without improvement after which to stop. Those in which the schedule still raises the learning rate do not count.
    tol : float, default=1e-4
        Smallest change that counts as improvement.

    Raises
    ------
    ValueError, TypeError
        If a value is out of range or of the wrong type.

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
    optimizer: OptimizerChoice = "adamw"
    lr: float = 4e-3
    schedule: ScheduleChoice = "one_cycle"
    weight_decay: float = 1e-2
    gradient_clip: float | None = 1.0
    early_stopping: bool = False
    monitor: Monitor = "valid_loss"
    n_iter_no_change: int = 5
    tol: float = 1e-4

    def __post_init__(self) -> None:
        OPTIMIZER.check(self.optimizer)
        SCHEDULE.check(self.schedule)
        check_monitor(self.monitor)
        convert_fields(
            self,
            max_epochs=check_integer,
            lr=partial(check_positive, advice="0.004 is the default."),
            weight_decay=check_not_negative,
            early_stopping=check_boolean,
            n_iter_no_change=check_integer,
            tol=check_not_negative,
        )
        if self.gradient_clip is not None:
            convert_fields(self, gradient_clip=partial(check_positive, advice="None does not clip."))
