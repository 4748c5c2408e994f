"""The benchmark of other libraries on the archive, without these libraries."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from benchmarks.archive.__main__ import forget_other_versions, save, summarise, too_long
from benchmarks.archive.measure import ENTRIES, measure
from benchmarks.archive.sets import SETS, ArchiveSet
from numpy.typing import NDArray

ROOT = Path(__file__).parents[2]


@pytest.fixture
def data(tmp_path: Path) -> ArchiveSet:
    header = "@problemName Two\n@univariate false\n@data\n"
    (tmp_path / "Two_TRAIN.ts").write_text(header + "1,2,NaN,NaN:3,4,NaN,NaN:a\n5,?,6,7:8,NaN,9,10:b\n")
    (tmp_path / "Two_TEST.ts").write_text(header + "# a comment\n\n1,2:3,4:a\n1:3:b\n2:2:b\n")
    return ArchiveSet.load(tmp_path, "Two")


def test_the_reader_drops_the_padding_of_the_archive_and_keeps_missing_values(data: ArchiveSet) -> None:
    np.testing.assert_array_equal(data.train[0], [[1, 2], [3, 4]])
    np.testing.assert_array_equal(data.train[1], [[5, np.nan, 6, 7], [8, np.nan, 9, 10]])
    assert [sequence.shape for sequence in data.test] == [(2, 2), (2, 1), (2, 1)]
    assert data.y_train.tolist() == ["a", "b"]
    assert data.y_test.tolist() == ["a", "b", "b"]
    assert data.longest == 4
    assert data.padded_steps == 8


def test_a_run_is_scored_on_the_test_part(data: ArchiveSet) -> None:
    def predict(data: ArchiveSet, seed: int) -> NDArray[np.str_]:
        return np.full(len(data.test), "ab"[seed])

    run = measure(predict, data, seed=1, cap=600)
    assert run["accuracy"] == pytest.approx(2 / 3)
    assert run["macro_f1"] == pytest.approx((0 + 0.8) / 2)
    assert {"seconds", "processor_seconds"} <= set(run)


def test_a_run_that_takes_too_long_is_left_out_with_the_reason(data: ArchiveSet) -> None:
    def predict(data: ArchiveSet, seed: int) -> NDArray[np.str_]:
        while True:
            pass

    assert measure(predict, data, seed=0, cap=0.05) == {"left_out": "more than 0.05 s of processor time"}


def run(accuracy: float) -> dict[str, float]:
    return {"accuracy": accuracy, "macro_f1": 0.0, "seconds": 1.0, "processor_seconds": 1.0}


def test_the_overall_mean_needs_every_set() -> None:
    every = {name: {"0": run(0.5), "1": run(1.0)} for name in SETS}
    some = {**every, "PLAID": {"0": {"left_out": "more than 600 s of processor time"}}}
    record: dict[str, Any] = {"runs": {"tsai GRU": every, "tsai LSTM": some}}
    summarise(record)
    assert set(record["mean"]) == set(ENTRIES)
    assert record["mean"]["tsai GRU"]["accuracy_of_all_sets"] == 0.75
    assert record["mean"]["tsai GRU"]["sets"]["PLAID"]["seeds"] == 2
    assert record["mean"]["tsai LSTM"]["accuracy_of_all_sets"] is None
    assert set(record["mean"]["tsai LSTM"]["sets"]) == {*SETS} - {"PLAID"}
    assert [row["not_measured"] for row in record["mean"].values()].count([]) == 2
    assert record["mean"]["sktime GRUClassifier"]["not_measured"] == list(SETS)


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        pytest.param({}, None, id="nothing is known"),
        pytest.param({"small": {"0": {"processor_seconds": 4.0}}}, None, id="short enough"),
        pytest.param(
            {"small": {"0": {"processor_seconds": 1.0}}, "middle": {"0": {"processor_seconds": 20.0}}},
            "more than 100 s of processor time: about 200 s expected, 20 s for middle",
            id="judged by the largest set",
        ),
        pytest.param({"large": {"0": {"processor_seconds": 999.0}}}, None, id="another seed was measured"),
        pytest.param({"small": {"0": {"left_out": "too long"}}}, None, id="left out says nothing"),
    ],
)
def test_a_run_that_would_take_too_long_is_not_started(runs: dict[str, Any], expected: str | None) -> None:
    assert too_long(runs, {"small": 1, "middle": 2, "large": 20}, "large", cap=100) == expected


def test_runs_of_other_versions_are_measured_again() -> None:
    record: dict[str, Any] = {
        "versions": {"tsai GRU": {"tsai": "1"}},
        "runs": {"tsai GRU": {"PLAID": {"0": {}}}},
    }
    forget_other_versions(record, "tsai GRU", {"tsai": "1"})
    assert record["runs"]["tsai GRU"] == {"PLAID": {"0": {}}}
    forget_other_versions(record, "tsai GRU", {"tsai": "2"})
    assert record == {"versions": {"tsai GRU": {"tsai": "2"}}, "runs": {}}


def test_a_record_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "archive" / "peers.json"
    records: list[dict[str, Any]] = [{"runs": {}}, {"runs": {"a": {}}}]
    for record in records:
        save(record, path)
        assert json.loads(path.read_text()) == record
    assert list(path.parent.iterdir()) == [path]


def test_only_the_module_of_the_chosen_classifier_is_imported() -> None:
    code = "import benchmarks.archive.__main__, sys; print({'aeon', 'sktime', 'tsai', 'torch'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize("entry", ENTRIES)
def test_each_classifier_names_an_existing_function(entry: str) -> None:
    module, function = ENTRIES[entry]
    source = (ROOT / "benchmarks" / "archive" / f"{module}.py").read_text()
    assert f"\ndef {function}(" in source
