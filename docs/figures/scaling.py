"""The figures in the text of docs/explanation/scaling.md, measured by `python -m benchmarks.scaling`."""

from __future__ import annotations

import json
from pathlib import Path

MEASURED = Path(__file__).parents[2] / "results" / "scaling.json"
NAME = "1 Gbit/s"


def scaling() -> dict[str, str]:
    """Return the figures of the page, by name."""
    found = json.loads(MEASURED.read_text())
    model = found["model"]
    step, network = model["step"], model["networks"][NAME]
    samples = 128 * step["mean_length"] / step["rate"]
    figures = {
        "scaling_fixed": f"{1000 * step['fixed']:.1f}",
        "scaling_rate": f"{step['rate']:,.0f}",
        "scaling_compute": f"{1000 * samples:.0f}",
        "scaling_length": f"{step['mean_length']:.0f}",
        "scaling_gradient": f"{step['gradient'] / 1000:.0f}",
        "scaling_latency": f"{1e6 * network['latency']:.0f}",
        "scaling_bandwidth": f"{network['bandwidth'] / 1e6:.0f}",
        "scaling_sum": f"{1000 * (network['latency'] * 2 + step['gradient'] / network['bandwidth']):.0f}",
        "scaling_ring": f"{1000 * 1998 * network['latency']:.0f}",
        "scaling_read": f"{model['bytes read per second and core'] / 1e6:.1f}",
        "scaling_cores": f"{1e8 / model['bytes read per second and core']:,.0f}",
    }
    for size, best in model["best"][NAME].items():
        figures[f"scaling_best_{size}"] = f"{best['hosts']:,}"
        figures[f"scaling_speed_{size}"] = (
            f"{best['speedup']:.0f}" if best["speedup"] >= 10 else f"{best['speedup']:.1f}"
        )
        figures[f"scaling_half_{size}"] = f"{best['hosts at half']:,}"
    return figures
