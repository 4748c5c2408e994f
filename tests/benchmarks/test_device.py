"""The comparison of devices, on the CPU: the table and the file hold what was measured."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from benchmarks.device import lines_of, main

ROW = {
    "hidden_size": 64,
    "batch_size": 1024,
    "devices": {
        "cpu": {"engine": "native", "training": 2000.0, "prediction": 10_000.0},
        "cuda": {"engine": "packed", "training": 5000.0, "prediction": 5000.0},
    },
}


def test_each_device_is_compared_with_the_first() -> None:
    first, second = lines_of(ROW)
    assert first.split() == ["64", "1024", "cpu", "native", "2,000", "(1.00x)", "10,000", "(1.00x)"]
    assert second.split() == ["64", "1024", "cuda", "packed", "5,000", "(2.50x)", "5,000", "(0.50x)"]


def test_the_cpu_alone_is_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "device.json"
    sizes = ["--hidden-sizes", "4", "8", "--batch-sizes", "32", "--beats", "40", "--repetitions", "1"]
    main(["--devices", "cpu", *sizes, "--json", str(path)])
    printed = capsys.readouterr().out
    assert ("torch finds no CUDA GPU" in printed) != torch.cuda.is_available()
    rows = json.loads(path.read_text())["rows"]
    assert [(row["hidden_size"], row["batch_size"]) for row in rows] == [(4, 32), (8, 32)]
    for row in rows:
        (found,) = row["devices"].values()
        assert min(found["training"], found["prediction"]) > 0
        assert next(lines_of(row)) in printed
