"""The time of a training step on any number of hosts, from what was measured on a few."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np

BATCHES = (128, 1024, 8192, 65536)
"""Sizes of batches that the page shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """A network between hosts.

    Parameters
    ----------
    latency : float
        Seconds of a message without content.
    bandwidth : float
        Bytes per second.
    """

    latency: float
    bandwidth: float

    @classmethod
    def of(cls, rows: Sequence[Mapping[str, float]]) -> Self:
        """Fit sums over two processes: two messages, and the bytes once in each direction."""
        sizes, seconds = (np.array([row[name] for row in rows]) for name in ("bytes", "seconds"))
        per_byte = (seconds[-1] - seconds[-2]) / (
            sizes[-1] - sizes[-2]
        )  # there, latency is the smallest part
        # Relative errors count: the smallest time is a hundredth of the largest.
        latency = np.average(seconds - sizes * per_byte, weights=seconds**-2.0) / 2
        return cls(latency=float(max(latency, 0.0)), bandwidth=float(1 / per_byte))

    def seconds_of_sum(self, n_bytes: float, n_hosts: int) -> float:
        """Return the time of a sum over the hosts in a ring: n - 1 messages to add, n - 1 to distribute, each of an n-th."""
        n_messages = 2 * (n_hosts - 1)
        return n_messages * (self.latency + n_bytes / n_hosts / self.bandwidth)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepModel:
    """The time of a step: what each process does for every step, its share of the batch, and the sum of the gradients.

    Parameters
    ----------
    fixed : float
        Seconds of a step without samples: Python, the optimizer.
    rate : float
        Real steps of sequences per second and process.
    gradient : float
        Bytes that are summed.
    mean_length : float
        Real steps of a sequence.
    """

    fixed: float
    rate: float
    gradient: float
    mean_length: float

    @classmethod
    def of(cls, rows: Sequence[Mapping[str, float]], *, n_classes: int) -> Self:
        """Fit steps of one process with batches of several sizes."""
        steps, seconds = (
            np.array([row[name] for row in rows]) for name in ("real_steps", "processor_seconds")
        )
        columns = np.stack([np.ones(len(steps)), steps], axis=1) / seconds[:, None]
        fixed, per_step = np.linalg.lstsq(columns, np.ones(len(steps)), rcond=None)[0]
        return cls(
            fixed=float(max(fixed, 0.0)),
            rate=float(1 / per_step),
            gradient=4.0 * (rows[0]["parameters"] + 1 + 2 * n_classes),
            mean_length=float(rows[0]["real_steps"] / rows[0]["batch_size"]),
        )

    def computing(self, batch_size: float, n_hosts: int) -> float:
        """Return the time that a process computes."""
        largest_share = max(1.0, batch_size / n_hosts)  # a host has no less than a sequence
        return self.fixed + largest_share * self.mean_length / self.rate

    def seconds(self, batch_size: float, n_hosts: int, network: Network) -> float:
        """Return the time of a step."""
        return self.computing(batch_size, n_hosts) + network.seconds_of_sum(self.gradient, n_hosts)

    def speedup(self, batch_size: float, n_hosts: int, network: Network, *, every: int = 1) -> float:
        """Return the throughput relative to one host, with a sum of gradients after `every` batches."""
        together = (
            self.computing(batch_size, n_hosts) + network.seconds_of_sum(self.gradient, n_hosts) / every
        )
        return self.computing(batch_size, 1) / together

    def best_number(self, batch_size: float, network: Network, most: int = 1000) -> int:
        """Return the number of hosts at which a step is shortest."""
        return int(np.argmin([self.seconds(batch_size, n, network) for n in range(1, most + 1)])) + 1


def of_results(found: Mapping[str, Any]) -> tuple[StepModel, dict[str, Network]]:
    """Return the models of a results file."""
    networks = {name: Network.of(rows) for name, rows in found["networks"].items()}
    return StepModel.of(found["batches"], n_classes=found["n_classes"]), networks


def as_figures(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of the models, for the results file."""
    step, networks = of_results(found)
    best = {
        name: {
            str(size): {
                "hosts": (n := step.best_number(size, one)),
                "speedup": step.speedup(size, n, one),
                "hosts at half": half_efficient(step, size, one),
            }
            for size in BATCHES
        }
        for name, one in networks.items()
    }
    return {
        "step": asdict(step),
        "networks": {name: asdict(one) for name, one in networks.items()},
        "best": best,
        "bytes read per second and core": 4.0 * step.rate * found["batches"][0]["features"],
    }


def half_efficient(step: StepModel, batch_size: float, network: Network) -> int:
    """Return the largest number of hosts, up to 1,000, that train at least half as fast as their number says."""
    return max(n for n in range(1, 1001) if step.speedup(batch_size, n, network) >= n / 2)
