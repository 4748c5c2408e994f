"""The script that reproduces the sweep tables, on a few beats."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "reproduce_sweeps.py"
OPTIONS = [
    *("--beats", "600", "--epochs", "1", "--jobs", "1", "--seeds", "0", "--cells", "gru"),
    *("--trials", "3", "--sweep-train", "200", "--sweep-epochs", "2"),
]


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    return runpy.run_path(str(EXAMPLE))


@pytest.fixture(scope="module")
def out(script: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sweeps")
    script["main"]([*OPTIONS, "--out", str(folder)])
    return folder


def test_each_listed_configuration_is_compared_with_the_notebook(out: Path) -> None:
    rows = json.loads((out / "sweeps.json").read_text())
    assert list(rows) == [f"gru_{i}" for i in range(1, 7)] + ["gru_ours"]
    lines = (out / "sweeps.md").read_text().splitlines()[2:]
    assert len(lines) == 7
    fourth = [cell.strip() for cell in lines[3].strip("|").split("|")]
    assert fourth == [
        *("GRU, run 4", "128 x 1", "1", "0.0449", "0.827", f"{rows['gru_4']['accuracy']:.4f}"),
        *("0.18", f"{rows['gru_4']['macro_f1']:.4f}", "unstable: learning rate too high"),
    ]
    assert "lr=0.0449" in rows["gru_4"]["runs"][0]["classifier"]
    assert "hidden_size=128, " in rows["gru_4"]["runs"][0]["classifier"]


def test_the_best_configuration_is_trained_like_the_listed_ones(out: Path) -> None:
    found = json.loads((out / "sweep_gru.json").read_text())
    assert [trial["status"] for trial in found["trials"]].count("complete") >= 1
    assert found["best_score"] == max(t["score"] for t in found["trials"] if t["score"] is not None)
    run = json.loads((out / "sweeps.json").read_text())["gru_ours"]["runs"][0]
    assert f"lr={found['best_params']['lr']}" in run["classifier"]
    assert run["n_train"] == 480
    assert (out / "sweep_gru.png").stat().st_size > 10_000


def test_a_second_call_repeats_no_run(script: dict[str, Any], out: Path) -> None:
    before = (out / "sweeps.json").read_text(), (out / "sweep_gru.json").read_text()
    script["main"]([*OPTIONS, "--out", str(out)])
    assert ((out / "sweeps.json").read_text(), (out / "sweep_gru.json").read_text()) == before


def test_rows_can_be_selected(script: dict[str, Any], tmp_path: Path) -> None:
    options = [*OPTIONS, "--cells", "gru", "lstm", "--listed-only", "--rows", "lstm_5", "gru_5"]
    assert list(script["main"]([*options, "--out", str(tmp_path)])) == ["gru_5", "lstm_5"]
    assert len((tmp_path / "sweeps.md").read_text().splitlines()) == 4
    with pytest.raises(SystemExit):
        script["read_command_line"](["--rows", "gru_7"])


def test_the_sweep_does_not_use_the_test_set(script: dict[str, Any]) -> None:
    beats = script["read_beats"](script["read_command_line"](OPTIONS), seed=0)
    seen: dict[str, Any] = {}

    def look(*arguments: Any, cv: Any, **options: Any) -> None:
        seen["split"] = cv[0]

    run_sweep = script["run_sweep"]
    run_sweep.__globals__["sweep"] = look
    try:
        run_sweep("gru", beats, script["read_command_line"](OPTIONS))
    finally:
        from seqclf.tuning import sweep

        run_sweep.__globals__["sweep"] = sweep
    outer = script["split_beats"](beats.target, None, seed=0)
    assert not set(outer.test) & (set(seen["split"].train) | set(seen["split"].test))
    assert not set(seen["split"].train) & set(seen["split"].test)


def test_labels_are_smoothed_only_where_the_notebook_did(script: dict[str, Any]) -> None:
    runs = script["read_notebook"]()["lstm"]
    smoothing = [script["listed"]("lstm", run)["label_smoothing"] for run in runs]
    assert smoothing == [0.0, 0.0, 0.0, 0.1, 0.0, 0.0]
    assert [script["listed"]("lstm", run)["bidirectional"] for run in runs] == [False] * 5 + [True]
