"""The script that trains the classifier of the package, on a few simulated beats."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

import seqclf
from seqclf.datasets import make_heartbeats
from seqclf.evaluation import evaluate

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    return runpy.run_path(str(EXAMPLES / "train_pretrained.py"))


def test_the_file_holds_the_scores_on_the_test_set_and_the_card_shows_them(
    script: dict[str, Any], tmp_path: Path
) -> None:
    file = script["main"](["--beats", "300", "--epochs", "2", "--out", str(tmp_path)])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["heartbeats.safetensors", "model_card.md"]
    found, model = seqclf.describe_file(file), seqclf.load(file)
    beats = make_heartbeats(300, random_state=0)
    split = script["split_beats"](beats.target, None, seed=0)
    again = evaluate(
        beats.target[split.test], model.predict(beats.sequences[split.test]), labels=list(beats.target_names)
    )
    assert found.scores is not None
    assert found.scores["macro"] == again.to_dict()["macro"]
    assert found.scores["n_samples"] == len(split.test) == 60
    assert f"300 beats ({repr(beats).split(': ')[1].split(';')[0]}) of the simulator" in found.notes["data"]
    assert "2 epochs on 240 beats with seed 0" in found.notes["training"]
    card = (tmp_path / "model_card.md").read_text()
    assert card == runpy.run_path(str(EXAMPLES / "model_card.py"))["model_card"](found)
    for text in found.notes.values():
        assert text in card
    assert f"Macro F1: {again.macro_f1:.4f}." in card


def test_a_model_of_simulated_beats_does_not_replace_that_of_the_package(
    script: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        script["main"](["--beats", "300"])
    assert "must not replace that of the package" in capsys.readouterr().err
