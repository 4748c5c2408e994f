"""Prepare and check the files of a release (.github/workflows/release.yml).

python .ci/release.py links            # before a build: make the links of README.md absolute, because PyPI shows it elsewhere
python .ci/release.py files dist       # all files are there, and their README has no relative links
python .ci/release.py version v0.1.0   # the tag is the version in all files, and the changelog gives its date
"""

from __future__ import annotations

import os
import re
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
RELATIVE_LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)\s]+)\)")
DATE = r"\d{4}-\d{2}-\d{2}"
PLATFORMS = ("any", "manylinux_*_x86_64", "manylinux_*_aarch64", "macosx_*_x86_64", "macosx_*_arm64")


def absolute(text: str, address: str) -> str:
    """Return Markdown whose links to files of the repository start with an address."""
    return RELATIVE_LINK.sub(lambda link: f"]({address}/{link[1]})", text)


def links() -> None:
    """Rewrite README.md, with the repository and the commit that GitHub names."""
    server, repository = (
        os.environ.get("GITHUB_SERVER_URL", "https://github.com"),
        os.environ["GITHUB_REPOSITORY"],
    )
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    new = absolute(text, f"{server}/{repository}/blob/{os.environ['GITHUB_SHA']}")
    readme.write_text(new, encoding="utf-8", newline="\n")


def description(path: Path) -> str:
    """Return the metadata of a wheel or an sdist, in which the README stands."""
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            (name,) = (one for one in wheel.namelist() if one.endswith(".dist-info/METADATA"))
            return wheel.read(name).decode()
    with tarfile.open(path) as sdist:
        (member,) = (
            one for one in sdist.getmembers() if one.name.count("/") == 1 and one.name.endswith("/PKG-INFO")
        )
        file = sdist.extractfile(member)
        assert file is not None
        return file.read().decode()


def files(folder: str) -> None:
    """Raise unless a folder holds the files of a release, and nothing else."""
    found = set(Path(folder).iterdir())
    release = version_of_project()
    expected = [
        f"seqclf-{release}.tar.gz",
        *(f"seqclf-{release}-py3-none-{platform}.whl" for platform in PLATFORMS),
    ]
    for pattern in expected:
        matching = {path for path in found if path.match(pattern)}
        if len(matching) != 1:
            raise SystemExit(f"{folder} must hold one file {pattern}; got {len(matching)}.")
        found -= matching
        (path,) = matching
        if relative := RELATIVE_LINK.search(description(path)):
            raise SystemExit(
                f"{path.name}: links of the README must be absolute; got {relative[1]}. Run `release.py links` before the build."
            )
    if found:
        raise SystemExit(f"{folder} must hold nothing else; got {sorted(path.name for path in found)}.")


def version_of_project() -> str:
    """Return the version in pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


def version(tag: str, root: Path = ROOT) -> None:
    """Raise unless a tag is the version that pyproject.toml, CITATION.cff and the newest heading of the changelog name."""
    for name, pattern in (
        ("pyproject.toml", r'^version = "(.+)"$'),
        ("CITATION.cff", r"^version: (.+)$"),
        ("CHANGELOG.md", rf"^## (\S+) - {DATE}$"),
    ):
        named = re.search(pattern, (root / name).read_text(encoding="utf-8"), flags=re.MULTILINE)
        if named is None or f"v{named[1]}" != tag:
            raise SystemExit(
                f"{name} must name the version of the tag {tag}; got {named[1] if named else 'none'}."
            )
    if "\n## Unreleased" in (root / "CHANGELOG.md").read_text(encoding="utf-8"):
        raise SystemExit(
            'CHANGELOG.md must have no heading "Unreleased"; give its changes the version and the date.'
        )


COMMANDS: dict[str, Callable[..., None]] = {"links": links, "files": files, "version": version}

if __name__ == "__main__":
    COMMANDS[sys.argv[1]](*sys.argv[2:])
