"""Parquet files are scored chunk by chunk; a run that ended in any way is resumed by the same call."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from scoring.beats import beats, model, with_rows, write_folder
from seqclf import InvalidSequenceError, SeqclfWarning, save, score_table
from seqclf.scoring import BatchScorer, ScoredTable, _score_chunk

OPTIONS: dict[str, Any] = {"column": "values", "id": ["patient", "beat"], "rows_per_file": 20, "n_jobs": 1}
FILES = ["a.00000", "a.00002", "a.00004", "b/d.00000", "b/d.00002"]


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder, hidden ones too."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("beats")
    write_folder(path)
    return path


@pytest.fixture(scope="module")
def expected(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the results of an undisturbed run."""
    path = tmp_path_factory.mktemp("expected")
    score_table(model(), folder, path, **OPTIONS)
    return path


def test_a_file_of_a_model_stands_for_it(folder: Path, tmp_path: Path) -> None:
    save(model(), tmp_path / "model.safetensors")
    results = tmp_path / "results"
    first = score_table(tmp_path / "model.safetensors", folder, results, **OPTIONS)
    again = score_table(str(tmp_path / "model.safetensors"), folder, results, **OPTIONS)
    assert (first.n_reused, again.n_reused) == (0, len(FILES))
    expected = score_table(model(), folder, tmp_path / "expected", **OPTIONS)
    for got, file in zip(first.files, expected.files, strict=True):
        assert pq.read_table(got).equals(pq.read_table(file))


def test_each_row_gets_its_prediction_in_order(folder: Path, tmp_path: Path) -> None:
    table = beats(90)
    scored = score_table(model(), folder, tmp_path, **OPTIONS)
    assert scored == ScoredTable(
        files=tuple(tmp_path / f"{name}.parquet" for name in FILES), n_rows=90, n_null=0, n_reused=0
    )
    found = pa.concat_tables([pq.read_table(path) for path in scored.files])
    assert found.column_names == ["patient", "beat", "prediction", "probability_N", "probability_V"]
    for name in ("patient", "beat"):
        assert found[name].equals(table[name])
    proba = model().predict_proba(table["values"])
    np.testing.assert_array_equal(found["probability_N"], proba[:, 0])
    np.testing.assert_array_equal(found["probability_V"], proba[:, 1])
    assert found["prediction"].to_pylist() == model().predict(table["values"]).tolist()
    assert ds.dataset(tmp_path).count_rows() == 90
    assert sorted(contents(tmp_path)) == sorted(f"{name}.parquet" for name in FILES)


SOURCES: dict[str, tuple[Callable[[Path], Any], list[str]]] = {
    "file": (lambda folder: str(folder / "a.parquet"), FILES[:3]),
    "pattern": (lambda folder: str(folder / "b" / "*.parquet"), ["d.00000", "d.00002"]),
    "deep pattern": (lambda folder: folder / "**" / "[ad].parquet", FILES),
    "list": (
        lambda folder: [folder / "b" / "d.parquet", folder / "a.parquet"],
        ["d.00000", "d.00002", *FILES[:3]],
    ),
    "list of folders": (
        lambda folder: (folder / "b", folder / "a.parquet"),
        ["d.00000", "d.00002", *FILES[:3]],
    ),
}


@pytest.mark.parametrize("name", SOURCES)
def test_files_folders_patterns_and_lists(folder: Path, tmp_path: Path, name: str) -> None:
    source, files = SOURCES[name]
    scored = score_table(model(), source(folder), tmp_path, **OPTIONS)
    assert [path.relative_to(tmp_path).as_posix() for path in scored.files] == [
        f"{one}.parquet" for one in files
    ]


@pytest.mark.parametrize("rows_per_file", [1, 20, 25, 10**6])
def test_row_groups_are_gathered_up_to_a_number_of_rows(
    folder: Path, tmp_path: Path, rows_per_file: int
) -> None:
    scored = score_table(
        model(), folder / "a.parquet", tmp_path, **{**OPTIONS, "rows_per_file": rows_per_file}
    )
    sizes = [pq.read_metadata(path).num_rows for path in scored.files]
    assert sizes == {1: [10] * 5, 20: [20, 20, 10], 25: [20, 20, 10], 10**6: [50]}[rows_per_file]


def test_two_processes_write_the_same_files(folder: Path, expected: Path, tmp_path: Path) -> None:
    score_table(model(), folder, tmp_path, **{**OPTIONS, "n_jobs": 2})
    assert contents(tmp_path) == contents(expected)


