"""Figures in the pages are those of the committed results."""

from __future__ import annotations

import json
import re
import runpy
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


def script(name: str) -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "examples" / f"{name}.py"), run_name=name)


def words_of(page: str) -> str:
    return " ".join((ROOT / "docs" / "howto" / page).read_text().split())


def test_the_answer_about_packing_is_that_of_its_json() -> None:
    result = json.loads((ROOT / "results" / "packing" / "packing.json").read_text())
    rows, text = result["variants"], words_of("packing.md")
    table = (ROOT / "results" / "packing" / "packing.md").read_text()
    assert table == script("is_my_packing_right")["table"](list(rows.values())) + "\n"
    script("is_my_packing_right")["check"](result)
    f1 = {name: f"{row['macro_f1']:.2f}" for name, row in rows.items()}
    assert f"reaches macro F1 {f1['packed']}; cut by hand, it reaches {f1['cut']} and fails the audit" in text
    assert f"packed network reaches macro F1 {f1['packed_orthogonal']}; with" in text
    assert f"its defaults, {f1['packed_all_steps']}." in text
    assert f"And {result['cut']['rows_still_padded']:.0%} of the beats are shorter" in text
    alone = result["length_alone"]
    assert f"finds {alone['recall_S']:.0%} of the S beats, at macro F1 {alone['macro_f1']:.2f}" in text
    assert (
        rows["packed"]["gradient_before"][30] < 1e-6 < 1e-2 < rows["packed_orthogonal"]["gradient_before"][30]
    )


def test_the_advice_about_imbalance_is_that_of_its_json() -> None:
    result = json.loads((ROOT / "results" / "balancing" / "balancing.json").read_text())
    ways, text = result["ways"], words_of("imbalance.md")
    half, plain = "BalancedSampler, strength=0.5", ways["nothing"]["plain"]
    table = (ROOT / "results" / "balancing" / "balancing.md").read_text()
    assert table == script("choose_balancing")["table"](ways) + "\n"
    script("choose_balancing")["check"](result)
    best = max(
        (way[kind]["macro_f1"], name, kind) for name, way in ways.items() for kind in ("plain", "corrected")
    )
    assert best[1:] == (half, "corrected")
    assert [len(way["runs"]) for way in ways.values()] == [3] * 9

    def found(name: str) -> str:
        return f"{ways[name]['plain']['recall_S']:.0%} and {ways[name]['plain']['recall_F']:.0%}"

    def f1(name: str, kind: str = "plain") -> str:
        return f"{ways[name][kind]['macro_f1']:.3f}"

    for sentence in (
        f"at accuracy {plain['accuracy']:.3f} and macro F1 {plain['macro_f1']:.3f}, and its",
        f"strength 0.5 finds {found(half)} at macro F1 {f1(half)}",
        f'`class_weight="inverse_sqrt"` {found("class_weight=" + repr("inverse_sqrt"))} at',
        f'`sampler="balanced"` finds {found("sampler=" + repr("balanced"))}, but macro F1 falls to',
        f"it reaches {ways[half]['corrected']['accuracy']:.3f} and {f1(half, 'corrected')}, the best of the table",
        f"full weights (macro F1 {f1('class_weight=' + repr('balanced'), 'corrected')})",
        f"changes little: macro F1 {f1('sampler=' + repr('stratified'))}",
    ):
        assert sentence in text
