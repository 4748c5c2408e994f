"""`distributed` alone, and in an environment that is not complete."""

from __future__ import annotations

import multiprocessing
import os
import threading
from typing import Any

import pytest
import torch
from torch.distributed import HashStore  # type: ignore[attr-defined]  # torch has no stub for it

import seqclf
from ramps import ramps, small
from seqclf import ProcessFailedError
from seqclf.nn import CrossEntropyLoss
from seqclf.training import LabelledSequences, current_group
from seqclf.training._processes._ends import Ends
from seqclf.training._processes._group import ProcessGroup, _current
from seqclf.training._processes._shares import share_of

DATA = ramps(24)


@pytest.fixture(autouse=True)
def _no_launcher(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("variables", [{}, {"WORLD_SIZE": "1", "RANK": "0"}])
def test_one_process_trains_as_without_the_block(
    variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    without = small(max_epochs=2).fit(DATA.arrays, DATA.y)
    with seqclf.distributed() as group:
        within = small(max_epochs=2).fit(DATA.arrays, DATA.y)
    assert repr(group) == "ProcessGroup(rank=0, n_processes=1)"
    assert group.is_main
    assert not torch.distributed.is_initialized()
    for one, other in zip(without.module_.parameters(), within.module_.parameters(), strict=True):
        assert torch.equal(one, other)


def test_an_incomplete_environment_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "4")
    monkeypatch.setenv("RANK", "1")
    message = "must hold RANK, WORLD_SIZE, .*; got WORLD_SIZE=4 without MASTER_ADDR, MASTER_PORT. Start the script with torchrun"
    with pytest.raises(ValueError, match=message), seqclf.distributed():
        pass


def test_more_processes_than_gpus_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    for name, value in {
        "WORLD_SIZE": "4",
        "RANK": "3",
        "LOCAL_RANK": "3",
        "MASTER_ADDR": "h",
        "MASTER_PORT": "1",
    }.items():
        monkeypatch.setenv(name, value)
    message = "got 2 GPUs and a process with LOCAL_RANK=3. Start torchrun with --nproc-per-node=2, or set CUDA_VISIBLE"
    with pytest.raises(ValueError, match=message), seqclf.distributed():
        pass


def test_a_timeout_must_be_positive() -> None:
    with pytest.raises(ValueError, match="`timeout` must be positive"), seqclf.distributed(timeout=0):
        pass


def test_threads_and_forked_processes_do_not_belong_to_the_group() -> None:
    connection: Any = object()
    token = _current.set(ProcessGroup(rank=1, n_processes=2, connection=connection))
    try:
        assert current_group().rank == 1
        found: list[int] = []
        thread = threading.Thread(target=lambda: found.append(current_group().n_processes))
        thread.start()
        thread.join()
        assert found == [1]
        child = multiprocessing.get_context("fork").Process(target=_end_with_number)
        child.start()
        child.join()
        assert child.exitcode == 1
    finally:
        _current.reset(token)


def _end_with_number() -> None:
    os._exit(current_group().n_processes)


def test_the_first_message_of_a_failure_is_kept_and_that_of_others_is_not_repeated() -> None:
    store = HashStore()
    first, second, third = (Ends(store, rank, 3) for rank in range(3))
    assert first.failure() is None
    second.report(ValueError("boom"))
    first.report(ProcessFailedError("rank 1 failed"))
    third.report(TypeError("late"))
    assert first.failure() == "rank 1 failed: ValueError: boom"
    assert third.wait(3600, for_failure=False) is None
    assert second.wait(3600, for_failure=True) == "rank 1 failed: ValueError: boom"
    assert first.wait(3600, for_failure=False) is None  # the last one to leave


def test_shares_have_all_sequences_once_their_weight_and_about_equal_lengths() -> None:
    lengths = torch.tensor([9, 1, 8, 2, 7, 3, 6, 4, 5])
    target = torch.tensor([0, 1] * 4 + [0])
    weight = torch.arange(9.0)
    data = LabelledSequences(
        sequences=seqclf.as_sequences([[0.0] * n for n in lengths.tolist()]), target=target, weight=weight
    )
    index = torch.tensor([8, 7, 6, 5, 4, 3, 2])
    shares = [
        share_of(index, data, lengths, CrossEntropyLoss(class_weight=(1, 2)), rank=rank, n_processes=3)
        for rank in range(3)
    ]
    assert [lengths[share.index].tolist() for share in shares] == [[8, 5, 2], [7, 4], [6, 3]]
    # weights 2+8+2*3=16, 4+2*7=18, 6+2*5=16 of 50
    assert [share.factor for share in shares] == [16 / 50, 18 / 50, 16 / 50]
