"""Measure what a step of training costs on several processes, and what a network costs them.

    PYTHONPATH=tests python -m benchmarks.scaling

Three measurements: steps of one process with batches of several sizes (processor time, so that other programs matter little); sums
over two network namespaces whose connection `tc` limits (Linux, as root); and steps of 1, 2 and 4 processes on this machine, which the
model in `model.py` is checked against. Writes `results/scaling.json`; then `python -m benchmarks.render` writes table and picture.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from benchmarks.scaling.model import as_figures

from training.processes.hosts import Host, two_hosts
from training.processes.launch import free_port

RESULTS = Path(__file__).resolve().parents[2] / "results" / "scaling.json"
ROOT = RESULTS.parents[1]
BATCHES = (16, 32, 64, 128, 256)
PROCESSES = (1, 2, 4)
LIMITS = {"not limited": None, "1 Gbit/s": ("1gbit", "128kb"), "100 Mbit/s": ("100mbit", "32kb")}
"""What may be sent per second, and at once after a pause: enough that the timer of the system reaches the limit."""
SIZES = (4_000, 200_000, 400_000, 1_000_000, 4_000_000)


def together(commands: Sequence[Sequence[str]], address: str = "127.0.0.1", port: str | None = None) -> Any:
    """Run one process for each command; return what the first one prints."""
    common = {"WORLD_SIZE": str(len(commands)), "MASTER_ADDR": address, "MASTER_PORT": port or free_port()}
    common |= {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}
    processes = [
        subprocess.Popen(
            command,
            env={**os.environ, **common, "RANK": str(rank)},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for rank, command in enumerate(commands)
    ]
    outputs = [process.communicate()[0] for process in processes]
    if any(process.returncode for process in processes):
        raise RuntimeError(f"a process failed; the first one printed {outputs[0]!r}")
    return json.loads(outputs[0])


def worker(what: str, **options: Any) -> list[str]:
    """Return the command of a worker."""
    command = [sys.executable, "-m", "benchmarks.scaling.worker", what]
    for name, value in options.items():
        values = value if isinstance(value, tuple) else (value,)
        command += [f"--{name.replace('_', '-')}", *map(str, values)]
    return command


def limit(hosts: Sequence[Host], rate: tuple[str, str] | None) -> None:
    """Limit what each host sends."""
    for host in hosts:
        device = ["tc", "-n", host.name, "qdisc"]
        subprocess.run([*device, "del", "dev", host.card, "root"], check=False, capture_output=True)
        if rate is not None:
            shaped = ["root", "tbf", "rate", rate[0], "burst", rate[1], "latency", "100ms"]
            subprocess.run([*device, "add", "dev", host.card, *shaped], check=True)


def networks(repeats: int) -> dict[str, Any]:
    """Return the times of sums over two hosts, for each limit."""
    found = {}
    with two_hosts() as hosts:
        for name, rate in LIMITS.items():
            limit(hosts, rate)
            command = worker("network", sizes=SIZES, repeats=repeats)
            found[name] = together(
                [host.command(command) for host in hosts], address=hosts[0].address, port="29500"
            )
    return found


PARTS: dict[str, Callable[[argparse.Namespace], Any]] = {
    "batches": lambda given: [together([worker("step", batch_size=size, **fit(given))]) for size in BATCHES],
    "networks": lambda given: networks(given.repeats),
    "processes": lambda given: {
        str(n): together([worker("step", batch_size=128, **fit(given))] * n) for n in PROCESSES
    },
}


def fit(given: argparse.Namespace) -> dict[str, Any]:
    """Return the options of a fit."""
    return {"epochs": given.epochs, "beats": given.beats}


def main() -> None:
    """Measure, and write after each part."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--epochs", type=int, default=9, help="of each measurement; the median counts")
    parser.add_argument("--beats", type=int, default=2048)
    parser.add_argument("--repeats", type=int, default=50, help="of each sum; the median counts")
    parser.add_argument("--parts", nargs="*", choices=PARTS, default=list(PARTS))
    given = parser.parse_args()
    found: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    found |= {
        "torch": torch.__version__,
        "cores": os.cpu_count(),
        "system": platform.machine(),
        "n_classes": 5,
    }
    for name in given.parts:
        found[name] = PARTS[name](given)
        print(name, found[name], flush=True)
        RESULTS.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")
    found["model"] = as_figures(found)
    RESULTS.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")
    print(json.dumps(found["model"], indent=1))


if __name__ == "__main__":
    main()
