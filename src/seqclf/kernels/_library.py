"""Find and load the compiled library, or say why it is not available."""

from __future__ import annotations

import ctypes
import importlib.util
import json
import os
from dataclasses import dataclass
from pathlib import Path

_INTERFACE = 5
"""Must equal `seqclf_interface()` of `cpp/interface.cpp`."""

WRONG_OFFSETS = 4
"""Outcome of a call whose offsets do not divide all steps into sequences. The library checks this faster than torch could."""

_PATH = "SEQCLF_KERNELS"
_INSTRUCTION_SET = "SEQCLF_ISA"


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelStatus:
    """Whether the compiled kernels can run here.

    Attributes
    ----------
    available : bool
        Whether they can.
    reason : str
        Why they cannot; empty if they can.
    instruction_set : str or None
        The instruction set in use: "avx512", "avx2" or "portable" (SSE2 on x86-64, NEON on arm64).
    library : str or None
        Path of the library that was found.
    precisions : tuple of str
        Values of `precision` that `recurrence` accepts here.

    Examples
    --------
    >>> from seqclf.kernels import KernelStatus
    >>> KernelStatus(available=False, reason="no C++ compiler was found").available
    False
    """

    available: bool
    reason: str = ""
    instruction_set: str | None = None
    library: str | None = None
    precisions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Library:
    """The loaded library and the instruction set it is called with."""

    functions: ctypes.CDLL
    instruction_set: bytes


def status() -> KernelStatus:
    """Return whether the compiled kernels run here, with which instruction set, or why not.

    Returns
    -------
    KernelStatus
        Determined once per process, when seqclf is imported.

    Notes
    -----
    The environment variable ``SEQCLF_ISA`` ("avx512", "avx2", "portable") selects an instruction set; the default is the best
    one that the processor supports. ``SEQCLF_KERNELS`` is the path of another library to load. Both are read when seqclf is
    imported.

    Examples
    --------
    >>> from seqclf.kernels import status
    >>> found = status()
    >>> found.available or len(found.reason) > 0
    True
    """
    return _found[0]


def library() -> Library:
    """Return the loaded library; raise a RuntimeError that says why if there is none."""
    found, loaded = _found
    if loaded is None:
        raise RuntimeError(f"The compiled kernels must be available; got none: {found.reason}")
    return loaded


def check_outcome(outcome: int) -> None:
    """Raise unless a function of the library reports success."""
    if outcome == 1:
        raise MemoryError("the kernels could not allocate scratch memory; use a smaller batch")
    if outcome == 2:
        raise RuntimeError(
            "the instruction set in use has no products in bfloat16; use precision='float32' (`status().precisions` lists both)"
        )
    if outcome != 0:
        raise RuntimeError(f"the compiled kernels failed with code {outcome}; please report it")


def _load() -> tuple[KernelStatus, Library | None]:
    path = _find()
    if path is None:
        return KernelStatus(available=False, reason=_why_not_built()), None
    try:
        functions = ctypes.CDLL(str(path))
        interface = functions.seqclf_interface()
    except (OSError, AttributeError) as error:
        return _refuse(path, f"the compiled library could not be loaded: {error}"), None
    if interface != _INTERFACE:
        return _refuse(
            path, "the compiled library belongs to another version of seqclf; reinstall seqclf"
        ), None
    functions.seqclf_instruction_set.restype = ctypes.c_char_p
    built = _instruction_sets(functions)
    chosen = os.environ.get(_INSTRUCTION_SET) or next(name for name in built if _runs(functions, name))
    if chosen not in built:
        return _refuse(path, f"{_INSTRUCTION_SET} must be one of {', '.join(built)}; got {chosen!r}"), None
    if not _runs(functions, chosen):
        return _refuse(
            path, f"{_INSTRUCTION_SET}={chosen}, but this processor does not support {chosen}"
        ), None
    precisions = ("float32", "bfloat16") if functions.seqclf_has_bfloat16(chosen.encode()) else ("float32",)
    found = KernelStatus(available=True, instruction_set=chosen, library=str(path), precisions=precisions)
    return found, Library(functions, chosen.encode())


def _find() -> Path | None:
    if forced := os.environ.get(_PATH):
        return Path(forced)
    # Located like a module, which works for normal and editable installs, but never imported as one.
    spec = importlib.util.find_spec("seqclf.kernels._recurrence")
    return Path(spec.origin) if spec is not None and spec.origin is not None else None


def _why_not_built() -> str:
    spec = importlib.util.find_spec("seqclf.kernels")
    for folder in (spec.submodule_search_locations if spec is not None else None) or []:
        report = Path(folder) / "_build.json"
        if report.exists():
            return str(json.loads(report.read_text())["reason"])
    return "seqclf was installed without compiled kernels; reinstall it with a C++17 compiler and CMake available"


def _refuse(path: Path, reason: str) -> KernelStatus:
    return KernelStatus(available=False, reason=reason, library=str(path))


def _instruction_sets(functions: ctypes.CDLL) -> list[str]:
    names: list[str] = []
    while (name := functions.seqclf_instruction_set(len(names))) is not None:
        names.append(name.decode())
    return names


def _runs(functions: ctypes.CDLL, name: str) -> bool:
    return bool(functions.seqclf_runs(name.encode()) == 1)


# Loaded at import, not at the first call: `cpp/threads.cpp` records the process that loads it, and a forked child must
# notice that it is not that process and does not have its threads. torch.compile traces `status` because this is a constant.
_found = _load()
