"""Shares of a training step's time."""

from __future__ import annotations

from benchmarks.engine.candidates import Work
from torch.profiler import ProfilerActivity, profile

STEPS = 20
PARTS = {"forward": "seqclf::recurrence", "backward": "seqclf::recurrence_backward"}


def shares(step: Work) -> dict[str, float]:
    """Return the shares of the forward kernels, the backward kernels and everything else."""
    for _ in range(3):
        step()
    with profile(activities=[ProfilerActivity.CPU]) as profiled:
        for _ in range(STEPS):
            step()
    events = profiled.key_averages()
    whole = sum(event.self_cpu_time_total for event in events)
    by_name = {event.key: event.cpu_time_total for event in events}
    found = {part: by_name[name] / whole for part, name in PARTS.items()}
    return {**found, "rest": 1 - sum(found.values())}
