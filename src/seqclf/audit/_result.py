"""`PaddingAudit`: the verdicts of an audit and the likely mistake."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Verdict = Literal["holds", "broken", "not tested"]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvariantCheck:
    """One invariant of the predictions, and whether it holds.

    Parameters
    ----------
    name : str
        "determinism", "padding content", "padding amount", "order", "neighbours", "batch size", "true zeros" or
        "lengths".
    verdict : {"holds", "broken", "not tested"}
        "broken" if a probability changed by more than the audit's tolerance.
    largest_change : float, default=0.0
        Largest change of a probability, in [0, 1].
    n_flips : int, default=0
        Number of sequences whose most probable class changed.
    worst : tuple of int, default=()
        Rows of `X` that changed most, in descending order; at most five, and only those beyond the tolerance.
    note : str, default=""
        Why the invariant was not tested, or what else was found.

    Examples
    --------
    >>> from seqclf.audit import InvariantCheck
    >>> InvariantCheck(name="order", verdict="broken", largest_change=0.4, n_flips=3, worst=(7, 2)).verdict
    'broken'
    """

    name: str
    verdict: Verdict
    largest_change: float = 0.0
    n_flips: int = 0
    worst: tuple[int, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaddingAudit:
    """Result of `audit_padding`.

    Parameters
    ----------
    checks : tuple of InvariantCheck
        One for each invariant.
    diagnosis : str or None
        The likely mistake in one sentence; None if none was found.
    pooled_steps : dict of str to str, default={}
        Steps of the last recurrent layer that reach the head, for each direction (`{"forward": "last real step", ...}`);
        "unknown" if no gradient reaches its states, for example because the weights are frozen; empty if the model is not a
        torch module with such a layer, or its predictions are not deterministic.
    n_sequences : int
        Number of audited sequences.
    tolerance : float
        Largest change of a probability that counts as rounding.

    Examples
    --------
    >>> import numpy as np
    >>> from seqclf.audit import audit_padding
    >>> X = np.array([[0.2, 0.9, 0.4, 0.0], [0.7, 0.1, 0.0, 0.0], [0.3, 0.3, 0.8, 0.5]])
    >>> audit = audit_padding(lambda table: 1 / (1 + np.exp(-table.mean(axis=1))), X)
    >>> audit.passed, audit["padding amount"].verdict
    (False, 'broken')
    >>> audit.diagnosis
    'every padded step affects the prediction, the less the more there are: a mean (or attention) is probably taken ...'
    """

    checks: tuple[InvariantCheck, ...]
    diagnosis: str | None
    pooled_steps: Mapping[str, str] = field(default_factory=dict)
    n_sequences: int
    tolerance: float

    @property
    def passed(self) -> bool:
        """Whether no mistake was found."""
        return self.diagnosis is None

    def __getitem__(self, name: str) -> InvariantCheck:
        """Return the check of this name."""
        for check in self.checks:
            if check.name == name:
                return check
        raise KeyError(f"A check must be one of {[check.name for check in self.checks]}; got {name!r}.")

    def to_dict(self) -> dict[str, Any]:
        """Return the audit as plain values, for JSON."""
        return asdict(self) | {"passed": self.passed}

    def __str__(self) -> str:
        return _text(self)


def _text(audit: PaddingAudit) -> str:
    """Write one line per check, then the pooled steps and the diagnosis."""
    lines = [f"{'':17s} {'verdict':10s} {'largest change':>14s} {'flips':>6s}"]
    for check in audit.checks:
        tested = check.verdict != "not tested"
        change, flips = (f"{check.largest_change:.2g}", f"{check.n_flips}") if tested else ("", "")
        line = f"{check.name:17s} {check.verdict:10s} {change:>14s} {flips:>6s}"
        if check.worst:
            line += f"  rows {', '.join(map(str, check.worst))}"
        lines.append(f"{line}  {check.note}".rstrip())
    if audit.pooled_steps:
        steps = ", ".join(f"{name} ({direction})" for direction, name in audit.pooled_steps.items())
        lines += ["", f"Pooled steps: {steps}."]
    verdict = (
        "Passed: padding affects no prediction in these tests."
        if audit.diagnosis is None
        else f"Likely mistake: {audit.diagnosis}."
    )
    return "\n".join([*lines, "", f"{audit.n_sequences} sequences, tolerance {audit.tolerance:g}. {verdict}"])
