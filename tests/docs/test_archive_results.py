"""The published and the measured figures on the archive: every set, every source."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from benchmarks.archive.__main__ import summarise
from benchmarks.archive.measure import ENTRIES
from benchmarks.archive.sets import SETS

ROOT = Path(__file__).parents[2]
PUBLISHED: dict[str, Any] = json.loads((ROOT / "examples" / "archive_published.json").read_text())
MEASURED: dict[str, Any] = json.loads((ROOT / "results" / "archive" / "peers.json").read_text())


def test_each_set_has_a_figure_or_null_of_each_source() -> None:
    assert set(PUBLISHED["accuracy"]) == set(SETS)
    for row in PUBLISHED["accuracy"].values():
        assert list(row) == list(PUBLISHED["sources"])
        assert all(value is None or 0 < value < 1 for value in row.values())


def test_the_recurrent_baseline_has_a_figure_for_each_set() -> None:
    assert all(row["TWIESN"] for row in PUBLISHED["accuracy"].values())


@pytest.mark.parametrize("source", PUBLISHED["sources"])
def test_each_source_says_where_its_figures_are_and_what_they_average(source: str) -> None:
    entry = PUBLISHED["sources"][source]
    assert entry["repository"].startswith("https://github.com/")
    assert {"file", "commit", "rows", "averaged", "lengths", "reference"} <= set(entry)


def test_each_set_of_each_classifier_was_measured_left_out_or_is_listed_as_missing() -> None:
    for entry in ENTRIES:
        runs = MEASURED["runs"].get(entry, {})
        assert {*SETS} == {name for name, seeds in runs.items() if seeds} | {
            *MEASURED["mean"][entry]["not_measured"]
        }
        for run in (run for seeds in runs.values() for run in seeds.values()):
            assert ("accuracy" in run) != ("left_out" in run)
        assert not runs or MEASURED["versions"][entry]["python"]


def test_the_reference_classifier_was_run_on_every_set() -> None:
    assert MEASURED["mean"]["aeon MiniRocketClassifier"]["accuracy_of_all_sets"] is not None


def test_the_means_are_those_of_the_runs() -> None:
    stated = MEASURED["mean"]
    again = {"runs": MEASURED["runs"]}
    summarise(again)
    assert again["mean"] == stated


def test_the_readme_states_the_measured_means() -> None:
    text = " ".join((ROOT / "README.md").read_text().split())
    runs = json.loads((ROOT / "results" / "archive" / "archive.json").read_text())["runs"]
    ensemble, classifier = (
        np.mean([np.median([run["accuracy"] for run in seeds.values()]) for seeds in runs[key].values()])
        for key in ("ensemble", "classifier")
    )
    assert (
        f"a mean accuracy of {ensemble:.3f} and `GRUClassifier(bidirectional=True)` {classifier:.3f}" in text
    )
    inception = np.mean([row["InceptionTime"] for row in PUBLISHED["accuracy"].values()])
    assert f"InceptionTime's published mean is {inception:.3f}" in text
