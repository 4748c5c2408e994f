"""The files that GitHub and pre-commit read are valid YAML, and call make targets that exist."""

from __future__ import annotations

import operator
import re
from pathlib import Path
from typing import Any

import pytest

import seqclf
import seqclf.datasets
import seqclf.export

yaml = pytest.importorskip("yaml")

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
FILES = [ROOT / ".pre-commit-config.yaml", ROOT / "CITATION.cff", *sorted((ROOT / ".github").rglob("*.yml"))]


def read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content


def commands() -> list[str]:
    """Return every shell command of the workflows."""
    return [
        step["run"]
        for path in WORKFLOWS
        for job in read(path)["jobs"].values()
        for step in job["steps"]
        if "run" in step
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_yaml_file_can_be_read(path: Path) -> None:
    assert isinstance(read(path), dict)


def test_workflows_call_make_targets_that_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([\w-]+):", makefile, flags=re.MULTILINE))
    called = {target for command in commands() for target in re.findall(r"\bmake ([\w-]+)", command)}
    assert {"test", "oldest", "reproduce"} <= called <= targets


def test_what_publishes_is_pinned_and_has_no_other_right() -> None:
    release = read(ROOT / ".github" / "workflows" / "release.yml")
    used = [step["uses"] for job in release["jobs"].values() for step in job["steps"] if "uses" in step]
    assert [use for use in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", use)] == []
    assert release["permissions"] == {"contents": "read"}
    granted = {name: job["permissions"] for name, job in release["jobs"].items() if "permissions" in job}
    assert granted == {"publish": {"id-token": "write"}}
    publish = release["jobs"]["publish"]
    assert publish["environment"]["name"] == "pypi"
    assert publish["needs"] == "check"
    assert "github.ref_type == 'tag'" in publish["if"]
    assert not [step for step in publish["steps"] if "run" in step], (
        "nothing of the repository runs with the right to publish"
    )


def test_what_a_release_installs_is_pinned() -> None:
    installed = [command for command in commands() if "pip install" in command and "Get-Item" not in command]
    names = {name for command in installed for name in command.split("constraints.txt")[1].split()}
    assert {"cibuildwheel", "build", "twine", "check-wheel-contents"} == names
    pinned = re.findall(
        r"^(\S+)==", (ROOT / "constraints.txt").read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    assert names <= {name.replace("_", "-") for name in pinned}


def test_every_make_target_is_phony() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([\w-]+):(?!=)", makefile, flags=re.MULTILINE))
    (phony,) = re.findall(r"^\.PHONY: (.*)$", makefile, flags=re.MULTILINE)
    assert targets == set(phony.split())


def test_dependabot_watches_folders_that_exist() -> None:
    for update in read(ROOT / ".github" / "dependabot.yml")["updates"]:
        for folder in update.get("directories", [update.get("directory")]):
            assert (ROOT / folder.lstrip("/")).is_dir()


def test_the_citation_is_complete_and_of_this_version() -> None:
    citation = read(ROOT / "CITATION.cff")
    assert {"cff-version", "message", "title", "authors", "license", "abstract"} <= {*citation}
    assert all(
        {"name"} == {*author} or {"family-names", "given-names"} <= {*author}
        for author in citation["authors"]
    )
    assert str(citation["version"]) == seqclf.__version__


def test_the_security_policy_agrees_with_the_code() -> None:
    policy = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    named = re.findall(r"`seqclf\.([\w.]+)", policy)
    assert {"load", "save", "describe_file", "datasets", "export.to_onnx"} <= {*named}
    for name in named:
        assert operator.attrgetter(name)(seqclf)
    sources = (ROOT / "src" / "seqclf").rglob("*.py")
    reads_pickles = re.compile(
        r"pickle\.loads?\(|Unpickler|(?<!safetensors\.)torch\.load\(|joblib\.load\(|allow_pickle=True"
    )
    assert [path for path in sources if reads_pickles.search(path.read_text(encoding="utf-8"))] == []
