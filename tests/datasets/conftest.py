"""A small record in the format of the database."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

WriteRecord = Callable[..., Path]


@pytest.fixture
def mitdb() -> Path:
    """Return the folder of the real records; skip without it."""
    folder = os.environ.get("SEQCLF_MITDB")
    if not folder:
        pytest.skip("set SEQCLF_MITDB to the folder of the MIT-BIH records to run this test")
    pytest.importorskip("wfdb", reason="wfdb is not installed")
    return Path(folder)


@pytest.fixture
def write_record(tmp_path: Path) -> WriteRecord:
    """Return a function that writes a record: beats one second apart, alternately N and V, leads MLII and V1."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # wfdb 4.3 uses functions that pandas 3.1 deprecates
        wfdb = pytest.importorskip("wfdb", reason="wfdb is not installed")

    def write(
        number: int = 100,
        *,
        leads: tuple[str, ...] = ("MLII", "V1"),
        peaks: tuple[int, ...] = tuple(range(360, 7000, 360)),
        n_samples: int = 7200,
    ) -> Path:
        time = np.arange(n_samples)
        signal = np.zeros((n_samples, len(leads)), dtype=np.int64)
        for peak in peaks:
            signal += np.rint(300 * np.exp(-(((time - peak) / 8.0) ** 2))).astype(np.int64)[:, None]
        signal += np.rint(20 * np.sin(time / 90.0)).astype(np.int64)[:, None] + 7 * np.arange(len(leads))
        symbols = np.array(["+"] + ["N", "V"] * len(peaks))[: len(peaks) + 1].tolist()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            wfdb.wrsamp(
                str(number),
                fs=360,
                units=["mV"] * len(leads),
                sig_name=list(leads),
                d_signal=signal,
                fmt=["212"] * len(leads),
                adc_gain=[200.0] * len(leads),
                baseline=[0] * len(leads),
                write_dir=str(tmp_path),
            )
            samples = np.array([18, *peaks])
            wfdb.wrann(str(number), "atr", samples, symbol=symbols, write_dir=str(tmp_path))
        return tmp_path

    return write
