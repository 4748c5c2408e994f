"""Four processes, started by torchrun, train what one process trains, or end with the same error."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest

from training.processes.cases import EQUAL, ERRORS
from training.processes.launch import finish, start, torchrun

N_PROCESSES = 4
ROUNDING = 1e-6

SAME = "All processes must train in the same way; got different "
MESSAGES = {
    "augmentation": ("rank 2 failed: ValueError: boom", 2),
    "callback": ("rank 0 failed: OSError: disk full", 0),
    "interrupt": ("rank 1 failed: KeyboardInterrupt", 1),
    "before fit": ("rank 3 failed: ValueError: `lr` must be positive and finite; got -1.0.", 3),
    "after fit": ("rank 1 failed: InvalidSequenceError: Every sequence must have at least one step", 1),
    "number": (SAME + "number of training samples on ranks 3 and 0: 30 and 35. Read", None),
    "lengths": (SAME + "lengths of training samples on ranks 2 and 0: those with checksum", None),
    "labels": (SAME + "labels of training samples on ranks 1 and 0", None),
    "weights": (SAME + "weights of training samples on ranks 1 and 0", None),
    "values": ("on the same samples; got different values in sample 34 on ranks 1 and 0. Read", None),
    "validation": (SAME + "number of validation samples on ranks 2 and 0: 10 and None", None),
    "parameter": (SAME + "`lr` on ranks 1 and 0: 0.1 and 0.2", None),
    "layers": (SAME + "layers of the network on ranks 1 and 0", None),
    "loss": (SAME + "`loss` on ranks 1 and 0: FocalLoss(gamma", None),
    "unseeded sampler": (SAME + "batches on ranks 1 and 0: checksum", None),
    "divided sampler": (
        "seed it with the generator that its factory gets, and leave `num_replicas` at 1",
        None,
    ),
    "sum": ("`loss` must be a weighted mean over the batch to train on several processes; got", None),
    "batch normalisation": ("got BatchNorm1d as `head.0`, whose statistics would be those of a share", None),
    "checkpoint": (SAME + "`checkpoint` on ranks 1 and 0: a path and None. Pass it in every", None),
    "sweep": ("A sweep must run outside of `seqclf.distributed()`; got one in a group of 4 processes", None),
    "nested": (
        "`distributed` must not be called inside another `distributed` block. Remove the inner one",
        None,
    ),
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Return what each process found."""
    folder = tmp_path_factory.mktemp("processes")
    process = start(torchrun("cases.py", folder, options=[f"--nproc-per-node={N_PROCESSES}"]))
    (output,) = finish(process)
    assert process.returncode == 0, output
    return [json.loads((folder / f"found-{rank}.json").read_text()) for rank in range(N_PROCESSES)]


def largest_difference(some: Any, others: Any) -> float:
    """Return the largest difference between numbers in two structures of the same shape."""
    if isinstance(some, dict):
        assert some.keys() == others.keys()
        some, others = list(some.values()), list(others.values())
    if isinstance(some, list):
        assert len(some) == len(others)
        return max((largest_difference(*pair) for pair in zip(some, others, strict=True)), default=0.0)
    if some is None or others is None:
        assert some is others
        return 0.0
    return float(np.abs(some - others))


@pytest.mark.parametrize("name", EQUAL)
def test_several_processes_train_the_model_of_one_process(found: list[dict[str, Any]], name: str) -> None:
    alone, together = found[0]["alone"][name], found[0]["together"][name]
    assert largest_difference(alone, together) <= ROUNDING


@pytest.mark.parametrize("name", EQUAL)
def test_all_processes_have_the_same_model(found: list[dict[str, Any]], name: str) -> None:
    assert all(one["together"][name] == found[0]["together"][name] for one in found)


def test_processes_that_train_twice_train_bitwise_the_same(found: list[dict[str, Any]]) -> None:
    for one in found:
        assert one["twice"][0] == one["twice"][1] == found[0]["twice"][0]


def test_without_a_seed_all_processes_take_that_of_the_first_one(found: list[dict[str, Any]]) -> None:
    assert all(one["without a seed"] == found[0]["without a seed"] for one in found)


def test_each_process_knows_its_rank(found: list[dict[str, Any]]) -> None:
    assert [one["group"] for one in found] == [[rank, N_PROCESSES, rank == 0] for rank in range(N_PROCESSES)]


def test_processes_of_the_script_itself_are_used(found: list[dict[str, Any]]) -> None:
    for one in found:
        assert one["own group"] == [N_PROCESSES, one["together"]["plain"]]


def test_an_interrupt_of_one_process_stops_all_with_a_checkpoint(found: list[dict[str, Any]]) -> None:
    assert [one["interrupted"] for one in found] == ["KeyboardInterrupt, checkpoint: True"] * N_PROCESSES


def test_a_closed_group_is_gone(found: list[dict[str, Any]]) -> None:
    # torch would keep the connections of a group that something refers to, and the others would wait for a process that failed.
    assert [one["groups kept"] for one in found] == [[]] * N_PROCESSES


def test_callbacks_run_in_the_first_process_only(found: list[dict[str, Any]]) -> None:
    assert [one["callback calls"] for one in found] == [3, 0, 0, 0]


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_ends_all_processes_with_its_message(found: list[dict[str, Any]], name: str) -> None:
    message, culprit = MESSAGES[name]
    for rank, one in enumerate(found):
        error = one["errors"][name]
        if culprit == rank:
            assert re.sub("^.* failed: ", "", message) in error
            assert "ProcessFailedError" not in error
        else:
            assert message in error
            assert ("ProcessFailedError" in error) == (culprit is not None)
