"""The figures of docs/explanation/reliability.md, found by `make attack`."""

from __future__ import annotations

import json
from pathlib import Path

FOUND = Path(__file__).parents[2] / "results" / "attack.json"
GOOD = ("named error", "right result")


def reliability() -> dict[str, str]:
    """Return the table of the page and the figures in its text, by name."""
    found = json.loads(FOUND.read_text())
    families = found["families"]
    total = {
        column: sum(row[column] for row in families.values()) for column in next(iter(families.values()))
    }
    faults = [column for column in total if column not in GOOD]
    lines = ["| attack | " + " | ".join((*GOOD, "fault")) + " |", "|---|---:|---:|---:|"]
    for name, row in {**families, "**all**": total}.items():
        cells = [row[column] for column in GOOD] + [sum(row[column] for column in faults)]
        lines.append(f"| {name} | " + " | ".join(f"{cell:,}" for cell in cells) + " |")
    versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
    return {
        "attack_table": "\n".join(lines),
        "attack_n": f"{sum(total.values()):,}",
        "attack_seed": str(found["seed"]),
        "attack_faults": f"{sum(total[column] for column in faults):,}",
        "attack_hangs": f"{total['hang'] + total['crash']:,}",
        "attack_versions": f"Python {found['python']}, {versions}",
    }
