"""Figures on the pages match the committed results."""

from __future__ import annotations

import json
import re
import runpy
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "results" / "mitbih"
TABLES: dict[str, tuple[str, Callable[[dict[str, Any], dict[str, Any]], str]]] = {
    "models": ("reproduce_models", lambda script, rows: script["medians"](rows, script["read_notebook"]())),
    "best": ("best_model", lambda script, rows: script["table"](rows)),
    "ablation": ("best_model", lambda script, rows: script["table"](rows)),
    "sizes": ("compare_sizes", lambda script, rows: script["table"](rows)),
    "inter_patient": ("inter_patient", lambda script, rows: script["table"](rows)),
    "sweeps": ("reproduce_sweeps", lambda script, rows: script["table"](rows, RESULTS)),
}
LEAST = {
    "rnn_packed": (0.960, 0.80),
    "rnn_trim75": (0.4307, 0.34),
    "gru": (0.984, 0.91),
    "gru_sampler": (0.975, 0.88),
    "gru_zscore_augmented": (0.984, 0.91),
    "gru_bidirectional": (0.989, 0.93),
    "lstm": (0.983, 0.905),
    "lstm_bidirectional": (0.988, 0.93),
}


def read(name: str) -> dict[str, Any]:
    rows: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text())
    return rows


@pytest.fixture(scope="module")
def models() -> dict[str, Any]:
    return read("models")


def test_the_readme_states_the_measured_scores(models: dict[str, Any]) -> None:
    text = " ".join((ROOT / "README.md").read_text().split())
    found = re.findall(
        r"accuracy (\d\.\d{3}) and macro F1 (\d\.\d{3}) with (an? [a-z]+ [A-Z]+|the best model)", text
    )
    named = {
        "a bidirectional GRU": models["gru_bidirectional"],
        "a simple RNN": models["rnn_packed"],
        "the best model": read("best")["best"],
    }
    assert set(found) == {
        (f"{row['accuracy']:.3f}", f"{row['macro_f1']:.3f}", name) for name, row in named.items()
    }
    beats = read("best")["beats"]
    assert f"a model without them reaches {beats['accuracy']:.3f} and {beats['macro_f1']:.3f}" in text
    assert f"trained on {models['gru']['runs'][0]['n_train']:,} beats" in text
    notebook = script("reproduce_models")["read_notebook"]()["rnn_packed"]
    assert f"an accuracy of {notebook.accuracy:.3f} and a macro F1 of {notebook.macro['f1']:.2f}" in text
    unseen = statistics.median(
        statistics.mean(run["report"]["per_class"][name]["f1"] for name in "NSV")
        for run in read("inter_patient")["intervals"]["runs"]
    )
    assert f"macro F1 over N, S and V of a model that reads RR intervals is {unseen:.2f};" in text
    (new,) = re.findall(r"this model, median of 5 seeds \| (\d\.\d+)", (RESULTS / "patients.md").read_text())
    assert f"[new patients](docs/new_patients.md) reaches {float(new):.2f}." in text


@pytest.mark.parametrize("name", TABLES)
def test_each_table_matches_its_json(name: str) -> None:
    example, table = TABLES[name]
    assert (RESULTS / f"{name}.md").read_text().startswith(table(script(example), read(name)) + "\n")


def test_the_text_about_new_patients_matches_its_json() -> None:
    text = script("inter_patient")["drop_on_new_patients"](read("inter_patient"), RESULTS)
    assert text
    assert (RESULTS / "inter_patient.md").read_text().endswith(text)


def test_the_tables_of_the_recipe_for_new_patients_match_their_json() -> None:
    example, runs = script("new_patients"), read("patients")["runs"]
    expected = example["final_table"](runs, "232") + "\n\n" + example["record_table"](runs) + "\n"
    assert (RESULTS / "patients.md").read_text() == expected
    choice = example["choice_table"](read("patients_choice")) + "\n"
    assert (RESULTS / "patients_choice.md").read_text() == choice
    assert len(runs) == 5
    assert all(len(run["records"]) == 22 for run in runs)


@pytest.mark.parametrize("name", TABLES)
def test_medians_match_the_runs(name: str) -> None:
    for row in read(name).values():
        reports = [run["report"] for run in row["runs"]]
        assert row["accuracy"] == statistics.median(report["accuracy"] for report in reports)
        assert row["macro_f1"] == statistics.median(report["macro"]["f1"] for report in reports)
        seeds = [run["seed"] for run in row["runs"]]
        assert seeds == sorted(set(seeds))


def test_every_model_scores_higher_than_in_the_notebook(models: dict[str, Any]) -> None:
    published = script("reproduce_models")["read_notebook"]()
    for key, (accuracy, macro_f1) in LEAST.items():
        assert models[key]["accuracy"] >= accuracy
        assert models[key]["macro_f1"] >= macro_f1
        if key in published:
            assert models[key]["accuracy"] > published[key].accuracy
            assert models[key]["macro_f1"] > published[key].macro["f1"]


