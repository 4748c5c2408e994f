"""A model file in parts, and parts as a file, with a digest that fits: what an editor of files could do."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

NO_DIGEST = "0" * 64
RAW = "raw text of a mutation"
"""A string in whose place `joined` puts text that is not JSON of Python."""


@dataclass(kw_only=True)
class Parts:
    """What a file holds.

    `tensors` are the entries of the header, `raw` stands where the content holds `RAW`, and `metadata` takes the place of the
    metadata if it is given.
    """

    content: Any
    tensors: dict[str, Any]
    data: bytes
    raw: str = ""
    metadata: Any = None


def split(blob: bytes) -> Parts:
    """Return the parts of a file."""
    end = 8 + int.from_bytes(blob[:8], "little")
    tensors = json.loads(blob[8:end])
    content = json.loads(tensors.pop("__metadata__")["seqclf"])
    return Parts(content=content, tensors=tensors, data=blob[end:])


def text_of(parts: Parts) -> str:
    """Return the content as it stands in the metadata, without a digest."""
    content = parts.content
    if isinstance(content, dict) and "sha256" in content:
        content = content | {"sha256": NO_DIGEST}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return text.replace(json.dumps(RAW), parts.raw)


def joined(parts: Parts, text: str | None = None) -> bytes:
    """Return a file of these parts; `text` takes the place of the content."""
    metadata = {"seqclf": text_of(parts) if text is None else text}
    header = {"__metadata__": metadata if parts.metadata is None else parts.metadata} | parts.tensors
    return with_header(json.dumps(header, separators=(",", ":")).encode(), parts.data)


def with_header(header: bytes, data: bytes) -> bytes:
    """Return a file with a header, and with the digest that fits if the header has a place for it."""
    header += b" " * (-len(header) % 8)
    return signed(len(header).to_bytes(8, "little") + header + data)


def signed(blob: bytes) -> bytes:
    """Put the digest of a file into its place."""
    return blob.replace(NO_DIGEST.encode(), hashlib.sha256(blob).hexdigest().encode(), 1)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield container and key of each value inside of a value."""
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, member in members:
        yield value, key
        yield from places(member)
