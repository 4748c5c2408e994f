"""What W&B wrote to the disk, read without W&B's account: a log in the format of LevelDB, of protocol buffers."""

from __future__ import annotations

import json
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

BLOCK = 32768
HEADER = 7  # of the file, and of each chunk
FULL, LAST = 1, 4


def payloads(data: bytes) -> Iterator[bytes]:
    """Yield the records; one may lie in several chunks, and no chunk crosses a block."""
    assert data[:4] in (b":W&B", b"")
    place, record = HEADER, b""
    while place + HEADER <= len(data):
        left = BLOCK - place % BLOCK
        if left < HEADER:
            place += left
            continue
        _, length, kind = struct.unpack("<IHB", data[place : place + HEADER])
        if place + HEADER + length > len(data):
            return  # not yet written
        record += data[place + HEADER : place + HEADER + length]
        place += HEADER + length
        if kind in (FULL, LAST):
            yield record
            record = b""


class OfflineRun:
    """One run, in the order in which it was written."""

    def __init__(self, folder: Path) -> None:
        record = pytest.importorskip("wandb.proto.wandb_internal_pb2").Record
        (file,) = folder.glob("*.wandb")
        self.folder = folder
        self._records: list[Any] = []
        # W&B's own process writes, and may not be done when `finish` returns.
        deadline = time.monotonic() + 30
        while not self.records("exit"):
            assert time.monotonic() < deadline, f"W&B never ended the run in {folder}"
            time.sleep(0.01)
            self._records = [record.FromString(payload) for payload in payloads(file.read_bytes())]

    def records(self, kind: str) -> list[Any]:
        """Return the records of one kind."""
        return [getattr(one, kind) for one in self._records if one.WhichOneof("record_type") == kind]

    @property
    def about(self) -> Any:
        """Name, group, project, config."""
        return self.records("run")[0]

    @property
    def config(self) -> dict[str, Any]:
        """What the run was made with."""
        return {
            item.key: json.loads(item.value_json) for item in self.about.config.update if item.key[0] != "_"
        }

    @property
    def history(self) -> list[dict[str, Any]]:
        """What was logged, step by step."""
        return [values(record.item) for record in self.records("history")]

    @property
    def summary(self) -> dict[str, Any]:
        """The last value of each name."""
        last: dict[str, Any] = {}
        for record in self.records("summary"):
            last |= values(record.update)
        return last

    def table(self, entry: dict[str, Any]) -> Any:
        """Return the rows of a table, header first, from the file that the history names."""
        content = json.loads((self.folder / "files" / entry["path"]).read_text())
        return [content["columns"], *content["data"]]


def values(items: Any) -> dict[str, Any]:
    """Return items by name; those of a name with several parts in a dictionary below."""
    found: dict[str, Any] = {}
    for item in items:
        first, *rest = item.nested_key or [item.key]
        value = json.loads(item.value_json)
        if rest:
            found.setdefault(first, {})[".".join(rest)] = value
        else:
            found[first] = value
    return found