def test_new_sweeps_find_models_as_good_as_the_best_listed() -> None:
    rows, listed = read("sweeps"), script("reproduce_sweeps")["read_notebook"]()
    for cell, least in {"gru": 0.91, "lstm": 0.92}.items():
        found = json.loads((RESULTS / f"sweep_{cell}.json").read_text())
        trials = found["trials"]
        assert {trial["status"] for trial in trials} == {"complete", "pruned"}
        assert found["best_score"] == max(t["score"] for t in trials if t["status"] == "complete")
        row = rows[f"{cell}_ours"]
        assert f"lr={found['best_params']['lr']}" in row["runs"][0]["classifier"]
        assert row["accuracy"] > max(run["accuracy"] for run in listed[cell])
        assert row["macro_f1"] >= least


def test_the_pages_of_results_use_each_figure_and_have_no_typed_ones() -> None:
    given = {
        **runpy.run_path(str(ROOT / "docs" / "figures" / "results.py"))["figures"](),
        **runpy.run_path(str(ROOT / "docs" / "figures" / "comparison.py"))["comparison"](),
    }
    text = "".join((ROOT / "docs" / page).read_text() for page in ("results.md", "new_patients.md"))
    assert set(re.findall(r"\{\{ (\w+) \}\}", text)) == set(given)
    assert re.findall(r"\d\.\d{2,}", re.sub(r"doi:\S+", "", text)) == []


def test_the_speed_table_matches_its_json() -> None:
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


def test_the_readme_states_the_measured_speed() -> None:
    row = json.loads((ROOT / "results" / "bench.json").read_text())["training"]["GRU"]
    text = " ".join((ROOT / "README.md").read_text().split())
    assert f"{row['over_torch_packed']:.1f} times as fast as torch's packed recurrence" in text
    assert f"{row['over_torch_padded']:.1f} times as fast as torch over the padding" in text


def test_the_page_on_sweeps_uses_the_measured_costs() -> None:
    given = runpy.run_path(str(ROOT / "docs" / "figures" / "sweep_costs.py"))["sweep_costs"]()
    page = (ROOT / "docs" / "howto" / "sweeps.md").read_text()
    assert set(re.findall(r"\{\{ (\w+) \}\}", page)) == set(given)
    measured = json.loads((ROOT / "results" / "bench_sweeps.json").read_text())
    runs = measured["pruning"]["runs"]
    shares = [run["halving"]["seconds"] / run["none"]["seconds"] for run in runs]
    assert statistics.median(shares) <= 0.5
    lost = [run["none"]["best_score"] - run["halving"]["best_score"] for run in runs]
    assert statistics.median(lost) <= 0.003
    assert all(run["halving"]["seconds"] <= 600 for run in runs)
    lines = (ROOT / "results" / "bench_sweeps.md").read_text().splitlines()[2:]
    assert [line.split(" | ")[0].lstrip("| ") for line in lines] == list(measured["ways"])
    for line, way in zip(lines, measured["ways"].values(), strict=True):
        assert line.endswith(
            f"| {way['start_seconds']:.1f} | {way['seconds_per_trial']:.2f} | {way['megabytes']:.0f} |"
        )


def script(name: str) -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "examples" / f"{name}.py"), run_name=name)


def text_of(page: str) -> str:
    return " ".join((ROOT / "docs" / "howto" / page).read_text().split())


def test_the_page_on_packing_matches_its_json() -> None:
    result = json.loads((ROOT / "results" / "packing" / "packing.json").read_text())
    rows, text = result["variants"], text_of("packing.md")
    table = (ROOT / "results" / "packing" / "packing.md").read_text()
    assert table == script("is_my_packing_right")["table"](list(rows.values())) + "\n"
    script("is_my_packing_right")["check"](result)
    f1 = {name: f"{row['macro_f1']:.2f}" for name, row in rows.items()}
    assert (
        f"reaches macro F1 {f1['packed']}. With columns cut off it reaches {f1['cut']} and fails the" in text
    )
    assert f"packed network reaches macro F1 {f1['packed_orthogonal']}; with seqclf's pooling" in text
    assert f"clipped gradients in addition, it reaches {f1['packed_all_steps']}." in text
    assert f"And {result['cut']['rows_still_padded']:.0%} of the beats are shorter" in text
    alone = result["length_alone"]
    assert f"finds {alone['recall_S']:.0%} of the S beats, at macro F1 {alone['macro_f1']:.2f}" in text
    assert (
        rows["packed"]["gradient_before"][30] < 1e-6 < 1e-2 < rows["packed_orthogonal"]["gradient_before"][30]
    )


def test_the_page_on_imbalance_matches_its_json() -> None:
    result = json.loads((ROOT / "results" / "balancing" / "balancing.json").read_text())
    ways, text = result["ways"], text_of("imbalance.md")
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
        f'`class_weight="inverse_sqrt"` finds {found("class_weight=" + repr("inverse_sqrt"))} at',
        f'`sampler="balanced"` finds {found("sampler=" + repr("balanced"))} at macro F1 {f1("sampler=" + repr("balanced"))};',
        f"it reaches {ways[half]['corrected']['accuracy']:.3f} and {f1(half, 'corrected')}, the best scores of the table",
        f"full class weights there is a loss (macro F1 {f1('class_weight=' + repr('balanced'), 'corrected')})",
        f"changes little: macro F1 {f1('sampler=' + repr('stratified'))}",
    ):
        assert sentence in text
