"""Files that are whole or not there, in folders that belong to one run."""

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
    """Make a folder for a run, within that of its group; a name that is taken gets a number."""
    parent = Path(root).expanduser()
    if run.group is not None:
        parent /= safe_name(run.group)
    parent.mkdir(parents=True, exist_ok=True)
    name = safe_name(run.name)
    for number in itertools.count(2):
        folder = parent / name
        try:
            folder.mkdir()  # fails where another process was quicker, so nothing is looked up first
        except FileExistsError:
            name = f"{safe_name(run.name)}-{number}"
        else:
            return folder
    raise AssertionError("unreachable")


def safe_name(name: str) -> str:
    """Return a name that any file system takes, and that leads to no other folder."""
    safe = re.sub(r"[^\w.\- ]", "_", name)[:100].strip(". ")
    return safe or "_"


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file under another name first: who is killed leaves no half of it."""
    data = content.encode() if isinstance(content, str) else content
    unfinished = path.with_name(f".{path.name}.part")
    unfinished.write_bytes(data)
    unfinished.replace(path)


def json_text(value: Any) -> str:
    """Write anything as JSON, for people to read."""
    return json.dumps(jsonable(value), indent=2, allow_nan=False) + "\n"


def csv_text(rows: Sequence[Sequence[Any]]) -> str:
    """Write rows as CSV; None is an empty cell."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
