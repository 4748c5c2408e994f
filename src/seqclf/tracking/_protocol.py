"""What a tracker is told of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

from seqclf.evaluation import Report
from seqclf.training import EpochRecord

if TYPE_CHECKING:
    from seqclf.estimators import RecurrentClassifier

RunStatus = Literal["complete", "pruned", "failed", "interrupted"]
"""How a run ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInfo:
    """One training: its name, the sweep it belongs to, its parameters.

    Parameters
    ----------
    name : str
        What the run is called. It need not be unique: a tracker that would overwrite another run adds a number.
    parameters : mapping of str to anything
        What the run was made with. Trackers keep numbers, strings, truth values, None, and lists and mappings of those;
        of all else its `repr`.
    group : str or None, default=None
        Name of the sweep.

    Raises
    ------
    ValueError
        If the name or the group is empty.

    Examples
    --------
    >>> from seqclf.tracking import RunInfo
    >>> RunInfo(name="trial-0003", group="beats", parameters={"lr": 0.01})
    RunInfo(name='trial-0003', parameters={'lr': 0.01}, group='beats')
    """

    name: str
    parameters: Mapping[str, Any]
    group: str | None = None

    def __post_init__(self) -> None:
        for field in ("name", "group"):
            if getattr(self, field) == "":
                raise ValueError(
                    f"`{field}` must not be empty; got ''. Name what tells this one from others."
                )


@runtime_checkable
class Tracker(Protocol):
    """What a tracker of your own must do: four methods, called in this order, for one run after the other.

    A tracker may raise: it is told no more of that run, a warning says so, and the training goes on. A sweep with several
    processes pickles its trackers before any run.

    Examples
    --------
    >>> from seqclf import GRUClassifier
    >>> from seqclf.tracking import Tracker
    >>> from seqclf.tuning import IntRange, sweep
    >>> class Shout:
    ...     def start(self, run):
    ...         print(run.name.upper())
    ...     def log_epoch(self, record):
    ...         print(f"epoch {record.epoch}!")
    ...     def log_report(self, report, model=None):
    ...         print(f"{report.n_samples} samples!")
    ...     def finish(self, status):
    ...         print(f"{status}!")
    >>> isinstance(Shout(), Tracker)
    True
    >>> X, y = [[0.1, 0.9], [0.9, 0.1]] * 10, [1, 0] * 10
    >>> result = sweep(GRUClassifier(max_epochs=1), {"hidden_size": IntRange(2, 4)}, X, y, n_trials=1, trackers=[Shout()])
    TRIAL-0000
    epoch 1!
    4 samples!
    complete!
    """

    def start(self, run: RunInfo) -> None:
        """Begin a run."""
        ...

    def log_epoch(self, record: EpochRecord) -> None:
        """Take what happened in an epoch."""
        ...

    def log_report(self, report: Report, model: RecurrentClassifier | None = None) -> None:
        """Take the scores of the fitted model on samples held out, and the model itself.

        In the sweep of a pipeline, `model` is the whole pipeline.
        """
        ...

    def finish(self, status: RunStatus) -> None:
        """End the run."""
        ...


def status_of(error: BaseException | None) -> RunStatus:
    """Return how a run ended that was left with this error."""
    if error is None:
        return "complete"
    # Optuna need not be installed, so its exception is known by its name.
    if any(kind.__name__ == "TrialPruned" for kind in type(error).__mro__):
        return "pruned"
    return "failed" if isinstance(error, Exception) else "interrupted"
