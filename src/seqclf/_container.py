"""A safetensors file of seqclf: its header and its tensors, both read strictly."""

from __future__ import annotations

import hashlib
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import safetensors.torch
from safetensors import SafetensorError
from torch import Tensor

from seqclf._strict_json import read_json, write_json

KEY = "seqclf"
"""The one metadata key. safetensors writes several in random order; one makes files reproducible."""

MAX_HEADER = 100_000_000
"""Bytes of a header: the limit of safetensors itself."""

_NO_DIGEST = "0" * 64
_BEFORE_DIGEST = b'\\"sha256\\":\\"'
"""What stands before it, in JSON inside of JSON. Text of a user has more backslashes there."""

_CONTENTS = {
    "checkpoint": "a checkpoint. Resume its fit with `fit(..., checkpoint=...)`.",
    "model": "a model. Read it with `seqclf.load`.",
    "sequences": "sequences. Open them with `seqclf.sequences.open_sequences`.",
}
"""What a file may hold, and what reads it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The first part of a file.

    Attributes
    ----------
    text : bytes
        The header as it stands in the file.
    content : dict
        What was written beside the tensors.
    shapes : dict of str to tuple of int
        Of each tensor.
    """

    text: bytes
    content: dict[str, Any]
    shapes: dict[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A kind of file: tensors and content, with the digest of the whole.

    Attributes
    ----------
    content : {"checkpoint", "model"}
        What it holds.
    name, writer : str
        What it is called, and what writes it, for messages.
    error : type of ValueError
        Raised if a file is not of this kind, or damaged.
    cure : str
        What to do then.
    """

    content: str
    name: str
    writer: str
    error: type[ValueError]
    cure: str

    def write(self, file: BinaryIO, content: dict[str, Any], tensors: dict[str, Tensor]) -> None:
        """Write tensors and content, with the digest of the file: SHA-256 of its bytes with zeros in place of the digest."""
        metadata = {KEY: write_json(content | {"sha256": _NO_DIGEST})}
        data = safetensors.torch.save(tensors, metadata=metadata)
        place = data.index(_BEFORE_DIGEST + _NO_DIGEST.encode()) + len(_BEFORE_DIGEST)
        digest = hashlib.sha256(data).hexdigest().encode()
        for part in (data[:place], digest, memoryview(data)[place + len(digest) :]):
            file.write(part)

    def header(self, path: Path) -> Header:
        """Read the header alone, and check that the file is as long as it says."""
        size = self._size(path)
        with path.open("rb") as file:
            return self._parse(file.read(self._length(file.read(8), size)), size)

    def read(self, path: Path) -> tuple[Header, dict[str, Tensor]]:
        """Check the header, then read the whole file; return the header and the tensors, on the CPU."""
        header = self.header(path)  # first, because the size of the file alone must not decide what is read
        data = path.read_bytes()
        self._check_digest(data, header)
        try:
            return header, safetensors.torch.load(data)
        except (SafetensorError, ValueError, KeyError, TypeError, RuntimeError, OverflowError) as error:
            raise self.error(
                f"A {self.name} must be valid safetensors; got {error!s:.200}. {self.cure}"
            ) from error

    def _size(self, path: Path) -> int:
        """Return the size of a regular file; others, such as devices, may have no end."""
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise self.error(
                f"A {self.name} must be a regular file; got a folder or a device. Pass the path of the file."
            )
        return status.st_size

    def _length(self, first: bytes, size: int) -> int:
        """Return the length of the header."""
        if len(first) < 8:
            raise self.error(
                f"A {self.name} must start with the 8 bytes that give the length of its header; got {size} bytes. {self.cure}"
            )
        length = int.from_bytes(first, "little")
        if length > min(size - 8, MAX_HEADER):
            raise self.error(
                f"A {self.name} must hold its header, of at most {MAX_HEADER:,} bytes; got a header of {length:,} bytes in a file of "
                f"{size:,}. Is it a file of {self.writer}? {self.cure}"
            )
        return length

    def _parse(self, text: bytes, size: int) -> Header:
        """Read the header; a tensor must lie where the one before it ends, and the last one end with the file."""
        members = self._members(self._decoded(text, "header"), "header")
        metadata = members.pop("__metadata__", None)
        if not isinstance(metadata, dict) or list(metadata) != [KEY] or not isinstance(metadata[KEY], str):
            raise self.error(
                f"A {self.name} must have one metadata entry, {KEY!r}; got "
                f"{list(metadata) if isinstance(metadata, dict) else 'none'!r:.100}. Was it written by {self.writer}? Files of weights "
                f"alone, and pickles, are not {self.content}s."
            )
        content = self._members(
            self._decoded(metadata[KEY].encode("utf-8", "surrogatepass"), "metadata"), "metadata"
        )
        held = content.get("content", "model")  # files of models have no entry
        if held != self.content and held in _CONTENTS:
            raise self.error(f"The file must hold a {self.content}; got {_CONTENTS[held]}")
        shapes = {name: self._shape(name, entry) for name, entry in members.items()}
        end = max((entry["data_offsets"][1] for entry in members.values()), default=0)
        if 8 + len(text) + end != size:
            raise self.error(
                f"A {self.name} must end with its last tensor, at {8 + len(text) + end:,} bytes; got {size:,}. {self.cure}"
            )
        return Header(text=text, content=content, shapes=shapes)

    def _decoded(self, text: bytes, part: str) -> Any:
        try:
            return read_json(text.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise self.error(
                f"The {part} of a {self.name} must be strict JSON; got {error!s:.200}. {self.cure}"
            ) from error

    def _members(self, value: Any, part: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self.error(
                f"The {part} of a {self.name} must be a JSON object; got {type(value).__name__}. {self.cure}"
            )
        return value

    def _shape(self, name: str, entry: Any) -> tuple[int, ...]:
        """Return the shape of a tensor; raise unless its entry is what safetensors writes."""
        known = isinstance(entry, dict) and set(entry) == {"dtype", "shape", "data_offsets"}
        counted = known and _are_counts(entry["shape"]) and _are_counts(entry["data_offsets"])
        if counted and len(entry["data_offsets"]) == 2 and isinstance(entry["dtype"], str):
            return tuple(entry["shape"])
        raise self.error(
            f"The header of a {self.name} must give dtype, shape and data_offsets of each tensor; got {entry!r:.100} for {name!r:.100}. "
            f"{self.cure}"
        )

    def _check_digest(self, data: bytes, header: Header) -> None:
        """Raise unless the digest in the content is that of the file: a changed digit would be another result."""
        digest = header.content.get("sha256")
        if not isinstance(digest, str) or not re.fullmatch("[0-9a-f]{64}", digest):
            raise self.error(
                f"`sha256` of a {self.name} must be 64 hexadecimal digits; got {digest!r:.80}. {self.cure}"
            )
        stated = _BEFORE_DIGEST + digest.encode()
        if header.text.count(stated) != 1:
            raise self.error(
                f"`sha256` of a {self.name} must occur once, written as {self.writer} writes it; got {header.text.count(stated)} places. "
                f"{self.cure}"
            )
        place = 8 + header.text.index(stated) + len(_BEFORE_DIGEST)
        found = hashlib.sha256(data[:place])
        found.update(_NO_DIGEST.encode())
        found.update(memoryview(data)[place + 64 :])
        if found.hexdigest() != digest:
            raise self.error(
                f"A {self.name} must have the SHA-256 that it states, {digest[:12]}...; got {found.hexdigest()[:12]}... {self.cure}"
            )


def _are_counts(values: Any) -> bool:
    return isinstance(values, list) and all(type(one) is int and 0 <= one < 2**63 for one in values)
