"""Paths of Parquet files -> chunks: row groups of one file, which become one file of results."""

from __future__ import annotations

import glob
from collections.abc import Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path, PurePath
from typing import Any

from seqclf.exceptions import InvalidSequenceError
from seqclf.scoring._arrow import import_arrow
from seqclf.scoring._columns import Columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Consecutive row groups of a file."""

    path: Path
    name: str  # of the file below the folder that was named
    size: int
    modified: int  # nanoseconds
    first: int
    stop: int  # the row group after the last one
    n_rows: int

    @property
    def output(self) -> str:
        """Name of the file of results, below the destination."""
        name = PurePath(self.name)
        return name.with_name(f"{name.name.removesuffix('.parquet')}.{self.first:05}.parquet").as_posix()

    @property
    def identity(self) -> dict[str, Any]:
        """What is scored: values of JSON."""
        return {
            "file": self.name,
            "size": self.size,
            "modified": self.modified,
            "row_groups": [self.first, self.stop],
        }


def find_files(source: Any, destination: Path) -> dict[str, Path]:
    """Return the files of a source, by their names below it, in order."""
    if isinstance(source, str | PathLike):
        found = _files_of(source, destination)
    elif hasattr(source, "__iter__"):
        found = [pair for one in source for pair in _files_of(one, destination)]
    else:
        raise TypeError(
            f"`source` must be a path, a folder, a pattern or a list of these; got {type(source).__name__}."
        )
    if not found:
        raise FileNotFoundError(
            f"`source` must name at least one Parquet file; got {source!r:.200}, where there is none. Folders are searched for "
            "`*.parquet`."
        )
    files: dict[str, Path] = {}
    for name, path in found:
        if name in files:
            raise ValueError(
                f"The files of `source` must have different names, after which the results are named; got {files[name]} and {path}. "
                "Pass the folder that holds both."
            )
        if path.resolve().is_relative_to(destination.resolve()):
            raise ValueError(
                f"`destination` must not hold files of `source`; got {path} in {destination}. Choose another folder for the results."
            )
        files[name] = path
    return files


def _files_of(source: str | PathLike[str], destination: Path) -> list[tuple[str, Path]]:
    """Return names and paths for a file, a folder or a pattern."""
    if isinstance(source, bytes) or not isinstance(source, str | PathLike):
        raise TypeError(f"A source must be a path; got {source!r:.80}.")
    path = Path(source)
    if path.is_dir():
        if destination.resolve().is_relative_to(path.resolve()):
            raise ValueError(
                f"`destination` must lie outside of `source`, or its files would be scored, too; got {destination} in {path}. Choose another "
                "folder for the results."
            )
        return [(one.relative_to(path).as_posix(), one) for one in _visible(path, path.rglob("*.parquet"))]
    if path.is_file():
        return [(path.name, path)]
    if not glob.has_magic(str(path)):
        raise FileNotFoundError(f"`source` must exist; got {path}.")
    fixed = Path(*_before_magic(path))
    found = (Path(one) for one in glob.glob(str(path), recursive=True))
    return [(one.relative_to(fixed).as_posix(), one) for one in _visible(fixed, found)]


def _before_magic(path: Path) -> Iterator[str]:
    for part in path.parts:
        if glob.has_magic(part):
            return
        yield part


def _visible(folder: Path, found: Any) -> list[Path]:
    """Return files in order, without those that Arrow and Spark ignore: of names that start with `.` or `_`."""
    return sorted(
        one
        for one in found
        if one.is_file() and not any(part.startswith((".", "_")) for part in one.relative_to(folder).parts)
    )


def plan_chunks(files: dict[str, Path], columns: Columns, rows_per_file: int) -> list[Chunk]:
    """Return the chunks of all files, in order; raise unless each has the columns."""
    chunks: list[Chunk] = []
    for name, path in files.items():
        with open_parquet(path) as file:
            columns.check(file.schema_arrow, str(path))
            about = path.stat()
            sizes = [file.metadata.row_group(i).num_rows for i in range(file.metadata.num_row_groups)]
        chunks += [
            Chunk(
                path=path,
                name=name,
                size=about.st_size,
                modified=about.st_mtime_ns,
                first=first,
                stop=stop,
                n_rows=n_rows,
            )
            for first, stop, n_rows in _gather(sizes, rows_per_file)
        ]
    if not chunks:
        raise InvalidSequenceError(
            f"The source must have at least one row; got none in {len(files)} file(s). Was everything filtered out?"
        )
    return chunks


def _gather(sizes: list[int], rows_per_file: int) -> Iterator[tuple[int, int, int]]:
    """Yield the first row group, the one after the last, and the number of rows of each chunk."""
    first = n_rows = 0
    for i, size in enumerate(sizes):
        if n_rows and n_rows + size > rows_per_file:
            yield first, i, n_rows
            first, n_rows = i, 0
        n_rows += size
    if n_rows:
        yield first, len(sizes), n_rows


def open_parquet(path: Path) -> Any:
    """Open a Parquet file."""
    pa = import_arrow()
    try:
        return import_arrow("pyarrow.parquet").ParquetFile(path)
    except pa.ArrowInvalid as error:
        raise ValueError(
            f"Each file must be a Parquet file; got {path}, which cannot be read: {error}. Was the copy interrupted?"
        ) from error
