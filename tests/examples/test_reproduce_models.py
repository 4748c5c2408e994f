"""The script that reproduces the model table, in small."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqclf import as_sequences
from seqclf.datasets import Heartbeats

SCRIPT = Path(__file__).parents[2] / "examples" / "reproduce_models.py"
OPTIONS = ["--beats", "400", "--epochs", "1", "--jobs", "1"]


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    return runpy.run_path(str(SCRIPT), run_name="reproduce_models")


@pytest.fixture(scope="module")
def results(script: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("results")
    script["main"]([*OPTIONS, "--out", str(out)])
    return out


def rows_of(results: Path) -> dict[str, Any]:
    rows: dict[str, Any] = json.loads((results / "models.json").read_text())
    return rows


def test_every_model_of_the_document_is_run(script: dict[str, Any], results: Path) -> None:
    document = json.loads(SCRIPT.with_name("course_document.json").read_text())["models"]
    assert list(rows_of(results)) == list(script["MODELS"])
    assert set(rows_of(results)) == set(document)


def test_a_run_says_how_it_was_made(results: Path) -> None:
    (run,) = rows_of(results)["gru"]["runs"]
    assert sum(sum(counts) for counts in run["report"]["confusion"]) == run["n_test"] == 80
    assert len(run["history"]["train_loss"]) == run["epochs"] == 1
    assert run["command"].startswith("python examples/reproduce_models.py --beats 400 ")
    assert run["n_epochs"] == 1
    assert run["classifier"].startswith("GRUClassifier(")
    assert {"seed", "versions", "machine", "models_at_once", "fit_seconds", "predict_seconds"} <= set(run)


def test_figures_of_the_table_are_those_of_the_json(results: Path) -> None:
    lines = (results / "models.md").read_text().splitlines()
    for row in rows_of(results).values():
        (line,) = [line for line in lines if line.startswith(f"| {row['title']} |")][:1]
        assert f"{row['accuracy']:.4f}" in line
        assert f"{row['macro_f1']:.4f}" in line


def test_every_model_has_a_picture(script: dict[str, Any], results: Path) -> None:
    for name in (*script["MODELS"], "comparison", "learning_curves"):
        assert (results / f"{name}.png").stat().st_size > 10_000


def test_what_is_done_is_not_done_again(script: dict[str, Any], results: Path) -> None:
    before = rows_of(results)
    more = [*OPTIONS, "--models", "rnn_packed", "--out", str(results)]
    script["main"]([*more, "--seeds", "0", "1"])
    after = rows_of(results)
    assert list(after) == list(before)
    first, second = after["rnn_packed"]["runs"]
    assert (first["seed"], second["seed"]) == (0, 1)
    assert first == before["rnn_packed"]["runs"][0]
    f1 = [run["report"]["macro"]["f1"] for run in (first, second)]
    assert after["rnn_packed"]["macro_f1"] == sum(f1) / 2
    assert {key: row for key, row in after.items() if key != "rnn_packed"} == {
        key: row for key, row in before.items() if key != "rnn_packed"
    }


def test_runs_of_another_protocol_are_not_mixed(script: dict[str, Any], results: Path) -> None:
    with pytest.raises(
        SystemExit, match=r"must have epochs=2; got 1 for gru, seed 0\. Choose another folder"
    ):
        script["main"](
            ["--beats", "400", "--epochs", "2", "--jobs", "1", "--models", "gru", "--out", str(results)]
        )


def test_a_model_below_the_goal_fails_the_script(script: dict[str, Any]) -> None:
    with pytest.raises(SystemExit, match=r"accuracy must be at least 0.97; got 0.5000"):
        script["check"]({"gru_bidirectional": {"accuracy": 0.5, "macro_f1": 0.9}})


def test_cutting_by_hand_keeps_zeros_as_data(script: dict[str, Any]) -> None:
    beats = Heartbeats(sequences=as_sequences([[1.0, 2.0], [3.0] * 150]), target=np.array(["N", "V"]))
    cut = script["cut_by_hand"](beats)
    assert cut.lengths.tolist() == [112, 112]
    assert cut[0][:3, 0].tolist() == [1.0, 2.0, 0.0]
