"""Parts of the engine's benchmark that measure no time."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from typing import Any

import pytest
import torch
from benchmarks.engine import timing
from benchmarks.engine.__main__ import start_record
from benchmarks.engine.candidates import MODELS, new_seqclf
from benchmarks.engine.instruction_sets import OLDER, RESTRICTIONS
from benchmarks.engine.latency import predictors, torch_twin
from benchmarks.engine.shared import endless_loops, on_one_processor
from benchmarks.render.__main__ import sections


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        pytest.param([3.0], 99, 3.0, id="one value"),
        pytest.param([4.0, 1.0, 3.0, 2.0], 50, 2.0, id="half of four"),
        pytest.param(list(range(100, 0, -1)), 99, 99, id="99 of 100 do not exceed it"),
        pytest.param(list(range(1, 102)), 99, 100, id="rounded up"),
        pytest.param([2.0, 1.0], 100, 2.0, id="all"),
    ],
)
def test_a_percentile_is_one_of_the_values(values: list[float], percent: float, expected: float) -> None:
    assert timing.percentile(values, percent) == expected


@pytest.mark.parametrize(("long", "calls"), [(float("inf"), {"a": 2 + 3 * 50}), (0.0, {"a": 3})])
def test_long_work_is_called_as_often_as_it_is_measured(
    monkeypatch: pytest.MonkeyPatch, long: float, calls: dict[str, int]
) -> None:
    monkeypatch.setattr(timing, "LONG", long)
    counted = Counter[str]()
    timing.measure({"a": lambda: counted.update("a")}, 3)
    assert counted == calls


@pytest.mark.parametrize("name", MODELS)
def test_all_networks_whose_latency_is_compared_give_the_same_logits(name: str) -> None:
    ours = new_seqclf(MODELS[name]).eval()
    one = torch.rand(20, 1)
    with torch.inference_mode():
        logits = {
            who: predict([one]) for who, predict in predictors(ours, torch_twin(ours, MODELS[name])).items()
        }
    for who in ("torch packed", "torch, no padding"):
        torch.testing.assert_close(logits[who], logits["seqclf"], rtol=1e-5, atol=1e-6)
    assert logits["torch padded"].shape == logits["seqclf"].shape


def test_results_of_other_conditions_are_not_kept() -> None:
    conditions = start_record({}, "simulated", 2)
    assert start_record(conditions, "simulated", 2) == conditions
    with pytest.raises(SystemExit, match="same conditions; data was 'simulated', and is 'MIT-BIH'"):
        start_record(conditions, "MIT-BIH", 2)
    with pytest.raises(SystemExit, match="threads was 2, and is 1"):
        start_record(conditions, "simulated", 1)


def test_each_older_instruction_set_restricts_torch() -> None:
    assert {older for sets in OLDER.values() for older in sets} == set(RESTRICTIONS)


def test_a_process_startedon_one_processor_stays_there() -> None:
    before = os.sched_getaffinity(0)
    count = [sys.executable, "-c", "import os; print(len(os.sched_getaffinity(0)))"]
    with on_one_processor():
        inside = subprocess.run(count, capture_output=True, text=True, check=True)
    assert inside.stdout.strip() == "1"
    assert os.sched_getaffinity(0) == before


def testendless_loops_end_with_the_block() -> None:
    loops: list[subprocess.Popen[bytes]] = []

    def fail() -> None:
        with endless_loops(2) as started:
            loops.extend(started)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert len(loops) == 2
    assert None not in [loop.poll() for loop in loops]


def test_the_tables_of_the_page_are_narrow(record: dict[str, Any]) -> None:
    titles = sections({**record, "threads": 2}, None)
    assert {
        "Instruction sets",
        "Latency of one prediction",
        "Latency of 512 predictions",
        "Busy and limited machines",
        "Goals",
    } <= set(titles)
    rows = [line for body in titles.values() for line in body.splitlines() if line.startswith("|")]
    assert max(row.count("|") - 1 for row in rows) <= 7
