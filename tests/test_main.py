"""`python -m seqclf` prints what a report needs, and nothing is loaded for it before."""

from __future__ import annotations

import importlib.metadata
import os
import subprocess
import sys
from pathlib import Path

import pytest

import seqclf.kernels
from seqclf import __main__ as main

EXTRAS = (
    "tqdm",
    "matplotlib",
    "pyarrow",
    "soundfile",
    "optuna",
    "wandb",
    "mlflow-skinny",
    "onnx",
    "onnxruntime",
    "pandas",
)


def rows(**environment: str) -> dict[str, str]:
    """Run `python -m seqclf`; return what it prints, by name."""
    done = subprocess.run(
        [sys.executable, "-m", "seqclf"],
        capture_output=True,
        text=True,
        timeout=600,
        check=True,
        env=os.environ | environment,
    )
    return {line[:15].strip(): line[15:] for line in done.stdout.splitlines()}


def test_a_report_names_versions_engine_threads_devices_and_the_folder(tmp_path: Path) -> None:
    found = rows(OMP_NUM_THREADS="1", SEQCLF_DATA=str(tmp_path), SEQCLF_ISA="portable")
    assert found["seqclf"] == seqclf.__version__
    assert found["Python"].startswith(sys.version.split()[0])
    for package in ("torch", "numpy", "scikit-learn", "safetensors"):
        assert found[package] == importlib.metadata.version(package)
    assert {*EXTRAS} <= {*found}
    assert not {"pytest", "sphinx", "seqclf[all]"} & {*found}
    if seqclf.kernels.status().available:
        assert found["native engine"] == "available, instruction set portable, float32"
    assert found["threads"].startswith("torch 1, native engine 1; OMP_NUM_THREADS=1, OMP_WAIT_POLICY=")
    assert found["devices"].startswith("cpu")
    assert found["data folder"] == str(tmp_path)


def test_a_report_says_why_the_engine_is_not_available(tmp_path: Path) -> None:
    found = rows(SEQCLF_KERNELS=str(tmp_path / "missing.so"))
    assert found["native engine"].startswith("not available: the compiled library could not be loaded: ")


def test_a_package_that_is_not_installed_is_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    needed = ["torch>=2.7", 'surely-missing>=1; extra == "plots"', "sphinx>=8; extra == 'docs'"]
    monkeypatch.setattr(importlib.metadata, "requires", lambda name: needed)
    assert [*main._packages()][:2] == [
        ("torch", importlib.metadata.version("torch")),
        ("surely-missing", "not installed"),
    ]


@pytest.mark.parametrize(
    ("files", "quota"),
    [
        ({"cpu.max": "max 100000\n"}, "none"),
        ({"cpu.max": "150000 100000\n"}, "1.5 processors"),
        ({"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, "none"),
        ({"cpu/cpu.cfs_quota_us": "200000\n", "cpu/cpu.cfs_period_us": "100000\n"}, "2 processors"),
        ({}, "unknown"),
    ],
)
def test_the_quota_of_a_container_is_a_number_of_processors(
    tmp_path: Path, files: dict[str, str], quota: str
) -> None:
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    assert main._quota(tmp_path) == quota
