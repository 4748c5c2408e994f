"""Create the folder of a run, and convert values to the text of its files."""

from __future__ import annotations

import csv
import io
import itertools
import json
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from seqclf.tracking._protocol import RunInfo
from seqclf.tracking._values import jsonable


def new_folder(root: str | os.PathLike[str], run: RunInfo) -> Path:
    """Create a folder for a run inside that of its group; append a number if the name is taken."""
    parent = Path(root).expanduser()
    if run.group is not None:
        parent /= safe_name(run.group)
    parent.mkdir(parents=True, exist_ok=True)
    name = safe_name(run.name)
    for number in itertools.count(2):
        folder = parent / name
        try:
            folder.mkdir()  # no check before: another process could create it in between
        except FileExistsError:
            name = f"{safe_name(run.name)}-{number}"
        else:
            return folder
    raise AssertionError("unreachable")


def safe_name(name: str) -> str:
    """Return a name that is valid on any file system and cannot refer to another folder."""
    safe = re.sub(r"[^\w.\- ]", "_", name)[:100].strip(". ")
    return safe or "_"


def json_text(value: Any) -> str:
    """Convert any value to indented JSON."""
    return json.dumps(jsonable(value), indent=2, allow_nan=False) + "\n"


def csv_text(rows: Sequence[Sequence[Any]]) -> str:
    """Convert rows to CSV; None becomes an empty cell."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
