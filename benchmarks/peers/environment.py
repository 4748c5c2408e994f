"""The environment of the peers: created once, and again when the pinned versions change."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

REQUIREMENTS = Path(__file__).with_name("requirements.txt")


def make_environment(folder: Path, requirements: Path = REQUIREMENTS) -> Path:
    """Return the Python of an environment with all peers; creating the default takes two minutes and 2 to 3 GB."""
    python = folder / "bin" / "python"
    installed = folder / "requirements.txt"
    wanted = requirements.read_text()
    if installed.exists() and installed.read_text() == wanted:
        return python
    print(f"Installing the peers into {folder} ...", flush=True)
    started = time.perf_counter()
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    for torch in (line for line in wanted.splitlines() if line.startswith("torch==")):
        subprocess.run([*pip, torch], check=True)
    subprocess.run([*pip, "--requirement", str(requirements)], check=True)
    installed.write_text(wanted)
    size = sum(file.lstat().st_size for file in folder.rglob("*") if file.is_file())
    print(f"... {time.perf_counter() - started:.0f} s, {size / 1e9:.1f} GB", flush=True)
    return python
