"""The table and the picture of how training scales, from the model and what was measured."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.render.markdown import markdown
from benchmarks.scaling.model import BATCHES, Network, StepModel, of_results

N_HOSTS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000)
NAME = "1 Gbit/s"


def hosts_table(found: dict[str, Any]) -> str:
    """Return how much faster than one host each number of hosts trains, for some batch sizes."""
    step, networks = of_results(found)
    head = (
        "hosts",
        *(f"batches of {size:,}" for size in BATCHES),
        "128 for each host",
        "the same, 8 local steps",
    )
    return markdown(head, (_row(step, networks[NAME], n) for n in N_HOSTS))


def _row(step: StepModel, network: Network, n: int) -> list[str]:
    # Batches that grow with the number of hosts: throughput counts n times the samples.
    grown = [
        n * step.computing(128, 1) / (step.computing(128, 1) + sums(step, network, n) / k) for k in (1, 8)
    ]
    speedups = [step.speedup(size, n, network) for size in BATCHES] + grown
    return [f"{n:,}", *(f"{value:,.1f}" if value < 100 else f"{value:,.0f}" for value in speedups)]


def sums(step: StepModel, network: Network, n: int) -> float:
    """Return the time of the sum of the gradients."""
    return network.seconds_of_sum(step.gradient, n)


def check_table(found: dict[str, Any]) -> str:
    """Return the time of a step on this machine, measured and by the model."""
    step, networks = of_results(found)
    rows = []
    for n, row in found["processes"].items():
        computing = step.computing(row["batch_size"], int(n))
        shared = max(1.0, int(n) / found["cores"])  # processes that share a core wait for each other
        whole = computing * shared + sums(step, networks["not limited"], int(n))
        rows.append(
            [
                n,
                *(
                    f"{1000 * value:.1f}"
                    for value in (computing, row["processor_seconds"], whole, row["seconds"])
                ),
            ]
        )
    head = ("processes", "computing, model", "processor time, measured", "step, model", "step, measured")
    return markdown(head, rows)


def networks_table(found: dict[str, Any]) -> str:
    """Return what was fitted to the sums over two hosts."""
    _, networks = of_results(found)
    rows = [
        [
            name,
            f"{1e6 * one.latency:.0f}",
            f"{one.bandwidth / 1e6:.0f}",
            *(
                f"{1000 * row['seconds']:.1f} ({1000 * one.seconds_of_sum(row['bytes'], 2):.1f})"
                for row in found["networks"][name]
            ),
        ]
        for name, one in networks.items()
    ]
    sizes = [f"{row['bytes'] / 1000:,.0f} kB" for row in found["networks"][NAME]]
    return markdown(("network", "microseconds of a message", "MB/s", *sizes), rows)


def picture(found: dict[str, Any], path: Path) -> None:
    """Draw the speedup over the number of hosts."""
    from matplotlib.figure import Figure

    step, networks = of_results(found)
    figure = Figure(figsize=(7.5, 4.2), layout="constrained")
    axes = figure.add_subplot()
    hosts = range(1, 1001)
    axes.plot(hosts, hosts, color="0.7", linestyle=":", label="one host times their number")
    for number, size in enumerate(BATCHES):
        speedups = [step.speedup(size, n, networks[NAME]) for n in hosts]
        axes.plot(hosts, speedups, color=f"C{number}", label=f"batches of {size:,}")
        best = step.best_number(size, networks[NAME])
        axes.plot(best, speedups[best - 1], "o", color=f"C{number}", markersize=5)
    axes.set(
        xscale="log",
        yscale="log",
        xlim=(1, 1000),
        ylim=(0.5, 1000),
        xlabel="hosts",
        ylabel="speed, relative to one host",
    )
    axes.grid(visible=True, alpha=0.3)
    axes.legend(frameon=False)
    figure.savefig(path, dpi=150, metadata={"Software": None})


def write(found: dict[str, Any], folder: Path) -> None:
    """Write both tables and the picture."""
    (folder / "scaling_hosts.md").write_text(hosts_table(found))
    (folder / "scaling_networks.md").write_text(networks_table(found))
    (folder / "scaling_check.md").write_text(check_table(found))
    picture(found, folder / "scaling.png")
