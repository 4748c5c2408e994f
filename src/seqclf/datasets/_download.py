"""Fetch the MIT-BIH records from PhysioNet, whole and checked, or not at all."""

from __future__ import annotations

import hashlib
import http.client
import os
import sys
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterable, Iterator, Mapping
from importlib import resources
from pathlib import Path

BASE_URL = "https://physionet.org/files/mitdb/1.0.0/"
_TIMEOUT_SECONDS = 60
_CHUNK_BYTES = 1 << 16


def data_folder() -> Path:
    """Return the folder for downloaded data: `SEQCLF_DATA`, else `seqclf` in the user's cache folder."""
    named = os.environ.get("SEQCLF_DATA")
    if named:
        return Path(named).expanduser()
    if sys.platform == "win32":
        cache = os.environ.get("LOCALAPPDATA") or "~/AppData/Local"
    elif sys.platform == "darwin":
        cache = "~/Library/Caches"
    else:
        cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(cache).expanduser() / "seqclf"


def published_checksums() -> dict[str, str]:
    """Return the SHA-256 of each file of the database, version 1.0.0."""
    text = resources.files("seqclf.datasets").joinpath("mitdb.sha256").read_text(encoding="ascii")
    return {name: digest for digest, name in (line.split() for line in text.splitlines())}


def download_mitbih(
    folder: Path,
    records: Iterable[int],
    *,
    base_url: str | None = None,
    checksums: Mapping[str, str] | None = None,
) -> None:
    """Fetch the files of the given records that are not in the folder yet.

    A file appears under its name only when it is whole and its checksum is right, so an interrupted download goes on
    where it stopped. Files that are there already are left as they are; reading checks them.
    """
    base_url = BASE_URL if base_url is None else base_url
    checksums = published_checksums() if checksums is None else checksums
    names = [f"{number}{suffix}" for number in records for suffix in (".hea", ".dat", ".atr")]
    missing = [name for name in names if not (folder / name).is_file()]
    if not missing:
        return
    folder.mkdir(parents=True, exist_ok=True)
    for name in _with_bar(missing):
        _fetch(base_url + name, folder / name, checksums[name])


def _fetch(url: str, target: Path, expected: str) -> None:
    """Write one file, and put it in its place when its checksum is right."""
    digest = hashlib.sha256()
    # Not a temporary file, which nobody else may read: the folder may be shared.
    partial = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    try:
        with partial.open("xb") as file, urllib.request.urlopen(url, timeout=_TIMEOUT_SECONDS) as response:
            while chunk := response.read(_CHUNK_BYTES):
                digest.update(chunk)
                file.write(chunk)
        if digest.hexdigest() != expected:
            raise OSError(
                f"{url} must have the SHA-256 {expected}; got {digest.hexdigest()}. The transfer was disturbed or "
                "the file on the server has changed: load again, or fetch the file by hand."
            )
        os.replace(partial, target)
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as error:
        raise OSError(
            f"{url} must be reachable to download it; got: {error}. Check the connection and load again (finished "
            "files are kept), or fetch the database by hand and pass its folder as `path`."
        ) from error
    finally:
        partial.unlink(missing_ok=True)


def _with_bar(names: list[str]) -> Iterator[str]:
    """Go through the names, with a progress bar where tqdm is installed."""
    try:
        from tqdm import tqdm
    except ImportError:
        yield from names
        return
    yield from tqdm(names, desc="MIT-BIH records from PhysioNet", unit="file")
