"""The bars of the landing page: training steps per second, measured by `make bench`."""

from __future__ import annotations

import json
from pathlib import Path

MEASURED = Path(__file__).parents[2] / "results" / "bench.json"
WAYS = {"seqclf": "seqclf", "torch padded": "torch, padded", "torch packed": "torch, packed"}


def speed() -> dict[str, str]:
    """Return the bars as HTML, and what they show."""
    bench = json.loads(MEASURED.read_text())
    seconds = bench["training"]["GRU"]["seconds"]
    fastest = min(seconds[way] for way in WAYS)
    rows = [
        f'<div class="seqclf-bar"><span>{title}</span><span><i style="width: {fastest / seconds[way]:.1%}"></i></span>'
        f"<span>{128 / seconds[way]:,.0f}</span></div>"
        for way, title in WAYS.items()
    ]
    return {
        "speed_bars": f'<div class="seqclf-bars">{"".join(rows)}</div>',
        "speed_over_packed": f"{bench['training']['GRU']['over_torch_packed']:.1f}",
        "speed_over_padded": f"{bench['training']['GRU']['over_torch_padded']:.1f}",
        "speed_threads": str(bench["threads"]),
    }
