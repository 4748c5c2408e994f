"""The result of a sweep, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from seqclf.tuning._trial_record import TrialRecord

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepResult:
    """The trials of a sweep, and the best model, fitted to all samples.

    Parameters
    ----------
    study_name : str
        Name of the sweep in its storage.
    scoring : str
        Name of the score, which the sweep maximises.
    trials : tuple of TrialRecord
        Trials in the order in which they began.
    best_estimator : estimator or None, default=None
        The best parameters fitted to all samples; None after an interruption, with `refit=False`, or without a complete trial.
    param_importances : mapping of str to float, default={}
        Share of each decision in what distinguishes the best tenth of the trials from all of them (PED-ANOVA, Watanabe et al.
        2023, arXiv:2304.10255). Pruned trials count with their last intermediate value if that is a score. Empty for fewer
        than ten trials.
    compared_by : str or None, default=None
        What the `intermediate_values` of trials are if not the score: the `monitor`, or "minus the validation loss".

    Examples
    --------
    >>> from seqclf.tuning import SweepResult, TrialRecord
    >>> trials = [TrialRecord(number=i, status="complete", score=s, params={"lr": s}) for i, s in enumerate([0.1, 0.3])]
    >>> result = SweepResult(study_name="demo", scoring="f1_macro", trials=tuple(trials))
    >>> result.best_score, result.best_params
    (0.3, {'lr': 0.3})
    """

    study_name: str
    scoring: str
    trials: tuple[TrialRecord, ...]
    best_estimator: Any = None
    param_importances: Mapping[str, float] = field(default_factory=dict)
    compared_by: str | None = None

    @property
    def best_trial(self) -> TrialRecord:
        """The complete trial with the highest score, the first of equal ones; ValueError if no trial is complete."""
        complete = [trial for trial in self.trials if trial.score is not None and trial.status == "complete"]
        if not complete:
            reasons = [f" Trial {t.number} failed: {t.reason}" for t in self.trials if t.reason is not None]
            message = f"`best_trial` needs a complete trial; got {self._count() or 'none'}.{reasons[0] if reasons else ''}"
            raise ValueError(message if message.endswith((".", "?", "!")) else f"{message}.")
        return max(complete, key=lambda trial: (trial.score, -trial.number))

    @property
    def best_params(self) -> dict[str, Any]:
        """The parameters of the best trial, as passed to `set_params`."""
        return dict(self.best_trial.params)

    @property
    def best_score(self) -> float:
        """The score of the best trial."""
        score = self.best_trial.score
        assert score is not None
        return score

    def to_dataframe(self) -> pd.DataFrame:
        """Return a table with one row per trial and a column `params_<name>` for each parameter.

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
                "`to_dataframe` needs pandas, which is not installed. Run `pip install pandas`."
            ) from error
        rows = [
            {
                "number": trial.number,
                "status": trial.status,
                "score": trial.score,
                "seconds": trial.seconds,
                "n_intermediate_values": len(trial.intermediate_values),
                "reason": trial.reason,
                **{f"params_{name}": value for name, value in trial.params.items()},
            }
            for trial in self.trials
        ]
        return pd.DataFrame(rows)

    def plot(self) -> Figure:
        """Plot the history of the best score, the learning curves, parameter importances, and the score against each parameter.

        Returns
        -------
        matplotlib.figure.Figure
            Independent of pyplot: no window opens; `figure.savefig("sweep.png")` writes a file.

        Raises
        ------
        ValueError
            If no trial has a score.
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
        """Return the number of trials of each status."""
        statuses = [trial.status for trial in self.trials]
        return ", ".join(f"{statuses.count(status)} {status}" for status in dict.fromkeys(statuses))
