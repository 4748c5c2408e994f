"""The script for new patients, on a few simulated people."""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqclf.datasets import RR_FEATURES

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    return runpy.run_path(str(EXAMPLES / "new_patients.py"))


def scores() -> Any:
    return sys.modules["patient_scores"]


def test_the_final_look_is_saved_and_not_repeated(script: dict[str, Any], tmp_path: Path) -> None:
    options = ["--people", "3", "--beats", "900", "--members", "1", "--out", str(tmp_path)]
    script["main"]([*options, "--seeds", "0"])
    first = json.loads((tmp_path / "patients.json").read_text())
    both = script["main"]([*options, "--seeds", "0", "1"])
    assert both["runs"][0] == first["runs"][0]
    assert [run["seed"] for run in both["runs"]] == [0, 1]
    assert sorted(first["runs"][0]["records"]) == ["0", "1", "2"]
    counted = np.array(list(first["runs"][0]["records"].values()))
    assert counted.shape == (3, 5, 5)
    assert counted.sum() == 450
    text = (tmp_path / "patients.md").read_text()
    macro = scores().median_scores(both["runs"])["macro"]
    assert macro > 0.7
    assert f"| this model, median of 2 seeds | {macro:.3f} |" in text
    assert (tmp_path / "patients.png").stat().st_size > 10_000


def test_variants_are_scored_on_people_who_were_left_out(script: dict[str, Any], tmp_path: Path) -> None:
    options = ["--choose", "--people", "6", "--beats", "960", "--epochs", "1", "--out", str(tmp_path)]
    rows = script["main"]([*options, "--seeds", "0", "--variants", "base", "no_rhythm"])
    assert list(rows) == ["base", "no_rhythm"]
    for row in rows.values():
        assert np.array(list(row["runs"][0]["records"].values())).sum() == 480
    again = script["main"]([*options, "--seeds", "0", "--variants", "base"])
    assert again == json.loads((tmp_path / "patients_choice.json").read_text()) == rows
    lines = (tmp_path / "patients_choice.md").read_text().splitlines()
    assert [line.split(" | ")[0] for line in lines[2:]] == ["| Base", "| Without RR features"]
    assert " | +0.000 | " in lines[2]


def test_choosing_does_not_read_the_test_records(
    script: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Any] = []
    inner = script["main"].__globals__
    original = inner["read_records"]

    def watched(*given: Any) -> Any:
        read.append(given[2])
        return original(*given)

    monkeypatch.setitem(inner, "read_records", watched)
    options = script["read_command_line"](["--choose", "--beats", "480", "--epochs", "1"])
    script["cross_validate"](script["CHOSEN"], options, 0)
    assert read == [script["DS1"]]


def test_training_beats_are_those_of_the_recipe(script: dict[str, Any]) -> None:
    target = np.array(list("NNNNSVFQN"))
    variants = script["VARIANTS"]
    assert variants["base"].used(target, np.arange(8)).tolist() == [0, 3, 4, 5]
    assert variants["fusion"].used(target, np.arange(9)).tolist() == [0, 3, 4, 5, 6]


def test_some_normal_beats_are_used_again_with_a_simulated_rhythm(script: dict[str, Any]) -> None:
    options = script["read_command_line"](["--beats", "600", "--people", "2"])
    recipe = script["VARIANTS"]["fibrillation_100"]
    beats = script["read_records"](recipe, options, script["DS1"])
    candidates = np.arange(0, len(beats), 2)
    X, y = recipe.training_set(beats, candidates, 0)
    real = recipe.used(beats.target, candidates)
    assert len(X) == len(y) == len(real) + 2 * 100
    np.testing.assert_array_equal(X.static[: len(real)], beats.rr_features[real])
    assert set(y[len(real) :]) == {"N"}
    column = RR_FEATURES.index("before / record")
    simulated, regular = X.static[len(real) :, column], beats.rr_features[beats.target == "N", column]
    assert simulated.std() > 2 * regular.std()
    shapes = {tuple(beats.sequences[int(i)].numpy().ravel()) for i in real if beats.target[i] == "N"}
    assert {tuple(one.numpy().ravel()) for one in X[len(real) :]} <= shapes


def test_scores_by_hand(script: dict[str, Any]) -> None:
    assert script is not None
    target, predicted = np.array(list("NNNSSVF")), np.array(list("NNSSNVV"))
    record = np.array([7, 7, 7, 7, 8, 8, 8])
    records = scores().confusions_of(record, target, predicted)
    f1 = scores().f1_of(scores().as_matrices(records))
    # N: 2 right, 3 true, 3 predicted. S: 1, 2, 2. V: 1, 1, 2, because a fusion beat is a false positive.
    assert (f1["N"], f1["S"], f1["V"]) == pytest.approx((2 / 3, 1 / 2, 2 / 3))
    assert f1["macro"] == pytest.approx(11 / 18)
    without = scores().f1_of(scores().as_matrices(records, without=["8"]))
    assert without["S"] == pytest.approx(2 / 3)


def test_the_interval_of_people_who_are_all_alike_is_a_point(script: dict[str, Any]) -> None:
    assert script is not None
    matrix = (10 * np.eye(5, dtype=int) + 1).tolist()
    alike = scores().bootstrap([{"records": {str(i): matrix for i in range(5)}}], draws=50)
    assert alike["macro"][0] == pytest.approx(alike["macro"][1])
    worse = np.ones((5, 5), dtype=int).tolist()
    low, high = scores().bootstrap([{"records": {"1": matrix, "2": worse, "3": matrix}}], draws=200)["S"]
    assert low < 0.4 < high
