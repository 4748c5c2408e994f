"""`open_sequences`: views of a file, and errors for files that are none."""

from __future__ import annotations

import pickle
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from seqclf import GRUClassifier, InvalidSequenceError, as_sequences, save
from seqclf.sequences import SequenceWriter, blocks_of, is_mapped, open_sequences
from seqclf.sequences import _mapping as mapping

DATA = as_sequences([[1.0, 2.0, 3.0], [4.0], [5.0, 6.0]])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with SequenceWriter(tmp_path / "x.safetensors") as writer:
        writer.append(DATA)
    return tmp_path / "x.safetensors"


def test_sequences_on_disk_say_so(path: Path) -> None:
    opened = open_sequences(path)
    assert repr(opened) == "Sequences(3 sequences, 1 feature, lengths 1 to 3, 6 steps, on disk)"
    assert opened == DATA
    assert is_mapped(opened[1:].values), "a slice is a view"
    assert not is_mapped(opened[[0, 2]].values), "a selection is in memory"
    assert opened[[2, 0]] == DATA[[2, 0]]


def test_changes_do_not_reach_the_file(path: Path) -> None:
    opened = open_sequences(path)
    opened.values.zero_()
    assert open_sequences(path) == DATA


def test_a_file_that_is_replaced_keeps_its_content_for_those_who_opened_it(path: Path) -> None:
    opened = open_sequences(path)
    with SequenceWriter(path) as writer:
        writer.append([[0.0]])
    assert opened == DATA
    assert len(open_sequences(path)) == 1


def test_pages_are_released_and_read_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    released: list[int] = []
    release = mapping.MappedFile.release

    def watched(file: mapping.MappedFile) -> None:
        released.append(file.n_read)
        release(file)

    monkeypatch.setattr(mapping.MappedFile, "release", watched)
    opened = open_sequences(path)
    assert opened[[0, 1]] == DATA[[0, 1]]
    assert not released
    monkeypatch.setattr(mapping, "_RESIDENT", 0)
    assert opened[[1, 2]] == DATA[[1, 2]]
    assert len(released) == 1
    assert [block.values.flatten().tolist() for _, block in blocks_of(opened, n_steps=4)] == [
        [1, 2, 3, 4],
        [5, 6],
    ]
    assert len(released) > 1
    assert opened == DATA


def test_the_memory_of_a_dropped_file_is_given_back(path: Path) -> None:
    before = len(mapping._MAPPED)
    opened = open_sequences(path)
    assert len(mapping._MAPPED) == before + 1
    del opened
    assert len(mapping._MAPPED) == before


def test_a_pickle_refers_to_the_file(path: Path) -> None:
    opened = open_sequences(path)
    for sequences, expected in ((opened, DATA), (opened[1:], DATA[1:]), (opened[1:2], DATA[1:2])):
        pickled = pickle.dumps(sequences)
        assert pickle.loads(pickled) == expected
        assert is_mapped(pickle.loads(pickled).values)
    changed = pickle.loads(pickle.dumps(opened.with_static([1, 2, 3])))
    assert changed == DATA.with_static([1, 2, 3])
    assert not is_mapped(changed.values), "what is not in the file is in the pickle"
    pickled = pickle.dumps(opened)
    with SequenceWriter(path) as writer:
        writer.append([[0.0]])
    with pytest.raises(InvalidSequenceError, match="must not change while pickles refer to it"):
        pickle.loads(pickled)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def _text(path: Path) -> None:
    path.write_text("time,value\n0,1\n")


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _other(path: Path) -> None:
    save_file({"values": torch.zeros(2, 1), "offsets": torch.tensor([0, 2])}, str(path))


def _newer(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'\\"format\\": 1', b'\\"format\\": 2'))


def _shuffled(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content.replace(np.array([0, 3, 4, 6]).tobytes(), np.array([0, 4, 3, 6]).tobytes()))


def _model(path: Path) -> None:
    save(GRUClassifier(hidden_size=2, max_epochs=1).fit([[0.1, 0.9], [0.9]] * 4, [0, 1] * 4), path)


WRONG: dict[str, tuple[Callable[[Path], None], str]] = {
    "cut": (_cut, "bytes, as its header says; got "),
    "text": (_text, "must be a file that `SequenceWriter` wrote; got ValueError: no header of safetensors."),
    "empty": (
        _empty,
        "must be a file that `SequenceWriter` wrote; got ValueError: no header of safetensors.",
    ),
    "other": (_other, "must be a file that `SequenceWriter` wrote; got KeyError: '__metadata__'."),
    "model": (_model, "wrote; got ValueError: a model, which `seqclf.load` reads."),
    "newer": (_newer, "got ValueError: format 2, where this version of seqclf reads format 1."),
    "shuffled": (
        _shuffled,
        "does not hold valid sequences. Every sequence must have at least one step; got offsets[1]=4 and offsets[2]=3.",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_other_files_are_refused(path: Path, name: str) -> None:
    spoil, message = WRONG[name]
    spoil(path)
    with pytest.raises(InvalidSequenceError, match=re.escape(message)):
        open_sequences(path)


def test_a_missing_file_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_sequences(tmp_path / "none")


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """A fit reads all values to measure them, and trains on a few batches, in a process of its own."""
    script = Path(__file__).parent / "fit_from_disk.py"
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "x")], capture_output=True, text=True, timeout=3600
    )
    assert done.returncode == 0, done.stderr
    file_size, growth = (int(number) for number in done.stdout.split())
    assert file_size > 600e6
    assert growth < 450e6, "256 MB of the file and a block of 32 MB in several types"
