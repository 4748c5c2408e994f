"""Fits in processes that are killed, and started again until they end."""

from __future__ import annotations

import multiprocessing as mp
import os
import pickle
import signal
import sys
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import torch

from interrupted.fits import FITS, result_of


def start(name: str, folder: Path, *, calls: int | None = None, at: str | None = None) -> BaseProcess:
    """Start a fit with a checkpoint in a process, which writes its result to `folder`.

    It kills itself with its function call number `calls`, counted over all functions, or at its second call of the function `at`.
    """
    folders = [str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    os.environ["PYTHONPATH"] = os.pathsep.join(
        dict.fromkeys(folders)
    )  # for the process that others are forked from
    context = mp.get_context("forkserver")
    context.set_forkserver_preload(["interrupted.warm"])
    process = context.Process(target=_run, args=(name, folder, calls, at))
    process.start()
    return process


def undisturbed(name: str, folder: Path) -> dict[str, Any]:
    """Return the result of a fit without a checkpoint."""
    return result_of(FITS[name](folder))


def result(folder: Path) -> tuple[dict[str, Any], int]:
    """Return the result that a process wrote, and the number of function calls that it took."""
    learned: tuple[dict[str, Any], int] = pickle.loads((folder / "result").read_bytes())
    return learned


def checkpoint_of(folder: Path) -> Path:
    """Return the path of the checkpoint."""
    return folder / "run.ckpt"


def _run(name: str, folder: Path, calls: int | None, at: str | None) -> None:
    torch.set_num_threads(1)
    counted = 0
    places = 0

    def count(frame: Any, event: str, argument: Any) -> None:
        nonlocal counted, places
        if event in ("call", "c_call"):
            counted += 1
            places += event == "c_call" and f"{argument.__module__}.{argument.__name__}" == at
            if counted == calls or places == 2:
                os.kill(os.getpid(), signal.SIGKILL)

    fit: Callable[..., Any] = FITS[name]
    sys.setprofile(count)
    model = fit(folder, checkpoint=checkpoint_of(folder), checkpoint_every=3)
    sys.setprofile(None)
    (folder / "result").write_bytes(pickle.dumps((result_of(model), counted)))
