"""The structures in Python have the layout of those in C++."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from pathlib import Path

import pytest
import torch

from seqclf.kernels._structures import BackwardCall, ForwardCall, LayerCall, LinearCall, weight_pointers

HEADER = Path(__file__).parents[2] / "src/seqclf/kernels/cpp/layer.h"
PAIRS: dict[str, type[ctypes.Structure]] = {
    "Layer": LayerCall,
    "Forward": ForwardCall,
    "Backward": BackwardCall,
    "Linear": LinearCall,
}


@pytest.mark.skipif(shutil.which("c++") is None or not HEADER.exists(), reason="no C++ compiler or no source")
def test_sizes_and_offsets_match_those_of_the_compiler(tmp_path: Path) -> None:
    wanted = [f"sizeof({name})" for name in PAIRS]
    wanted += [f"offsetof({name}, {field[0]})" for name, kind in PAIRS.items() for field in kind._fields_]
    expected = [ctypes.sizeof(kind) for kind in PAIRS.values()]
    expected += [getattr(kind, field[0]).offset for kind in PAIRS.values() for field in kind._fields_]
    lines = "".join(f'std::printf("%zu\\n", {one});' for one in wanted)
    source = tmp_path / "sizes.cpp"
    source.write_text(
        f'#include <cstddef>\n#include <cstdio>\n#include "{HEADER}"\nint main() {{ {lines} }}\n'
    )
    subprocess.run(["c++", "-std=c++17", "-w", source, "-o", tmp_path / "sizes"], check=True)
    printed = subprocess.run([tmp_path / "sizes"], check=True, capture_output=True, text=True).stdout
    assert [int(line) for line in printed.split()] == expected


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("per_direction", [2, 4])
def test_pointers_of_absent_weights_are_null(per_direction: int, bidirectional: bool) -> None:
    weights = [torch.zeros(1) for _ in range(per_direction * (2 if bidirectional else 1))]
    pointers = weight_pointers(weights, bidirectional)
    names = ("input", "hidden", "input_bias", "hidden_bias")
    got = [getattr(one, name) for one in pointers for name in names]
    own: list[int | None] = [weight.data_ptr() for weight in weights]
    missing: list[int | None] = [None] * (4 - per_direction)
    expected = [*own[:per_direction], *missing, *(own[per_direction:] or [None] * per_direction), *missing]
    assert got == expected
