"""Read W&B's offline files, which are LevelDB logs of protocol buffers, without an account."""

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
    """Yield the records; a record may consist of several chunks, and no chunk crosses a block."""
    assert data[:4] in (b":W&B", b"")
    position, record = HEADER, b""
    while position + HEADER <= len(data):
        left = BLOCK - position % BLOCK
        if left < HEADER:
            position += left
            continue
        _, length, kind = struct.unpack("<IHB", data[position : position + HEADER])
        if position + HEADER + length > len(data):
            return  # not yet written
        record += data[position + HEADER : position + HEADER + length]
        position += HEADER + length
        if kind in (FULL, LAST):
            yield record
            record = b""


class OfflineRun:
    """The records of one run, in the order in which they were written."""

    def __init__(self, folder: Path) -> None:
        record = pytest.importorskip("wandb.proto.wandb_internal_pb2").Record
        (file,) = folder.glob("*.wandb")
        self.folder = folder
        self._records: list[Any] = []
        # W&B's own process writes the file, and may not have finished when `finish` returns.
        deadline = time.monotonic() + 300
        while not self.records("exit"):
            assert time.monotonic() < deadline, f"W&B did not finish the run in {folder}"
            time.sleep(0.01)
            self._records = [record.FromString(payload) for payload in payloads(file.read_bytes())]

    def records(self, kind: str) -> list[Any]:
        """Return the records of one type."""
        return [getattr(one, kind) for one in self._records if one.WhichOneof("record_type") == kind]

    @property
    def about(self) -> Any:
        """Name, group, project and config of the run."""
        return self.records("run")[0]

    @property
    def config(self) -> dict[str, Any]:
        """The parameters of the run."""
        return {
            item.key: json.loads(item.value_json) for item in self.about.config.update if item.key[0] != "_"
        }

    @property
    def history(self) -> list[dict[str, Any]]:
        """The logged values of each step."""
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
    """Return items by name; a nested name becomes a nested dictionary."""
    found: dict[str, Any] = {}
    for item in items:
        first, *rest = item.nested_key or [item.key]
        value = json.loads(item.value_json)
        if rest:
            found.setdefault(first, {})[".".join(rest)] = value
        else:
            found[first] = value
    return found
