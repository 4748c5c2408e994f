"""The interface of a run tracker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

from seqclf.evaluation import Report
from seqclf.training import EpochRecord

if TYPE_CHECKING:
    from seqclf.estimators import SequenceClassifier

RunStatus = Literal["complete", "pruned", "failed", "interrupted"]
"""How a run ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInfo:
    """Name, parameters and group of a run.

    Parameters
    ----------
    name : str
        Name of the run. It need not be unique: a tracker that would overwrite another run appends a number.
    parameters : mapping of str to object
        Parameters of the run. Trackers store numbers, strings, booleans, None, and lists and mappings of these; other values
        as their `repr`.
    group : str or None, default=None
        Name of the sweep that the run belongs to.

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
                    f"`{field}` must not be empty; got ''. Use a name that identifies the {'run' if field == 'name' else 'sweep'}."
                )


@runtime_checkable
class Tracker(Protocol):
    """Interface of a custom run tracker: four methods, called in this order for each run, one run at a time.

    If a method raises, a warning is issued, training continues, and the tracker receives nothing more of that run. A sweep
    with several processes pickles its trackers before the first run.

    The trackers of this package are callbacks of a single `fit`, too. For a custom one, `Tracking` is that callback.

    Examples
    --------
    >>> from seqclf import GRUClassifier
    >>> from seqclf.tracking import Tracker
    >>> from seqclf.tuning import IntRange, sweep
    >>> class Print:
    ...     def start(self, run):
    ...         print(run.name.upper())
    ...     def log_epoch(self, record):
    ...         print(f"epoch {record.epoch}!")
    ...     def log_report(self, report, model=None):
    ...         print(f"{report.n_samples} samples!")
    ...     def finish(self, status):
    ...         print(f"{status}!")
    >>> isinstance(Print(), Tracker)
    True
    >>> X, y = [[0.1, 0.9], [0.9, 0.1]] * 10, [1, 0] * 10
    >>> result = sweep(GRUClassifier(max_epochs=1), {"hidden_size": IntRange(2, 4)}, X, y, n_trials=1, trackers=[Print()])
    TRIAL-0000
    epoch 1!
    4 samples!
    complete!
    """

    def start(self, run: RunInfo) -> None:
        """Start a run."""
        ...

    def log_epoch(self, record: EpochRecord) -> None:
        """Log an epoch."""
        ...

    def log_report(self, report: Report, model: SequenceClassifier | None = None) -> None:
        """Log a report on held-out samples, and the fitted model; in the sweep of a pipeline, the whole pipeline."""
        ...

    def finish(self, status: RunStatus) -> None:
        """Finish the run."""
        ...


def status_of(error: BaseException | None) -> RunStatus:
    """Return the status of a run that ended with this error, or with None."""
    if error is None:
        return "complete"
    # By name, because Optuna may not be installed.
    if any(kind.__name__ == "TrialPruned" for kind in type(error).__mro__):
        return "pruned"
    return "failed" if isinstance(error, Exception) else "interrupted"
