"""Short predictions of several threads take turns."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest
import torch

from seqclf.training._turns import _FEW_STEPS, _turn, one_at_a_time

CPU = torch.device("cpu")


def enter_in_a_thread(n_steps: int | None, device: torch.device) -> tuple[threading.Thread, threading.Event]:
    entered = threading.Event()

    def enter() -> None:
        with one_at_a_time(n_steps, device):
            entered.set()

    thread = threading.Thread(target=enter)
    thread.start()
    return thread, entered


def test_a_short_prediction_waits_for_another() -> None:
    with one_at_a_time(1, CPU):
        thread, entered = enter_in_a_thread(_FEW_STEPS, CPU)
        thread.join(0.1)
        assert not entered.is_set()
    thread.join()
    assert entered.is_set()


@pytest.mark.parametrize(
    ("n_steps", "device"), [(_FEW_STEPS + 1, CPU), (None, CPU), (1, torch.device("cuda"))]
)
def test_a_long_prediction_and_one_elsewhere_do_not_wait(n_steps: int | None, device: torch.device) -> None:
    with one_at_a_time(1, CPU):
        thread, entered = enter_in_a_thread(n_steps, device)
        thread.join()
    assert entered.is_set()


def test_a_network_may_predict_with_another_estimator() -> None:
    with one_at_a_time(1, CPU), one_at_a_time(1, CPU):
        pass


def test_an_error_ends_the_turn() -> None:
    with pytest.raises(ZeroDivisionError), one_at_a_time(1, CPU):
        raise ZeroDivisionError
    thread, entered = enter_in_a_thread(1, CPU)
    thread.join()
    assert entered.is_set()
    assert _turn.lock.acquire(blocking=False)
    _turn.lock.release()


FORK = """
import os, sys, threading
import torch
from seqclf.training._turns import one_at_a_time

CPU = torch.device("cpu")
held, done = threading.Event(), threading.Event()

def hold():
    with one_at_a_time(1, CPU):
        held.set()
        done.wait()

threading.Thread(target=hold).start()
held.wait()
child = os.fork()
if child == 0:
    with one_at_a_time(1, CPU):
        os._exit(0)
_, code = os.waitpid(child, 0)
done.set()
sys.exit(code)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_a_forked_process_does_not_wait_for_a_thread_of_its_parent() -> None:
    done = subprocess.run([sys.executable, "-c", FORK], capture_output=True, text=True, timeout=3600)
    assert done.returncode == 0, done.stderr
