"""A journal file survives a full disk and a cut last line, and other files are refused."""

from __future__ import annotations

import json
import os
import re
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest

from full_disk import run_with_limit
from seqclf import SeqclfWarning
from seqclf.tuning import open_storage, sweep
from tuning.small import SPACE, scores, small

STORED: dict[str, Any] = {"study_name": "beats", "random_state": 0, "refit": False, "pruner": None}


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Return a journal of ten trials."""
    path = tmp_path / "sweep.journal"
    study = optuna.create_study(storage=open_storage(path), study_name="ten")
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=10)
    return path


def values(path: Path) -> list[float | None]:
    return [trial.value for trial in optuna.load_study(storage=open_storage(path), study_name="ten").trials]


def test_a_journal_is_that_of_optuna(journal: Path) -> None:
    theirs = optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(str(journal)))
    study = optuna.load_study(storage=theirs, study_name="ten")
    assert [trial.value for trial in study.trials] == values(journal)
    study.optimize(lambda trial: 0.5, n_trials=1)
    assert len(values(journal)) == 11


def test_two_storages_see_each_others_records(journal: Path) -> None:
    one, other = (optuna.load_study(storage=open_storage(journal), study_name="ten") for _ in range(2))
    for study in (one, other, one):
        study.optimize(lambda trial: 0.25, n_trials=1)
    assert len(one.trials) == len(other.trials) == 13


@pytest.mark.parametrize("n_cut", [1, 5, 30])
def test_an_unfinished_last_line_is_removed_before_the_next_record(journal: Path, n_cut: int) -> None:
    whole = journal.read_bytes()
    journal.write_bytes(whole[:-n_cut])
    study = optuna.load_study(storage=open_storage(journal), study_name="ten")
    assert [trial.state.name for trial in study.trials][-1] == "RUNNING"
    assert journal.read_bytes() == whole[:-n_cut]  # reading changes nothing
    with pytest.warns(
        SeqclfWarning, match=rf"last line of '{journal}' was unfinished and has been removed: '\{{"
    ):
        study.set_user_attr("next", 1)
    lines = journal.read_text().splitlines()
    assert [json.loads(line)["op_code"] for line in lines[-1:]] == [2]
    assert len(lines) == len(whole.splitlines())
    assert len(values(journal)) == 10


def test_a_long_unfinished_line_is_removed(journal: Path) -> None:
    open_storage(journal).set_study_user_attr(0, "long", "x" * 200_000)
    whole = journal.read_bytes()
    journal.write_bytes(whole + b'{"op_code":' + b" " * 200_000)
    with pytest.warns(SeqclfWarning, match="has been removed"):
        open_storage(journal).set_study_user_attr(0, "next", 1)
    assert journal.read_bytes().startswith(whole + b'{"op_code":2,')


def test_a_sweep_resumes_after_the_disk_was_full(task: Any, tmp_path: Path) -> None:
    X, y = task
    path = tmp_path / "sweep.journal"
    code = """
        import sys
        from pathlib import Path
        import numpy as np
        from seqclf.datasets import make_heartbeats
        from seqclf.tuning import sweep
        from tuning.test_journal import SPACE, STORED, small
        path = Path(sys.argv[1])
        X, y = make_heartbeats(90, class_proportions={"N": 3, "V": 1, "Q": 1}, random_state=0, return_X_y=True)
        sweep(small(), SPACE, X, np.asarray(y), n_trials=1, storage=path, **STORED)
        limit(path.stat().st_size + 1500)  # full in the middle of a record of the second trial
        try:
            sweep(small(), SPACE, X, np.asarray(y), n_trials=3, storage=path, **STORED)
        except OSError as error:
            print(error)
    """
    printed = run_with_limit(code, path)
    assert re.search(
        r"File too large: the journal keeps the records it had; free some space.*sweep\.journal", printed
    )
    assert all(json.loads(line) for line in path.read_text().splitlines())
    assert path.read_bytes().endswith(b"\n")
    assert not list(tmp_path.glob("*.lock"))
    resumed = sweep(small(), SPACE, X, y, n_trials=3, storage=path, **STORED)
    complete = [trial.score for trial in resumed.trials if trial.status == "complete"]
    assert len(complete) == 3
    assert complete[:1] == scores(sweep(small(), SPACE, X, y, n_trials=1, **STORED))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            b"lr,score\n0.1,0.9\n",
            r"line 1 of '.*sweep.journal' is not: 'lr,score'\. Is it the journal of a sweep",
        ),
        (b"hello", r"line 1 .* is not: 'hello'\. Is it"),
        (b"\n", r"line 1 .* is not: ''"),
        (b"[]\n", r"line 1 .* is not: '\[\]'"),
        (bytes(100_000), r"line 1 .* is not: '\\x00"),
        (b'{"op_code":0,"worker_id":"a"}\n', r"line 1 .* is not: KeyError: 'study_name'"),
        (b'{"op_code":99,"worker_id":"a"}\n', r"line 1 .* is not: "),
        ('{"op_code":"ä"}\n'.encode("utf-16"), r"line 1 .* is not: "),
    ],
)
def test_a_file_that_is_not_a_journal_is_refused_and_kept(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "sweep.journal"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="Each line of a journal must be a record of Optuna; " + message):
        open_storage(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    "damage", [b'{"op_code":4,"worker_id":"a","stu{"op_code":4}', b'{"op_code":\xff}', b"x", b'"a"']
)
def test_a_damaged_line_is_named(journal: Path, damage: bytes) -> None:
    lines = journal.read_bytes().splitlines()
    journal.write_bytes(b"\n".join([*lines[:6], damage, *lines[6:]]) + b"\n")
    with pytest.raises(
        ValueError, match=r"line 7 of '.*sweep\.journal' is not: .*\. Remove the line to keep the others"
    ):
        open_storage(journal)
    journal.write_bytes(b"\n".join(lines) + b"\n")
    assert len(values(journal)) == 10


def test_a_last_line_of_another_kind_is_not_removed(journal: Path) -> None:
    with journal.open("ab") as file:
        file.write(b"notes")
    n_lines, content = len(journal.read_bytes().splitlines()), journal.read_bytes()
    with pytest.raises(ValueError, match=rf"line {n_lines} of '.*' is not: 'notes'\. Remove the line"):
        open_storage(journal).set_study_user_attr(0, "next", 1)
    assert journal.read_bytes() == content


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (
            "pipe",
            "a new one; got the pipe, socket or device '.*'. Pass the name of a file, such as 'sweep.journal'",
        ),
        ("folder", "a new one; got the folder '.*'"),
        ("device", "a new one; got the pipe, socket or device '/dev/full'"),
        ("nowhere", "must be a file in an existing folder.*; got '.*'. Create the folder"),
    ],
)
@pytest.mark.parametrize("prefix", ["", "sqlite:///"], ids=["journal", "sqlite"])
def test_what_is_not_a_regular_file_is_refused(tmp_path: Path, kind: str, message: str, prefix: str) -> None:
    path = {
        "pipe": tmp_path / "pipe",
        "folder": tmp_path,
        "device": Path("/dev/full"),
        "nowhere": tmp_path / "no" / "sweep.journal",
    }[kind]
    if kind == "pipe":
        os.mkfifo(path)
    with pytest.raises(ValueError, match=message):
        open_storage(f"{prefix}{path}")


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("sqlite://", "must be a database that other processes can open; got 'sqlite://'. Pass None to keep"),
        ("sqlite:///", "must be a database that other processes can open; got 'sqlite:///'"),
        ("sqlite:///:memory:", "must be a database that other processes can open"),
        ("sqlite:///file:a?mode=memory&uri=true", "must be a database that other processes can open"),
        ("nosuch://host/db", "must be a file or the URL of a database.*; got 'nosuch://host/db'"),
        ("postgresql://host:port/db", "must be a file or the URL of a database"),
        ("://", "must be a file or the URL of a database"),
    ],
)
def test_a_url_that_is_not_a_database_is_refused(url: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        open_storage(url)


def test_a_file_that_is_not_an_sqlite_database_is_refused(journal: Path) -> None:
    with pytest.raises(
        ValueError, match=r"'.*sweep\.journal' begins with b'\{.*To use it as a journal file, pass its name"
    ):
        open_storage(f"sqlite:///{journal}")


def test_an_sqlite_database_keeps_a_study(tmp_path: Path) -> None:
    path = tmp_path / "sweep.db"
    for _ in range(2):
        optuna.create_study(storage=open_storage(f"sqlite:///{path}"), study_name="a", load_if_exists=True)
    assert sqlite3.connect(path).execute("select count(*) from studies").fetchone() == (1,)


def test_records_are_json_of_plain_numbers(journal: Path) -> None:
    study = optuna.load_study(storage=open_storage(journal), study_name="ten")
    with pytest.raises(TypeError, match="not JSON serializable"):
        study.set_user_attr("array", np.zeros(2))
    assert len(values(journal)) == 10
