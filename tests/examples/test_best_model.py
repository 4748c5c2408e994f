"""The scripts of the best model, of sizes and of unseen patients, on a few beats."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqclf.datasets import RR_FEATURES, Heartbeats, load_mitbih, make_heartbeats
from seqclf.evaluation import evaluate

EXAMPLES = Path(__file__).parents[2] / "examples"
OPTIONS = ["--beats", "600", "--epochs", "1", "--jobs", "1", "--seeds", "0"]


@pytest.fixture(scope="module", params=["best", "ablation", "inter_patient"])
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    name, out = request.param, tmp_path_factory.mktemp(request.param)
    script = runpy.run_path(str(EXAMPLES / f"{name if name == 'inter_patient' else 'best_model'}.py"))
    script["main"]([*OPTIONS, "--out", str(out), *(["--ablation"] if name == "ablation" else [])])
    return name, out


def test_the_table_shows_the_scores_of_the_json(written: tuple[str, Path]) -> None:
    name, out = written
    rows = json.loads((out / f"{name}.json").read_text())
    assert len(rows) == {"best": 3, "ablation": 7, "inter_patient": 9}[name]
    lines = (out / f"{name}.md").read_text().splitlines()
    for line, row in zip(lines[2:], rows.values(), strict=False):
        assert line.startswith(
            f"| {row['title']} | {row['accuracy']:.{3 if name == 'inter_patient' else 4}f} |"
        )


def test_misclassified_beats_are_plotted_for_the_best_model_only(written: tuple[str, Path]) -> None:
    name, out = written
    for picture in ("best", "mistakes"):
        assert (out / f"{picture}.png").is_file() == (name == "best")


def test_sizes_are_compared_in_a_table_and_a_plot(tmp_path: Path) -> None:
    script = runpy.run_path(str(EXAMPLES / "compare_sizes.py"))
    script["main"]([*OPTIONS, "--cells", "rnn", "--widest", "32", "--out", str(tmp_path)])
    rows = json.loads((tmp_path / "sizes.json").read_text())
    assert list(rows) == [f"rnn_32x{depth}{end}" for depth in (1, 2, 3) for end in ("", "_bidirectional")]
    lines = (tmp_path / "sizes.md").read_text().splitlines()[2:]
    titles = {row["title"]: f"{row['macro_f1']:.4f}" for row in rows.values()}
    assert {line.split(" | ")[0][2:]: line.split(" | ")[2] for line in lines} == titles
    assert (tmp_path / "sizes.png").stat().st_size > 10_000


def test_the_drop_on_new_patients_is_reported(tmp_path: Path) -> None:
    script = runpy.run_path(str(EXAMPLES / "inter_patient.py"))
    target = np.array(["N", "S", "V"] * 10)
    guess = np.array(["N", "S", "V"] * 5 + ["S", "V", "N"] * 5)  # half of each class right: F1 0.5 each

    def rows(predicted: Any) -> dict[str, Any]:
        report = evaluate(target, predicted, labels=["N", "S", "V"]).to_dict()
        return {"gru": {"title": "GRU", "accuracy": report["accuracy"], "runs": [{"report": report}]}}

    assert script["drop_on_new_patients"](rows(guess), tmp_path) == ""
    (tmp_path / "models.json").write_text(json.dumps(rows(target)))
    text = script["drop_on_new_patients"](rows(guess), tmp_path)
    assert text.startswith("The macro F1 over N, S and V is 50% to 50% lower when no patient of the test set")
    assert "- GRU: 1.000 on patients in the training set, 0.500 on new patients." in text
    assert "| 0.759 | 0.385 | 0.511 | 0.777 | 0.819 | 0.797 |" in script["table"](rows(guess))


def test_no_patient_is_in_both_sets() -> None:
    script = runpy.run_path(str(EXAMPLES / "inter_patient.py"))
    beats = make_heartbeats(600, random_state=0)
    split = script["patients_split"](beats, records=False)
    assert beats.record is not None
    assert not set(beats.record[split.train]) & set(beats.record[split.test])
    assert len(split.train) + len(split.test) == 600


def test_the_ablation_does_not_use_the_test_set() -> None:
    script = runpy.run_path(str(EXAMPLES / "best_model.py"))
    beats = make_heartbeats(600, random_state=0)
    inner = script["validation_split"](beats, 200)
    outer = script["split_beats"](beats.target, None, seed=0)
    assert not set(outer.test) & (set(inner.train) | set(inner.test))
    assert not set(inner.train) & set(inner.test)
    assert (len(inner.train), len(inner.test)) == (200, 120)


def test_parts_that_need_the_records_read_the_same_beats(mitdb: Path) -> None:
    script = runpy.run_path(str(EXAMPLES / "best_model.py"))
    beats = load_mitbih(mitdb, drop_last_beat=True)
    n_features = {}
    for name, model in script["of_records"](mitdb).items():
        sequences = model.read(beats)
        assert len(sequences) == len(beats)
        n_features[name] = sequences.n_features
    assert n_features == {"rhythm": 1 + len(RR_FEATURES), "window": 1 + 3, "leads": 2 + 3}
    scored = {name: model.read(beats).n_features for name, model in script["scored"](mitdb).items()}
    assert scored == {"best": 2 + 3, "beats": 1, "intervals": 1 + 3, "unaugmented": 1 + 3}


def test_each_step_has_the_intervals_of_its_beat() -> None:
    script = runpy.run_path(str(EXAMPLES / "best_recipes.py"))
    beats = make_heartbeats(5, random_state=0)
    assert beats.rr_intervals is not None
    sequences = script["with_intervals"](beats)
    before, after, usual = beats.rr_intervals[3]
    expected = [np.log(before / usual), np.log(after / usual), usual - 0.8]
    np.testing.assert_allclose(sequences[3][:, 1:], np.tile(expected, (len(sequences[3]), 1)), atol=1e-6)
    without = Heartbeats(sequences=beats.sequences, target=beats.target)
    with pytest.raises(
        ValueError, match=r"`beats\.rr_intervals` must not be None; load the beats from their"
    ):
        script["with_intervals"](without)
