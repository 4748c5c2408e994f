"""The script that measures how early heartbeats can be classified, on a few beats."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "examples" / "early_heartbeats.py"


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    return runpy.run_path(str(SCRIPT), run_name="early_heartbeats")


@pytest.fixture(scope="module")
def results(script: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("early")
    script["main"](["--beats", "600", "--epochs", "1", "--seeds", "0", "1", "--out", str(out)])
    return out


def test_both_models_are_measured_with_every_seed(script: dict[str, Any], results: Path) -> None:
    result = json.loads((results / "early.json").read_text())
    assert result["n_train"] + result["n_valid"] + result["n_test"] == 600
    for row in result["models"].values():
        assert [run["seed"] for run in row["runs"]] == [0, 1]
        for run in row["runs"]:
            assert len(run["test"]["at_shares"]) == 20
            assert run["threshold"] == script["choose_threshold"](run["valid"])
    assert (results / "early.md").read_text() == script["table"](result["models"]) + "\n"
    assert (results / "early.png").stat().st_size > 10_000


def test_the_threshold_is_the_one_that_reads_least_of_those_that_cost_little(script: dict[str, Any]) -> None:
    def scores(value: float, f1: float, read: float) -> dict[str, float]:
        return {"value": value, "macro_f1": f1, "share_read": read}

    valid = {
        "at_shares": [scores(0.5, 0.7, 0.5), scores(1.0, 0.9, 1.0)],
        "at_thresholds": [scores(0.5, 0.85, 0.1), scores(0.7, 0.895, 0.4), scores(0.9, 0.92, 0.6)],
    }
    assert script["choose_threshold"](valid) == 0.7
    assert script["choose_threshold"](valid | {"at_thresholds": valid["at_thresholds"][:1]}) is None


def test_settings_are_compared_without_the_test_set(script: dict[str, Any], tmp_path: Path) -> None:
    script["main"](["--beats", "600", "--epochs", "1", "--seeds", "0", "--choose", "--out", str(tmp_path)])
    result = json.loads((tmp_path / "choice.json").read_text())
    assert list(result["models"]) == list(script["CANDIDATES"])
    assert "n_test" not in result
    for row in result["models"].values():
        assert "test" not in row["runs"][0]
    assert not (tmp_path / "early.json").exists()


def test_the_committed_tables_show_the_committed_scores(script: dict[str, Any]) -> None:
    for name, table in (("early", "table"), ("choice", "choice_table")):
        result = json.loads((ROOT / "results" / "early" / f"{name}.json").read_text())
        text = (ROOT / "results" / "early" / f"{name}.md").read_text()
        assert text == script[table](result["models"]) + "\n"


def test_prefixes_in_training_helped_on_the_records(script: dict[str, Any]) -> None:
    script["check"](json.loads((ROOT / "results" / "early" / "early.json").read_text()))


def test_an_unexpected_outcome_fails_the_script(script: dict[str, Any]) -> None:
    def row(f1: float) -> dict[str, Any]:
        return {"runs": [{"test": {"at_shares": [{"macro_f1": f1}]}}]}

    script["check"]({"models": {"whole": row(0.5), "prefix": row(0.6)}})
    with pytest.raises(SystemExit, match="must raise the mean macro F1 over all shares"):
        script["check"]({"models": {"whole": row(0.5), "prefix": row(0.5)}})


def test_records_are_read_in_millivolts(script: dict[str, Any], tmp_path: Path) -> None:
    """A small record in the format of the database: the beats are cut, and not scaled."""
    times, codes = np.arange(200, 3400, 300), np.resize([1, 5], 11)
    pulses = np.exp(-(((np.arange(3600) - times[:, None]) / 9) ** 2)).sum(axis=0)
    samples = np.rint(400 * pulses).astype("<i2")
    samples.tofile(tmp_path / "100.dat")
    words = np.append(codes << 10 | np.diff(times, prepend=0), 0)
    words.astype("<u2").tofile(tmp_path / "100.atr")
    checksum = samples.sum(dtype="<i2")
    (tmp_path / "100.hea").write_text(
        f"100 1 360 3600\n100.dat 16 200/mV 12 0 {samples[0]} {checksum} 0 MLII\n"
    )
    record = script["read_lead"](tmp_path, 100)
    assert record.channels == ("ECG",)
    assert record.signal.max() == pytest.approx(2.0, abs=0.01)
