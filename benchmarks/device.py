"""On which device do training and prediction take less time: on the CPU or on a GPU?

    python -m benchmarks.device
    python -m benchmarks.device --devices cpu cuda:1 --hidden-sizes 64 512 --batch-sizes 128 2048

For each number of units and each batch size, an epoch of training over the same heartbeats runs on each device in turn, and then a
prediction of all of them. Medians are shown in sequences per second and as a multiple of the first device. Without `--devices`, the CPU
and, if torch finds one, a CUDA GPU are compared. (A prediction chooses its own batches.) `--json PATH` writes the result, too.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from benchmarks.beats import Beats, draw_beats
from benchmarks.engine.timing import measure

from seqclf import GRUClassifier

TASKS = ("training", "prediction")


def devices_of_machine() -> list[str]:
    """Return the devices to compare."""
    return ["cpu", "cuda"] if torch.cuda.is_available() else ["cpu"]


def tasks_of(model: GRUClassifier, beats: Beats) -> dict[str, Callable[[], None]]:
    """Return an epoch of training and a prediction, both of which wait until the device has done its work."""

    def train() -> None:
        model.partial_fit(beats.sequences, beats.target)

    def predict() -> None:
        model.predict_proba(beats.sequences)

    return {"training": train, "prediction": predict}


def compare(
    beats: Beats, devices: list[str], *, hidden_size: int, batch_size: int, repetitions: int
) -> dict[str, Any]:
    """Return the engine of each device and its sequences per second in each task."""
    models = {
        device: GRUClassifier(hidden_size=hidden_size, batch_size=batch_size, device=device, random_state=0)
        for device in devices
    }
    works = {device: tasks_of(model, beats) for device, model in models.items()}
    for work in works.values():
        work["training"]()  # starts the device, and builds the network
    found: dict[str, dict[str, Any]] = {device: {"engine": model.engine_} for device, model in models.items()}
    for task in TASKS:
        seconds = measure({device: work[task] for device, work in works.items()}, repetitions)
        for device, taken in seconds.items():
            found[device][task] = len(beats.target) / taken
    return {"hidden_size": hidden_size, "batch_size": batch_size, "devices": found}


def lines_of(row: dict[str, Any]) -> Iterator[str]:
    """Yield a line for each device."""
    devices: dict[str, dict[str, Any]] = row["devices"]
    first = next(iter(devices.values()))
    for device, found in devices.items():
        cells = "".join(f"{found[task]:>12,.0f} ({found[task] / first[task]:.2f}x)" for task in TASKS)
        yield f"{row['hidden_size']:>6}{row['batch_size']:>7}  {device:<8}{found['engine']:<8}{cells}"


def main(arguments: list[str] | None = None) -> None:
    """Measure, print and, on request, write JSON."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.device",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--devices", nargs="+", default=devices_of_machine())
    parser.add_argument("--hidden-sizes", type=int, nargs="+", default=[64, 256])
    parser.add_argument("--batch-sizes", type=int, nargs="+", default=[128, 1024])
    parser.add_argument("--beats", type=int, default=4096)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args(arguments)
    beats = draw_beats(given.beats)
    print(
        f"torch {torch.__version__}, {torch.get_num_threads()} threads, {', '.join(map(name_of, given.devices))}"
    )
    if not torch.cuda.is_available():
        print("torch finds no CUDA GPU on this machine.")
    print(" units  batch  device  engine    sequences per second in training, in prediction")
    rows = []
    for hidden_size in given.hidden_sizes:
        for batch_size in given.batch_sizes:
            row = compare(
                *(beats, given.devices),
                hidden_size=hidden_size,
                batch_size=batch_size,
                repetitions=given.repetitions,
            )
            print(*lines_of(row), sep="\n", flush=True)
            rows.append(row)
    if given.json is not None:
        result = {"beats": given.beats, "source": beats.source, "torch": torch.__version__, "rows": rows}
        given.json.write_text(json.dumps(result, indent=1) + "\n")


def name_of(device: str) -> str:
    """Return a device with the name of its hardware, where torch knows it."""
    return f"{device} ({torch.cuda.get_device_name(device)})" if device.startswith("cuda") else device


if __name__ == "__main__":
    main()