@pytest.mark.parametrize("n_jobs", [2, 1])
def test_files_finished_before_an_error_are_kept(tmp_path: Path, n_jobs: int) -> None:
    """Bad rows are named by file, row group and row."""
    path = tmp_path / "x.parquet"
    pq.write_table(with_rows([[1.0], [2.0], [3.0], [4.0], [5.0], None]), path, row_group_size=2)
    options: dict[str, Any] = {"column": "values", "rows_per_file": 2, "n_jobs": n_jobs}
    message = (
        f"{path}, row group 2, row 1: Every row must hold a sequence; got null. Fix the row, or pass errors"
    )
    with pytest.raises(InvalidSequenceError, match=re.escape(message)):
        score_table(model(), path, tmp_path / "scores", **options)
    assert set(contents(tmp_path / "scores")) <= {"x.00000.parquet", "x.00001.parquet"} or n_jobs == 2
    assert not (tmp_path / "scores" / "x.00002.parquet").exists()


@pytest.mark.parametrize("where", ["write", "fsync"])
def test_a_killed_run_is_resumed(folder: Path, expected: Path, tmp_path: Path, where: str) -> None:
    joblib.dump(model(), tmp_path / "model")
    destination = tmp_path / "scores"
    # Three of 5 files are complete; of the two row groups of the fourth, one is written, or both.
    command = [
        *(sys.executable, str(Path(__file__).with_name("score_until.py"))),
        *(str(tmp_path / "model"), str(folder), str(destination), where, {"write": "7", "fsync": "4"}[where]),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "stopped\n"
        process.send_signal(signal.SIGKILL)
    left = contents(destination)
    visible = {name: content for name, content in left.items() if "/." not in f"/{name}"}
    assert sorted(visible) == [f"{name}.parquet" for name in FILES[:3]]
    assert visible.items() <= contents(expected).items()
    assert len(left) == 4  # what the killed process wrote has a hidden name
    before = {name: os.stat(destination / name).st_mtime_ns for name in visible}
    assert score_table(model(), folder, destination, **OPTIONS).n_reused == 3
    assert contents(destination) == contents(expected)
    assert {name: os.stat(destination / name).st_mtime_ns for name in visible} == before


@pytest.mark.filterwarnings("ignore:.*far from the training samples")
def test_row_groups_are_read_in_batches(
    folder: Path, expected: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_score_chunk, "_BATCH_BYTES", 500)
    sizes = []
    score = BatchScorer.__call__

    def counting(self: Any, table: Any, **keywords: Any) -> Any:
        sizes.append(table.num_rows)
        return score(self, table, **keywords)

    monkeypatch.setattr(BatchScorer, "__call__", counting)
    scored = score_table(model(), folder, tmp_path / "scores", **OPTIONS)
    assert sum(sizes) == 90
    assert 1 <= max(sizes) < 10
    for path in scored.files:
        assert pq.read_table(path).equals(pq.read_table(expected / path.relative_to(tmp_path / "scores")))
    distinct = np.arange(350.0).reshape(7, 50).tolist()  # a dictionary would make equal values small
    pq.write_table(with_rows([*distinct, None]), tmp_path / "x.parquet")
    with pytest.raises(
        InvalidSequenceError, match=r"x\.parquet, row group 0, row 7: Every row must hold a sequence"
    ):
        score_table(model(), tmp_path / "x.parquet", tmp_path / "other", column="values", n_jobs=1)


def test_bad_rows_may_be_null(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(with_rows([[1.0], None, [3.0], [], [np.nan], [6.0, None]]), path, row_group_size=2)
    options: dict[str, Any] = {"column": "values", "errors": "null", "rows_per_file": 4, "n_jobs": 1}
    message = r"4 of 6 rows could not be scored; their predictions are null\."
    for n_reused in (0, 2):
        with pytest.warns(SeqclfWarning, match=message) as warned:
            scored = score_table(model(), path, tmp_path / "scores", **options)
        assert [one.filename for one in warned] == [__file__]
        assert (scored.n_rows, scored.n_null, scored.n_reused) == (6, 4, n_reused)
    found = pa.concat_tables([pq.read_table(path) for path in scored.files])
    labels = model().predict([[1.0], [3.0]]).tolist()
    assert found["prediction"].to_pylist() == [labels[0], None, labels[1], None, None, None]
    assert found["probability_N"].null_count == 4


def test_files_that_are_added_are_scored(folder: Path, tmp_path: Path) -> None:
    source = tmp_path / "source"
    write_folder(source)
    score_table(model(), source, tmp_path / "scores", **OPTIONS)
    pq.write_table(beats(5), source / "0.parquet")
    scored = score_table(model(), source, tmp_path / "scores", **OPTIONS)
    assert (len(scored.files), scored.n_reused, scored.n_rows) == (6, 5, 95)


def edit(path: Path) -> None:
    pq.write_table(beats(50, seed=2), path / "a.parquet", row_group_size=10)


OTHERS: dict[str, tuple[dict[str, Any], str]] = {
    "model": ({"model": model(1)}, "a.00000.parquet, of another model. Choose another folder, or delete"),
    "id": ({"id": "beat"}, "of other parameters (id: ['patient', 'beat'], now ['beat'])."),
    "errors": ({"errors": "null"}, "of other parameters (errors: 'raise', now 'null')."),
    "rows_per_file": (
        {"rows_per_file": 30},
        "of other parameters (rows_per_file: 20, now 30). Choose another folder, or delete",
    ),
    "content": ({"change": edit}, "a.00000.parquet, of another source (size: "),
    "time": (
        {"change": lambda path: os.utime(path / "a.parquet", ns=(0, 0))},
        "now 0). Choose another folder, or delete {scores}/a.00000.parquet to score its rows again.",
    ),
    "file removed": (
        {"change": lambda path: (path / "a.parquet").unlink()},
        "got {scores}/a.00000.parquet, which is not among them.",
    ),
    "foreign": (
        {"change": lambda path: pq.write_table(beats(2), path.parent / "scores" / "a.00000.parquet")},
        "`destination` must hold results of `score_table` only; got {scores}/a.00000.parquet, which is something else or damaged.",
    ),
    "damaged": (
        {"change": lambda path: (path.parent / "scores" / "a.00000.parquet").write_bytes(b"PAR1")},
        "got {scores}/a.00000.parquet, which is something else or damaged. Choose another folder, or delete {scores} to score",
    ),
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_destination_with_other_results_is_refused(tmp_path: Path, name: str) -> None:
    source, scores = tmp_path / "source", tmp_path / "scores"
    write_folder(source)
    score_table(model(), source, scores, **OPTIONS)
    others, message = dict(OTHERS[name][0]), OTHERS[name][1]
    others.pop("change", lambda path: None)(source)
    before = contents(scores)
    with pytest.raises(ValueError, match=re.escape(message.format(scores=scores))):
        score_table(others.pop("model", model()), source, scores, **{**OPTIONS, **others})
    assert contents(scores) == before


def test_a_source_that_changes_meanwhile_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(with_rows([[1.0]]), path)
    score = BatchScorer.__call__

    def touching(*arguments: Any, **keywords: Any) -> Any:
        os.utime(path, ns=(0, 0))
        return score(*arguments, **keywords)

    monkeypatch.setattr(BatchScorer, "__call__", touching)
    with pytest.raises(
        RuntimeError, match=re.escape(f"{path} must not change while it is scored; its size or")
    ):
        score_table(model(), path, tmp_path / "scores", column="values", n_jobs=1)
    assert contents(tmp_path / "scores") == {}


def test_wrong_sources_are_refused(folder: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    pq.write_table(with_rows([]), tmp_path / "no_rows.parquet")
    (tmp_path / "text.parquet").write_text("beats")
    refused: list[tuple[Any, type[Exception], str]] = [
        (tmp_path / "x.parquet", FileNotFoundError, f"`source` must exist; got {tmp_path / 'x.parquet'}."),
        (tmp_path / "*.csv", FileNotFoundError, "`source` must name at least one Parquet file; got "),
        (empty, FileNotFoundError, "where there is none. Folders are searched for `*.parquet`."),
        ([], FileNotFoundError, "`source` must name at least one Parquet file; got []"),
        (3, TypeError, "`source` must be a path, a folder, a pattern or a list of these; got int."),
        ([3], TypeError, "A source must be a path; got 3."),
        ([folder / "a.parquet"] * 2, ValueError, "The files of `source` must have different names"),
        (tmp_path / "text.parquet", ValueError, "text.parquet, which cannot be read: "),
        (
            tmp_path / "no_rows.parquet",
            InvalidSequenceError,
            "The source must have at least one row; got none in 1 file(s).",
        ),
    ]
    for source, kind, message in refused:
        with pytest.raises(kind, match=re.escape(message)):
            score_table(model(), source, tmp_path / "scores", column="values", n_jobs=1)
    with pytest.raises(
        ValueError, match=r"`destination` must not hold files of `source`; got .*a\.parquet in "
    ):
        score_table(model(), folder / "a.parquet", folder, column="values", n_jobs=1)
    with pytest.raises(
        ValueError, match=r"Column 'x' must exist in .*a\.parquet; got the columns \['patient'"
    ):
        score_table(model(), folder, tmp_path / "scores", column="x", n_jobs=1)
    with pytest.raises(ValueError, match="`rows_per_file` must be at least 1; got 0"):
        score_table(model(), folder, tmp_path / "scores", column="values", rows_per_file=0)
    for inside in (folder, folder / "scores"):
        with pytest.raises(
            ValueError, match="`destination` must lie outside of `source`, or its files would be"
        ):
            score_table(model(), folder, inside, column="values", n_jobs=1)
    assert not (tmp_path / "scores").exists()


def test_progress_is_shown_on_request(
    folder: Path,
    expected: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    score_table(model(), folder, tmp_path / "scores", verbose=True, **OPTIONS)
    assert "90.0/90.0" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    with pytest.warns(SeqclfWarning, match="A progress bar needs tqdm; it is not installed"):
        score_table(model(), folder, tmp_path / "again", verbose=True, **OPTIONS)
