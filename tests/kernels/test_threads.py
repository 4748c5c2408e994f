"""Threads of Python run beside the kernels, and processes may be forked."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import joblib
import pytest
import torch

from kernels.cases import Case, every_cell, native, needs_kernels, outcome_of, same_bits
from seqclf.kernels import RecurrentCell

pytestmark = needs_kernels


def test_python_goes_on_during_a_call() -> None:
    case = Case(cell="lstm", input_size=64, hidden_size=256, lengths=[60] * 40)
    layer, values, offsets = case.layer(), case.values(), case.offsets()
    took: list[float] = []

    def work() -> None:
        with torch.no_grad():
            native(layer, values, offsets)
            begin = time.perf_counter()
            native(layer, values, offsets)
            took.append(time.perf_counter() - begin)

    worker = threading.Thread(target=work)
    worker.start()
    last, pauses = time.perf_counter(), []
    while worker.is_alive():
        time.sleep(0.0005)
        now = time.perf_counter()
        pauses.append(now - last)
        last = now
    worker.join()
    # Held throughout a call, Python's lock would make one pause as long as it.
    assert max(pauses) < 0.5 * took[0], (max(pauses), took)


@every_cell
def test_calls_of_several_python_threads_do_not_disturb_each_other(cell: RecurrentCell) -> None:
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


# A process of its own: pytest's has threads already, which makes Python warn of any fork.
FORK = """
import os, sys, time
import torch
from torch.utils.data import DataLoader, Dataset
from seqclf.kernels import recurrence

torch.set_num_threads(2)
weights = [torch.randn(60, 3), torch.randn(60, 20) / 5]
values, offsets = torch.randn(900, 3), torch.arange(0, 901, 30)
expected = recurrence(values, offsets, weights, cell="gru")
child = os.fork()
if child == 0:
    states = [recurrence(values, offsets, weights, cell="gru") for _ in range(3)]
    os._exit(0 if all(torch.equal(one, expected) for one in states) else 1)
for _ in range(600):
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
        return recurrence(values + index, offsets, weights, cell="gru")

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
(torch.randn(2000, 2000) + 1).sum()  # torch's threads are there, in the parent
child = os.fork()
if child == 0:
    recurrence(values, offsets, weights, cell="gru")
    os._exit(0)
for _ in range(400):
    ended, code = os.waitpid(child, os.WNOHANG)
    if ended:
        sys.exit(code)
    time.sleep(0.05)
os.kill(child, 9)
sys.exit("the child hangs")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process_may_be_the_first_to_call() -> None:
    process = subprocess.run(
        [sys.executable, "-c", FIRST_CALL_IN_CHILD], capture_output=True, text=True, timeout=120
    )
    assert process.returncode == 0, process.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_forked_processes_have_threads_of_their_own() -> None:
    process = subprocess.run([sys.executable, "-c", FORK], capture_output=True, text=True, timeout=120)
    assert process.stdout == "done\n", process.stderr
    assert process.returncode == 0


WEIGHTS = [torch.linspace(-1, 1, 9).view(9, 1), torch.linspace(-1, 1, 27).view(9, 3)]


def _states(i: int) -> list[list[float]]:
    """Import within: joblib's other processes do not know the modules of tests."""
    from seqclf.kernels import recurrence

    values = torch.full((4, 1), float(i))
    result: list[list[float]] = recurrence(values, torch.tensor([0, 4]), WEIGHTS, cell="gru").tolist()
    return result


def test_joblib_shares_work_among_processes() -> None:
    expected = [_states(i) for i in range(2)]
    assert joblib.Parallel(n_jobs=2)(joblib.delayed(_states)(i) for i in range(2)) == expected
