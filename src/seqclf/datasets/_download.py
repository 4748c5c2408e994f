"""Download the MIT-BIH records from PhysioNet, and verify their checksums."""

from __future__ import annotations

import hashlib
import http.client
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from importlib import resources
from pathlib import Path

from seqclf._files import replacing

BASE_URL = "https://physionet.org/files/mitdb/1.0.0/"
_TIMEOUT_SECONDS = 60
_CHUNK_BYTES = 1 << 16


def data_folder() -> Path:
    """Return the folder for downloaded data: `SEQCLF_DATA`, or `seqclf` in the user's cache folder."""
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
    """Download the files of the given records that are not in the folder.

    A file gets its name only once it is complete and its checksum is correct, so an interrupted download can be resumed.
    Existing files are kept; they are verified when they are read.
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
    """Download one file, and move it to its place if its checksum is correct."""
    digest = hashlib.sha256()
    try:
        with replacing(target) as file:
            with urllib.request.urlopen(url, timeout=_TIMEOUT_SECONDS) as response:
                while chunk := response.read(_CHUNK_BYTES):
                    digest.update(chunk)
                    file.write(chunk)
            if digest.hexdigest() != expected:
                raise OSError(
                    f"{url} must have the SHA-256 {expected}; got {digest.hexdigest()}. The transfer failed, or the file on "
                    "the server has changed. Load again, or download the file manually."
                )
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as error:
        raise OSError(
            f"{url} must be reachable to download it; got: {error}. Check the connection and load again (complete "
            "files are kept), or download the database manually and pass its folder as `path`."
        ) from error


def _with_bar(names: list[str]) -> Iterator[str]:
    """Iterate over the names, with a progress bar if tqdm is installed."""
    try:
        from tqdm import tqdm
    except ImportError:
        yield from names
        return
    yield from tqdm(names, desc="MIT-BIH records from PhysioNet", unit="file")
