"""Download the MIT-BIH records from PhysioNet, and verify their checksums."""

from __future__ import annotations

import hashlib
import http.client
import os
import sys
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from seqclf._files import write_whole

BASE_URL = "https://physionet.org/files/mitdb/1.0.0/"
_TIMEOUT_SECONDS = 60
_MAX_BYTES = 1 << 24  # eight times the largest file of the database


def data_folder() -> Path:
    """Return the folder for downloaded data: `SEQCLF_DATA`, or `seqclf` in the user's cache folder.

    Returns
    -------
    Path
        The environment variable `SEQCLF_DATA` if it is set. The folder need not exist.

    Examples
    --------
    >>> import os
    >>> from seqclf.datasets import data_folder
    >>> data_folder().name == "seqclf" or "SEQCLF_DATA" in os.environ
    True
    """
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


def download_mitbih(
    folder: Path,
    records: Iterable[int],
    *,
    checksums: Mapping[str, str],
    base_url: str | None = None,
) -> None:
    """Download the files of the given records that are not in the folder.

    A file gets its name only once it is complete and its checksum is correct, so an interrupted download can be resumed.
    Existing files are kept; they are verified when they are read.
    """
    base_url = BASE_URL if base_url is None else base_url
    names = [f"{number}{suffix}" for number in records for suffix in (".hea", ".dat", ".atr")]
    missing = [name for name in names if not (folder / name).is_file()]
    if not missing:
        return
    for name in _with_bar(missing):
        _store(folder / name, _fetch(base_url + name, checksums[name]))


def _fetch(url: str, expected: str) -> bytes:
    """Download one file, and verify its checksum."""
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT_SECONDS) as response:
            content: bytes = response.read(_MAX_BYTES)  # a server may send without end
    except (OSError, http.client.HTTPException) as error:
        raise OSError(
            f"{url} must be reachable to download it; got: {error}. Check the connection and load again (complete "
            "files are kept), or download the database manually and pass its folder as `path`."
        ) from error
    digest = hashlib.sha256(content).hexdigest()
    if digest != expected:
        raise OSError(
            f"{url} must have the SHA-256 {expected}; got {digest}. The transfer failed, or the file on "
            "the server has changed. Load again, or download the file manually."
        )
    return content


def _store(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content)
    except OSError as error:
        raise OSError(
            error.errno,
            f"The downloaded file must be stored as {path}; got: {error.strerror}. Free some space or pass a folder that you can "
            "write to as `path`, and load again (complete files are kept).",
        ) from error


def _with_bar(names: list[str]) -> Iterator[str]:
    """Iterate over the names, with a progress bar if tqdm is installed."""
    try:
        from tqdm import tqdm
    except ImportError:
        yield from names
        return
    yield from tqdm(names, desc="MIT-BIH records from PhysioNet", unit="file")
