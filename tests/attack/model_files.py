"""Model files, damaged and edited: a named error or a model that predicts, and no code runs."""

from __future__ import annotations

import errno
import os
import random
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import torch

import seqclf
from attack.attacks import Attack, OwnError, Wanted
from attack.files import CHANGES, damaged
from attack.guards import MEGABYTE, little_memory, little_time, no_code_runs
from attack.model_bytes import split
from attack.model_mutations import EDITS, NEVER_A_MODEL
from attack.model_samples import NAMES, file_of, samples_of
from seqclf import InvalidModelFileError

N_DAMAGED = 400
N_EDITED = 600
MEGABYTES = 200
PER_BYTE = 60
"""Bytes of memory for each byte of a file: a byte of JSON may become an object."""
SECONDS = 10.0


def model_file_attacks(seed: int) -> Iterator[Attack]:
    """Yield reads of damaged, edited and odd model files."""
    for change in CHANGES:
        for i in range(N_DAMAGED):
            rng, name = random.Random(f"{seed} model {change} {i}"), NAMES[i % len(NAMES)]
            yield Attack(
                "damaged models", f"{name} with {change}, {i}", _damaged(name, change, rng), _right(name)
            )
    for edit in EDITS:
        wanted: Wanted = "refused" if edit in NEVER_A_MODEL else "refused or finite"
        for i in range(N_EDITED):
            rng, name = random.Random(f"{seed} model {edit} {i}"), NAMES[i % len(NAMES)]
            yield Attack("edited models", f"{name} with {edit}, {i}", _edited(name, edit, rng), wanted)
    for odd, make in _PLACES.items():
        yield Attack(
            "odd paths of models", odd, _path(make), _right("gru") if odd.startswith("good") else "refused"
        )


def read(path: Path, name: str) -> Any:
    """Describe and load a file under guard, and predict with the model."""
    _warm()
    size = 512 * path.stat().st_blocks if path.is_file() else 0  # what it takes, not what it says
    with little_memory(MEGABYTES * MEGABYTE + PER_BYTE * size), little_time(SECONDS), no_code_runs():
        try:
            str(seqclf.describe_file(path))
        except InvalidModelFileError:
            described = False
        else:
            described = True
        model = seqclf.load(path)
        if not described:
            raise AssertionError("a file is loaded that cannot be described")
    return model.predict_proba(samples_of(name))


@cache
def _warm() -> None:
    """Import what a good file needs, and what torch and scikit-learn import to show values in messages."""
    repr([torch.zeros(1), seqclf.GRUClassifier()])
    with tempfile.TemporaryDirectory() as folder:
        for name in NAMES:
            path = Path(folder) / "model.safetensors"
            path.write_bytes(file_of(name))
            str(seqclf.describe_file(path))
            seqclf.load(path).predict_proba(samples_of(name))


@cache
def _proba(name: str) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.safetensors"
        path.write_bytes(file_of(name))
        return seqclf.load(path).predict_proba(samples_of(name))


def _right(name: str) -> Callable[[], Any]:
    return lambda: _proba(name)


def _damaged(name: str, change: str, rng: random.Random) -> Callable[[], Callable[[], Any]]:
    return lambda: _call(damaged(file_of(name), change, rng), name)


def _edited(name: str, edit: str, rng: random.Random) -> Callable[[], Callable[[], Any]]:
    return lambda: _call(EDITS[edit](split(file_of(name)), rng), name)


def _call(content: bytes, name: str) -> Callable[[], Any]:
    def call() -> Any:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.safetensors"
            path.write_bytes(content)
            return read(path, name)

    return call


def _path(make: Callable[[Path], Path]) -> Callable[[], Callable[[], Any]]:
    def prepare() -> Callable[[], Any]:
        def call() -> Any:
            with tempfile.TemporaryDirectory() as folder:
                try:
                    return read(make(Path(folder)), "gru")
                except OSError as error:
                    if error.errno in (errno.ENOENT, errno.ELOOP):
                        raise OwnError("the system has no such file") from error
                    raise

        return call

    return prepare


def _good(folder: Path) -> Path:
    path = folder / "good.safetensors"
    path.write_bytes(file_of("gru"))
    return path


def _link(folder: Path, target: Path) -> Path:
    path = folder / "link.safetensors"
    path.symlink_to(target)
    return path


def _pipe(folder: Path) -> Path:
    path = folder / "pipe"
    os.mkfifo(path)
    return path


def _sparse(folder: Path, head: bytes) -> Path:
    """Return a file of a terabyte that takes no space."""
    path = folder / "sparse"
    path.write_bytes(head)
    os.truncate(path, 1 << 40)
    return path


_PLACES: dict[str, Callable[[Path], Path]] = {
    "good file behind a link": lambda folder: _link(folder, _good(folder)),
    "a link to itself": lambda folder: _link(folder, folder / "link.safetensors"),
    "a link to nothing": lambda folder: _link(folder, folder / "nothing"),
    "a folder": lambda folder: folder,
    "no file": lambda folder: folder / "nothing",
    "a pipe without a writer": _pipe,
    "/dev/zero": lambda folder: Path("/dev/zero"),
    "/dev/null": lambda folder: Path("/dev/null"),
    "a terabyte of zeros": lambda folder: _sparse(folder, b""),
    "a good header before a terabyte": lambda folder: _sparse(folder, file_of("gru")),
}
