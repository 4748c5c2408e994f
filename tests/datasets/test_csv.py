from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from seqclf.datasets import read_heartbeat_csv
from seqclf.exceptions import InvalidSequenceError


def write(path: Path, rows: list[list[float]], labels: list[float], width: int = 187) -> Path:
    lines = [
        ",".join(f"{value:.18e}" for value in [*row, *[0.0] * (width - len(row)), label])
        for row, label in zip(rows, labels, strict=True)
    ]
    path.write_text("\n".join(lines) + "\n")
    return path


def test_rows_become_beats_without_their_padding(tmp_path: Path) -> None:
    rows = [[1.0, 0.0, 0.25], [0.5, 0.0, 0.0, 1.0], [1.0] * 187, [1.0], [0.75, 1.0]]
    beats = read_heartbeat_csv(write(tmp_path / "beats.csv", rows, [0, 1, 2, 3, 4]))
    assert beats.target.tolist() == ["N", "S", "V", "F", "Q"]
    assert beats.sequences.lengths.tolist() == [3, 4, 187, 1, 2]
    assert beats.sequences[0].flatten().tolist() == [1.0, 0.0, 0.25]
    assert beats.sequences[1].flatten().tolist() == [0.5, 0.0, 0.0, 1.0]
    assert beats.record is None


def test_return_x_y_gives_sequences_and_classes(tmp_path: Path) -> None:
    X, y = read_heartbeat_csv(str(write(tmp_path / "beats.csv", [[1.0], [0.5]], [4, 2])), return_X_y=True)
    assert X.lengths.tolist() == [1, 1]
    assert y.tolist() == ["Q", "V"]


def test_a_compressed_file_is_read(tmp_path: Path) -> None:
    plain = write(tmp_path / "beats.csv", [[1.0, 0.5]], [0])
    (tmp_path / "beats.csv.gz").write_bytes(gzip.compress(plain.read_bytes()))
    assert read_heartbeat_csv(tmp_path / "beats.csv.gz").sequences.lengths.tolist() == [2]


def test_a_missing_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(
        FileNotFoundError, match=r"must be an existing CSV file .*no\.csv\. Download the 'ECG"
    ):
        read_heartbeat_csv(tmp_path / "no.csv")


def test_an_empty_file_is_reported(tmp_path: Path) -> None:
    (tmp_path / "beats.csv").write_text("\n")
    with pytest.raises(
        InvalidSequenceError, match=r"beats\.csv must contain one row for each beat; it is empty"
    ):
        read_heartbeat_csv(tmp_path / "beats.csv")


def test_a_row_of_the_wrong_width_is_reported(tmp_path: Path) -> None:
    path = write(tmp_path / "beats.csv", [[1.0], [0.5]], [4, 2])
    with path.open("a") as file:
        file.write("0.5,0.25\n")
    with pytest.raises(
        InvalidSequenceError, match=r"must have 188 columns.*got 2 in row 2\. Is the file complete"
    ):
        read_heartbeat_csv(path)


def test_a_table_of_the_wrong_width_is_reported(tmp_path: Path) -> None:
    with pytest.raises(InvalidSequenceError, match=r"must have 188 columns.*got 187 in row 0"):
        read_heartbeat_csv(write(tmp_path / "beats.csv", [[1.0]], [4], width=186))


def test_a_header_is_reported(tmp_path: Path) -> None:
    path = write(tmp_path / "beats.csv", [[1.0]], [4])
    path.write_text(",".join(f"c{i}" for i in range(188)) + "\n" + path.read_text())
    with pytest.raises(
        InvalidSequenceError, match=r"must be a number; got 'c0' in row 0, column 0\. The published"
    ):
        read_heartbeat_csv(path)


@pytest.mark.parametrize("label", [5, -1, 0.5, float("nan")])
def test_a_label_that_is_not_a_class_is_reported(tmp_path: Path, label: float) -> None:
    path = write(tmp_path / "beats.csv", [[1.0], [1.0]], [0, label])
    with pytest.raises(
        InvalidSequenceError, match=rf"must be a label 0, 1, 2, 3 or 4; got {label:g} in row 1"
    ):
        read_heartbeat_csv(path)


def test_a_sample_that_is_not_finite_is_reported(tmp_path: Path) -> None:
    path = write(tmp_path / "beats.csv", [[1.0], [1.0, float("nan"), 0.5]], [0, 1])
    with pytest.raises(InvalidSequenceError, match="row 1"):
        read_heartbeat_csv(path)
