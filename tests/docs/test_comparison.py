"""The chart of scores: each run is a mark at its place, and medians are those of the seeds."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "docs" / "figures"))
    monkeypatch.delitem(sys.modules, "comparison", raising=False)
    import comparison  # type: ignore[import-not-found]

    found: ModuleType = comparison
    return found


def runs(*accuracies: float) -> list[dict[str, float]]:
    return [{"seed": i, "accuracy": value, "macro_f1": value} for i, value in enumerate(accuracies)]


def marks(track: str) -> list[tuple[str, float, str]]:
    found = re.findall(r'<i class="([\w ]+)" style="left: ([\d.]+)%" title="([^"]+)">', track)
    return [(kind, float(left), title) for kind, left, title in found]


def test_several_seeds_are_small_marks_and_their_median_a_large_one(module: ModuleType) -> None:
    row = module.Row(title="GRU", runs={"seqclf": runs(0.91, 0.97, 0.93), "notebook": runs(0.95)})
    assert marks(module.track(row, "accuracy", [0.9, 0.95, 1.0])) == [
        ("seqclf seed", 10.0, "seqclf, seed 0: 0.9100"),
        ("seqclf seed", 70.0, "seqclf, seed 1: 0.9700"),
        ("seqclf seed", 30.0, "seqclf, seed 2: 0.9300"),
        ("seqclf", 30.0, "seqclf, median of 3 seeds: 0.9300"),
        ("notebook", 50.0, "course notebook: 0.9500"),
    ]


def test_a_score_to_the_left_of_the_axis_is_a_number(module: ModuleType) -> None:
    row = module.Row(title="RNN", runs={"seqclf": runs(0.96), "notebook": runs(0.334)})
    track = module.track(row, "accuracy", [0.95, 1.0])
    assert '<b class="notebook">◂ 0.33</b>' in track
    assert [kind for kind, _, _ in marks(track)] == ["seqclf"]


@pytest.mark.parametrize(
    ("least", "expected"),
    [
        (0.9562, [0.95, 0.96, 0.97, 0.98, 0.99, 1.0]),
        (0.8042, [0.8, 0.85, 0.9, 0.95, 1.0]),
        (0.34, [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]),
    ],
)
def test_the_axis_shows_each_run_of_ours(module: ModuleType, least: float, expected: list[float]) -> None:
    rows = [
        module.Row(title="a", runs={"seqclf": runs(0.99, least)}),
        module.Row(title="b", runs={"public": runs(0.1)}),
    ]
    assert module.ticks_of(rows, "accuracy") == pytest.approx(expected)


def test_the_chart_shows_every_committed_model_and_run(module: ModuleType) -> None:
    results = ROOT / "results" / "mitbih"
    models = json.loads((results / "models.json").read_text())
    best = json.loads((results / "best.json").read_text())
    rows = (*models.values(), best["beats"], best["intervals"], best["best"])
    html = module.comparison()["scores_chart"]
    assert "\n" not in html
    shown = [title for _, _, title in marks(html)]
    for row in rows:
        (line,) = [
            part for part in html.split('<div class="line">') if f"<span>{row['title']}</span>" in part
        ]
        tracks = line.split('<span class="track">')[1:]
        for track, metric in zip(tracks, ("accuracy", "macro_f1"), strict=True):
            titles = [title for kind, _, title in marks(track) if kind == "seqclf"]
            assert len(titles) == 1
            assert titles[0].endswith(f": {row[metric]:.4f}")
    seeds = [title for title in shown if title.startswith("seqclf, seed")]
    assert len(seeds) == 2 * sum(len(row["runs"]) for row in rows if len(row["runs"]) > 1)


def test_the_table_of_public_code_shows_medians_and_sources(module: ModuleType) -> None:
    lines = module.comparison()["public_code"].splitlines()[2:]
    published = json.loads((ROOT / "examples" / "heartbeats_published.json").read_text())["models"]
    assert len(lines) == len(published)
    assert "| 0.988 | 0.931 | 5 |" in lines[1]  # the third of .9254, .9309, .9313, .9338, .9395
    for line, row in zip(lines, published.values(), strict=True):
        assert line.startswith(f"| {row['title']} |")
        assert f"({row['source']})" in line
