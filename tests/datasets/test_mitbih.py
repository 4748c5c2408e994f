from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from seqclf.datasets import DS1, BeatCut, Heartbeats, cut_beats, load_mitbih, read_wfdb
from seqclf.exceptions import InvalidSequenceError, SeqclfWarning

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
        (range(100, 10**18), r"got records\[10\]=110\."),
        ([100, 101, 100], r"each record once; got 100 at records\[0\] and records\[2\]\. Remove"),
    ],
)
def test_invalid_records_are_refused(tmp_path: Path, records: Sequence[int], message: str) -> None:
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


def test_modified_records_are_read_with_a_warning(
    write_record: WriteRecord, published: dict[str, str]
) -> None:
    write_record(100)
    folder = write_record(101)
    expected = load_mitbih(folder, records=[100, 101])
    for name in list(published):
        published[name] = "0" * 64
    message = r"differ from the MIT-BIH database, version 1\.0\.0: 100\.hea, 100\.dat, 100\.atr.*modified or damaged"
    with pytest.warns(SeqclfWarning, match=message) as caught:
        beats = load_mitbih(folder, records=[100, 101])
    assert beats.sequences == expected.sequences
    assert len(caught) == 1
    assert caught[0].filename == __file__


def outcome_of(folder: Path) -> tuple[str, str]:
    """Load record 100; return `"beats"`, `"warning"` or `"error"`, and what it says."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            load_mitbih(folder, records=[100])
        except (ValueError, FileNotFoundError) as error:  # any other kind of error fails the test
            return "error", str(error)
    assert all(warning.category is SeqclfWarning for warning in caught)
    return "warning" if caught else "beats", "".join(str(warning.message) for warning in caught)


@pytest.mark.parametrize("suffix", [".hea", ".dat", ".atr"])
def test_a_flipped_bit_never_goes_unnoticed(write_record: WriteRecord, suffix: str) -> None:
    folder = write_record(n_samples=1200, peaks=(100, 400, 700, 1000))
    path = folder / f"100{suffix}"
    original = path.read_bytes()
    seen = set()
    for bit in np.random.default_rng(0).permutation(8 * len(original))[:500]:
        content = bytearray(original)
        content[bit // 8] ^= 1 << bit % 8
        path.write_bytes(content)
        kind, text = outcome_of(folder)
        seen.add(kind)
        assert re.search(r"100\.(hea|dat|atr)|record 100", text), text
    assert seen == {"warning", "error"}


def test_damaged_files_end_in_a_warning_or_an_error_that_names_them(write_record: WriteRecord) -> None:
    folder = write_record(n_samples=1200, peaks=(100, 400, 700, 1000))
    rng = np.random.default_rng(1)
    originals = {path: path.read_bytes() for path in sorted(folder.iterdir())}
    for _ in range(300):
        for path, original in originals.items():
            start, stop = np.sort(rng.integers(0, len(original) + 1, 2))
            damaged = original[:start] + rng.bytes(int(rng.integers(0, 40))) + original[stop:]
            path.write_bytes(damaged if rng.uniform() < 0.4 else original)
        kind, text = outcome_of(folder)
        if any(path.read_bytes() != original for path, original in originals.items()):
            assert re.search(r"100\.(hea|dat|atr)|record 100", text), (kind, text)


def test_records_without_a_beat_long_enough_are_refused(write_record: WriteRecord) -> None:
    folder = write_record(n_samples=7200, peaks=tuple(range(0, 300, 10)))
    with pytest.raises(
        InvalidSequenceError, match=r"must contain a beat of at least 26 steps \(0\.2 s\); got none"
    ):
        load_mitbih(folder, records=[100])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"records": 100},
            r"`records` must be a sequence of record numbers; got 100\. For one record, pass `\[100\]`",
        ),
        ({"records": "100"}, r"`records` must be a sequence of record numbers; got '100'"),
        ({"records": [100.7]}, r"`records\[0\]` must be an integer; got 100\.7"),
        ({"records": [100, True]}, r"`records\[1\]` must be an integer; got True"),
        ({"download": "no"}, r"`download` must be True or False; got 'no'"),
        ({"drop_last_beat": 1}, r"`drop_last_beat` must be True or False; got 1"),
        ({"return_X_y": None}, r"`return_X_y` must be True or False; got None"),
    ],
)
def test_options_of_another_type_are_refused(tmp_path: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        load_mitbih(tmp_path, **options)


def test_record_numbers_may_be_numpy_integers(write_record: WriteRecord) -> None:
    beats = load_mitbih(write_record(), records=np.array([100]))  # type: ignore[call-overload]
    assert len(beats) == 19


def test_a_real_record_with_another_beat_is_modified(mitdb: Path, tmp_path: Path) -> None:
    for suffix in (".hea", ".dat", ".atr"):
        (tmp_path / f"100{suffix}").write_bytes((mitdb / f"100{suffix}").read_bytes())
    original = load_mitbih(tmp_path, records=[100])
    content = bytearray((tmp_path / "100.atr").read_bytes())
    content[201] ^= 4 << 2  # from N (1) to V (5)
    (tmp_path / "100.atr").write_bytes(content)
    with pytest.warns(
        SeqclfWarning, match=r"differ from the MIT-BIH database, version 1\.0\.0: 100\.atr\. They"
    ):
        modified = load_mitbih(tmp_path, records=[100])
    assert (original.target != modified.target).sum() == 1


@pytest.mark.parametrize("number", [102, 104])
def test_the_first_lead_is_read_if_the_record_has_no_mlii(write_record: WriteRecord, number: int) -> None:
    folder = write_record(number, leads=("V5", "V2"))
    assert (
        load_mitbih(folder, records=[number]).sequences
        == load_mitbih(folder, records=[number], lead="V5").sequences
    )
    with pytest.raises(
        ValueError, match=rf"got 'V1'\. .*{number}\.hea, which has V5, V2; .*Or restrict `records`"
    ):
        load_mitbih(folder, records=[number], lead="V1")


def test_a_missing_lead_is_refused(write_record: WriteRecord) -> None:
    with pytest.raises(
        ValueError, match=r"`lead` must be available in every record; got 'V5'\. .*which has MLII, V1"
    ):
        load_mitbih(write_record(), records=[100], lead="V5")


@pytest.mark.parametrize("suffix", [".hea", ".dat", ".atr"])
def test_a_missing_or_damaged_file_can_be_downloaded_again(write_record: WriteRecord, suffix: str) -> None:
    path = write_record() / f"100{suffix}"
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(InvalidSequenceError, match=r"Or delete it and load again with `download=True`"):
        load_mitbih(path.parent, records=[100], lead="V1")
    path.unlink()
    with pytest.raises(
        FileNotFoundError, match=rf"100\{suffix} must exist.* Or load with `download=True`, or restrict"
    ):
        load_mitbih(path.parent, records=[100])


@pytest.mark.parametrize("number", [100, 102, 114, 208, 231])
def test_real_records_are_read_as_by_wfdb(mitdb: Path, wfdb: Any, number: int) -> None:
    expected = wfdb.rdrecord(str(mitdb / str(number)))
    annotation = wfdb.rdann(str(mitdb / str(number)), "atr")
    record = read_wfdb(mitdb / str(number), annotator="atr")
    np.testing.assert_array_equal(record.signal, expected.p_signal)
    assert (list(record.channels), list(record.units)) == (expected.sig_name, expected.units)
    assert record.samples is not None
    assert record.symbols is not None
    assert record.notes is not None
    assert record.samples.tolist() == annotation.sample.tolist()
    assert record.symbols.tolist() == annotation.symbol
    assert record.notes.tolist() == [note.rstrip("\0") for note in annotation.aux_note]


def test_a_header_that_names_another_file_is_modified(write_record: WriteRecord) -> None:
    folder = write_record()
    (folder / "own.dat").write_bytes((folder / "100.dat").read_bytes())
    (folder / "100.hea").write_text((folder / "100.hea").read_text().replace("100.dat", "own.dat"))
    with pytest.warns(
        SeqclfWarning, match=r"differ from the MIT-BIH database, version 1\.0\.0: 100\.hea, own\.dat\."
    ):
        load_mitbih(folder, records=[100])


def test_both_leads_of_each_record_can_be_read(write_record: WriteRecord) -> None:
    write_record(100)
    write_record(102, leads=("V5", "V2"))
    folder = write_record(114, leads=("V5", "MLII"))
    cut = BeatCut(window=(-0.2, 0.4), scale=None)
    both = load_mitbih(folder, records=[100, 102, 114], lead=("MLII", "other"), cut=cut)
    assert both.sequences.n_features == 2
    for number, first, second in ((100, "MLII", "V1"), (102, "V5", "V2"), (114, "MLII", "V5")):
        record = read_wfdb(folder / str(number), annotator="atr", channels=[first, second])
        expected = cut_beats(record, cut).sequences
        assert both.sequences[both.record == number] == expected


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lead": ["MLII", "MLII"]}, r"name each lead once; got 'MLII' at lead\[0\] and lead\[1\]\. Remove"),
        ({"lead": []}, r"`lead` must name at least one lead; got none"),
        ({"lead": ["MLII", 1]}, r"`lead` must hold names of leads; got lead\[1\] of type int"),
        ({"lead": 1}, r"`lead` must be a sequence of str; got 1"),
        ({"lead": ["MLII", "V9"]}, r"available in every record; got 'MLII', 'V9'\. .* Or restrict `records`"),
        ({"cut": "median"}, r"`cut` must be a BeatCut or None; got str"),
    ],
)
def test_leads_and_cuts_that_do_not_exist_are_refused(
    write_record: WriteRecord, options: dict[str, Any], message: str
) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        load_mitbih(write_record(), records=[100], **options)
