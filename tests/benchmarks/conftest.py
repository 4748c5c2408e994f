"""A complete record of the engine's benchmark, with the same number everywhere."""

from __future__ import annotations

from typing import Any

import pytest
from benchmarks.engine.candidates import MODELS
from benchmarks.engine.latency import SHAPES
from benchmarks.engine.shared import ALONE, COLUMNS, MACHINES, REQUESTS, TASKS, VARIANTS
from benchmarks.engine.tables import GRID

Record = dict[str, Any]
SPEED = {
    "sequences_per_second": 1000.0,
    "over_torch_packed": 2.0,
    "over_torch_padded": 2.0,
    "gflops": 50.0,
    "matrix_product_gflops": 100.0,
    "share_of_matrix_product": 0.5,
}


def tables(sizes: list[tuple[int, int]]) -> Record:
    grid = [
        {"model": name, "hidden_size": hidden, "input_size": inputs, **SPEED}
        for hidden, inputs in sizes
        for name in MODELS
    ]
    return {
        "training": dict.fromkeys(MODELS, SPEED),
        "prediction": dict.fromkeys(MODELS, SPEED),
        "grid": grid,
    }


@pytest.fixture
def record() -> Record:
    seconds = dict.fromkeys(VARIANTS, 1.0)
    libraries = ("seqclf", "torch packed", "torch padded", "torch, no padding", "onnxruntime")
    return {
        "instruction_set": "avx512",
        **tables(GRID),
        **dict.fromkeys(("training_one", "prediction_one", "long_tail"), dict.fromkeys(MODELS, SPEED)),
        "copy_gigabytes_per_second": 40.0,
        "instruction_sets": dict.fromkeys(("avx2", "portable"), tables([(32, 1), (128, 1)])),
        "latency": {
            name: {"seconds": {who: {"p50": 1e-3, "p99": 2e-3} for who in libraries}} for name in SHAPES
        },
        "latency_512": {
            name: {"seconds": {who: {"p50": 1e-3, "p99": 2e-3} for who in libraries}} for name in SHAPES
        },
        "streaming": {
            "seconds": {who: {"p50": 3e-5, "p99": 6e-5} for who in ("seqclf, layers", "onnxruntime")}
        },
        "profile": {name: {"forward": 0.3, "backward": 0.6, "rest": 0.1} for name in MODELS},
        "memory": {name: {"share_of_torch_packed": 0.5} for name in MODELS},
        "growth": [{"sequences": 1000, "seconds_per_1000": 0.3, "bytes": 7e6}],
        "padding": {"ratio": 1.0},
        "shared": {
            "machines": {
                machine: {task: {"seconds": seconds, "default_over_best": 1.0} for task in TASKS}
                for machine in MACHINES
            },
            "callers": {
                kind: {"throughput": {n: 1.0 for n in COLUMNS if n == ALONE or int(n) <= requests}}
                for kind, requests in REQUESTS.items()
            },
        },
    }
