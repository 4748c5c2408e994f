"""The kernels release the GIL, may be called from several threads and survive a fork."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import joblib
import pytest
import torch

from kernels.cases import Case, every_cell, native, needs_kernels, outcome_of, same_bits
from seqclf.kernels import RecurrentCell, _library, recurrence

pytestmark = needs_kernels
HEADER = Path(__file__).parents[2] / "src/seqclf/kernels/cpp/layer.h"


# Stands in for the compiled library: its forward pass waits for Python to set `values[1]`.
WAITING_LIBRARY = """
#include <chrono>
#include <thread>
#include "{header}"

extern "C" int32_t seqclf_interface() {{ return {interface}; }}
extern "C" const char* seqclf_instruction_set(int32_t index) {{ return index == 0 ? "portable" : nullptr; }}
extern "C" int32_t seqclf_runs(const char*) {{ return 1; }}
extern "C" int32_t seqclf_has_bfloat16(const char*) {{ return 0; }}

extern "C" int32_t seqclf_forward(const char*, int32_t, const Layer* layer, const Forward*) {{
    volatile float* values = const_cast<float*>(layer->values);
    values[0] = 1;
    for (int i = 0; i < 300'000 && values[1] != 1; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return values[1] == 1 ? 0 : 3;
}}
"""


@pytest.mark.skipif(shutil.which("c++") is None or not HEADER.exists(), reason="no C++ compiler or no source")
def test_other_python_threads_run_during_a_call(
    load_again: Callable[[], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    source, built = tmp_path / "waiting.cpp", tmp_path / "waiting.so"
    source.write_text(WAITING_LIBRARY.format(header=HEADER, interface=_library._INTERFACE))
    subprocess.run(["c++", "-std=c++17", "-shared", "-fPIC", "-pthread", source, "-o", built], check=True)
    monkeypatch.setenv("SEQCLF_KERNELS", str(built))
    monkeypatch.delenv("SEQCLF_ISA", raising=False)
    load_again()
    values = torch.zeros(2, 1)
    weights = [torch.zeros(1, 1), torch.zeros(1, 1)]
    errors: list[Exception] = []

    def call() -> None:
        try:
            recurrence(values, torch.tensor([0, 2]), weights, cell="tanh")
        except RuntimeError as error:
            errors.append(error)

    worker = threading.Thread(target=call)
    worker.start()
    while worker.is_alive() and values[0] != 1:  # until the call has begun
        pass
    values[1] = 1  # which it waits for, in vain if it holds the GIL
    worker.join()
    assert errors == []


@every_cell
def test_calls_of_several_python_threads_do_not_affect_each_other(cell: RecurrentCell) -> None:
    cases = [
        Case(cell=cell, hidden_size=20 + i, lengths=[30 + i] * 30, bidirectional=True, seed=i)
        for i in range(3)
    ]
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        expected = [outcome_of(native, case) for case in cases]
        wrong: list[int] = []

        def work(i: int) -> None:
            wrong.extend(i for _ in range(5) if not same_bits(outcome_of(native, cases[i]), expected[i]))

        workers = [threading.Thread(target=work, args=(i,)) for i in range(3)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    finally:
        torch.set_num_threads(before)
    assert wrong == []


# Run in another process: pytest's already has threads, so Python would warn about a fork.
FORK = """
import os, sys, time
import torch
from torch.utils.data import DataLoader, Dataset
from seqclf.kernels import recurrence

torch.set_num_threads(2)
weights = [torch.randn(60, 3), torch.randn(60, 20) / 5]
values, offsets = torch.randn(900, 3), torch.arange(0, 901, 30)
expected, _ = recurrence(values, offsets, weights, cell="gru")
child = os.fork()
if child == 0:
    states = [recurrence(values, offsets, weights, cell="gru")[0] for _ in range(3)]
    os._exit(0 if all(torch.equal(one, expected) for one in states) else 1)
for _ in range(6000):
    ended, code = os.waitpid(child, os.WNOHANG)
    if ended:
        break
    time.sleep(0.05)
else:
    os.kill(child, 9)
    sys.exit("the child hangs")
assert code == 0, code

class States(Dataset):
    def __len__(self):
        return 4

    def __getitem__(self, index):
        return recurrence(values + index, offsets, weights, cell="gru")[0]

expected = [States()[i] for i in range(4)]
got = list(DataLoader(States(), batch_size=None, num_workers=2, multiprocessing_context="fork"))
assert all(map(torch.equal, got, expected))
print("done")
"""


FIRST_CALL_IN_CHILD = """
import os, sys, time
import torch
from seqclf.kernels import recurrence

torch.set_num_threads(2)
weights = [torch.randn(60, 3), torch.randn(60, 20) / 5]
values, offsets = torch.randn(900, 3), torch.arange(0, 901, 30)
(torch.randn(2000, 2000) + 1).sum()  # starts torch's threads, in the parent
child = os.fork()
if child == 0:
    recurrence(values, offsets, weights, cell="gru")
    os._exit(0)
for _ in range(6000):
    ended, code = os.waitpid(child, os.WNOHANG)
    if ended:
        sys.exit(code)
    time.sleep(0.05)
os.kill(child, 9)
sys.exit("the child hangs")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_a_forked_process_may_make_the_first_call() -> None:
    process = subprocess.run(
        [sys.executable, "-c", FIRST_CALL_IN_CHILD], capture_output=True, text=True, timeout=3600
    )
    assert process.returncode == 0, process.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_forked_processes_start_their_own_threads() -> None:
    process = subprocess.run([sys.executable, "-c", FORK], capture_output=True, text=True, timeout=3600)
    assert process.stdout == "done\n", process.stderr
    assert process.returncode == 0


WEIGHTS = [torch.linspace(-1, 1, 9).view(9, 1), torch.linspace(-1, 1, 27).view(9, 3)]


def _states(i: int) -> list[list[float]]:
    """Compute the states of one input; imports inside, since joblib's processes cannot import test modules."""
    from seqclf.kernels import recurrence

    values = torch.full((4, 1), float(i))
    states, _ = recurrence(values, torch.tensor([0, 4]), WEIGHTS, cell="gru")
    result: list[list[float]] = states.tolist()
    return result


def test_joblib_distributes_calls_over_processes() -> None:
    expected = [_states(i) for i in range(2)]
    assert joblib.Parallel(n_jobs=2)(joblib.delayed(_states)(i) for i in range(2)) == expected


# In a process of its own: OpenMP's threads are counted.
BUSY = """
import os, sys, time
import torch
from seqclf.kernels import recurrence
from seqclf.kernels._library import library

def n_threads():
    return len(os.listdir("/proc/self/task"))

def wait_until(condition):
    for _ in range(36000):
        if condition():
            return
        time.sleep(0.1)
    sys.exit("waited for an hour")

torch.set_num_threads(2)
weights = [torch.randn(60, 3), torch.randn(60, 20) / 5]
values, offsets = torch.randn(900, 3), torch.arange(0, 901, 30)
expected, _ = recurrence(values, offsets, weights, cell="gru")
before = n_threads()
busy = library().functions.seqclf_assume_busy
busy(3_600_000)
assert all(torch.equal(recurrence(values, offsets, weights, cell="gru")[0], expected) for _ in range(20))
processors = len(os.sched_getaffinity(0))
# One thread of the pool, and a team with one thread more than there are processors.
wait_until(lambda: n_threads() == before + 1 + processors + 1)
busy(0)
wait_until(lambda: n_threads() == before + 1)
busy(3_600_000)
recurrence(values[:30], offsets[:2], weights, cell="gru")  # also for one sequence, which one thread computes
wait_until(lambda: n_threads() == before + 1 + processors + 1)
print("done")
"""


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="counts threads in /proc")
def test_openmp_manages_more_threads_than_processors_while_they_are_busy() -> None:
    # GCC's OpenMP then sleeps while it waits, instead of spinning.
    process = subprocess.run([sys.executable, "-c", BUSY], capture_output=True, text=True, timeout=3600)
    assert process.stdout == "done\n", process.stderr
    assert process.returncode == 0


