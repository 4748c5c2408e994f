"""How time and memory grow with the width of the padded table and the number of sequences."""

from __future__ import annotations

import ctypes
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import torch
from benchmarks.beats import WIDTH, draw_beats
from benchmarks.engine.candidates import CLASSES, MODELS, Work, candidates, new_seqclf, training
from benchmarks.engine.timing import measure

from seqclf import GRUClassifier, Sequences, as_sequences, pad

ROOT = Path(__file__).resolve().parents[2]
BATCH = 128


def padding(sequences: Sequences, repetitions: int) -> dict[str, Any]:
    """Train on the same sequences from a padded table, and from one ten times as wide."""
    target = torch.arange(len(sequences)) % CLASSES

    def step_from(width: int) -> Work:
        padded, lengths = pad(sequences, total_length=width)
        read, model = as_sequences(padded, lengths=lengths), new_seqclf(MODELS["GRU"])
        return training(model, lambda index: model(read[index]), target, BATCH)

    works = {f"width {width}": step_from(width) for width in (WIDTH, 10 * WIDTH)}
    seconds = measure(works, repetitions)
    narrow, wide = seconds.values()
    return {"seconds": seconds, "ratio": wide / narrow}


def growth() -> list[dict[str, Any]]:
    """Fit for one epoch to growing numbers of sequences."""
    return [_in_own_process("fit", str(n)) for n in (1_000, 10_000, 100_000)]


def step_memory(names: list[str], runs: int) -> dict[str, Any]:
    """Compare the peak memory of a training step, in addition to what the process holds before it."""
    rows = {}
    for name in names:
        peaks = {
            who: statistics.median(_in_own_process("step", name, who)["bytes"] for _ in range(runs))
            for who in ("seqclf", "torch packed", "torch padded")
        }
        rows[name] = {"bytes": peaks, "share_of_torch_packed": peaks["seqclf"] / peaks["torch packed"]}
    return rows


def _in_own_process(*arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.engine.scaling", *arguments]
    process = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    result: dict[str, Any] = json.loads(process.stdout)
    return result


def _fit(n: int) -> dict[str, Any]:
    """Time an epoch; memory is in addition to the data and to what a first fit to a few sequences takes."""
    beats = draw_beats(1_000)
    index = torch.arange(n) % 1_000
    X, y = beats.sequences[index], beats.target[index.numpy()]
    GRUClassifier(max_epochs=1, random_state=0).fit(X[:200], y[:200])
    held = _reset_peak()
    started = time.perf_counter()
    GRUClassifier(max_epochs=1, random_state=0).fit(X, y)
    seconds = time.perf_counter() - started
    return {
        "sequences": n,
        "seconds_per_1000": 1000 * seconds / n,
        "bytes": _memory("VmHWM") - held,
        "bytes_of_data": X.values.nbytes + X.offsets.nbytes,
    }


def _step(name: str, who: str) -> dict[str, Any]:
    """Measure the peak memory of a step; a step of two short sequences loads all code before it."""
    beats = draw_beats(BATCH)
    candidates(MODELS[name], as_sequences([torch.rand(2, 1), torch.rand(3, 1)]), 3, 2)[who]()
    work = candidates(MODELS[name], beats.sequences, WIDTH, BATCH)[who]
    held = _reset_peak()
    work()
    return {"bytes": _memory("VmHWM") - held}


def _reset_peak() -> int:
    """Reset the peak memory of this process; return the bytes that it holds.

    Memory that imports have freed goes back to the system first: a step that finds enough of it would seem to need none.
    """
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")
    return _memory("VmRSS")


def _memory(name: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024
    raise KeyError(name)


def main(kind: str, *arguments: str) -> None:
    """Run one measurement and print it as JSON."""
    result = _fit(int(arguments[0])) if kind == "fit" else _step(*arguments)
    print(json.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
