"""What a release checks: versions, files, and a README that PyPI can show."""

from __future__ import annotations

import io
import re
import runpy
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
from readme_renderer import markdown

ROOT = Path(__file__).parents[2]
RELEASE = runpy.run_path(str(ROOT / ".ci" / "release.py"))
ADDRESS = "https://github.com/someone/seqclf/blob/main"


def readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_renders_on_pypi_without_relative_links() -> None:
    html = markdown.render(RELEASE["absolute"](readme(), ADDRESS))
    assert html is not None
    targets = re.findall(r'(?:href|src)="([^"]+)"', html)
    assert len(targets) > 10
    assert [target for target in targets if not target.startswith(("https://", "#"))] == []
    headings = re.findall(r"^#+ (.+)$", readme(), flags=re.MULTILINE)
    assert {*headings} <= {
        re.sub("<[^>]+>", "", one).strip() for one in re.findall(r"<h\d.*?>(.*?)</h\d>", html)
    }
    assert html.count("<pre") >= 3


def test_only_relative_links_change() -> None:
    text = "[a](docs/a.md#b), [c](https://x.org/c), [d](#d), `X[train](y)`\n"
    assert RELEASE["absolute"](text, "https://h") == text.replace(
        "docs/a.md#b", "https://h/docs/a.md#b"
    ).replace("(y)", "(https://h/y)")


def test_relative_links_of_the_readme_exist() -> None:
    found = RELEASE["RELATIVE_LINK"].findall(readme())
    assert found
    assert [link for link in found if not (ROOT / link.partition("#")[0]).exists()] == []


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    """Return a folder with empty files of the right names."""
    release = RELEASE["version_of_project"]()
    for platform in (
        "any",
        "manylinux_2_27_x86_64.manylinux_2_28_x86_64",
        "manylinux_2_28_aarch64",
        "macosx_11_0_x86_64",
        "macosx_11_0_arm64",
    ):
        write_wheel(
            tmp_path / f"seqclf-{release}-py3-none-{platform}.whl", f"[docs]({ADDRESS}/docs/results.md)"
        )
    with tarfile.open(tmp_path / f"seqclf-{release}.tar.gz", "w:gz") as sdist:
        content = b"Name: seqclf\n"
        member = tarfile.TarInfo(f"seqclf-{release}/PKG-INFO")
        member.size = len(content)
        sdist.addfile(member, io.BytesIO(content))
    return tmp_path


def write_wheel(path: Path, text: str) -> None:
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("seqclf-0.dist-info/METADATA", f"Name: seqclf\n\n{text}")


def test_a_complete_release_passes(dist: Path) -> None:
    RELEASE["files"](str(dist))


def test_an_incomplete_release_is_refused(dist: Path) -> None:
    wheel = next(dist.glob("*arm64*"))
    write_wheel(wheel, "[docs](docs/results.md)")
    with pytest.raises(
        SystemExit, match=r"arm64\.whl: links of the README must be absolute; got docs/results\.md\. Run"
    ):
        RELEASE["files"](str(dist))
    wheel.unlink()
    with pytest.raises(SystemExit, match=r"must hold one file seqclf-.*-macosx_\*_arm64\.whl; got 0"):
        RELEASE["files"](str(dist))
    write_wheel(wheel, "")
    (dist / "seqclf-0.0.1.tar.gz").touch()
    with pytest.raises(SystemExit, match=r"must hold nothing else; got \['seqclf-0\.0\.1\.tar\.gz'\]"):
        RELEASE["files"](str(dist))


def test_the_tag_must_be_the_version_of_all_files(tmp_path: Path) -> None:
    files = {
        "pyproject.toml": '[project]\nversion = "1.2.0"\n',
        "CITATION.cff": "cff-version: 1.2.0\nversion: 1.2.0\n",
        "CHANGELOG.md": "# Changelog\n\n## 1.2.0 - 2026-12-01\n\n## 1.1.0 - 2026-11-01\n",
    }

    def check(tag: str = "v1.2.0", **changed: Any) -> None:
        for name, text in files.items():
            (tmp_path / name).write_text(changed.get(name.partition(".")[0], text))
        RELEASE["version"](tag, tmp_path)

    check()
    for name, options in (
        ("pyproject.toml", {"tag": "v1.3.0"}),
        ("CITATION.cff", {"CITATION": "cff-version: 1.2.0\nversion: 1.1.0\n"}),
        ("CHANGELOG.md", {"CHANGELOG": "## 1.2.0\n"}),
        ("CHANGELOG.md", {"CHANGELOG": "## 1.1.0 - 2026-11-01\n\n## 1.2.0 - 2026-12-01\n"}),
    ):
        with pytest.raises(
            SystemExit, match=rf"{name} must name the version of the tag {options.get('tag', 'v1.2.0')}; got"
        ):
            check(**options)
    with pytest.raises(SystemExit, match='must have no heading "Unreleased"'):
        check(CHANGELOG="# Changelog\n\n## Unreleased\n\n## 1.2.0 - 2026-12-01\n")


def test_the_project_names_one_version() -> None:
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {RELEASE['version_of_project']()}\n" in citation