ASSUME_BUSY = """from seqclf.kernels._library import library
library().functions.seqclf_assume_busy(3_600_000)
"""
BUSY_FORK = FORK.replace("expected, _ = ", ASSUME_BUSY + "expected, _ = ", 1)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_forked_processes_start_their_own_threads_on_busy_processors() -> None:
    process = subprocess.run([sys.executable, "-c", BUSY_FORK], capture_output=True, text=True, timeout=3600)
    assert process.stdout == "done\n", process.stderr
    assert process.returncode == 0


# Two threads on one processor: each waits while the other computes or spins.
OBSERVED = """
import os
import torch
from seqclf.kernels import recurrence

torch.set_num_threads(2)
weights = [torch.randn(60, 3), torch.randn(60, 20) / 5]
values, offsets = torch.randn(9000, 3), torch.arange(0, 9001, 300)
recurrence(values, offsets, weights, cell="gru")
one = {min(os.sched_getaffinity(0))}
for thread in os.listdir("/proc/self/task"):
    os.sched_setaffinity(int(thread), one)
before = len(os.listdir("/proc/self/task"))
for _ in range(20_000):
    recurrence(values, offsets, weights, cell="gru")
    if len(os.listdir("/proc/self/task")) > before:  # threads that sleep replace those that spin
        break
else:
    raise SystemExit("never noticed")
print("done")
"""


@pytest.mark.skipif(
    not Path("/proc/thread-self/schedstat").exists(), reason="the system does not count waiting"
)
def test_kernels_notice_that_threads_wait_for_a_processor() -> None:
    process = subprocess.run([sys.executable, "-c", OBSERVED], capture_output=True, text=True, timeout=3600)
    assert process.stdout == "done\n", process.stderr
    assert process.returncode == 0
