"""Memory is reused once nothing refers to it, and never before."""

from __future__ import annotations

import gc
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from kernels.cases import Case, every_cell, native, needs_kernels, outcome_of
from seqclf.kernels import RecurrentCell, _buffers
from seqclf.kernels._buffers import Buffers

LARGE = 1 << 17  # floats; smaller blocks are allocated by torch


@pytest.fixture
def buffers() -> Buffers:
    return Buffers()


def test_tensors_have_the_requested_shape(buffers: Buffers) -> None:
    for shape in ((0, 7), (3, 4), (LARGE // 2, 3), (5, LARGE)):
        tensor = buffers.empty(*shape)
        assert tensor.shape == shape
        assert tensor.dtype == torch.float32
        assert tensor.is_contiguous()
        tensor.fill_(1.0)
        assert float(tensor.sum()) == shape[0] * shape[1]


def test_a_block_is_reused_once_its_tensor_is_freed(buffers: Buffers) -> None:
    first = buffers.empty(LARGE, 2)
    address = first.data_ptr()
    del first
    again = buffers.empty(2, LARGE - 100)  # about the same size
    assert again.data_ptr() == address


@pytest.mark.parametrize(
    "hold",
    [lambda t: t, lambda t: t[5:], lambda t: t.view(2, -1).T, lambda t: t.numpy(), lambda t: t.detach()],
    ids=["tensor", "slice", "view", "numpy", "detached"],
)
def test_a_block_is_not_reused_while_anything_refers_to_it(buffers: Buffers, hold: object) -> None:
    tensor = buffers.empty(LARGE).fill_(3.0)
    address = tensor.data_ptr()
    assert callable(hold)
    held = hold(tensor)
    del tensor
    gc.collect()
    other = buffers.empty(LARGE).fill_(5.0)
    assert other.data_ptr() != address
    assert bool((held == 3.0).all())
    del held
    gc.collect()
    assert buffers.empty(LARGE).data_ptr() == address


def test_a_small_tensor_does_not_take_a_much_larger_block(buffers: Buffers) -> None:
    address = buffers.empty(8 * LARGE).data_ptr()
    small = buffers.empty(LARGE)
    assert small.data_ptr() != address
    assert small.untyped_storage().nbytes() < 2 * 4 * LARGE


def test_the_memory_kept_is_bounded(buffers: Buffers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_buffers, "_KEPT", 4 * LARGE)
    tensors = [buffers.empty(LARGE) for _ in range(10)]
    addresses = {tensor.data_ptr() for tensor in tensors}
    tensors.clear()
    kept = [buffers.empty(LARGE) for _ in range(10)]
    assert 1 <= len(addresses & {tensor.data_ptr() for tensor in kept[:4]}) <= 4
    assert sum(size for size, _ in buffers._free) == 0
    kept.clear()
    assert LARGE <= sum(size for size, _ in buffers._free) <= 4 * LARGE


def test_a_block_that_later_requests_do_not_need_is_freed(buffers: Buffers) -> None:
    buffers.empty(8 * LARGE)  # returned at once
    held = [buffers.empty(LARGE) for _ in range(_buffers._PATIENCE)]
    assert max(size for size, _ in buffers._free) >= 8 * LARGE
    held.append(buffers.empty(LARGE))
    assert not buffers._free


# In a process of its own, whose memory nothing else changes.
GIVES_BACK = """
from pathlib import Path
import torch
from seqclf.kernels import recurrence

def megabytes():
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024

def step(units, steps, length):
    layer = torch.nn.GRU(units, units)
    weights = [layer.weight_ih_l0, layer.weight_hh_l0, layer.bias_ih_l0, layer.bias_hh_l0]
    offsets = torch.arange(0, steps + 1, length)
    recurrence(torch.rand(steps, units, requires_grad=True), offsets, weights, cell="gru")[0].sum().backward()

torch.set_num_threads(1)
for _ in range(3):
    step(8, 100, 10)
before = megabytes()
step(1000, 1000, 10)
used = megabytes() - before
for _ in range(100):
    step(8, 100, 10)
print(used, megabytes() - before)
"""


@needs_kernels
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the memory of a process in /proc")
def test_memory_is_given_back_when_much_smaller_batches_follow() -> None:
    done = subprocess.run([sys.executable, "-c", GIVES_BACK], capture_output=True, text=True, check=True)
    used, kept = (float(number) for number in done.stdout.split())
    assert used > 100  # MB: sums of gradients, 24 MB for each of four shards, and more
    assert kept < used / 2  # the rest is code and small objects of torch


def test_small_tensors_are_allocated_by_torch(buffers: Buffers) -> None:
    buffers.empty(100)
    assert not buffers._free


@needs_kernels
@every_cell
def test_states_do_not_change_while_other_batches_run(cell: RecurrentCell) -> None:
    case = Case(cell=cell, hidden_size=64, lengths=[100] * 20)
    layer, values, offsets = case.layer(), case.values(), case.offsets()
    with torch.no_grad():
        states = native(layer, values, offsets)
        expected = states.clone()
        last = states[-1]
        for _ in range(3):
            native(layer, values * 2, offsets)
        assert torch.equal(states, expected)
        del states
        native(layer, values * 2, offsets)
        assert torch.equal(last, expected[-1])


@needs_kernels
@every_cell
def test_a_retained_graph_gives_the_same_gradients_twice(cell: RecurrentCell) -> None:
    case = Case(cell=cell, hidden_size=64, lengths=[100] * 20, bidirectional=True)
    layer, values = case.layer(), case.values().requires_grad_()
    leaves = [values, *layer.parameters()]
    loss = native(layer, values, case.offsets()).square().sum()
    first = torch.autograd.grad(loss, leaves, retain_graph=True)
    outcome_of(native, case)  # which takes buffers as well
    again = torch.autograd.grad(loss, leaves)
    assert all(torch.equal(one, other) for one, other in zip(first, again, strict=True))


@needs_kernels
def test_nothing_is_saved_without_gradients() -> None:
    case = Case(cell="gru")
    weights = [w.detach() for w in case.layer().parameters()]
    layer = (case.values(), case.offsets(), weights)
    for save in (False, True):
        saved = torch.ops.seqclf.recurrence(*layer, [], "gru", False, "float32", save)[2]
        assert (saved.numel() > 0) is save


@needs_kernels
@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_the_default_dtype_of_torch_does_not_matter(dtype: torch.dtype) -> None:
    code = f"""
import torch
from seqclf import GRUClassifier, as_sequences
from seqclf.nn import RecurrentEncoder
encoder = RecurrentEncoder("gru", 1, 3, engine="native", layer_norm=True, num_layers=2, generator=torch.Generator().manual_seed(0))
X = as_sequences([[0.1, 0.2], [0.3]])
expected = encoder(X).values
torch.set_default_dtype({dtype})
assert encoder(X).values.dtype == torch.float32
assert torch.equal(encoder(X).values, expected)
GRUClassifier(hidden_size=3, max_epochs=1, stem="conv", layer_norm=True).fit([[0.1, 0.9], [0.9, 0.1]] * 4, [0, 1] * 4).predict([[0.5]])
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_oldest_blocks_are_evicted_for_a_new_one(
    buffers: Buffers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_buffers, "_KEPT", 400_000)
    for rows in (1200, 2000, 3000):  # returned one after another
        tensor = buffers.empty(rows, 100)
        del tensor
        gc.collect()
    sizes = [size for size, _ in buffers._free]
    assert sum(sizes) <= 400_000
    assert max(sizes) >= 300_000
