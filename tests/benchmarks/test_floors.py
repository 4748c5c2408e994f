"""What a measurement must reach."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from benchmarks.engine.figures import EVERYWHERE, NEWEST, Figure, figures
from benchmarks.engine.floors import PATH, failures, propose

Record = dict[str, Any]
ROOT = Path(__file__).parents[2]


def test_a_measurement_reaches_the_floors_that_follow_from_it(record: Record) -> None:
    floors = propose(record)
    assert set(floors) == {"avx512", "avx2", "portable"}
    assert floors["avx512"]["training"]["GRU over torch packed"] == 1.7
    assert failures(record, floors) == []


@pytest.mark.parametrize(
    ("keys", "value", "message"),
    [
        pytest.param(
            ("training", "GRU", "over_torch_packed"),
            1.6,
            "avx512, training: GRU over torch packed must be at least 1.7; got 1.6.",
            id="slower than torch",
        ),
        pytest.param(
            ("instruction_sets", "avx2", "training", "GRU", "share_of_matrix_product"),
            0.4,
            "avx2, training, share of the matrix product's speed: GRU must be at least 0.425; got 0.4.",
            id="another instruction set",
        ),
        pytest.param(
            ("memory", "BiRNN", "share_of_torch_packed"),
            0.7,
            "avx512, memory of a training step, share of torch packed's: BiRNN must be at most 0.588; got 0.7.",
            id="too much memory",
        ),
        pytest.param(
            ("shared", "machines", "busy", "training", "default_over_best"),
            3.0,
            "avx512, time on a busy machine over the best of one thread and passive: training must be at most 1.18; got 3.",
            id="slow on a busy machine",
        ),
        pytest.param(
            ("latency", "GRU, 64 units", "seconds", "seqclf", "p50"),
            2e-3,
            "avx512, latency, median: GRU, 64 units, over onnxruntime must be at least 0.85; got 0.5.",
            id="slow single predictions",
        ),
    ],
)
def test_a_figure_below_its_floor_is_named(
    record: Record, keys: tuple[str, ...], value: float, message: str
) -> None:
    worse = deepcopy(record)
    place: Any = worse
    for key in keys[:-1]:
        # The fixture repeats one dictionary for all models: replace only this one.
        place[key] = dict(place[key])
        place = place[key]
    place[keys[-1]] = value
    assert message in failures(worse, propose(record))


def test_the_slowest_width_of_input_counts(record: Record) -> None:
    floors = propose(record)
    narrow = next(row for row in record["grid"] if (row["model"], row["hidden_size"]) == ("LSTM", 32))
    narrow["share_of_matrix_product"] = 0.1
    group = "training, share of the matrix product's speed, 32 units"
    assert failures(record, floors) == [f"avx512, {group}: LSTM must be at least 0.425; got 0.1."]


def test_a_figure_that_was_not_measured_fails(record: Record) -> None:
    floors = propose(record)
    del record["shared"], record["instruction_sets"]["portable"]
    lines = failures(record, floors)
    assert (
        "avx512, throughput of several callers over one after another: training, 2 callers was not measured."
        in lines
    )
    assert "portable, training: GRU over torch padded was not measured." in lines


def test_floors_of_instruction_sets_that_the_processor_lacks_do_not_count(record: Record) -> None:
    floors = propose(record)
    laptop = {**record, "instruction_set": "avx2"}
    floors["avx2"] = propose(laptop)["avx2"]
    del laptop["instruction_sets"]["avx2"]
    assert failures(laptop, floors) == []


def test_each_goal_is_that_of_a_measured_figure(record: Record) -> None:
    found = figures(record)
    for instruction_set, goals in {"avx512": NEWEST, "avx2": EVERYWHERE, "portable": EVERYWHERE}.items():
        measured = {
            (figure.group, figure.name): figure.goal
            for figure in found[instruction_set]
            if figure.goal is not None
        }
        assert measured == {
            (group, name): goal for group, by_name in goals.items() for name, goal in by_name.items()
        }


@pytest.mark.parametrize(("at_most", "reached"), [(False, [False, True, True]), (True, [True, True, False])])
def test_a_bound_is_reached_by_equality(at_most: bool, reached: list[bool]) -> None:
    figures = [Figure(group="", name="", value=value, at_most=at_most) for value in (0.9, 1.0, 1.1)]
    assert [figure.reaches(1.0) for figure in figures] == reached


def test_the_committed_measurement_reaches_the_committed_floors() -> None:
    bench = json.loads((ROOT / "results" / "bench.json").read_text())
    assert failures(bench, json.loads(PATH.read_text())) == []
