"""Verdicts -> a tally of each family, as text and as data."""

from __future__ import annotations

import json
import platform
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from attack.attacks import Attack
from attack.verdicts import FAULTS, Verdict

COLUMNS = ("named error", "right result", *FAULTS)
PACKAGES = ("torch", "numpy", "scikit-learn", "pandas", "optuna")


def tally(attacks: Sequence[Attack], verdicts: Mapping[int, Verdict], seed: int) -> dict[str, Any]:
    """Return how many attacks of each family got each verdict, and every fault."""
    counts: dict[str, Counter[str]] = {}
    for i, verdict in verdicts.items():
        if verdict.kind != "not possible":
            counts.setdefault(attacks[i].family, Counter())[verdict.kind] += 1
    faults = [
        {"attack": attacks[i].key, "verdict": verdict.kind, "text": verdict.text[:500]}
        for i, verdict in verdicts.items()
        if verdict.kind in FAULTS
    ]
    return {
        "seed": seed,
        "python": platform.python_version(),
        "versions": {name: version(name) for name in PACKAGES},
        "families": {
            family: {name: found[name] for name in COLUMNS} for family, found in sorted(counts.items())
        },
        "faults": faults,
    }


def as_text(result: Mapping[str, Any]) -> str:
    """Return the tally as a table, and how to reproduce each fault."""
    lines = [f"{'':26}" + "".join(f"{name:>18}" for name in COLUMNS)]
    rows = {**result["families"], "all": total(result)}
    for family, found in rows.items():
        lines.append(f"{family:26}" + "".join(f"{found[name]:>18,}" for name in COLUMNS))
    for fault in result["faults"]:
        lines += ["", f"{fault['verdict']}: {fault['text']}"]
        lines.append(
            f"    PYTHONPATH=tests python -m attack --seed {result['seed']} --only {fault['attack']!r}"
        )
    return "\n".join(lines)


def total(result: Mapping[str, Any]) -> dict[str, int]:
    """Return the sums over all families."""
    return {name: sum(found[name] for found in result["families"].values()) for name in COLUMNS}


def write(result: Mapping[str, Any], path: Path) -> None:
    """Write the tally as JSON."""
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
