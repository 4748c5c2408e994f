"""A fit that is killed again and again ends with the weights of an undisturbed one, bitwise."""

from __future__ import annotations

import os
import random
import signal
from pathlib import Path

import pytest

from interrupted.fits import FITS
from interrupted.kills import checkpoint_of, result, start, undisturbed


@pytest.mark.parametrize("name", FITS)
def test_a_killed_fit_ends_as_an_undisturbed_one(name: str, tmp_path: Path) -> None:
    (tmp_path / "whole").mkdir()
    process = start(name, tmp_path / "whole")
    process.join()
    assert process.exitcode == 0
    learned, n_calls = result(tmp_path / "whole")
    assert learned == undisturbed(name, tmp_path)
    rng = random.Random(name)
    n_killed = 0
    # Calls are counted, not seconds: where a process dies does not depend on how busy the machine is.
    for share in (rng.uniform(0.3, 0.6), rng.uniform(0.4, 0.8), None):
        process = start(name, tmp_path, calls=None if share is None else int(share * n_calls))
        process.join()
        n_killed += process.exitcode == -signal.SIGKILL
    assert n_killed
    assert result(tmp_path)[0] == learned


def test_a_fit_killed_while_it_replaces_the_file_keeps_the_checkpoint_before(tmp_path: Path) -> None:
    name = next(iter(FITS))
    process = start(name, tmp_path, at=f"{os.name}.replace")
    process.join()
    assert process.exitcode == -signal.SIGKILL
    before = checkpoint_of(tmp_path).read_bytes()
    assert len(list(tmp_path.glob(".run.ckpt.*.part"))) == 1
    process = start(name, tmp_path, at=f"{os.name}.fsync")
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert (
        checkpoint_of(tmp_path).read_bytes() != before
    )  # the first call of `fsync` belongs to a checkpoint that was completed
    start(name, tmp_path).join()
    assert result(tmp_path)[0] == undisturbed(name, tmp_path)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["result", "run.ckpt"]
