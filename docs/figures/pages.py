"""The reports on the landing page and in the tutorial, and the pictures of the tutorial, made by running the code of both pages.

    OMP_NUM_THREADS=1 python docs/figures/pages.py

writes `results/pages.json` and `docs/_static/tutorial-*.png`. The build only reads them, so that it need not train.
"""

from __future__ import annotations

import doctest
import io
import json
import re
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parents[1]
REPORTS = DOCS.parent / "results" / "pages.json"
BLOCK = re.compile(r"^```python\n(.*?)^```", flags=re.MULTILINE | re.DOTALL)


def pages() -> dict[str, str]:
    """Return the report of each page as a block of text without highlighting."""
    reports: dict[str, str] = json.loads(REPORTS.read_text())
    return {f"{page}_report": f"```none\n{report}\n```" for page, report in reports.items()}


def run(page: str) -> dict[str, Any]:
    """Run the Python code of a page from top to bottom; return its variables."""
    doctest.register_optionflag("NUMBER")  # pytest's
    names: dict[str, Any] = {}
    for block in BLOCK.findall((DOCS / f"{page}.md").read_text(encoding="utf-8")):
        for example in doctest.DocTestParser().get_examples(block):
            with redirect_stdout(io.StringIO()):
                exec(example.source, names)
    return names


if __name__ == "__main__":
    found = {page: run(page) for page in ("index", "tutorial")}
    reports = {page: str(names["report"]) for page, names in found.items()}
    REPORTS.write_text(json.dumps(reports, indent=1) + "\n")
    for variable, picture in (("drawing", "beats"), ("figure", "report")):
        path = DOCS / "_static" / f"tutorial-{picture}.png"
        found["tutorial"][variable].savefig(path, dpi=120, bbox_inches="tight")
