"""`EarlyScores`: how well, and after how much of each sequence, one rule decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from seqclf.evaluation._report import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlyScores:
    """Scores of predictions from prefixes, and how much of the sequences was read for them; created by `earliness`.

    Parameters
    ----------
    value : float
        The share of each sequence, or the threshold, that the rule uses.
    share_read : float in (0, 1]
        Mean share of the steps that was read.
    share_read_per_class : dict of str to (float or None)
        The same for the sequences of each true class, by the names in the report; None for a class without sequences.
    report : Report
        Scores of the predictions.

    Examples
    --------
    >>> from seqclf.evaluation import EarlyScores, evaluate
    >>> report = evaluate(["N", "N", "V", "V"], ["N", "V", "V", "V"])
    >>> scores = EarlyScores(
    ...     value=0.9, share_read=0.4, share_read_per_class={"N": 0.3, "V": 0.5}, report=report
    ... )
    >>> scores
    EarlyScores(0.9: 0.400 read, accuracy 0.7500, macro F1 0.7333)
    >>> round(scores.harmonic_mean, 4)
    0.6667
    """

    value: float
    share_read: float
    share_read_per_class: dict[str, float | None]
    report: Report

    @property
    def accuracy(self) -> float:
        """Share of the samples that were predicted correctly."""
        return self.report.accuracy

    @property
    def macro_f1(self) -> float:
        """Unweighted mean F1 of the classes."""
        return self.report.macro_f1

    @property
    def harmonic_mean(self) -> float:
        """Harmonic mean of the accuracy and the share not read; 0.0 if all is read."""
        saved = 1.0 - self.share_read
        return 2 * saved * self.accuracy / (saved + self.accuracy) if saved > 0 else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Return all scores as JSON types."""
        return {
            "value": self.value,
            "share_read": self.share_read,
            "share_read_per_class": dict(self.share_read_per_class),
            "harmonic_mean": self.harmonic_mean,
            "report": self.report.to_dict(),
        }

    def __repr__(self) -> str:
        return (
            f"EarlyScores({self.value:g}: {self.share_read:.3f} read, accuracy {self.accuracy:.4f}, "
            f"macro F1 {self.macro_f1:.4f})"
        )


def table(title: str, rows: Sequence[EarlyScores]) -> str:
    """Return the scores as text, one line for each rule; `title` says what its value is."""
    lines = [f"{title}  read   accuracy  macro F1  harmonic mean"]
    lines += [
        f"{scores.value:{len(title)}.2f}  {scores.share_read:.3f}  {scores.accuracy:8.3f}  {scores.macro_f1:8.3f}  "
        f"{scores.harmonic_mean:13.3f}"
        for scores in rows
    ]
    return "\n".join(lines)
