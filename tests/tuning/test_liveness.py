from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from seqclf.tuning._liveness import at_work, presence_of


def this_process() -> dict[str, Any]:
    with at_work() as worker:
        return worker


on_linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")


def test_this_process_is_here_while_it_is_at_work() -> None:
    with at_work() as worker:
        assert presence_of(worker) == "here"
        with at_work():
            assert presence_of(worker) == "here"
    assert presence_of(worker) == "gone"


def test_a_process_that_ended_is_gone() -> None:
    code = (
        "import json; from seqclf.tuning._liveness import at_work\n"
        "with at_work() as worker: print(json.dumps(worker))"
    )
    ended = json.loads(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
    assert ended["pid"] != os.getpid()
    assert presence_of(ended) == "gone"


@on_linux
def test_a_number_that_was_given_away_again_is_another_process() -> None:
    with at_work() as worker:
        assert presence_of(worker | {"started": "1"}) == "gone"


@on_linux
def test_a_process_nobody_waited_for_is_gone() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    me = this_process() | {"pid": child.pid}
    while (
        presence_of(me | {"started": None}) == "here"
        and Path(f"/proc/{child.pid}/stat").read_text().split()[2] != "Z"
    ):
        pass
    assert presence_of(me) == "gone"
    child.wait()


def test_a_process_from_before_the_host_was_started_is_gone() -> None:
    assert presence_of(this_process() | {"boot": "an earlier one"}) == "gone"


def test_of_another_host_nothing_is_known() -> None:
    assert presence_of(this_process() | {"boot": "another one", "host": "elsewhere"}) == "unknown"


def test_of_another_container_nothing_is_known() -> None:
    assert presence_of(this_process() | {"view": "pid:[1]", "pid": 2**22 + 1}) == "unknown"
