"""The code of other libraries on the migration page runs, where the library is installed, and gives probabilities."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqclf.datasets import make_heartbeats
from seqclf.sequences import pad

PAGE = Path(__file__).parents[2] / "docs" / "coming_from.md"
TABS = dict(
    re.findall(
        r"^````\{tab-item\} (\w+)\n```python\n(.*?)^```$",
        PAGE.read_text(encoding="utf-8"),
        flags=re.MULTILINE | re.DOTALL,
    )
)


def test_each_library_of_the_title_has_a_tab() -> None:
    title = re.search(r"^# Coming from (.*)$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert title is not None
    assert [*TABS] == title[1].split(", ")


@pytest.mark.parametrize("library", TABS)
def test_the_code_runs(library: str) -> None:
    pytest.importorskip(library.lower(), reason=f"{library} is not installed")
    beats = make_heartbeats(120, class_proportions={"N": 2, "V": 1}, random_state=0)
    X, lengths = (tensor.numpy() for tensor in pad(beats.sequences))
    names: dict[str, Any] = {"X": X, "lengths": lengths, "y": beats.target, "__name__": "page"}
    with warnings.catch_warnings():
        if library != "torch":
            warnings.simplefilter("ignore")  # those of other libraries
        exec(TABS[library], names)
    assert names["proba"].shape == (120, 2)
    np.testing.assert_allclose(names["proba"].sum(axis=1), 1, atol=1e-5)
