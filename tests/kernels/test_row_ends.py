"""The kernels never read or write out of bounds: a protected page before or after each tensor would end the process."""

from __future__ import annotations

import subprocess
import sys

import pytest

from kernels.cases import needs_kernels

pytestmark = [
    needs_kernels,
    pytest.mark.skipif(sys.platform == "win32", reason="mprotect is POSIX"),
]

# Run in another process, which an access out of bounds ends. Every tensor lies directly before or directly after a protected
# page; sizes are whole registers, one more and one less.
SCRIPT = """
import ctypes, math, mmap, sys
import numpy as np
import torch
from seqclf.kernels import _operators, recurrence, status

libc = ctypes.CDLL(None, use_errno=True)
libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
PAGE, PROT_NONE = mmap.PAGESIZE, 0
at_end = sys.argv[1] == "end"

def guarded(*shape, dtype=np.float32):
    size = math.prod(shape) * np.dtype(dtype).itemsize
    space = -(-max(size, 1) // PAGE) * PAGE
    pages = mmap.mmap(-1, space + 2 * PAGE)
    whole = np.frombuffer(pages, dtype=np.uint8)
    for page in (whole.ctypes.data, whole.ctypes.data + PAGE + space):
        assert libc.mprotect(page, PAGE, PROT_NONE) == 0
    begin = PAGE + (space - size if at_end else 0)
    return torch.from_numpy(whole[begin : begin + size].view(dtype)).view(shape)

def moved(tensor):
    return guarded(*tensor.shape, dtype=tensor.numpy().dtype).copy_(tensor)

class Guarded:
    def empty(self, *shape):
        return guarded(*shape)

ROWS = {"tanh": 1, "relu": 1, "gru": 3, "lstm": 4}
lengths = [5, 1, 3, 0, 2, 2, 7, 4]
offsets = torch.tensor([0, *lengths]).cumsum(0)
plain_empty_like, plain_buffers = torch.empty_like, _operators._buffers
for cell, rows in ROWS.items():
    for inputs, units in [(1, 1), (3, 5), (2, 15), (7, 16), (15, 17), (17, 33), (63, 31), (65, 63), (130, 7)]:
        for directions in (1, 2):
            shapes = [(rows * units, inputs), (rows * units, units), (rows * units,), (rows * units,)] * directions
            weights = [torch.randn(shape) / math.sqrt(units) for shape in shapes]
            values = torch.randn(sum(lengths), inputs)
            grad_states = torch.randn(sum(lengths), units * directions)
            parts = 2 if cell == "lstm" else 1
            state = list(torch.randn(parts, len(lengths), units * directions))
            for precision in status().precisions:
                results = []
                for where in (lambda tensor: tensor, moved):
                    if where is moved:
                        _operators._buffers, torch.empty_like = Guarded(), lambda like: guarded(*like.shape)
                    tensors = [where(values), *map(where, weights)]
                    arguments = where(offsets), tensors[1:], list(map(where, state)), cell, directions == 2, precision
                    with torch.no_grad():
                        states, final, saved = torch.ops.seqclf.recurrence(tensors[0], *arguments, True)
                        grads = torch.ops.seqclf.recurrence_backward(
                            where(grad_states), list(map(where, state)), states, saved, tensors[0], *arguments, True
                        )
                    _operators._buffers, torch.empty_like = plain_buffers, plain_empty_like
                    results.append([states, *final, *grads])
                assert all(map(torch.equal, *results)), (cell, inputs, units, directions, precision)
plain_empty = torch.empty
for inputs, outputs in [(1, 1), (3, 5), (16, 15), (15, 16), (65, 17), (130, 63)]:
    for n_rows in (1, 5, 97):
        tensors = torch.randn(n_rows, inputs), torch.randn(outputs, inputs), torch.randn(outputs)
        expected = torch.ops.seqclf.linear(*tensors)
        tensors = list(map(moved, tensors))
        torch.empty = lambda *shape, **options: guarded(*shape)
        got = torch.ops.seqclf.linear(*tensors)
        torch.empty = plain_empty
        assert torch.equal(got, expected), (inputs, outputs, n_rows)
print("done")
"""


@pytest.mark.parametrize("place", ["end", "start"])
def test_nothing_is_accessed_out_of_bounds(place: str) -> None:
    process = subprocess.run(
        [sys.executable, "-c", SCRIPT, place], capture_output=True, text=True, timeout=3600
    )
    assert process.stdout == "done\n", process.stderr
    assert process.returncode == 0


def test_an_access_to_a_protected_page_ends_the_process() -> None:
    script = SCRIPT.split("ROWS =")[0] + (
        "tensor = guarded(5)\nctypes.string_at(tensor.data_ptr() + 20, 4)\nprint('read')\n"
    )
    process = subprocess.run(
        [sys.executable, "-c", script, "end"], capture_output=True, text=True, timeout=3600
    )
    assert process.returncode != 0
    assert process.stdout == ""
