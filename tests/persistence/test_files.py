"""Files: same bytes, whole or not at all, damage found, strict JSON."""

from __future__ import annotations

import json
import os
import random
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch

import seqclf
from full_disk import run_with_limit
from persistence.model_files import edited, same_predictions
from ramps import ramps, small
from seqclf.exceptions import InvalidModelFileError
from seqclf.sequences import SequenceWriter

DATA = ramps(24)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "model.safetensors"
    seqclf.save(small(max_epochs=1).fit(DATA.arrays, DATA.y), path, training_state=True)
    return path


def test_saving_twice_gives_the_same_bytes_in_another_process_too(path: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    model = seqclf.load(path)
    seqclf.save(model, again, training_state=True)
    assert again.read_bytes() == path.read_bytes()
    code = f"import seqclf; seqclf.save(seqclf.load({str(path)!r}), {str(again)!r}, training_state=True)"
    again.unlink()
    subprocess.run([sys.executable, "-c", code], env=os.environ | {"PYTHONHASHSEED": "1"}, check=True)
    assert again.read_bytes() == path.read_bytes()


def test_other_readers_of_safetensors_see_weights_by_readable_names(path: Path) -> None:
    tensors = safetensors.torch.load_file(path)
    model = seqclf.load(path)
    for name, weight in model.module_.state_dict().items():
        assert torch.equal(tensors[f"model.fitted_.module.{name}"], weight) or name.startswith("pooling")
    assert torch.equal(
        tensors["model.fitted_.contract.scaling.transformer.mean_"],
        model._model.contract.scaling.transformer.mean_,
    )


def test_an_interrupted_write_leaves_the_old_file(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "model"
    target.write_bytes(path.read_bytes())
    model = seqclf.load(path).fit(DATA.arrays, DATA.y)
    code = """
import sys, seqclf
model = seqclf.load(sys.argv[1])
limit(1000)
try:
    seqclf.save(model, sys.argv[2])
except OSError as error:
    limit(None)
    print(error)
"""
    assert "File too large" in run_with_limit(code, path, target)
    assert target.read_bytes() == path.read_bytes()
    assert list(tmp_path.iterdir()) == [target]
    seqclf.save(model, target)
    same_predictions(model, seqclf.load(target), DATA.arrays)


def test_every_flipped_bit_is_found(path: Path) -> None:
    data, damaged = path.read_bytes(), path.with_name("damaged")
    rng = random.Random(0)
    start = 8 + int.from_bytes(data[:8], "little")
    places = [*range(12), *rng.sample(range(12, start), 60), *rng.sample(range(start, len(data)), 60)]
    for place in places:
        changed = bytearray(data)
        changed[place] ^= 1 << rng.randrange(8)
        damaged.write_bytes(changed)
        with pytest.raises(InvalidModelFileError, match=r"damaged: .*(Take the original file|not models)"):
            seqclf.load(damaged)


def test_truncated_and_longer_files_are_found(path: Path) -> None:
    data, damaged = path.read_bytes(), path.with_name("damaged")
    for part, message in (
        (b"", r"must start with the 8 bytes that give the length of its header; got 0 bytes"),
        (data[:7], "got 7 bytes"),
        (
            data[:100],
            r"must hold its header, of at most 100,000,000 bytes; got a header of [0-9,]+ bytes in a file of 100",
        ),
        (data[:-1], r"must end with its last tensor, at [0-9,]+ bytes; got [0-9,]+"),
        (data + b"\0", "must end with its last tensor"),
        (b"\xff" * 9, "got a header of 18,446,744,073,709,551,615 bytes in a file of 9"),
        (b"PK\x03\x04" + bytes(100), r"Is it a file of `seqclf.save`\?"),
    ):
        damaged.write_bytes(part)
        for read in (seqclf.load, seqclf.describe_file):
            with pytest.raises(InvalidModelFileError, match=message):
                read(damaged)


def with_header(path: Path, header: str) -> Path:
    """Write a file with this header and no tensors."""
    data = header.encode("utf-8", "surrogatepass")
    new = path.with_name("header")
    new.write_bytes(struct.pack("<Q", len(data)) + data)
    return new


def with_metadata(path: Path, text: str) -> Path:
    return with_header(path, json.dumps({"__metadata__": {"seqclf": text}}))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[" * 101 + "]" * 101, "strict JSON; got more than 100 levels of nesting"),
        ("[" * 100_000, "strict JSON; got more than 100 levels of nesting"),
        ('{"a": ' * 200 + "1" + "}" * 200, "more than 100 levels of nesting"),
        ('{"a": 1, "a": 2}', "strict JSON; got the name 'a' twice"),
        ('{"a": NaN}', "strict JSON; got the number NaN"),
        ('{"a": -Infinity}', "strict JSON; got the number -Infinity"),
        ('{"a": 1e999}', "strict JSON; got a number beyond float64, 1e999"),
        ('{"a": ' + "9" * 5000 + "}", "strict JSON; got an integer of 5000 digits"),
        ("{", "strict JSON; got Expecting property name"),
        ("[1]", "metadata of a model file must be a JSON object; got list"),
        ('{"a": 1} x', "strict JSON; got Extra data"),
    ],
)
def test_hostile_json_is_refused_in_header_and_metadata(text: str, message: str, path: Path) -> None:
    for file in (with_metadata(path, text), with_header(path, text)):
        if file.read_bytes()[8:].startswith(b"[1]"):
            message = message.replace("metadata", "header")
        for read in (seqclf.load, seqclf.describe_file):
            with pytest.raises(InvalidModelFileError, match=message):
                read(file)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("{}", "must have one metadata entry, 'seqclf'; got 'none'"),
        ('{"__metadata__": {"a": "b"}}', r"must have one metadata entry, 'seqclf'; got \['a'\]"),
        ('{"__metadata__": {"seqclf": 1}}', "must have one metadata entry"),
        ('{"__metadata__": {"seqclf": "{}", "a": "b"}}', r"got \['seqclf', 'a'\]"),
        (
            '{"__metadata__": {"seqclf": "{}"}, "t": 1}',
            "must give dtype, shape and data_offsets of each tensor; got 1 for 't'",
        ),
        (
            '{"__metadata__": {"seqclf": "{}"}, "t": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}',
            "must give dtype, shape and data_offsets",
        ),
        (
            '{"__metadata__": {"seqclf": "{}"}, "t": {"dtype": "F32", "shape": [1e3], "data_offsets": [0, 4]}}',
            "must give dtype, shape and data_offsets",
        ),
        (
            '{"__metadata__": {"seqclf": "{}"}}',
            "`sha256` of a model file must be 64 hexadecimal digits; got None",
        ),
        ('{"__metadata__": {"seqclf": "\\ud800"}}', "strict JSON"),
    ],
)
def test_headers_that_no_model_has(header: str, message: str, path: Path) -> None:
    with pytest.raises(InvalidModelFileError, match=message):
        seqclf.load(with_header(path, header))


