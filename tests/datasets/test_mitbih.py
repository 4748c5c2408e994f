from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch

from seqclf.datasets import DS1, Heartbeats, load_mitbih

from .conftest import WriteRecord


def test_beats_are_in_the_order_of_records(write_record: WriteRecord) -> None:
    write_record(100)
    folder = write_record(101, peaks=(300, 660, 1020, 1380, 1740))
    beats = load_mitbih(folder, records=[101, 100])
    assert isinstance(beats, Heartbeats)
    assert beats.record is not None
    assert beats.record.tolist() == [101] * 5 + [100] * 19
    assert beats.record.dtype == np.int64
    assert beats.target[:5].tolist() == ["N", "V", "N", "V", "N"]
    assert beats.sequences.lengths[0] == 150  # 1.2 s
    for beat in beats.sequences[:5]:
        assert float(beat.min()) == 0
        assert float(beat.max()) == 1


def test_return_x_y_gives_sequences_and_classes(write_record: WriteRecord) -> None:
    folder = write_record()
    X, y = load_mitbih(str(folder), records=(100,), return_X_y=True)
    beats = load_mitbih(folder, records=(100,))
    assert beats.sequences == X
    np.testing.assert_array_equal(y, beats.target)


def test_the_last_beat_of_each_record_can_be_left_out(write_record: WriteRecord) -> None:
    write_record(100)
    folder = write_record(101)
    assert len(load_mitbih(folder, records=[100, 101], drop_last_beat=True)) == (
        len(load_mitbih(folder, records=[100, 101])) - 2
    )


def test_without_a_path_the_data_folder_is_read(
    write_record: WriteRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_record()
    monkeypatch.setenv("SEQCLF_DATA", str(folder / "data"))
    (folder / "data").mkdir()
    (folder / "data" / "mitdb").symlink_to(folder)
    assert len(load_mitbih(records=[100])) == 19


def test_a_missing_folder_is_reported(tmp_path: Path) -> None:
    with pytest.raises(
        FileNotFoundError, match=r"must be an existing folder .*nowhere\. Correct `path`, or download"
    ):
        load_mitbih(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("records", "message"),
    [
        ([], r"must contain at least one record; got none\. Pass None"),
        ([100, 110], r"must contain MIT-BIH record numbers; got records\[1\]=110\. The records are 100, 101"),
        ([100, 101, 100], r"each record once; got 100 at records\[0\] and records\[2\]\. Remove"),
    ],
)
def test_invalid_records_are_refused(tmp_path: Path, records: list[int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load_mitbih(tmp_path, records=records)


def test_the_real_records_give_the_documented_beats(mitdb: Path) -> None:
    beats = load_mitbih(mitdb)
    assert Counter(beats.target.tolist()) == {"N": 90621, "S": 2781, "V": 7236, "F": 803, "Q": 8043}
    lengths = beats.sequences.lengths
    assert (int(lengths.min()), int(lengths.max())) == (26, 187)
    assert 116 < float(lengths.double().mean()) < 117
    assert beats.record is not None
    assert len(np.unique(beats.record)) == 48
    values, offsets = beats.sequences.values[:, 0], beats.sequences.offsets
    assert float(values.min()) == 0
    assert float(values.max()) == 1
    # 97 % of real beats contain a true zero before their last step, so zeros cannot mark padding.
    interior_zero = torch.zeros(len(beats), dtype=torch.bool)
    steps = torch.repeat_interleave(torch.arange(len(beats)), lengths)
    is_zero = values == 0
    is_zero[offsets[1:] - 1] = False
    interior_zero[steps[is_zero]] = True
    assert 0.96 < float(interior_zero.double().mean()) < 0.99


def test_without_the_last_beats_the_counts_are_those_of_the_published_files(mitdb: Path) -> None:
    beats = load_mitbih(mitdb, drop_last_beat=True)
    assert Counter(beats.target.tolist()) == {"N": 90589, "S": 2779, "V": 7236, "F": 803, "Q": 8039}


def test_records_of_the_inter_patient_split_can_be_loaded(mitdb: Path) -> None:
    beats = load_mitbih(mitdb, records=DS1[:2])
    assert beats.record is not None
    assert set(beats.record.tolist()) == set(DS1[:2])
