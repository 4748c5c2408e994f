"""The Spanish pages have what the English ones have: code, headings, directives, figures, images, links and typed numbers."""

from __future__ import annotations

import re
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
SPANISH = DOCS / "es"
PAGES = sorted(path.name for path in SPANISH.glob("*.md"))

FIGURES = {
    "comparison": "comparison",
    "results": "figures",
    "speed": "speed",
    "which": "which",
}  # modules and their functions

FRONT_MATTER = re.compile(r"\A---\n.*?^---$", flags=re.MULTILINE | re.DOTALL)
PYTHON = re.compile(r"^```python\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)
COMMENT = re.compile(r"  # (?!doctest:).*$", flags=re.MULTILINE)
COMMAND = re.compile(r"^    (\S.*)$", flags=re.MULTILINE)
HEADING = re.compile(r"^(#+) ", flags=re.MULTILINE)
FIGURE = re.compile(r"\{\{ (es\.)?(\w+) \}\}")
FILE = re.compile(r"\{include\} \S+/(\w+)\.md|:file: \S+/([\w-]+)\.svg")
IMAGE = re.compile(r"^```\{image\} (\S+)$", flags=re.MULTILINE)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)|^:link: (\S+)$", flags=re.MULTILINE)
OPTION = re.compile(r"^:[\w-]+: .*$", flags=re.MULTILINE)
DIRECTIVE = re.compile(r"^[`:]{3,}\{(?!include|raw)([\w-]+)\}", flags=re.MULTILINE)  # others are figures
REFERENCE = re.compile(r"\{\w+\}`([^`]*)`")
INLINE = re.compile(r"(?<!`)`([^`]+)`(?!`)")
NUMBER = re.compile(r"(?<![\w.])\d+(?:[.,\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]?\d+)*")


def read(path: Path) -> str:
    return FRONT_MATTER.sub("", path.read_text(encoding="utf-8"))


def prose(path: Path) -> str:
    """Return a page without its code blocks."""
    return PYTHON.sub("", read(path))


def code(path: Path) -> list[str]:
    return [COMMENT.sub("", block).rstrip() for block in PYTHON.findall(read(path))]


def commands(path: Path) -> list[str]:
    return COMMAND.findall(prose(path))


def headings(path: Path) -> list[int]:
    return [len(marks) for marks in HEADING.findall(prose(path))]


def figures(path: Path) -> list[str]:
    tables = [
        f"table_{table}" if table else drawing.replace("-", "_")
        for table, drawing in FILE.findall(prose(path))
    ]
    return sorted([name for _, name in FIGURE.findall(prose(path))] + tables)


def directives(path: Path) -> list[str]:
    return DIRECTIVE.findall(prose(path))


def images(path: Path) -> list[Path]:
    return [(path.parent / image).resolve() for image in IMAGE.findall(prose(path))]


def links(path: Path) -> list[str]:
    """Return the pages that a page links to; those that are in Spanish by the name of their English counterpart."""
    found = (page or card for page, card in LINK.findall(prose(path)))
    targets = [
        (path.parent / target).resolve().relative_to(DOCS) if ":" not in target else target
        for target in found
    ]
    return sorted(str(target).removeprefix("es/").removesuffix(".md") for target in targets)


def api_names(path: Path) -> list[str]:
    return sorted(REFERENCE.findall(prose(path)))


def inline_code(path: Path) -> list[str]:
    return sorted(INLINE.findall(prose(path)))


def numbers(path: Path) -> list[str]:
    """Return the numbers typed in the text."""
    text = prose(path)
    for other in (FIGURE, IMAGE, LINK, OPTION, INLINE, COMMAND):
        text = other.sub(" ", text)
    return sorted(
        re.sub(r"[,\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]", "", number)
        for number in NUMBER.findall(text)
    )


ALIKE: tuple[Callable[[Path], list[Any]], ...] = (
    *(code, commands, headings, directives, figures, images, links, api_names, inline_code, numbers),
)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("what", ALIKE, ids=lambda what: what.__name__)
def test_a_spanish_page_has_what_its_english_counterpart_has(
    name: str, what: Callable[[Path], list[Any]]
) -> None:
    assert what(SPANISH / name) == what(DOCS / name), (
        f"docs/{name} and docs/es/{name} differ in their {what.__name__.replace('_', ' ')}: change the Spanish page, too."
    )


def test_the_pages_of_newcomers_are_translated() -> None:
    assert {"index.md", "tutorial.md", "from_your_notebook.md", "results.md"} <= set(PAGES)


@pytest.fixture(scope="module")
def module() -> dict[str, Any]:
    """The names of docs/figures/spanish.py."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(DOCS / "figures")
        return runpy.run_path(str(DOCS / "figures" / "spanish.py"))


@pytest.fixture(scope="module")
def english() -> dict[str, str]:
    """The figures of the English pages that the Spanish ones translate."""
    given: dict[str, str] = {}
    for name, function in FIGURES.items():
        given |= runpy.run_path(str(DOCS / "figures" / f"{name}.py"))[function]()
    return given


def test_translated_figures_and_tables_keep_their_numbers_and_cells(
    module: dict[str, Any], english: dict[str, str]
) -> None:
    tables = {f"table_{name}": module["read_table"](name) for name in module["TABLES"]}
    translated = module["spanish"](english)
    used = {name for page in PAGES for prefix, name in FIGURE.findall(read(SPANISH / page)) if prefix}
    assert set(translated) == used
    for name in used - {"data_flow"}:
        text = (english | tables)[name]
        for kept in (r"\d", r"\|", "\n", "<"):
            assert re.findall(kept, translated[name]) == re.findall(kept, text), (name, kept)


@pytest.mark.parametrize("name", PAGES)
def test_a_spanish_page_shows_translated_figures(name: str, english: dict[str, str]) -> None:
    untranslated = {figure for prefix, figure in FIGURE.findall(read(SPANISH / name)) if not prefix}
    assert untranslated.isdisjoint(english)


@pytest.mark.parametrize(
    ("english", "expected"),
    [
        ("accuracy 0.961 and macro F1 0.822", "exactitud de 0.961 y F1 macro de 0.822"),
        ("| model | macro F1 of N, S, V |", "| modelo | F1 macro de N, S, V |"),
        ("| GRU, run 1 (best) |", "| GRU, configuración 1 (mejor) |"),
        ("87,553", "87\N{NARROW NO-BREAK SPACE}553"),
        ("1,234,567", "1\N{NARROW NO-BREAK SPACE}234\N{NARROW NO-BREAK SPACE}567"),
        ("2,048", "2048"),
        ("32%", "32\N{NO-BREAK SPACE}%"),
        ("32 %", "32\N{NO-BREAK SPACE}%"),
        ('<i class="model" style="left: 3%">model</i>', '<i class="model" style="left: 3%">modelo</i>'),
        ('<i title="macro F1: 0.9" />', '<i title="F1 macro: 0.9" />'),
        ("[model.py](https://a.b/model) and", "[model.py](https://a.b/model) y"),
    ],
)
def test_words_and_numbers_are_translated(module: dict[str, Any], english: str, expected: str) -> None:
    assert module["translate"](english) == expected


def test_a_word_without_translation_is_an_error(module: dict[str, Any]) -> None:
    with pytest.raises(
        ValueError, match=r"spanish_words\.py; got flavour, sweetness in 'sweetness, model 3, flavour'"
    ):
        module["translate"]("sweetness, model 3, flavour")
