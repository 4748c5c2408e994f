"""SHA-256 of each file of the MIT-BIH database."""

from __future__ import annotations

from importlib import resources


def published_checksums() -> dict[str, str]:
    """Return the SHA-256 of each file of the database, version 1.0.0."""
    text = resources.files("seqclf.datasets").joinpath("mitdb.sha256").read_text(encoding="ascii")
    return {name: digest for digest, name in (line.split() for line in text.splitlines())}
