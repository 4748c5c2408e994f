"""The script that checks the course notebook's packing, on a few beats."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqclf import as_sequences

SCRIPT = Path(__file__).parents[2] / "examples" / "is_my_packing_right.py"


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    return runpy.run_path(str(SCRIPT), run_name="is_my_packing_right")


@pytest.fixture(scope="module")
def results(script: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("packing")
    script["main"](["--beats", "400", "--epochs", "2", "--seeds", "0", "--out", str(out)])
    return out


def test_the_audit_passes_for_packed_models_and_no_others(results: Path) -> None:
    variants = json.loads((results / "packing.json").read_text())["variants"]
    passed = {name for name, row in variants.items() if row["diagnosis"] is None}
    assert passed == {"packed", "packed_orthogonal", "packed_all_steps"}
    assert "output[:, -1]" in variants["padded"]["diagnosis"]


def test_the_gradient_vanishes_with_torch_weights_but_not_with_orthogonal_ones(results: Path) -> None:
    variants = json.loads((results / "packing.json").read_text())["variants"]
    assert variants["packed"]["gradient_50_steps_back"] < 1e-8
    assert variants["packed_orthogonal"]["gradient_50_steps_back"] > 1e-3
    assert variants["packed"]["gradient_before"][0] == 1.0
    assert len(variants["cut"]["gradient_before"]) == 112


def test_a_table_and_a_plot_are_written(results: Path) -> None:
    assert (results / "packing.md").read_text().count("\n") == 7
    assert (results / "gradient.png").stat().st_size > 10_000


def test_each_variant_reads_the_steps_that_its_title_says(script: dict[str, Any]) -> None:
    sequences = as_sequences([[1.0] * 100, [2.0] * 150])
    inputs = {name: script["input_of"](variant, sequences) for name, variant in script["VARIANTS"].items()}
    assert inputs["padded"].sequences.lengths.tolist() == [187, 187]
    assert inputs["cut"].sequences.lengths.tolist() == [112, 112]
    assert inputs["packed"].sequences == sequences
    assert script["share_of_cut"](sequences) == {
        "rows_that_lose_steps": 0.5,
        "rows_still_padded": 0.5,
        "padded_columns_before": 62.0,
        "padded_columns_after": 6.0,
    }


def test_an_unexpected_outcome_fails_the_script(script: dict[str, Any], results: Path) -> None:
    result = json.loads((results / "packing.json").read_text())
    wrong = {**result["variants"], "packed": {**result["variants"]["packed"], "diagnosis": "the last column"}}
    with pytest.raises(
        SystemExit, match="The audit must pass for the packed models and no others; got packed: the"
    ):
        script["check"]({"variants": wrong})
    equal = {
        name: row | {"macro_f1": 0.5, "diagnosis": None if name.startswith("packed") else "wrong"}
        for name, row in result["variants"].items()
    }
    with pytest.raises(SystemExit, match=r"Orthogonal weights must gain 0.05 in macro F1; got 0.000"):
        script["check"]({"variants": equal})


def test_length_alone_can_separate_classes(script: dict[str, Any]) -> None:
    lengths = np.array([40, 100] * 20)
    beats = as_sequences([np.zeros(n) for n in lengths]), np.where(lengths == 40, "S", "N")
    assert script["length_alone"](beats, beats) == {"accuracy": 1.0, "macro_f1": 1.0, "recall_S": 1.0}
