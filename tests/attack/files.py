"""Damaged files: records, CSV files, files of the archive and journals with flipped bits and cut ends."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import lzma
import random
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from attack.attacks import Attack
from attack.sweeps import swept
from datasets.archive_files import arff_text, ts_text, tsv_text
from seqclf.datasets import (
    _mitbih,
    load_mitbih,
    read_arff,
    read_heartbeat_csv,
    read_ts,
    read_tsv,
    read_wfdb,
)
from wfdb_files import checksum, pack, pack_annotations

CHANGES = ("a flipped bit", "a cut end", "zeros", "a byte too many", "random bytes", "an empty file")
N_EACH = 40
_ARCHIVE: dict[str, tuple[Callable[..., str], Callable[..., Any]]] = {
    "ts": (ts_text, read_ts),
    "arff": (arff_text, read_arff),
    "tsv": (tsv_text, read_tsv),
}


def file_attacks(seed: int) -> Iterator[Attack]:
    """Yield reads of damaged files."""
    for kind, read in {
        **{f"CSV{suffix}": _read_csv for suffix in ("", ".gz", ".bz2", ".xz")},
        **{f"record.{suffix}": _read_record for suffix in ("hea", "dat", "atr")},
        **dict.fromkeys(_ARCHIVE, _read_archive),
        **{f"WFDB.{suffix}": _read_wfdb for suffix in ("hea", "dat", "atr")},
    }.items():
        for i in range(N_EACH):
            change = CHANGES[i % len(CHANGES)]
            rng = random.Random(f"{seed} {kind} {i}")
            yield Attack(
                "damaged files",
                f"{kind} with {change}, {i}",
                _damaged(kind, change, rng, read),
                _undamaged(kind, read),
            )
    for i in range(N_EACH):
        change = CHANGES[i % len(CHANGES)]
        rng = random.Random(f"{seed} journal {i}")
        yield Attack(
            "damaged files", f"journal with {change}, {i}", _journal(change, rng), "refused or finite"
        )


def damaged(content: bytes, change: str, rng: random.Random) -> bytes:
    """Return the content of a file with one damage."""
    i = rng.randrange(max(1, len(content)))
    if change == "a flipped bit":
        return content[:i] + bytes([content[i] ^ 1 << rng.randrange(8)]) + content[i + 1 :]
    if change == "a cut end":
        return content[:i]
    if change == "zeros":
        return content[:i] + bytes(len(content[i : i + 50])) + content[i + 50 :]
    if change == "a byte too many":
        return content[:i] + bytes([rng.randrange(256)]) + content[i:]
    return rng.randbytes(len(content)) if change == "random bytes" else b""


@cache
def _content(kind: str) -> bytes:
    """Return an undamaged file."""
    if kind.startswith("CSV"):
        rng = np.random.default_rng(0)
        rows = [[*rng.uniform(0.1, 1, n).round(4), *[0] * (187 - n), n % 5] for n in (60, 101, 87, 120, 44)]
        text = "\n".join(",".join(map(str, row)) for row in rows).encode()
        packed: dict[str, Callable[[bytes], bytes]] = {
            "CSV": bytes,
            "CSV.gz": lambda b: gzip.compress(b, mtime=0),
            "CSV.bz2": bz2.compress,
            "CSV.xz": lzma.compress,
        }
        return packed[kind](text)
    if kind in _ARCHIVE:
        rng = np.random.default_rng(0)
        series = [rng.normal(size=(n, 1)).round(4) for n in (60, 101, 87, 120, 44)]
        return _ARCHIVE[kind][0](series, ["walk", "run", "walk", "1", "2"]).encode()
    return _record()[kind.rpartition(".")[2]]


@cache
def _record() -> dict[str, bytes]:
    """Return the files of a small record: beats one second apart, alternately N and V."""
    time, peaks = np.arange(7200), range(360, 7000, 360)
    signal = np.rint(20 * np.sin(time / 90.0)).astype(np.int64)
    for peak in peaks:
        signal += np.rint(300 * np.exp(-(((time - peak) / 8.0) ** 2))).astype(np.int64)
    leads = {"MLII": signal, "V1": signal + 7}
    lines = ["100 2 360 7200"]
    for lead, samples in leads.items():
        lines.append(f"100.dat 212 200 11 1024 {samples[0]} {checksum(samples)} 0 {lead}")
    beats = [(peak, "NV"[i % 2], b"") for i, peak in enumerate(peaks)]
    return {
        "hea": ("\r\n".join([*lines, "# 69 M 1085 1629 x1"]) + "\r\n").encode(),
        "dat": pack(212, np.column_stack([*leads.values()]).ravel()),
        "atr": pack_annotations([(18, "+", b"(N"), *beats]),
    }


def _read_csv(kind: str, content: bytes) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"beats.{kind.lower()}"
        path.write_bytes(content)
        beats = read_heartbeat_csv(path)
    return [beats.sequences.values.numpy(), beats.sequences.offsets.numpy(), beats.target]


def _read_archive(kind: str, content: bytes) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"made.{kind}"
        path.write_bytes(content)
        X, y = _ARCHIVE[kind][1](path)
    return [X.values.numpy(), X.offsets.numpy(), y]


def _files(kind: str, content: bytes) -> dict[str, bytes]:
    """Return the files of the record with one of them changed."""
    return {
        f"100.{suffix}": good for suffix, good in (_record() | {kind.rpartition(".")[2]: content}).items()
    }


def _read_wfdb(kind: str, content: bytes) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        for name, written in _files(kind, content).items():
            (Path(folder) / name).write_bytes(written)
        record = read_wfdb(Path(folder) / "100", annotator="atr")
    return [record.signal, record.samples]


def _read_record(kind: str, content: bytes) -> Any:
    files = {f"100.{suffix}": good for suffix, good in _record().items()}
    published = {name: hashlib.sha256(good).hexdigest() for name, good in files.items()}
    vars(_mitbih)["published_checksums"] = lambda: published
    with tempfile.TemporaryDirectory() as folder:
        for name, written in _files(kind, content).items():
            (Path(folder) / name).write_bytes(written)
        beats = load_mitbih(folder, records=[100])
    return [beats.sequences.values.numpy(), beats.sequences.offsets.numpy(), beats.target]


def _damaged(
    kind: str, change: str, rng: random.Random, read: Callable[[str, bytes], Any]
) -> Callable[[], Callable[[], Any]]:
    def prepare() -> Callable[[], Any]:
        content = damaged(_content(kind), change, rng)
        return lambda: read(kind, content)

    return prepare


def _undamaged(kind: str, read: Callable[[str, bytes], Any]) -> Any:
    # Without a checksum, as in a CSV file, a header and annotations, a changed digit is another number.
    without = {"CSV", "WFDB.hea", "WFDB.atr", *_ARCHIVE}
    return "refused or finite" if kind in without else lambda: read(kind, _content(kind))


@cache
def _journal_content() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.journal"
        swept(path, 2)
        return path.read_bytes()


def _journal(change: str, rng: random.Random) -> Callable[[], Callable[[], Any]]:
    def prepare() -> Callable[[], Any]:
        content = damaged(_journal_content(), change, rng)

        def call() -> Any:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "a.journal"
                path.write_bytes(content)
                result = swept(path, 3)
                return [trial.score for trial in result.trials if trial.score is not None]

        return call

    return prepare
