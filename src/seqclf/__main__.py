"""`python -m seqclf`: what a report about a bug or about speed needs to say about this machine."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
from collections.abc import Iterator
from pathlib import Path

import torch
from joblib import cpu_count

from seqclf._versions import VERSION
from seqclf.datasets import data_folder
from seqclf.kernels import n_threads, status

_OF_DEVELOPERS = ("docs", "dev", "all")  # extras of which a user's report says nothing
_OPTIONAL = ("onnxruntime", "pandas")  # of no extra, but used with files and tables of seqclf
_OF_OPENMP = ("OMP_NUM_THREADS", "OMP_WAIT_POLICY")
_CGROUP = Path("/sys/fs/cgroup")


def describe_machine() -> str:
    """Return versions, engine, processors, threads, devices and the data folder, a line each."""
    rows = [
        ("seqclf", VERSION),
        ("Python", f"{platform.python_version()}, {platform.platform()}, {platform.machine()}"),
        *_packages(),
        ("native engine", _engine()),
        ("processors", f"{cpu_count()} of {os.cpu_count()} usable; CPU quota: {_quota(_CGROUP)}"),
        ("threads", f"torch {torch.get_num_threads()}, native engine {n_threads()}; {_openmp()}"),
        ("devices", ", ".join(_devices())),
        ("data folder", str(data_folder())),
    ]
    width = max(len(name) for name, _ in rows) + 2
    return "\n".join(f"{name:<{width}}{value}" for name, value in rows)


def _packages() -> Iterator[tuple[str, str]]:
    """Yield each package that seqclf or one of its extras needs or works with, with the installed version."""
    required: dict[str, None] = {}
    for line in importlib.metadata.requires("seqclf") or []:
        if not any(f'extra == "{extra}"' in line.replace("'", '"') for extra in _OF_DEVELOPERS):
            required[re.split(r"[^\w.-]", line, maxsplit=1)[0]] = None
    for name in (*required, *_OPTIONAL):
        try:
            yield name, importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            yield name, "not installed"


def _engine() -> str:
    found = status()
    if not found.available:
        return f"not available: {found.reason}"
    return f"available, instruction set {found.instruction_set}, {' and '.join(found.precisions)}"


def _quota(cgroup: Path) -> str:
    """Return the processor time that a container may use, as a number of processors: files of cgroup version 2, then 1."""
    try:
        limit, period = (cgroup / "cpu.max").read_text().split()
    except (OSError, ValueError):
        try:
            limit, period = (
                (cgroup / "cpu" / f"cpu.cfs_{name}_us").read_text().strip() for name in ("quota", "period")
            )
        except OSError:
            return "unknown"
    return "none" if limit in ("max", "-1") else f"{int(limit) / int(period):g} processors"


def _openmp() -> str:
    return ", ".join(f"{name}={os.environ.get(name, '(not set)')}" for name in _OF_OPENMP)


def _devices() -> Iterator[str]:
    yield "cpu"
    for i in range(torch.cuda.device_count()):
        found = torch.cuda.get_device_properties(i)
        yield f"cuda:{i} ({found.name}, {found.total_memory / 2**30:.0f} GiB, CUDA {torch.version.cuda})"
    if torch.backends.mps.is_available():
        yield "mps"


if __name__ == "__main__":
    print(describe_machine())  # noqa: T201
