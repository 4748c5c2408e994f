from __future__ import annotations

import hashlib
import socket
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from seqclf.datasets import MITBIH_RECORDS, _download, load_mitbih
from seqclf.datasets._download import data_folder, download_mitbih, published_checksums

from .conftest import WriteRecord


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve `tmp_path` over HTTP."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(tmp_path))) as http:
        thread = threading.Thread(target=http.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{http.server_address[1]}/"
        http.shutdown()
        thread.join()


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Return an address that refuses connections: its port is bound, but nothing listens."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}/"


def checksums_of(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("100.*")}


def test_missing_files_are_downloaded_and_loaded(
    write_record: WriteRecord, server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_record()
    monkeypatch.setattr(_download, "BASE_URL", server)
    monkeypatch.setattr(_download, "published_checksums", partial(checksums_of, source))
    monkeypatch.setenv("SEQCLF_DATA", str(tmp_path / "cache"))
    beats = load_mitbih(records=[100], download=True)
    assert len(beats) == 19
    assert sorted(path.name for path in (tmp_path / "cache" / "mitdb").iterdir()) == [
        "100.atr",
        "100.dat",
        "100.hea",
    ]
    ordinary = tmp_path / "ordinary"
    ordinary.touch()
    assert {path.stat().st_mode for path in (tmp_path / "cache" / "mitdb").iterdir()} == {
        ordinary.stat().st_mode
    }


def test_existing_files_are_kept(write_record: WriteRecord, refused: str) -> None:
    folder = write_record()
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    download_mitbih(folder, [100], base_url=refused, checksums={})
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_a_file_with_a_wrong_checksum_is_removed(
    write_record: WriteRecord, server: str, tmp_path: Path
) -> None:
    right = checksums_of(write_record())
    wrong = {**right, "100.dat": "0" * 64}
    with pytest.raises(
        OSError, match=r"100\.dat must have the SHA-256 0{64}; got [0-9a-f]{64}\. The transfer failed"
    ):
        download_mitbih(tmp_path / "to", [100], base_url=server, checksums=wrong)
    assert [path.name for path in (tmp_path / "to").iterdir()] == ["100.hea"]
    download_mitbih(tmp_path / "to", [100], base_url=server, checksums=right)  # resumes
    assert checksums_of(tmp_path / "to") == right


def test_a_file_missing_on_the_server_is_reported(server: str, tmp_path: Path) -> None:
    with pytest.raises(
        OSError, match=r"100\.hea must be reachable to download it; got: HTTP Error 404.*load again"
    ):
        download_mitbih(tmp_path / "to", [100], base_url=server, checksums={"100.hea": ""})
    assert list((tmp_path / "to").iterdir()) == []


def test_a_failed_connection_is_reported(refused: str, tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"must be reachable to download it; got: .*pass its folder as `path`"):
        download_mitbih(tmp_path / "to", [100], base_url=refused, checksums={"100.hea": ""})


def test_files_are_downloaded_without_tqdm(
    write_record: WriteRecord, server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)
    checksums = checksums_of(write_record())
    download_mitbih(tmp_path / "to", [100], base_url=server, checksums=checksums)
    assert checksums_of(tmp_path / "to") == checksums


def test_every_file_of_the_database_has_a_checksum() -> None:
    checksums = published_checksums()
    assert set(checksums) == {f"{n}{suffix}" for n in MITBIH_RECORDS for suffix in (".hea", ".dat", ".atr")}
    assert {len(digest) for digest in checksums.values()} == {64}


def test_the_real_files_have_these_checksums(mitdb: Path) -> None:
    expected = published_checksums()
    for name in ("100.hea", "208.dat", "234.atr"):
        assert hashlib.sha256((mitdb / name).read_bytes()).hexdigest() == expected[name]


def test_the_data_folder_is_seqclf_data_or_in_the_users_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEQCLF_DATA", "~/beats")
    assert data_folder() == Path.home() / "beats"
    monkeypatch.delenv("SEQCLF_DATA")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
    assert data_folder() == Path("/cache/seqclf")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert data_folder() == Path.home() / ".cache" / "seqclf"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert data_folder() == Path.home() / "Library" / "Caches" / "seqclf"
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", "/local")
    assert data_folder() == Path("/local/seqclf")
