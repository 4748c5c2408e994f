"""The script that compares ways of balancing, on a few beats."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[2] / "examples" / "choose_balancing.py"


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    return runpy.run_path(str(SCRIPT), run_name="choose_balancing")


@pytest.fixture(scope="module")
def results(script: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("balancing")
    script["main"](["--beats", "300", "--epochs", "1", "--seeds", "0", "1", "--out", str(out)])
    return out


def test_every_way_is_run_with_every_seed_and_scores_are_medians(
    script: dict[str, Any], results: Path
) -> None:
    ways = json.loads((results / "balancing.json").read_text())["ways"]
    assert list(ways) == list(script["WAYS"])
    for way in ways.values():
        assert [run["seed"] for run in way["runs"]] == [0, 1]
        for column in script["COLUMNS"]:
            mean = sum(run["plain"][column] for run in way["runs"]) / 2  # the median of two
            assert way["plain"][column] == pytest.approx(mean)


def test_the_table_shows_the_scores_of_the_json(script: dict[str, Any], results: Path) -> None:
    ways = json.loads((results / "balancing.json").read_text())["ways"]
    assert (results / "balancing.md").read_text() == script["table"](ways) + "\n"
    assert (results / "balancing.png").stat().st_size > 10_000


def test_an_unexpected_outcome_fails_the_script(script: dict[str, Any]) -> None:
    def way(**scores: float) -> dict[str, Any]:
        base = {"recall_S": 0.5, "accuracy": 0.9, "class_calibration_error": 0.1}
        return {"plain": base | scores, "corrected": base | {"class_calibration_error": 0.01}}

    good = {"nothing": way(), "sampler='balanced'": way(recall_S=0.8, accuracy=0.8)}
    script["check"]({"ways": good})
    for scores, message in (
        ({"recall_S": 0.4}, "Balancing must raise the recall of S."),
        ({"recall_S": 0.8, "accuracy": 0.95}, "Balancing must cost accuracy."),
        (
            {"recall_S": 0.8, "accuracy": 0.8, "class_calibration_error": 0.001},
            "Prior correction must improve the classwise calibration.",
        ),
    ):
        with pytest.raises(SystemExit, match=message):
            script["check"]({"ways": good | {"sampler='balanced'": way(**scores)}})
