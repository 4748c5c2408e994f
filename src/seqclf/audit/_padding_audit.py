"""`PaddingAudit`: does padding reach a model's answer, and by which mistake?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Verdict = Literal["holds", "broken", "not tested"]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvariantCheck:
    """One thing that must not change an answer, and whether it did.

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
        Sequences whose most probable class changed.
    worst : tuple of int, default=()
        Rows of `X` that changed most, the worst first; at most five, and only those beyond the tolerance.
    note : str, default=""
        Why it was not tested, or what was seen.

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
    """What `audit_padding` found.

    Parameters
    ----------
    checks : tuple of InvariantCheck
        One for each invariant.
    diagnosis : str or None
        The likely mistake in one sentence; None if nothing is wrong.
    read_out : dict of str to str, default={}
        At which step the head reads each direction of the last recurrent layer ("forward": "last real step", ...);
        empty where that could not be seen.
    n_sequences : int
        Sequences that were audited.
    tolerance : float
        Change of a probability that counts.

    Examples
    --------
    >>> import numpy as np
    >>> from seqclf.audit import audit_padding
    >>> X = np.array([[0.2, 0.9, 0.4, 0.0], [0.7, 0.1, 0.0, 0.0], [0.3, 0.3, 0.8, 0.5]])
    >>> audit = audit_padding(lambda table: 1 / (1 + np.exp(-table.mean(axis=1))), X)
    >>> audit.passed, audit["padding amount"].verdict
    (False, 'broken')
    >>> audit.diagnosis
    'each padded step counts, the less the more there are: a mean (or attention) is probably taken over all columns, ...'
    """

    checks: tuple[InvariantCheck, ...]
    diagnosis: str | None
    read_out: Mapping[str, str] = field(default_factory=dict)
    n_sequences: int
    tolerance: float

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong in what could be tested."""
        return self.diagnosis is None

    def __getitem__(self, name: str) -> InvariantCheck:
        """Return the check of this name."""
        for check in self.checks:
            if check.name == name:
                return check
        raise KeyError(f"A check must be one of {[check.name for check in self.checks]}; got {name!r}.")

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return asdict(self) | {"passed": self.passed}

    def __str__(self) -> str:
        return audit_text(self)


def audit_text(audit: PaddingAudit) -> str:
    """Write one line per check, then what was read and the diagnosis."""
    lines = [f"{'':17s} {'verdict':10s} {'largest change':>14s} {'flips':>6s}"]
    for check in audit.checks:
        figures = (
            ("", "") if check.verdict == "not tested" else (f"{check.largest_change:.2g}", f"{check.n_flips}")
        )
        line = f"{check.name:17s} {check.verdict:10s} {figures[0]:>14s} {figures[1]:>6s}"
        if check.worst:
            line += f"  rows {', '.join(map(str, check.worst))}"
        lines.append(f"{line}  {check.note}".rstrip())
    if audit.read_out:
        places = ", ".join(f"{direction} at {place}" for direction, place in audit.read_out.items())
        lines += ["", f"The head reads: {places}."]
    verdict = (
        "No padding reaches the answer, as far as this was tested."
        if audit.diagnosis is None
        else f"Likely: {audit.diagnosis}."
    )
    return "\n".join([*lines, "", f"{audit.n_sequences} sequences, tolerance {audit.tolerance:g}. {verdict}"])
