"""The figures in the text of docs/howto/service.md, measured by `make bench`."""

from __future__ import annotations

import json
from pathlib import Path

MEASURED = Path(__file__).parents[2] / "results" / "bench.json"


def service() -> dict[str, str]:
    """Return the figures of the page, by name."""
    bench = json.loads(MEASURED.read_text())
    return {
        "service_mean_length": f"{bench['mean_length']:.0f}",
        "service_processors": str(bench["threads"]),
    }
