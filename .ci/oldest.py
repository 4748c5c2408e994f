"""Print the lowest version of each package that pyproject.toml supports, as constraints of pip (`make oldest`).

The tools that run the tests have the versions of constraints.txt.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NOT_OF_USERS = {"all", "dev", "docs"}
TOOLS = {
    "build",
    "cmake",
    "execnet",
    "grimp",
    "hypothesis",
    "ninja",
    "pytest",
    "pytest-xdist",
    "scikit_build_core",
}

requirements = list(PROJECT["dependencies"])
for extra, more in PROJECT["optional-dependencies"].items():
    requirements += [] if extra in NOT_OF_USERS else more
for requirement in requirements:
    match = re.fullmatch(r"(?P<name>[\w.-]+)(\[[\w,-]+\])?>=(?P<version>[\w.]+)", requirement)
    if match is None:
        raise SystemExit(f"Each requirement must have the form 'name>=version'; got {requirement!r}.")
    print(f"{match['name']}=={match['version']}")
for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
    if line.partition("==")[0] in TOOLS:
        print(line)
