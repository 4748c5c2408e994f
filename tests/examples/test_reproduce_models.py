"""The script that reproduces the model table, on a few beats."""

from __future__ import annotations

import json
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqclf import as_sequences
from seqclf.datasets import Heartbeats
from seqclf.evaluation import evaluate

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


def test_every_model_of_the_notebook_is_run(script: dict[str, Any], results: Path) -> None:
    notebook = json.loads(SCRIPT.with_name("course_notebook.json").read_text())["models"]
    assert list(rows_of(results)) == list(script["MODELS"])
    assert set(rows_of(results)) == set(notebook)


def test_a_run_records_its_provenance(results: Path) -> None:
    (run,) = rows_of(results)["gru"]["runs"]
    assert sum(sum(counts) for counts in run["report"]["confusion"]) == run["n_test"] == 80
    assert len(run["history"]["train_loss"]) == run["epochs"] == 1
    assert run["command"].startswith("python examples/reproduce_models.py --beats 400 ")
    assert run["n_epochs"] == 1
    assert run["classifier"].startswith("GRUClassifier(")
    assert {"seed", "versions", "machine", "models_at_once", "fit_seconds", "predict_seconds"} <= set(run)


def test_the_table_shows_the_scores_of_the_json_and_no_notebook(results: Path) -> None:
    text = (results / "models.md").read_text()
    for line, row in zip(text.splitlines()[2:], rows_of(results).values(), strict=True):
        assert line.startswith(
            f"| {row['title']} | {row['accuracy']:.3f} |  | {row['macro_f1']:.3f} |  | 1 |"
        )
    assert "notebook" not in text + (results / "classes.md").read_text()


def test_every_model_has_a_plot(script: dict[str, Any], results: Path) -> None:
    for name in (*script["MODELS"], "learning_curves"):
        assert (results / f"{name}.png").stat().st_size > 10_000


def test_finished_runs_are_not_repeated(script: dict[str, Any], results: Path, tmp_path: Path) -> None:
    results = Path(shutil.copytree(results, tmp_path / "results"))  # the other tests read the original
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


def test_runs_of_different_protocols_are_not_mixed(script: dict[str, Any], results: Path) -> None:
    with pytest.raises(
        SystemExit, match=r"must have epochs=2; got 1 for gru, seed 0\. Choose another folder"
    ):
        script["main"](
            ["--beats", "400", "--epochs", "2", "--jobs", "1", "--models", "gru", "--out", str(results)]
        )


def test_a_model_below_the_goal_fails_the_script(script: dict[str, Any]) -> None:
    with pytest.raises(SystemExit, match=r"accuracy must be at least 0.97; got 0.5000"):
        script["check_goal"]({"gru_bidirectional": {"accuracy": 0.5, "macro_f1": 0.9}})


def test_scores_are_expected_for_the_default_options_and_every_model(script: dict[str, Any]) -> None:
    read, parse = script["read_least"], script["read_command_line"]
    least = read(parse([]))
    assert set(least) == set(script["MODELS"])
    assert least["rnn_packed"] == {
        "accuracy": pytest.approx(0.954 - 0.02),
        "macro_f1": pytest.approx(0.569 - 0.06),
    }
    for options in (["--beats", "400"], ["--epochs", "9"], ["--train", "100"]):
        assert read(parse(options)) is None


@pytest.fixture
def two_rows(tmp_path: Path) -> Path:
    """Write results of the default options for two models, as if they had been trained."""
    rng = np.random.default_rng(0)
    target = rng.choice(list("NSVFQ"), 800)
    report = evaluate(target, target, labels=list("NSVFQ")).to_dict()
    run = {"seed": 0, "report": report, "fit_seconds": 1.0, "n_train": 3200, "n_test": 800, "epochs": 8}
    run["history"] = {"train_loss": [1.0], "train_macro_f1": [0.5]}
    rows = {
        "gru": {"title": "GRU", "accuracy": 0.96, "macro_f1": 0.75, "runs": [run]},
        "lstm": {"title": "LSTM", "accuracy": 0.96, "macro_f1": 0.60, "runs": [run]},
    }
    (tmp_path / "models.json").write_text(json.dumps(rows))
    return tmp_path


def test_a_simulated_run_succeeds_when_its_scores_are_as_expected(
    script: dict[str, Any], two_rows: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script["main"](["--models", "gru", "lstm", "--out", str(two_rows)])
    assert "| GRU | 0.960 | 0.946 | 0.750 | 0.713 | 1 | 1 |" in capsys.readouterr().out


def test_a_simulated_run_fails_when_a_score_is_lower_than_expected(
    script: dict[str, Any], two_rows: Path
) -> None:
    rows = rows_of(two_rows)
    rows["lstm"]["macro_f1"] = 0.5
    (two_rows / "models.json").write_text(json.dumps(rows))
    with pytest.raises(SystemExit) as error:
        script["main"](["--models", "gru", "lstm", "--out", str(two_rows)])
    assert str(error.value.code).splitlines() == [
        "LSTM: macro_f1 must be at least 0.507; got 0.500.",
        "expected_simulated.json holds the bounds. Did a change of the code lower these scores?",
    ]


def test_the_command_exits_with_an_error_when_a_score_is_lower_than_expected(two_rows: Path) -> None:
    rows = rows_of(two_rows)
    rows["gru"]["accuracy"] = 0.9
    (two_rows / "models.json").write_text(json.dumps(rows))
    command = [sys.executable, str(SCRIPT), "--models", "gru", "lstm", "--out", str(two_rows)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=3600, check=False)
    assert done.returncode == 1
    assert "GRU: accuracy must be at least 0.946; got 0.900." in done.stderr


def test_cutting_by_hand_keeps_zeros_as_data(script: dict[str, Any]) -> None:
    beats = Heartbeats(sequences=as_sequences([[1.0, 2.0], [3.0] * 150]), target=np.array(["N", "V"]))
    cut = script["cut_by_hand"](beats)
    assert cut.lengths.tolist() == [112, 112]
    assert cut[0][:3, 0].tolist() == [1.0, 2.0, 0.0]
