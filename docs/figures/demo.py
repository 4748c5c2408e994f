"""The report of the code on the landing page, made by running it."""

from __future__ import annotations

import doctest
import re
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[1] / "index.md"


def demo() -> dict[str, str]:
    """Run the first block of Python code; return its `report` as a block of text."""
    block = re.search(
        r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
    )
    if block is None:
        raise ValueError(f"{PAGE} must start with a block of Python code; got none.")
    names: dict[str, Any] = {}
    for example in doctest.DocTestParser().get_examples(block[1]):
        exec(example.source, names)
    return {"demo_report": f"```none\n{names['report']}\n```"}
