from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import re
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from full_disk import run_with_limit
from seqclf.datasets import _download, load_mitbih
from seqclf.datasets._download import data_folder, download_mitbih

from .conftest import WriteRecord


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""


@contextlib.contextmanager
def serving(handler: Callable[..., SimpleHTTPRequestHandler]) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as http:
        thread = threading.Thread(target=http.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{http.server_address[1]}/"
        http.shutdown()
        thread.join()


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve `tmp_path` over HTTP."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with serving(partial(QuietHandler, directory=str(tmp_path))) as url:
        yield url


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
    write_record()
    monkeypatch.setattr(_download, "BASE_URL", server)
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
    assert not (tmp_path / "to").exists()


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


def test_a_file_that_ends_early_is_refused(write_record: WriteRecord, server: str, tmp_path: Path) -> None:
    checksums = checksums_of(write_record())
    (tmp_path / "100.dat").write_bytes((tmp_path / "100.dat").read_bytes()[:-1000])
    with pytest.raises(
        OSError, match=r"100\.dat must have the SHA-256 .* The transfer failed, or the file on"
    ):
        download_mitbih(tmp_path / "to", [100], base_url=server, checksums=checksums)
    assert [path.name for path in (tmp_path / "to").iterdir()] == ["100.hea"]


def test_a_connection_that_breaks_off_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Breaking(QuietHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"100\r\nabc")

    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with (
        serving(Breaking) as url,
        pytest.raises(OSError, match=r"100\.hea must be reachable .*IncompleteRead"),
    ):
        download_mitbih(tmp_path / "to", [100], base_url=url, checksums={"100.hea": ""})


def test_a_server_that_sends_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Endless(QuietHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            with contextlib.suppress(ConnectionError):
                while True:
                    self.wfile.write(bytes(1 << 20))

    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with serving(Endless) as url, pytest.raises(OSError, match=r"100\.hea must have the SHA-256"):
        download_mitbih(tmp_path / "to", [100], base_url=url, checksums={"100.hea": ""})


def test_a_folder_that_cannot_be_written_is_reported(
    write_record: WriteRecord, server: str, tmp_path: Path
) -> None:
    checksums = checksums_of(write_record())
    (tmp_path / "occupied").touch()
    message = r"must be stored as .*100\.hea; got: .*\. Free some space or pass a folder that you can write to as `path`"
    with pytest.raises(OSError, match=message) as caught:
        download_mitbih(tmp_path / "occupied" / "mitdb", [100], base_url=server, checksums=checksums)
    assert caught.value.errno == errno.ENOTDIR


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limits of file sizes")
def test_a_full_disk_leaves_complete_files_only(
    write_record: WriteRecord, server: str, tmp_path: Path
) -> None:
    checksums = checksums_of(write_record())
    script = """
        import json, sys
        from pathlib import Path
        from seqclf.datasets._download import download_mitbih
        folder, url, checksums = sys.argv[1:]
        limit(5000)  # the signals have 21,600 bytes
        try:
            download_mitbih(Path(folder), [100], base_url=url, checksums=json.loads(checksums))
        except OSError as error:
            print(error)
    """
    printed = run_with_limit(script, tmp_path / "to", server, json.dumps(checksums))
    assert re.search(r"must be stored as .*100\.dat; got: File too large\. Free some space", printed), printed
    assert [path.name for path in (tmp_path / "to").iterdir()] == ["100.hea"]
    download_mitbih(tmp_path / "to", [100], base_url=server, checksums=checksums)  # resumes
    assert checksums_of(tmp_path / "to") == checksums


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
