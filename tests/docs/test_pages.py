"""The committed reports of the landing page and the tutorial agree with the numbers in their code, which pytest runs.

If they do not, `OMP_NUM_THREADS=1 python docs/figures/pages.py` writes them again.
"""

from __future__ import annotations

import ast
import json
import re
import runpy
from pathlib import Path

import pytest

from seqclf import RNNClassifier

ROOT = Path(__file__).parents[2]
REPORTS: dict[str, str] = json.loads((ROOT / "results" / "pages.json").read_text())


def number(pattern: str, text: str) -> float:
    found = re.search(pattern, text)
    assert found is not None
    return float(found[1])


@pytest.mark.parametrize("page", REPORTS)
def test_the_report_agrees_with_the_code(page: str) -> None:
    code, report = (ROOT / "docs" / f"{page}.md").read_text(), REPORTS[page]
    assert f"{{{{ {page}_report }}}}" in code
    stated = re.search(r"Report\(\d classes, (\d+) samples, accuracy ([\d.]+), macro F1 ([\d.]+)\)", code)
    assert stated is not None
    assert number(r"accuracy +[\d.]+ +(\d+)", report) == float(stated[1])
    assert number(r"accuracy +([\d.]+) ", report) == pytest.approx(float(stated[2]), abs=0.0101)
    assert number(r"macro avg +[\d.]+ +[\d.]+ +([\d.]+) ", report) == pytest.approx(
        float(stated[3]), abs=0.0101
    )


@pytest.mark.parametrize("folder", ["docs", "docs/es"])
def test_the_simple_rnn_of_the_notebook_page_is_that_of_the_table(folder: str) -> None:
    page = (ROOT / folder / "from_your_notebook.md").read_text(encoding="utf-8")
    (call,) = re.findall(r"^`(RNNClassifier\(.+\))`\.$", page, flags=re.MULTILINE)
    shown = ast.parse(call, mode="eval").body
    assert isinstance(shown, ast.Call)
    given = {str(word.arg): ast.literal_eval(word.value) for word in shown.keywords}
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "examples")
        recipe = runpy.run_path(str(ROOT / "examples" / "reproduce_models.py"))["rnn"]({})
    assert RNNClassifier(**given).get_params() == recipe.get_params()
    assert (recipe.hidden_size, recipe.num_layers) == (64, 2)
