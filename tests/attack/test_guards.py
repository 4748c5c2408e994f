"""Guards notice what they forbid."""

from __future__ import annotations

import contextlib
import importlib
import os
import pickle
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from attack.guards import MEGABYTE, little_memory, little_time, no_code_runs
from attack.model_mutations import Exploding


@pytest.mark.parametrize(
    "run",
    [
        lambda folder: eval("1 + 1"),
        lambda folder: compile("1", "x", "eval"),
        lambda folder: importlib.import_module("attack.canary"),
        lambda folder: pickle.loads(pickle.dumps(Exploding())),
        lambda folder: (folder / "new").write_text("x"),
        lambda folder: os.open(folder / "new", os.O_CREAT | os.O_WRONLY),
        lambda folder: (folder / "new").mkdir(),
        lambda folder: subprocess.run(["true"], check=True),
        lambda folder: os.system("true"),
    ],
    ids=["eval", "compile", "import", "pickle", "write", "os.open", "mkdir", "subprocess", "system"],
)
def test_code_and_writes_are_noticed(run: Callable[[Path], Any], tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="code was run"), no_code_runs():
        run(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_code_is_noticed_whatever_catches_the_error() -> None:
    def careless() -> None:
        with contextlib.suppress(BaseException):
            eval("1 + 1")

    with pytest.raises(AssertionError, match="code was run"), no_code_runs():
        careless()


def test_reading_is_allowed(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("x")
    with no_code_runs():
        assert (tmp_path / "x").read_text() == "x"
    eval("1 + 1")  # after the block, too


def by_torch() -> None:
    try:
        torch.zeros(1000 * MEGABYTE)
    except RuntimeError as error:
        raise ValueError("a named error") from error


@pytest.mark.parametrize("ask", [lambda: np.zeros(1000 * MEGABYTE, dtype=np.uint8), by_torch])
def test_much_memory_is_noticed(ask: Callable[[], Any]) -> None:
    with pytest.raises(AssertionError, match="asked for much memory"), little_memory(100 * MEGABYTE):
        ask()
    with little_memory(100 * MEGABYTE):
        np.zeros(10 * MEGABYTE, dtype=np.uint8)


def test_much_time_is_noticed() -> None:
    with pytest.raises(AssertionError, match="s of processor time"), little_time(0.0):
        sum(range(1000))