def test_a_huge_tensor_that_is_not_there_is_refused(path: Path) -> None:
    huge = {"dtype": "F32", "shape": [2**62], "data_offsets": [0, 0]}
    digest = json.dumps({"format": 1, "sha256": "0" * 64}, separators=(",", ":"))
    file = with_header(path, json.dumps({"__metadata__": {"seqclf": digest}, "t": huge}))
    with pytest.raises(InvalidModelFileError):
        seqclf.load(file)


def test_weights_alone_and_pickles_are_no_models(path: Path, tmp_path: Path) -> None:
    safetensors.torch.save_file({"weight": torch.zeros(2)}, tmp_path / "weights")
    torch.save({"weight": torch.zeros(2)}, tmp_path / "pickle")
    with pytest.raises(InvalidModelFileError, match="Files of weights alone, and pickles, are not models"):
        seqclf.load(tmp_path / "weights")
    with pytest.raises(InvalidModelFileError, match=r"Is it a file of `seqclf.save`\?"):
        seqclf.load(tmp_path / "pickle")
    with SequenceWriter(tmp_path / "sequences") as writer:
        writer.append([[1.0, 2.0]])
    for read in (seqclf.load, seqclf.describe_file):
        with pytest.raises(InvalidModelFileError, match=r"got sequences\. Open them with `seqclf\.sequences"):
            read(tmp_path / "sequences")
    with pytest.raises(InvalidModelFileError, match="must be a regular file; got a folder or a device"):
        seqclf.load("/dev/zero")
    with pytest.raises(InvalidModelFileError, match="must be a regular file"):
        seqclf.load(tmp_path)
    with pytest.raises(FileNotFoundError):
        seqclf.load(tmp_path / "missing")


@pytest.mark.parametrize(
    ("version", "message"),
    [
        (
            2,
            r"must be one of \[1\] for this version of seqclf; got 2. It was written by seqclf 9.9: install that version or a later one",
        ),
        ("1", "`format` of a model file must be the number of its version; got '1'"),
        (True, "`format` of a model file must be the number of its version; got True"),
        (0, "`format` of a model file must be the number of its version; got 0"),
    ],
)
def test_other_formats_are_named(version: Any, message: str, path: Path) -> None:
    def change(content: Any, tensors: Any) -> None:
        content.update(format=version)
        content["versions"]["seqclf"] = "9.9"

    new = edited(path, change)
    for read in (seqclf.load, seqclf.describe_file):
        with pytest.raises(InvalidModelFileError, match=message):
            read(new)
