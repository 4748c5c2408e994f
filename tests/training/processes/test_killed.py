"""A process that is killed ends the others; without torchrun, so that nothing else ends them."""

from __future__ import annotations

import sys

from training.processes.launch import FOLDER, finish, free_port, start


def test_processes_notice_that_another_one_was_killed() -> None:
    variables = {"WORLD_SIZE": "3", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": free_port()}
    processes = [
        start([sys.executable, str(FOLDER / "killed.py")], {**variables, "RANK": str(rank)})
        for rank in range(3)
    ]
    outputs = finish(*processes)
    assert processes[1].returncode == -9, outputs
    for rank in (0, 2):
        assert processes[rank].returncode == 1
        assert (
            "All processes of a group must keep running; one ended without an error message" in outputs[rank]
        )
