"""The gallery: what each script needs to run anywhere, links both ways, and, once the site is built, its place in the index and pictures."""

from __future__ import annotations

import ast
import re
import struct
from html.parser import HTMLParser
from pathlib import Path

import pytest

from docs_site import ROOT, SITE

DOCS = ROOT / "docs"
SCRIPTS = sorted((DOCS / "gallery_scripts").rglob("*.py"))
NAMES = [path.relative_to(DOCS / "gallery_scripts").with_suffix("").as_posix() for path in SCRIPTS]
READERS = re.compile(
    r"open|read_\w+|load|load_mitbih|fetch_\w+|urlopen|urlretrieve|memmap|loadtxt|genfromtxt"
)
ALLOWED = {"matplotlib", "numpy", "pandas", "seqclf", "sklearn", "torch"}

built = pytest.mark.skipif(not (SITE / "gallery").exists(), reason="`make docs` has not built the site")
each = pytest.mark.parametrize(("name", "path"), [*zip(NAMES, SCRIPTS, strict=True)], ids=NAMES)


def test_there_are_at_least_ten_scripts_and_each_has_another_title_and_keywords() -> None:
    titles = [path.read_text(encoding="utf-8").splitlines()[1] for path in SCRIPTS]
    keywords = [
        re.findall(r'^# sphinx_gallery_keywords = "(.+)"$', path.read_text(), re.M) for path in SCRIPTS
    ]
    assert len(SCRIPTS) >= 10
    assert len(set(titles)) == len(titles)
    assert all(len(found) == 1 for found in keywords), keywords


@each
def test_a_script_reads_no_files_and_needs_only_what_the_extras_install(name: str, path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module or "")
        elif isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            assert not READERS.fullmatch(called), called
    assert {module.partition(".")[0] for module in imported} <= ALLOWED


@each
def test_a_script_shows_its_pictures_says_where_its_data_come_from_and_is_short(
    name: str, path: Path
) -> None:
    text = path.read_text(encoding="utf-8")
    code = [
        line for line in text.split('"""', 2)[2].splitlines() if line.strip() and not line.startswith("#")
    ]
    assert "plt.show()" in text
    assert re.search(r"simulated|make_heartbeats|scikit-learn's|NAMES = {", text, re.IGNORECASE)
    assert len(code) <= 75  # a list of names takes 25


@each
def test_a_script_and_a_guide_link_each_other(name: str, path: Path) -> None:
    guides = re.findall(r":doc:`/([\w/]+)`", path.read_text(encoding="utf-8"))
    assert guides
    pages = [(DOCS / f"{guide}.md").read_text(encoding="utf-8") for guide in guides]
    assert any(f"gallery/{name}.rst" in page for page in pages), f"none of {guides} links gallery/{name}.rst"


class _Page(HTMLParser):
    """Links, images and descriptions of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.images: list[Path] = []
        self.description = ""
        self._folder = path.parent
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag == "meta" and given.get("name") == "description":
            self.description = given.get("content") or ""
        if tag == "a":
            self.links.append(given.get("href") or "")
        if tag == "img" and "sphx_glr" in (given.get("src") or ""):
            self.images.append(self._folder / (given["src"] or ""))


def size_of(picture: Path) -> tuple[int, int]:
    """Return width and height of a PNG file."""
    width, height = struct.unpack(">II", picture.read_bytes()[16:24])
    return width, height


@built
@each
def test_a_script_is_listed_in_the_index_with_a_thumbnail_and_has_pictures(name: str, path: Path) -> None:
    index, page = _Page(SITE / "gallery" / "index.html"), _Page(SITE / "gallery" / f"{name}.html")
    assert any(link.startswith(f"{name}.html") for link in index.links)
    introduction = path.read_text(encoding="utf-8").split("\n\n")[1].replace("``", "")
    assert page.description.split()[:5] == introduction.split()[:5]
    (thumbnail,) = (image for image in index.images if image.stem == f"sphx_glr_{path.stem}_thumb")
    assert thumbnail.stat().st_size > 0
    assert page.images
    for image in page.images:
        width, height = size_of(image)
        assert 300 <= width <= 760, image.name  # wider ones are small print on a phone
        assert height >= 100, image.name
    for suffix in (".py", ".ipynb"):
        assert any(link.endswith(path.stem + suffix) for link in page.links)


@built
def test_the_index_lists_nothing_else() -> None:
    index = _Page(SITE / "gallery" / "index.html")
    listed = {link.removesuffix(".html") for link in index.links if re.fullmatch(r"\w+/plot_\w+\.html", link)}
    assert listed == set(NAMES)
