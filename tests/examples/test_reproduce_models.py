"""The script that reproduces the model table, in small."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[2] / "examples" / "reproduce_models.py"


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    return runpy.run_path(str(SCRIPT), run_name="reproduce_models")


@pytest.fixture(scope="module")
def results(script: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("results")
    script["main"](["--beats", "400", "--epochs", "1", "--out", str(out)])
    return out


def test_every_model_of_the_document_is_run(script: dict[str, Any], results: Path) -> None:
    document = json.loads(SCRIPT.with_name("course_document.json").read_text())["models"]
    written = json.loads((results / "models.json").read_text())["models"]
    assert list(written) == list(script["MODELS"])
    assert set(written) == set(document)


def test_reports_are_of_the_whole_test_part(results: Path) -> None:
    for row in json.loads((results / "models.json").read_text())["models"].values():
        assert sum(sum(counts) for counts in row["runs"][0]["report"]["confusion"]) == 80


def test_figures_of_the_table_are_those_of_the_json(results: Path) -> None:
    rows = json.loads((results / "models.json").read_text())["models"]
    lines = (results / "models.md").read_text().splitlines()
    for row in rows.values():
        (line,) = [line for line in lines if line.startswith(f"| {row['title']} |")][:1]
        assert f"{row['accuracy']:.3f}" in line
        assert f"{row['macro_f1']:.3f}" in line


def test_every_model_has_a_picture(script: dict[str, Any], results: Path) -> None:
    for name in (*script["MODELS"], "comparison"):
        assert (results / f"{name}.png").stat().st_size > 10_000


def test_a_model_below_the_goal_fails_the_script(script: dict[str, Any]) -> None:
    evaluate = script["evaluate"]
    poor = script["Result"](report=evaluate([0, 1], [0, 0]), fit_seconds=1.0, predict_seconds=1.0)
    with pytest.raises(SystemExit, match=r"accuracy must be at least 0.97; got 0.5000"):
        script["check"]({"gru_bidirectional": poor})


def test_cutting_by_hand_keeps_zeros_as_data(script: dict[str, Any]) -> None:
    from seqclf import as_sequences

    cut = script["cut_by_hand"](as_sequences([[1.0, 2.0], [3.0] * 150]))
    assert cut.lengths.tolist() == [112, 112]
    assert cut[0][:3, 0].tolist() == [1.0, 2.0, 0.0]
