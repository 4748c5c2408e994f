"""One of four processes is killed, on two hosts or on one, and all of them are started again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from training.processes.hosts import two_hosts, why_not
from training.processes.launch import finish, start, torchrun

REASON = why_not()


FOUND = {
    "killed": True,
    "n_processes": 4,
    "same": True,
    "undisturbed": 18,
    "resumed": 18 - 8,  # the last checkpoint before the tenth batch holds eight
}


@pytest.mark.skipif(REASON is not None, reason=str(REASON))
def test_a_new_start_on_two_hosts_gives_the_model_of_an_undisturbed_fit(tmp_path: Path) -> None:
    with two_hosts() as hosts:
        # torchrun does not restart: each host counts failures on its own, and may give up while the other still waits for it.
        for port, codes in ((29400, [1, 1]), (29500, [0, 0])):
            processes = []
            for host in hosts:
                options = ["--nnodes=2", "--nproc-per-node=2", "--max-restarts=0", "--rdzv-backend=c10d"]
                options += [f"--rdzv-endpoint={hosts[0].address}:{port}", f"--local-addr={host.address}"]
                # torchrun finds out by the name of the machine, which both hosts share.
                options += [f"--rdzv-conf=is_host={host is hosts[0]}"]
                processes.append(start(host.command(torchrun("restarted.py", tmp_path, options=options))))
            outputs = finish(*processes)
            assert [process.returncode for process in processes] == codes, outputs
    assert json.loads((tmp_path / "found.json").read_text()) == FOUND
