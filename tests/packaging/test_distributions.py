"""Wheels and sdists install and work: with kernels, and without them where there is no compiler."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

SOURCE = Path(__file__).parents[2]
# Settings of the test run must not reach the builds.
OWN = {"PYTHONPATH", "SEQCLF_KERNELS", "SEQCLF_REQUIRE_KERNELS", "CXXFLAGS", "CMAKE_ARGS"}
ENVIRON = {name: value for name, value in os.environ.items() if name not in OWN}

TEN_LINES = """
from pathlib import Path
import numpy as np
import seqclf
from seqclf import GRUClassifier
from seqclf.datasets import load_pretrained, make_heartbeats
X, y = make_heartbeats(40, random_state=0, return_X_y=True)
model = GRUClassifier(hidden_size=4, max_epochs=1, random_state=0).fit(X, y)
assert set(model.predict(X)) <= set(y)
assert np.allclose(model.predict_proba(X).sum(axis=1), 1, atol=1e-5)
assert set(load_pretrained("heartbeats").predict(X)) <= set("NSVFQ")
print(Path(seqclf.__file__).parent)
"""
KERNELS_LOAD = """
import ctypes
from importlib.util import find_spec
from seqclf.kernels import status
ctypes.CDLL(find_spec("seqclf.kernels._recurrence").origin)
assert status().available, status()
"""
KERNELS_ARE_MISSING = """
from importlib.util import find_spec
from seqclf.kernels import status
assert find_spec("seqclf.kernels._recurrence") is None
assert not status().available
print(status().reason)
"""

pytestmark = pytest.mark.skipif(
    shutil.which("c++") is None and shutil.which("g++") is None and shutil.which("clang++") is None,
    reason="needs a C++ compiler",
)


def run(*command: str | Path, cwd: Path, environ: Mapping[str, str] = ENVIRON) -> str:
    """Run a command, which must succeed; return its output."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=3600,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def build(kind: str, out: Path, **environ: str) -> Path:
    """Build a wheel or an sdist of the source tree in a separate build folder; return its path."""
    command = (sys.executable, "-m", "build", f"--{kind}", "--no-isolation", f"-Cbuild-dir={out / 'build'}")
    run(*command, "--outdir", out, SOURCE, cwd=out, environ={**ENVIRON, **environ})
    (built,) = (path for path in out.iterdir() if path.is_file())
    return built


class Environment(NamedTuple):
    """A new environment with one wheel in it, which borrows all other packages from the running one."""

    folder: Path

    @classmethod
    def make(cls, folder: Path, wheel: Path) -> Environment:
        run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder.parent)
        made = cls(folder)
        pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", made.python)
        run(*pip, "install", "--no-deps", "--no-index", wheel, cwd=folder)
        # A path in a .pth file comes last, and .pth files in that path are not read: an editable install stays out.
        borrowed = dict.fromkeys(
            path for path in (*sys.path, sysconfig.get_path("purelib")) if "site-packages" in path
        )
        (made.site / "borrowed.pth").write_text("\n".join(borrowed), encoding="utf-8")
        return made

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def site(self) -> Path:
        return next(self.folder.glob("lib/python*/site-packages"))

    def run(self, code: str) -> str:
        return run(self.python, "-W", "error", "-c", code, cwd=self.folder)


def build_json(wheel: Path) -> dict[str, object]:
    with zipfile.ZipFile(wheel) as archive:
        found: dict[str, object] = json.loads(archive.read("seqclf/kernels/_build.json"))
    return found


def check_that_it_works(wheel: Path, folder: Path) -> None:
    """Install the wheel, run a user's ten lines and load the kernels."""
    assert wheel.name.startswith("seqclf-")
    assert "-py3-none-" in wheel.name
    assert not wheel.name.endswith("-any.whl")
    found = build_json(wheel)
    assert (found["built"], found["reason"]) == (True, "")
    environment = Environment.make(folder, wheel)
    assert (environment.site / "seqclf" / "kernels" / "_recurrence.so").is_file()
    assert environment.run(TEN_LINES + KERNELS_LOAD).strip() == str(environment.site / "seqclf")


