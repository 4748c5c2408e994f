"""The classifier that comes with the package."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import seqclf
from seqclf import InvalidSequenceError, SeqclfWarning, as_sequences, pad
from seqclf.datasets import AAMI_CLASSES, describe_pretrained, load_mitbih, load_pretrained, make_heartbeats
from seqclf.estimators import SequenceClassifier

EXAMPLES = Path(__file__).parents[2] / "examples"
BEATS = make_heartbeats(60, random_state=0)
TABLE: NDArray[np.float32] = pad(BEATS.sequences, total_length=187)[0][..., 0].numpy()


@pytest.fixture(scope="module")
def model() -> SequenceClassifier:
    return load_pretrained("heartbeats")


def test_it_predicts_the_five_classes_of_beats(model: SequenceClassifier) -> None:
    assert set(model.classes_) == set(AAMI_CLASSES)
    proba = model.predict_proba(TABLE)
    np.testing.assert_allclose(proba.sum(axis=1), 1, atol=1e-6)
    assert model.predict(TABLE).tolist() == model.classes_[proba.argmax(axis=1)].tolist()
    assert len(set(model.predict(TABLE))) > 1


def test_a_table_a_list_and_sequences_of_the_same_beats_agree_bitwise(model: SequenceClassifier) -> None:
    expected = model.predict_proba(TABLE).tobytes()
    sequences = as_sequences(TABLE)
    for X in (
        sequences,
        [beat.numpy() for beat in sequences],
        TABLE[:, :, None],
        np.pad(TABLE, ((0, 0), (0, 9))),
    ):
        assert model.predict_proba(X).tobytes() == expected


def test_the_unit_of_a_beat_does_not_matter(model: SequenceClassifier) -> None:
    beats = [beat.numpy().astype(np.float64) for beat in BEATS.sequences]
    expected = model.predict_proba(beats)
    for level, unit in ((0.0, 1e-3), (-0.4, 1.7), (1024.0, 200.0)):
        np.testing.assert_allclose(
            model.predict_proba([level + unit * beat for beat in beats]), expected, atol=1e-4
        )


def test_wrong_beats_are_refused_or_bring_a_warning(model: SequenceClassifier) -> None:
    labelled = np.column_stack([TABLE, np.ones(len(TABLE))])  # the published files with their last column
    with pytest.raises(
        InvalidSequenceError, match=r"X has 188 features, but GRUClassifier is expecting 187 features"
    ):
        model.predict(labelled)
    with pytest.raises(
        InvalidSequenceError, match=r"X has 140 features, but GRUClassifier is expecting 187 features"
    ):
        model.predict(TABLE[:, :140])
    with pytest.raises(
        InvalidSequenceError, match=r"X has 2 features, but GRUClassifier is expecting 1 features"
    ):
        model.predict([np.zeros((100, 2))])
    with pytest.raises(InvalidSequenceError, match="NaN"):
        model.predict(np.full((1, 187), np.nan))
    faster = [
        np.interp(np.arange(0, 300) / 2.88, np.arange(len(beat)), beat[:, 0]) for beat in BEATS.sequences[:3]
    ]
    with pytest.warns(
        SeqclfWarning,
        match=re.escape("X[0] has 300 steps, but GRUClassifier was fitted to a table of 187 columns."),
    ):
        model.predict(faster)


def test_the_file_is_small_and_holds_its_report() -> None:
    found = describe_pretrained("heartbeats")
    assert found.size < 2_000_000
    assert (found.n_features, found.n_columns) == (1, 187)
    assert (found.custom_modules, found.training_state) == ({}, False)
    assert found.parameters["random_state"] == 0
    assert set(found.notes) == {"citation", "data", "evaluation", "input", "licence", "limits", "training"}
    assert found.scores is not None
    assert found.scores["target_names"] == [*AAMI_CLASSES]
    assert found.scores["n_samples"] > 20_000
    for name, part in (
        (
            "data",
            "109,446 beats (N 90,589, S 2,779, V 7,236, F 803, Q 8,039) of the MIT-BIH Arrhythmia Database 1.0.0",
        ),
        ("input", "at 125 Hz: from its R peak"),
        ("training", "`python examples/train_pretrained.py --data mitdb"),
        ("training", f"{found.n_epochs} epochs on 87,557 beats with seed 0"),
        ("evaluation", f"On {found.scores['n_samples']:,} beats"),
        ("limits", "Not a medical device."),
        ("limits", "The test set holds beats of the people in the training set."),
        ("licence", "Open Data Commons Attribution License (ODC-BY) 1.0"),
    ):
        assert part in found.notes[name]
    assert found.scores["accuracy"] > 0.97
    assert found.scores["macro"]["f1"] > 0.85


def test_the_model_card_is_rendered_from_the_file() -> None:
    script = runpy.run_path(str(EXAMPLES / "model_card.py"))
    card = (EXAMPLES.parent / "docs" / "model_card.md").read_text(encoding="utf-8")
    assert card == script["model_card"](describe_pretrained("heartbeats"))
    scores: Any = describe_pretrained("heartbeats").scores
    for name, one in scores["per_class"].items():
        assert re.search(
            rf"^\| {name} \| .* \| {one['f1']:.3f} \| {one['support']:,} \|$", card, flags=re.MULTILINE
        )


def test_beats_of_the_records_are_recognised(model: SequenceClassifier, mitdb: Path) -> None:
    beats = load_mitbih(mitdb, records=[100, 107, 119])
    assert model.score(beats.sequences, beats.target) > 0.97


@pytest.mark.parametrize("function", [load_pretrained, describe_pretrained])
def test_an_unknown_name_is_an_error_that_lists_the_names(function: Any) -> None:
    with pytest.raises(ValueError, match=re.escape("`name` must be one of ['heartbeats']; got 'beats'.")):
        function("beats")
    with pytest.raises(ValueError, match=re.escape("`name` must be one of ['heartbeats']; got None.")):
        function(None)


def test_each_call_returns_a_model_of_its_own(model: SequenceClassifier) -> None:
    other = load_pretrained("heartbeats")
    assert other.module_ is not model.module_
    assert other.predict_proba(TABLE[:3]).tobytes() == model.predict_proba(TABLE[:3]).tobytes()


def test_reading_beats_loads_no_model() -> None:
    code = "import sys; import seqclf.datasets; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=600
    ).stdout.split()
    assert "seqclf.persistence._format_1" not in loaded


def test_the_file_is_that_of_the_package(model: SequenceClassifier) -> None:
    with resources.as_file(resources.files("seqclf.datasets") / "heartbeats.safetensors") as path:
        assert path.is_relative_to(Path(seqclf.__file__).parent)
        assert (
            seqclf.load(path).predict_proba(TABLE[:3]).tobytes() == model.predict_proba(TABLE[:3]).tobytes()
        )
