"""Figures in the pages are those of the committed results."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "results" / "records"


@pytest.fixture(scope="module")
def models() -> dict[str, Any]:
    rows: dict[str, Any] = json.loads((RESULTS / "models.json").read_text())["models"]
    return rows


def test_readme_names_the_measured_figures(models: dict[str, Any]) -> None:
    text = (ROOT / "README.md").read_text()
    found = re.findall(r"accuracy (\d\.\d{3}) and\s+macro F1 (\d\.\d{3}) with a ([a-z]+ [A-Z]+)", text)
    names = {"bidirectional GRU": "gru_bidirectional", "simple RNN": "rnn_packed"}
    expected = {
        (f"{models[key]['accuracy']:.3f}", f"{models[key]['macro_f1']:.3f}", name)
        for name, key in names.items()
    }
    assert set(found) == expected


def test_the_table_is_that_of_the_json(models: dict[str, Any]) -> None:
    lines = (RESULTS / "models.md").read_text().splitlines()
    for row in models.values():
        line = next(line for line in lines if line.startswith(f"| {row['title']} |"))
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        assert cells[2] == f"{row['accuracy']:.3f}"
        assert cells[5] == f"{row['macro_f1']:.3f}"


def test_medians_are_those_of_the_runs(models: dict[str, Any]) -> None:
    for row in models.values():
        (run,) = row["runs"]
        assert run["report"]["accuracy"] == row["accuracy"]
        assert run["report"]["macro"]["f1"] == row["macro_f1"]


def test_the_goal_is_reached(models: dict[str, Any]) -> None:
    assert models["gru_bidirectional"]["accuracy"] >= 0.970
    assert models["gru_bidirectional"]["macro_f1"] >= 0.85


def test_the_whole_training_reaches_its_goal_and_is_quoted_rightly() -> None:
    record = json.loads((ROOT / "results" / "full_training" / "models.json").read_text())
    row = record["models"]["gru_bidirectional"]
    assert row["accuracy"] >= 0.985
    assert row["macro_f1"] >= 0.915
    expected = (
        f"After {row['fit_seconds'] / 60:.0f} minutes on two cores, trained on all {record['n_train']:,} training beats,"
        f" a bidirectional GRU reaches accuracy {row['accuracy']:.3f} and macro F1 {row['macro_f1']:.3f}."
    )
    assert expected in (ROOT / "README.md").read_text()


def test_the_table_of_speed_is_that_of_the_json() -> None:
    bench = json.loads((ROOT / "results" / "bench.json").read_text())
    lines = (ROOT / "results" / "bench.md").read_text().splitlines()
    for name, row in bench["training"].items():
        line = next(line for line in lines if line.startswith(f"| {name} |"))
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        assert cells[2:5] == [
            f"{row['over_torch_packed']:.1f}x",
            f"{row['over_torch_padded']:.1f}x",
            f"{row['share_of_matrix_product']:.0%}",
        ]


def test_readme_names_the_measured_speed() -> None:
    row = json.loads((ROOT / "results" / "bench.json").read_text())["training"]["GRU"]
    text = " ".join((ROOT / "README.md").read_text().split())
    assert f"{row['over_torch_packed']:.1f} times as fast as torch's packed recurrence" in text
    assert f"{row['over_torch_padded']:.1f} times as fast as torch over the padding" in text
