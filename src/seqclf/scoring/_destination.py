"""The files of results that a folder holds: which chunks are scored, and whether anything else is there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqclf.scoring._arrow import import_arrow
from seqclf.scoring._columns import PREDICTION
from seqclf.scoring._source import Chunk

_KEY = b"seqclf"
FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A folder of results of one model with certain parameters."""

    folder: Path
    model: str  # digest
    parameters: Mapping[str, Any]

    def path_of(self, chunk: Chunk) -> Path:
        """Return the file of a chunk's results."""
        return self.folder / chunk.output

    def metadata(self, chunk: Chunk) -> dict[bytes, bytes]:
        """Return what the file of a chunk's results says of itself."""
        return {_KEY: json.dumps(self._about(chunk), sort_keys=True).encode()}

    def _about(self, chunk: Chunk) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "model": self.model,
            "parameters": dict(self.parameters),
            "source": chunk.identity,
        }

    def scored(self, chunks: Iterable[Chunk]) -> dict[Chunk, int]:
        """Return the chunks that are scored, with the number of their rows without a prediction; raise if other files are there."""
        expected = {self.path_of(chunk): chunk for chunk in chunks}
        found = sorted(self.folder.rglob("*.parquet")) if self.folder.is_dir() else []
        done = {}
        for path in found:
            if path.name.startswith("."):
                continue
            if path not in expected:
                raise ValueError(
                    f"`destination` must hold results of this source only; got {path}, which is not among them. {_cure(self.folder)}"
                )
            done[expected[path]] = self._check(path, expected[path])
        return done

    def _check(self, path: Path, chunk: Chunk) -> int:
        """Raise unless a file holds the results of a chunk; return the number of rows without a prediction."""
        parquet = import_arrow("pyarrow.parquet")
        try:
            found = parquet.read_metadata(path)
            about = json.loads((found.metadata or {}).get(_KEY, b"null"))
        except (import_arrow().ArrowInvalid, ValueError):
            about = None
        if not isinstance(about, dict):
            raise ValueError(
                f"`destination` must hold results of `score_table` only; got {path}, which is something else or damaged. "
                f"{_cure(self.folder)}"
            )
        for what, value in self._about(chunk).items():
            if about.get(what) != value:
                cure = _cure(path, "its rows") if what == "source" else _cure(self.folder)
                raise ValueError(
                    f"`destination` must hold results of the same model, parameters and source; got {path}, of "
                    f"{'other' if what == 'parameters' else 'another'} {what}{_difference(about.get(what), value)}. {cure}"
                )
        return n_nulls(found)

    def remove_leftovers(self, chunks: Iterable[Chunk]) -> None:
        """Remove what a killed run was about to write."""
        for chunk in chunks:
            path = self.path_of(chunk)
            for part in path.parent.glob(f".{_escaped(path.name)}.*.part"):
                part.unlink(missing_ok=True)


def n_nulls(metadata: Any) -> int:
    """Return the number of rows without a prediction, from the statistics of a Parquet file."""
    column = next(i for i in range(metadata.num_columns) if metadata.schema.column(i).path == PREDICTION)
    return sum(
        metadata.row_group(i).column(column).statistics.null_count for i in range(metadata.num_row_groups)
    )


def _escaped(name: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)


def _difference(found: Any, expected: Any) -> str:
    """Name the first value of a mapping that differs."""
    if isinstance(found, dict) and isinstance(expected, dict):
        for name, value in expected.items():
            if found.get(name) != value:
                return f" ({name}: {found.get(name)!r:.80}, now {value!r:.80})"
    return ""


def _cure(path: Path, what: str = "everything") -> str:
    return f"Choose another folder, or delete {path} to score {what} again."
