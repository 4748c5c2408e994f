"""The scripts on names and on an event log, on small hand-made files."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = {
    "Russian": ["Ivanov", "Petrov", "Smirnov", "Popov"],
    "Japanese": ["Sato", "Suzuki", "Tanaka", "Mori"],
}
EVENTS = [
    # case NA; the admission to intensive care and what follows must not be seen
    ("NA", "ER Registration", "A", "2014-10-22T11:15:41Z", 85, "NA", "NA"),
    ("NA", "CRP", "B", "2014-10-22T11:27:00Z", "NA", 21, "NA"),
    ("NA", "Admission IC", "C", "2014-10-22T12:27:00Z", "NA", "NA", "NA"),
    ("NA", "CRP", "B", "2014-10-23T12:27:00Z", "NA", 99, "NA"),
    # never admitted: left out
    ("X", "ER Registration", "A", "2014-10-22T11:15:41Z", 33, "NA", "NA"),
    ("Y", "ER Registration", "A", "2014-10-22T11:15:41Z", 45, "NA", "NA"),
    ("Y", "LacticAcid", "B", "2014-10-22T11:15:42Z", "NA", "NA", 1.5),
    ("Y", "Admission NC", "D", "2014-10-22T13:15:42Z", "NA", "NA", "NA"),
    ("Y", "Admission NC", "D", "2014-10-23T13:15:42Z", "NA", "NA", "NA"),
]


@pytest.fixture
def names_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "names"
    folder.mkdir()
    for language, names in NAMES.items():
        (folder / f"{language}.txt").write_text("\n".join(names * 10) + "\n", encoding="utf-8")
    return folder


def log_file(tmp_path: Path, copies: int) -> Path:
    lines = ["case_id;activity;resource;timestamp;age;crp;lacticacid;leucocytes"]
    for i in range(copies):
        lines += [";".join(map(str, (f"{case}{i or ''}", *event, "NA"))) for case, *event in EVENTS]
    path = tmp_path / "log.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_names(names_folder: Path, tmp_path: Path) -> None:
    script = runpy.run_path(str(EXAMPLES / "names.py"))
    out = tmp_path / "out"
    rows = script["main"](
        ["--data", str(names_folder), "--out", str(out), "--seeds", "0", "1", "--epochs", "5"]
    )
    assert json.loads((out / "names.json").read_text()) == rows
    assert list(rows) == ["majority", "tutorial", "n_grams", "gru", "weighted_gru"]
    assert [run["seed"] for run in rows["gru"]["runs"]] == [0, 1]
    assert rows["n_grams"]["accuracy"] == 1.0
    lines = (out / "names.md").read_text().splitlines()
    assert lines[3].startswith(f"| CharRNN of the tutorial | {rows['tutorial']['accuracy']:.3f} |")
    assert str(tmp_path) not in (out / "names.json").read_text()


def test_the_network_of_the_tutorial_reads_each_name_alone() -> None:
    script = runpy.run_path(str(EXAMPLES / "names.py"))
    assert script["one_hot"]("Ábc漱").argmax(dim=1).tolist() == [26, 1, 2]
    torch.manual_seed(0)
    network: Any = script["CharRNN"](3)
    words = [script["one_hot"](word) for word in ("Ivanov", "Li", "Sato")]
    alone = torch.cat([network.h2o(network.rnn(word[:, None])[1][0]).log_softmax(dim=1) for word in words])
    assert torch.allclose(network(words), alone, atol=1e-6)


def test_event_log(tmp_path: Path) -> None:
    script = runpy.run_path(str(EXAMPLES / "event_log.py"))
    log = script["read_log"](log_file(tmp_path, 1))
    assert log.case_id.tolist() == ["NA", "NA", "Y", "Y"]
    assert log.admitted.tolist() == [True, True, False, False]
    assert log.activity.tolist() == ["ER Registration", "CRP", "ER Registration", "LacticAcid"]
    assert log.since_last.round(3).tolist() == [
        0.0,
        round(np.log1p(679 / 60), 3),
        0.0,
        round(np.log1p(1 / 60), 3),
    ]
    assert log.crp.round(3).tolist() == [0.0, round(np.log(22), 3), 0.0, 0.0]
    cases = script["as_cases"](log)
    assert (cases.ids.tolist(), cases.labels.tolist()) == (["NA", "Y"], [True, False])
    assert cases.sequences.n_tokens == {"activity": 4, "resource": 3}
    out = tmp_path / "out"
    rows = script["main"](["--data", str(log_file(tmp_path, 10)), "--out", str(out), "--seeds", "0"])
    assert json.loads((out / "event_log.json").read_text()) == rows
    assert rows["gru"]["roc_auc"] == rows["bag_of_events"]["roc_auc"] == 1.0
    assert rows["majority"]["roc_auc"] == 0.5
    assert (
        (out / "event_log.md").read_text().splitlines()[2].startswith("| the most frequent class | 0.500 |")
    )


@pytest.mark.parametrize("name", ["names", "event_log"])
def test_the_committed_table_matches_its_json(name: str) -> None:
    results = EXAMPLES.parent / "results" / name
    script = runpy.run_path(str(EXAMPLES / f"{name}.py"))
    rows = json.loads((results / f"{name}.json").read_text())
    assert (results / f"{name}.md").read_text() == script["table"](rows) + "\n"
    for row in rows.values():
        assert row["macro_f1"] == np.median(
            [run.get("macro_f1") or run["report"]["macro"]["f1"] for run in row["runs"]]
        )


def test_ours_beats_the_classifier_of_the_tutorial() -> None:
    rows = json.loads((EXAMPLES.parent / "results" / "names" / "names.json").read_text())
    assert rows["gru"]["accuracy"] > rows["tutorial"]["accuracy"] + 0.04
    assert rows["gru"]["macro_f1"] > rows["tutorial"]["macro_f1"] + 0.08
