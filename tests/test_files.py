"""A file is written whole or not at all, on a full disk too."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import pytest

from full_disk import run_with_limit
from seqclf._files import append_whole, replacing, write_whole


@pytest.mark.parametrize("content", ["ä\n", "ä\n".encode(), b""])
def test_a_file_is_written_and_replaced(tmp_path: Path, content: str | bytes) -> None:
    path = tmp_path / "report.csv"
    for _ in range(2):
        write_whole(path, content)
        assert path.read_bytes() == ("ä\n".encode() if content else b"")
    assert list(tmp_path.iterdir()) == [path]


def test_text_is_appended(tmp_path: Path) -> None:
    path = tmp_path / "epochs.csv"
    write_whole(path, "epoch\n")
    append_whole(path, "ä\n")
    append_whole(path, b"2\n")
    assert path.read_text() == "epoch\nä\n2\n"


def test_the_new_file_has_the_permissions_of_any_other(tmp_path: Path) -> None:
    write_whole(tmp_path / "new", "")
    (tmp_path / "other").touch()
    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert len(modes) == 1


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o444, 0o666])
def test_a_file_keeps_its_mode(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "model"
    path.write_text("before")
    path.chmod(mode)
    with replacing(path) as file:
        (new,) = (one for one in tmp_path.iterdir() if one != path)
        assert stat.S_IMODE(new.stat().st_mode) == mode, "nobody else may read the new file meanwhile"
        file.write(b"after")
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("after", mode)


@pytest.mark.parametrize("exists", [True, False])
def test_the_target_of_a_link_is_written(tmp_path: Path, exists: bool) -> None:
    versions = tmp_path / "versions"
    versions.mkdir()
    if exists:
        (versions / "1").write_text("before")
    (tmp_path / "latest").symlink_to(Path("versions", "1"))
    (tmp_path / "model").symlink_to("latest")
    write_whole(tmp_path / "model", "after")
    assert (tmp_path / "model").is_symlink()
    assert (tmp_path / "latest").readlink() == Path("versions", "1")
    assert (versions / "1").read_text() == "after"
    assert [one.name for one in versions.iterdir()] == ["1"]


def test_an_error_in_the_block_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "100.dat"
    path.write_text("before")

    def fail() -> None:
        with replacing(path) as file:
            file.write(b"half of")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("100.dat", "before")]


@pytest.mark.parametrize("kind", ["folder", "pipe", "link to a pipe"])
def test_only_a_file_is_replaced(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "taken"
    if kind == "folder":
        path.mkdir()
    else:
        os.mkfifo(path)
    before = path.stat()
    given = path
    if kind == "link to a pipe":
        given = tmp_path / "link"
        given.symlink_to(path)
    message = rf"the path of a file; got a (folder|device or a pipe): {given}\. Add the name of a file\."
    with pytest.raises(OSError, match=message), replacing(given):
        pytest.fail("the block must not run")
    assert path.stat() == before


@pytest.mark.parametrize("function", ["write_whole", "append_whole"])
@pytest.mark.parametrize("n_bytes", [1000, 100_000], ids=["small", "larger than a buffer"])
def test_on_a_full_disk_the_old_file_stays(tmp_path: Path, function: str, n_bytes: int) -> None:
    path = tmp_path / "epochs.csv"
    path.write_text("before\n")
    code = """
        import sys
        from pathlib import Path
        from seqclf import _files
        _, path, function, n_bytes = sys.argv
        limit(int(n_bytes) // 2)
        try:
            getattr(_files, function)(Path(path), "x" * int(n_bytes))
        except OSError as error:
            print(error.strerror)
    """
    assert run_with_limit(code, path, function, n_bytes) == "File too large\n"
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("epochs.csv", "before\n")]


@pytest.mark.parametrize("name", ["nofolder/m.st", "a/b/m.st", "file/m.st", "link"])
def test_a_path_in_a_folder_that_does_not_exist_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "gone" / "m.st")
    before = sorted(tmp_path.iterdir())
    path = os.path.realpath(tmp_path / name)
    message = (
        f"A file must be written to a folder that exists; got {path}, whose folder does not. Create it first: "
        "`Path(path).parent.mkdir(parents=True)`."
    )
    with pytest.raises(FileNotFoundError, match=re.escape(message)):
        write_whole(tmp_path / name, "after")
    assert sorted(tmp_path.iterdir()) == before
