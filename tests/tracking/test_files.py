"""Folders of runs, and the text of their files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from seqclf.tracking import RunInfo
from seqclf.tracking._files import csv_text, json_text, new_folder, safe_name


def test_a_run_folder_is_inside_its_group_folder(tmp_path: Path) -> None:
    run = RunInfo(name="trial-0000", group="beats", parameters={})
    assert new_folder(tmp_path / "deep" / "runs", run) == tmp_path / "deep" / "runs" / "beats" / "trial-0000"
    assert new_folder(tmp_path, RunInfo(name="gru", parameters={})) == tmp_path / "gru"


def test_a_number_is_appended_to_a_taken_name(tmp_path: Path) -> None:
    run = RunInfo(name="gru", parameters={})
    assert [new_folder(tmp_path, run).name for _ in range(3)] == ["gru", "gru-2", "gru-3"]


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("trial-0003", "trial-0003"),
        ("Herzschläge 1.0", "Herzschläge 1.0"),
        ("../../etc", "_.._etc"),
        ("a/b\\c:d", "a_b_c_d"),
        ("..", "_"),
        ("lr=0.1\n", "lr_0.1_"),
        ("x" * 300, "x" * 100),
    ],
)
def test_a_name_cannot_refer_to_another_folder(name: str, safe: str, tmp_path: Path) -> None:
    assert safe_name(name) == safe
    folder = new_folder(tmp_path, RunInfo(name=name, group=name, parameters={}))
    assert folder.resolve().parent.parent == tmp_path.resolve()


def test_json_and_csv_texts_can_be_read_back() -> None:
    assert json.loads(json_text({"lr": np.float32(0.5), "loss": None})) == {"lr": 0.5, "loss": None}
    assert csv_text([["a", 'say "b"'], [None, 0.1]]) == 'a,"say ""b"""\n,0.1\n'
