"""Files mapped into memory, and how much of them stays resident."""

from __future__ import annotations

import mmap
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

import torch
from torch import Tensor

_RESIDENT = 1 << 28
"""Bytes of a file that may be resident: 256 MB. Pages beyond that are given back to the system, which keeps them in its cache."""

_AROUND = 1 << 16
"""Linux maps the 64 KB around each page that is read, if its cache has them."""


class MappedFile(mmap.mmap):
    """A file in memory that no change of a tensor reaches, and that counts what was read from it."""

    path: Path
    version: tuple[int, ...]  # of its content
    reopen: Callable[..., Any]  # returns sequences of the file, for pickles
    n_read = 0

    def note(self, n_bytes: int) -> None:
        """Count bytes that were read; release all pages once they are too many."""
        self.n_read += n_bytes
        if self.n_read > _RESIDENT:
            self.release()

    def release(self) -> None:
        """Give the pages back. They are read again from the system's cache, or else from the disk."""
        self.n_read = 0
        if hasattr(mmap, "MADV_DONTNEED"):  # not on Windows
            self.madvise(mmap.MADV_DONTNEED)


_MAPPED: WeakValueDictionary[int, MappedFile] = WeakValueDictionary()
"""The mapped files, by the address of their first byte: that of the storage of every tensor that views them."""


def map_file(path: Path, reopen: Callable[..., Any]) -> Tensor:
    """Return the bytes of a file as a tensor, (n_bytes,) uint8, which reads them when they are used.

    A change of the tensor does not reach the file.
    """
    with path.open("rb") as file:
        mapped = MappedFile(file.fileno(), 0, access=mmap.ACCESS_COPY)
        mapped.path, mapped.version = path.absolute(), version_of(os.fstat(file.fileno()))
        mapped.reopen = reopen
    content = torch.frombuffer(mapped, dtype=torch.uint8)  # keeps the mapping alive
    _MAPPED[content.data_ptr()] = mapped
    return content


def version_of(status: os.stat_result) -> tuple[int, ...]:
    """Return what changes when the content of a file does."""
    return status.st_size, status.st_mtime_ns


def file_of(tensor: Tensor) -> MappedFile | None:
    """Return the file that a tensor views; None for a tensor in memory."""
    if not _MAPPED or tensor.device.type != "cpu":
        return None
    return _MAPPED.get(tensor.untyped_storage().data_ptr())


def note_rows(tensor: Tensor, n_rows: int, n_places: int) -> None:
    """Count rows that were read from a tensor at several places; does nothing for a tensor in memory."""
    file = file_of(tensor)
    if file is not None:
        file.note(n_rows * tensor.shape[1] * tensor.element_size() + n_places * _AROUND)


def is_mapped(tensor: Tensor) -> bool:
    """Return whether a tensor views a file that `open_sequences` mapped into memory.

    Examples
    --------
    >>> from seqclf.sequences import as_sequences, is_mapped
    >>> is_mapped(as_sequences([[0.1, 0.2]]).values)
    False
    """
    return file_of(tensor) is not None
