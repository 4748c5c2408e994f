"""The tables again with older instruction sets, to which torch is restricted as well.

A processor with AVX-512 also runs what is compiled for AVX2 and for any x86-64 processor. A process measures one set, because
all libraries choose theirs when they are loaded.

torch calls three libraries: its own kernels, oneDNN (LSTM over padding), and MKL (matrix products). MKL heeds
`MKL_ENABLE_INSTRUCTIONS` on Intel's processors only. Elsewhere it uses AVX2 without it; SSE needs `MKL_CBWR=COMPATIBLE`: on an
AMD EPYC a thread then reaches 40 GFLOP/s in matrix products, but 100 with MKL_ENABLE_INSTRUCTIONS=SSE4_2 or MKL_CBWR=SSE4_2.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.process import ROOT

RESTRICTIONS = {
    "avx2": {
        "ATEN_CPU_CAPABILITY": "avx2",
        "ONEDNN_MAX_CPU_ISA": "AVX2",
        "MKL_ENABLE_INSTRUCTIONS": "AVX2",
    },
    "portable": {
        "ATEN_CPU_CAPABILITY": "default",
        "ONEDNN_MAX_CPU_ISA": "SSE41",
        "MKL_ENABLE_INSTRUCTIONS": "SSE4_2",
        "MKL_CBWR": "COMPATIBLE",
    },
}
OLDER = {"avx512": ("avx2", "portable"), "avx2": ("portable",), "portable": ()}
PARTS = ("training", "prediction", "grid")
SIZES = ("32x1", "128x1")


def measure_older_sets(newest: str, threads: int, repetitions: int) -> dict[str, Any]:
    """Return the tables of each instruction set that is older than that of this process."""
    return {name: _measure(name, threads, repetitions) for name in OLDER.get(newest, ())}


def _measure(name: str, threads: int, repetitions: int) -> dict[str, Any]:
    print(f"Instruction set {name}")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "bench.json"
        command = [sys.executable, "-m", "benchmarks.engine", "--out", str(out)]
        command += ["--parts", *PARTS, "--sizes", *SIZES, "--threads", str(threads)]
        command += ["--repetitions", str(repetitions), "--long-repetitions", str(repetitions)]
        restricted = {**os.environ, **RESTRICTIONS[name], "SEQCLF_ISA": name}
        subprocess.run(command, cwd=ROOT, env=restricted, check=True)
        record: dict[str, Any] = json.loads(out.read_text())
    if record["instruction_set"] != name:
        raise RuntimeError(f"seqclf must use {name}; it used {record['instruction_set']}.")
    return {"restrictions": RESTRICTIONS[name], **{key: record[key] for key in ("torch_capability", *PARTS)}}
