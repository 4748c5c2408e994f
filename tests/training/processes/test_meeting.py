"""Processes that are started again find each other in a store that still holds what earlier ones have written."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from torch.distributed import HashStore  # type: ignore[attr-defined]  # torch has no stub for it

from seqclf.exceptions import ProcessFailedError
from seqclf.training._processes._meeting import meet


def meet_all(store: HashStore, ranks: list[int], timeout: float = 600) -> list[RuntimeError | str]:
    """Run a process for each rank, as a thread; return what all read that the first one wrote, or the error of each."""

    def run(rank: int) -> RuntimeError | str:
        try:
            found = meet(store, rank, 3, timeout=timeout)
            if rank == 0:
                found.set("message", "new")
            return found.get("message").decode()
        except RuntimeError as error:
            return error

    with ThreadPoolExecutor(3) as pool:
        return list(pool.map(run, ranks))


@pytest.mark.parametrize("earlier", [[0, 1, 2], [0, 1], [1, 2], [0], [2]], ids=str)
def test_processes_meet_whichever_were_there_before(earlier: list[int]) -> None:
    store = HashStore()
    store.set_timeout(timedelta(seconds=0.2 if len(earlier) < 3 else 600))
    meet_all(store, earlier, timeout=0.2 if len(earlier) < 3 else 600)
    store.set_timeout(timedelta(seconds=600))
    assert meet_all(store, [2, 1, 0]) == ["new"] * 3


def test_no_meeting_reads_what_an_earlier_one_wrote() -> None:
    store = HashStore()
    with ThreadPoolExecutor(3) as pool:
        for _ in range(5):
            found = list(pool.map(lambda rank: meet(store, rank, 3, timeout=600), range(3)))
            assert [one.check(["message"]) for one in found] == [False] * 3
            found[1].set("message", "old")


@pytest.mark.parametrize(("present", "absent"), [([0], "1, 2"), ([1, 2], "0")], ids=str)
def test_those_that_are_present_name_those_that_are_absent(present: list[int], absent: str) -> None:
    store = HashStore()
    store.set_timeout(timedelta(seconds=0.2))
    for error in meet_all(store, present, timeout=0.2):
        assert isinstance(error, ProcessFailedError)
        assert f"within `timeout`, 0.2 s; rank {absent} did not" in str(error)


def test_the_first_process_tells_the_others_who_is_absent() -> None:
    store = HashStore()
    with ThreadPoolExecutor(1) as pool:
        second = pool.submit(meet, store, 1, 3, timeout=600)
        while not store.check(["seqclf/drawn by 1"]):
            time.sleep(0.01)
        # On a busy machine, the second process may not have joined in time.
        with pytest.raises(ProcessFailedError, match=r"rank (1, )?2 did not"):
            meet(store, 0, 3, timeout=2)
        with pytest.raises(ProcessFailedError, match=r"rank (1, )?2 did not"):
            second.result()
