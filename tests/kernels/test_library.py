"""The library is loaded, or one sentence says why not."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from kernels.cases import needs_kernels
from seqclf.kernels import KernelStatus, _library, recurrence, status
from seqclf.nn import RecurrentEncoder

Load = Callable[[], None]


def refusal(load: Load) -> str:
    """Load, and return why there are no kernels; every public function must give the same reason."""
    load()
    found = status()
    assert not found.available
    assert found.instruction_set is None
    weights = [torch.zeros(3, 1), torch.zeros(3, 1)]
    message = re.escape(f"The compiled kernels must be available; got none: {found.reason}")
    with pytest.raises(RuntimeError, match=message):
        recurrence(torch.zeros(2, 1), torch.tensor([0, 2]), weights, cell="gru")
    assert RecurrentEncoder("gru", 1, 1).engine_ == "packed"
    message = re.escape(
        'engine="native" must find compiled kernels, float32 weights on the CPU, and layers without forward hooks or a `forward` of their own; '
        f'got no kernels ({found.reason}). Use engine="auto" to run torch\'s own layers instead.'
    )
    with pytest.raises(ValueError, match=message):
        RecurrentEncoder("gru", 1, 1, engine="native")
    return found.reason


@needs_kernels
def test_the_status_describes_the_loaded_library() -> None:
    found = status()
    assert found.available
    assert found.reason == ""
    assert found.instruction_set in ("avx512", "avx2", "portable")
    assert found.library is not None
    assert Path(found.library).is_file()
    assert status() is found
    assert RecurrentEncoder("gru", 1, 1).engine_ == "native"


@pytest.mark.skipif(os.environ.get("SEQCLF_REQUIRE_KERNELS", "0") == "0", reason="kernels are not required")
def test_kernels_are_available_where_they_are_required() -> None:
    assert status().available, status()


def test_a_status_is_a_value() -> None:
    one = KernelStatus(available=False, reason="none")
    assert one == KernelStatus(available=False, reason="none", instruction_set=None, library=None)
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.available = True  # type: ignore[misc]


@needs_kernels
def test_an_unknown_instruction_set_is_refused(load_again: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEQCLF_ISA", "mmx")
    assert re.fullmatch(
        r"SEQCLF_ISA must be one of (avx512, avx2, )?portable; got 'mmx'", refusal(load_again)
    )


@needs_kernels
def test_an_unsupported_instruction_set_is_refused(load_again: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEQCLF_ISA", "portable")
    monkeypatch.setattr(_library, "_runs", lambda functions, name: name != "portable")
    assert refusal(load_again) == "SEQCLF_ISA=portable, but this processor does not support portable"


@needs_kernels
def test_the_best_supported_instruction_set_is_used(
    load_again: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SEQCLF_ISA", raising=False)
    monkeypatch.setattr(_library, "_instruction_sets", lambda functions: ["better", "good", "portable"])
    monkeypatch.setattr(_library, "_runs", lambda functions, name: name != "better")
    load_again()
    assert status().instruction_set == "good"


def test_a_missing_file_is_reported(
    load_again: Load, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SEQCLF_KERNELS", str(tmp_path / "none.so"))
    assert refusal(load_again).startswith("the compiled library could not be loaded: ")
    assert "none.so" in status().reason
    assert status().library == str(tmp_path / "none.so")


def test_a_file_that_is_not_a_library_is_reported(
    load_again: Load, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "text.so").write_text("not a library")
    monkeypatch.setenv("SEQCLF_KERNELS", str(tmp_path / "text.so"))
    assert refusal(load_again).startswith("the compiled library could not be loaded: ")


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler")
@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (
            "int seqclf_interface(void) { return -1; }",
            "the compiled library belongs to another version of seqclf; reinstall seqclf",
        ),
        ("int other(void) { return 1; }", "the compiled library could not be loaded: "),
    ],
    ids=["another version", "another library"],
)
def test_a_foreign_library_is_refused(
    load_again: Load, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, source: str, reason: str
) -> None:
    (tmp_path / "other.c").write_text(source)
    library = tmp_path / "other.so"
    subprocess.run(["cc", "-shared", "-fPIC", tmp_path / "other.c", "-o", library], check=True)
    monkeypatch.setenv("SEQCLF_KERNELS", str(library))
    assert refusal(load_again).startswith(reason)


@needs_kernels
def test_an_old_library_is_refused(load_again: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_library, "_INTERFACE", _library._INTERFACE + 1)
    assert (
        refusal(load_again) == "the compiled library belongs to another version of seqclf; reinstall seqclf"
    )


@pytest.mark.parametrize("report", [True, False], ids=["with a report", "without"])
def test_a_failed_build_is_reported(
    load_again: Load, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, report: bool
) -> None:
    reason = "seqclf was installed without compiled kernels; reinstall it with a C++17 compiler and CMake available"
    if report:
        reason = "no working C++ compiler was found when the wheel was built"
        (tmp_path / "_build.json").write_text(
            json.dumps({"built": False, "compiler": None, "reason": reason})
        )
    found: dict[str, object] = {"seqclf.kernels": SimpleNamespace(submodule_search_locations=[str(tmp_path)])}
    monkeypatch.delenv("SEQCLF_KERNELS", raising=False)
    monkeypatch.setattr(_library.importlib.util, "find_spec", found.get)  # type: ignore[attr-defined]
    assert refusal(load_again) == reason
    assert status().library is None


def test_the_library_is_found_in_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SEQCLF_KERNELS", raising=False)
    spec = importlib.util.find_spec("seqclf.kernels._recurrence")
    assert _library._find() == (None if spec is None or spec.origin is None else Path(spec.origin))