def check_for_pypi(path: Path) -> None:
    """Ask the tools that a release asks."""
    run(sys.executable, "-m", "twine", "check", "--strict", path, cwd=SOURCE)
    if path.suffix == ".whl":
        run(sys.executable, "-m", "check_wheel_contents", path, cwd=SOURCE)  # it reads pyproject.toml


def check_that_it_works_without_kernels(wheel: Path, folder: Path, reason: str) -> None:
    """Install the wheel, run a user's ten lines and check the reason for the missing kernels."""
    assert wheel.name.endswith("-py3-none-any.whl")
    check_for_pypi(wheel)
    environment = Environment.make(folder, wheel)
    came_from, why = environment.run(TEN_LINES + KERNELS_ARE_MISSING).splitlines()
    assert came_from == str(environment.site / "seqclf")
    assert reason in why


def test_the_wheel_has_kernels_and_no_sources(tmp_path: Path) -> None:
    wheel = build("wheel", tmp_path)
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"seqclf"}
    assert {Path(name).suffix for name in names if name.startswith("seqclf/kernels/")} <= {
        ".py",
        ".so",
        ".json",
    }
    check_for_pypi(wheel)
    check_that_it_works(wheel, tmp_path / "environment")


def test_the_sdist_holds_what_a_wheel_needs_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "sdist").mkdir()
    sdist = build("sdist", tmp_path / "sdist")
    check_for_pypi(sdist)
    with tarfile.open(sdist) as archive:
        files = [Path(*Path(name).parts[1:]) for name in archive.getnames()]
    assert {file.parts[0] for file in files} == {
        *("src", "tests", "docs", "examples", "benchmarks"),
        *("pyproject.toml", "CMakeLists.txt", "Makefile", "constraints.txt", "PKG-INFO"),
        *("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "CITATION.cff", "SECURITY.md"),
    }
    assert not [file for file in files if {"_build", "generated", "__pycache__"} & set(file.parts)]

    out, objects = tmp_path / "wheel", tmp_path / "build"
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--no-deps", "--no-index")
    run(*pip, "--no-build-isolation", f"-Cbuild-dir={objects}", "--wheel-dir", out, sdist, cwd=tmp_path)
    (wheel,) = out.glob("*.whl")
    check_that_it_works(wheel, tmp_path / "environment")
    check_that_instruction_sets_share_no_function(objects)


def check_that_instruction_sets_share_no_function(objects: Path) -> None:
    """Find no weak symbol: the linker keeps one of several copies, which may be the one compiled for AVX-512."""
    compiled = sorted(objects.rglob("scan*.o"))
    assert compiled
    symbols = [
        run("nm", "--defined-only", "--extern-only", path, cwd=objects).split()[1::3] for path in compiled
    ]
    assert all(kinds for kinds in symbols)
    assert not {kind for kinds in symbols for kind in kinds} & set("WVuwv")


def test_without_a_compiler_the_wheel_works_and_gives_the_reason(tmp_path: Path) -> None:
    nowhere = str(tmp_path / "no-compiler")
    wheel = build("wheel", tmp_path, CC=nowhere, CXX=nowhere)
    reason = "no working C++ compiler was found when the wheel was built"
    assert build_json(wheel) == {"built": False, "compiler": None, "reason": reason}
    check_that_it_works_without_kernels(wheel, tmp_path / "environment", reason)


def test_without_kernels_that_compile_the_wheel_gives_the_reason(tmp_path: Path) -> None:
    wheel = build("wheel", tmp_path, CXXFLAGS="-Dnamespace=broken")
    found = build_json(wheel)
    assert found["built"] is False
    assert found["compiler"]
    assert found["reason"] == f"the C++ compiler ({found['compiler']}) failed when the wheel was built"
    assert wheel.name.endswith("-py3-none-any.whl")


def test_a_release_fails_without_kernels(tmp_path: Path) -> None:
    nowhere = str(tmp_path / "no-compiler")
    with pytest.raises(AssertionError, match=r"no working C\+\+ compiler was found"):
        build("wheel", tmp_path, CC=nowhere, CXX=nowhere, SEQCLF_REQUIRE_KERNELS="1")
