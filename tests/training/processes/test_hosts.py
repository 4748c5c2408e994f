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
@pytest.mark.parametrize("restarts", [0, 1])
def test_two_hosts_that_start_again_give_the_model_of_an_undisturbed_fit(
    restarts: int, tmp_path: Path
) -> None:
    """Either torchrun starts the processes again, or it ends, and somebody starts it again."""
    with two_hosts() as hosts:
        for port, codes in ((29400, [1, 1]), (29500, [0, 0]))[restarts:]:
            processes = []
            for host in hosts:
                options = [
                    "--nnodes=2",
                    "--nproc-per-node=2",
                    f"--max-restarts={restarts}",
                    "--rdzv-backend=c10d",
                ]
                options += [f"--rdzv-endpoint={hosts[0].address}:{port}", f"--local-addr={host.address}"]
                # torchrun finds out by the name of the machine, which both hosts share.
                options += [f"--rdzv-conf=is_host={host is hosts[0]}"]
                processes.append(start(host.command(torchrun("restarted.py", tmp_path, options=options))))
            outputs = finish(*processes)
            assert [process.returncode for process in processes] == codes, outputs
    assert json.loads((tmp_path / "found.json").read_text()) == FOUND


def test_one_host_that_starts_again_gives_the_model_of_an_undisturbed_fit(tmp_path: Path) -> None:
    options = ["--standalone", "--nproc-per-node=4", "--max-restarts=1"]
    process = start(torchrun("restarted.py", tmp_path, options=options))
    (output,) = finish(process)
    assert process.returncode == 0, output
    assert json.loads((tmp_path / "found.json").read_text()) == FOUND
