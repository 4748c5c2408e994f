"""The committed reports of the landing page and the tutorial agree with the numbers in their code, which pytest runs.

If they do not, `OMP_NUM_THREADS=1 python docs/figures/pages.py` writes them again.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

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
