"""What came of a sweep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from seqclf.tuning._state import TrialStatus

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRecord:
    """One trial of a sweep.

    Parameters
    ----------
    number : int
        Its place in the sweep.
    status : {"complete", "pruned", "failed", "interrupted", "running"}
        What has become of it.
    score : float or None
        Mean score over the held-out parts, of a complete trial.
    parameters : mapping
        What it was fitted with, as for `set_params`.
    epochs : tuple of float
        What trials were compared by: the score after each epoch of the first part, then the mean after each part. With a
        score that training does not compute after each epoch, minus the loss on the held-out part.
    seconds : float or None
        How long it took, None while it runs.
    reason : str or None
        Why it failed.

    Examples
    --------
    >>> from seqclf.tuning import TrialRecord
    >>> TrialRecord(number=0, status="failed", reason="TrainingDivergedError: The loss ...").score is None
    True
    """

    number: int
    status: TrialStatus
    score: float | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    epochs: tuple[float, ...] = ()
    seconds: float | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepResult:
    """The trials of a sweep, and the best of them fitted to all samples.

    Parameters
    ----------
    study_name : str
        What the sweep is called in its storage.
    scoring : str
        What is to be large.
    trials : tuple of TrialRecord
        In the order in which they began.
    best_estimator : estimator or None, default=None
        The best parameters fitted to all samples; None after an interruption, without a complete trial, or if it was not
        asked for.
    importances : mapping of str to float, default={}
        Share of each decision in what sets the best tenth of the trials apart from all (PED-ANOVA, Watanabe et al. 2023,
        arXiv:2304.10255); trials that were stopped count with their last score. Empty for fewer than ten trials.

    Examples
    --------
    >>> from seqclf.tuning import SweepResult, TrialRecord
    >>> trials = [TrialRecord(number=i, status="complete", score=s, parameters={"lr": s}) for i, s in enumerate([0.1, 0.3])]
    >>> result = SweepResult(study_name="demo", scoring="f1_macro", trials=tuple(trials))
    >>> result.best_score, result.best_params
    (0.3, {'lr': 0.3})
    """

    study_name: str
    scoring: str
    trials: tuple[TrialRecord, ...]
    best_estimator: Any = None
    importances: Mapping[str, float] = field(default_factory=dict)

    @property
    def best_trial(self) -> TrialRecord:
        """The complete trial of the largest score, the first of equals; ValueError if none is complete."""
        complete = [trial for trial in self.trials if trial.score is not None and trial.status == "complete"]
        if not complete:
            reasons = [f" Trial {t.number} failed: {t.reason}." for t in self.trials if t.reason is not None]
            raise ValueError(
                f"A best trial needs a complete one; got {self._count() or 'none'}.{reasons[0] if reasons else ''}"
            )
        return max(complete, key=lambda trial: (trial.score, -trial.number))

    @property
    def best_params(self) -> dict[str, Any]:
        """The parameters of the best trial, as for `set_params`."""
        return dict(self.best_trial.parameters)

    @property
    def best_score(self) -> float:
        """The score of the best trial."""
        score = self.best_trial.score
        assert score is not None
        return score

    def to_dataframe(self) -> pd.DataFrame:
        """Return a row for each trial: its number, status, score, seconds, epochs, reason, and each parameter.

        Returns
        -------
        pandas.DataFrame

        Raises
        ------
        ImportError
            Without pandas.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise ImportError(
                "`to_dataframe` needs pandas; it is not installed. Run `pip install pandas`."
            ) from error
        rows = [
            {
                "number": trial.number,
                "status": trial.status,
                "score": trial.score,
                "seconds": trial.seconds,
                "n_epochs": len(trial.epochs),
                "reason": trial.reason,
                **{f"parameter_{name}": value for name, value in trial.parameters.items()},
            }
            for trial in self.trials
        ]
        return pd.DataFrame(rows)

    def plot(self) -> Figure:
        """Draw the history, the parameters of each trial, what they were worth, and how the trials learned.

        Returns
        -------
        matplotlib.figure.Figure
            Independent of pyplot: nothing is opened; `figure.savefig("sweep.png")` writes it.

        Raises
        ------
        ValueError
            Without a trial that has a score.
        ImportError
            Without the `plots` extra.
        """
        from seqclf.tuning._plot import plot_sweep

        return plot_sweep(self)

    def __repr__(self) -> str:
        best = [
            trial.score for trial in self.trials if trial.status == "complete" and trial.score is not None
        ]
        shown = f"best {self.scoring} {max(best):.4f}" if best else "no score"
        return f"SweepResult({self.study_name!r}, {self._count()}, {shown})"

    def _count(self) -> str:
        """Return how many trials there are of each status."""
        statuses = [trial.status for trial in self.trials]
        return ", ".join(f"{statuses.count(status)} {status}" for status in dict.fromkeys(statuses))
