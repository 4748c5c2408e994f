"""The built documentation in a browser: pages at two widths in light and dark, and what the search finds.

Needs `docs/_build/html` of `make docs`, playwright, and a Chromium of the system.
"""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from docs_site import SITE, chromium, pages, served

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = [
    pytest.mark.skipif(chromium() is None, reason="there is no Chromium on this machine"),
    pytest.mark.skipif(not (SITE / "index.html").exists(), reason="`make docs` has not built the site"),
]

SCRIPT = (Path(__file__).parent / "check_page.js").read_text(encoding="utf-8")
WIDTHS = (1400, 390)
FOUND = {
    "kaggle": "from_your_notebook",
    "notebook": "from_your_notebook",
    "save": "howto/save_and_load",
    "load": "howto/save_and_load",
    "onnx": "howto/export_onnx",
    "export": "howto/export_onnx",
    "deploy": "howto/service",
    "latency": "howto/service",
    "streaming": "howto/streaming",
    "cuda": "cpu_or_gpu",
    "gpu": "cpu_or_gpu",
    "slow": "slow",
    "GridSearchCV": "howto/meta_estimators",
    "multivariate": "howto/unequal_lists",
    "missing values": "howto/representations",
    "one row per time step": "howto/long_tables",
    "id column": "howto/long_tables",
    "packing": "howto/packing",
    "padding": "howto/padded_tables",
    "relleno": "es/tutorial",
    "cuaderno": "es/from_your_notebook",
    "resultados": "es/results",
    "faq": "faq",
    "GRUClassifier": "reference/generated/seqclf.estimators.GRUClassifier",
    "imbalanced classes": "howto/imbalance",
    "keras": "coming_from",
    "which model": "which_one",
    "gestures": "gallery/tasks/plot_gestures",
    "accelerometer": "gallery/tasks/plot_gestures",
    "speech": "gallery/data/plot_vowels",
    "appliances": "gallery/data/plot_appliances",
    "smart meter": "gallery/data/plot_appliances",
    "names": "gallery/data/plot_names",
    "text classification": "gallery/data/plot_names",
    "sensor table": "gallery/data/plot_sensor_table",
    "predictive maintenance": "gallery/data/plot_sensor_table",
    "event log": "gallery/data/plot_event_log",
    "process mining": "gallery/data/plot_event_log",
    "threshold": "gallery/tasks/plot_imbalance",
    "alarm": "gallery/tasks/plot_streaming",
    "gaps": "gallery/tasks/plot_missing_values",
    "digits": "gallery/data/plot_digit_strokes",
    "ecg": "gallery/data/plot_beats",
    "pretrained": "model_card",
    "early stopping": "which_one",
    "overfitting": "which_one",
    "pandas": "howto/unequal_lists",
    "feature names": "howto/unequal_lists",
    "column names": "howto/unequal_lists",
    "long format": "gallery/data/plot_sensor_table",
    "scikit-learn": "howto/meta_estimators",
    "groups": "howto/meta_estimators",
    "GroupKFold": "howto/meta_estimators",
    "people": "howto/meta_estimators",
    "StandardScaler": "howto/meta_estimators",
    "imputer": "howto/representations",
    "imputation": "howto/representations",
}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with served(SITE) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield opened
        opened.close()


def problems_of(page: Any, address: str) -> list[str]:
    """Open a page once; return its problems at each width, in light and in dark."""
    found: list[str] = []
    page.goto(address, wait_until="load")
    page.add_style_tag(
        content="*, *::before, *::after { transition: none !important; animation: none !important; }"
    )
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            found += [f"{width} px, {theme}: {problem}" for problem in page.evaluate(SCRIPT)]
    return found


def test_each_page_is_readable_at_each_width_in_light_and_dark(browser: Any, url: str) -> None:
    page = browser.new_page()
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: messages.append(str(error)))
    page.on(
        "response",
        lambda answer: messages.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None,
    )
    found = {}
    for name in pages(SITE):
        messages.clear()
        problems = problems_of(page, url + name) + messages
        if problems:
            found[name] = problems[:6]
    assert not found, "\n".join(f"{name}: {problem}" for name, listed in found.items() for problem in listed)


@pytest.mark.parametrize("query", FOUND)
def test_the_search_finds_the_page_among_its_first_three_hits(browser: Any, url: str, query: str) -> None:
    page = browser.new_page()
    page.goto(f"{url}search.html?q={query}")
    page.wait_for_selector("#search-results ul.search li a", timeout=20_000)
    page.wait_for_function(
        "document.querySelector('#search-results .search-summary')?.innerText.includes('found')"
    )
    links = page.eval_on_selector_all(
        "#search-results ul.search > li > a", "found => found.map(a => [a.href, a.innerText])"
    )
    page.close()
    hits = [urlsplit(link).path.removeprefix("/").removesuffix(".html") for link, _ in links[:3]]
    assert FOUND[query] in hits, hits
    titles = [title for _, title in links[:3]]
    assert len(titles) == len(set(titles)), titles


class _Links(HTMLParser):
    """Targets and ids of one page."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.targets: set[str] = set()
        self.ids: set[str] = set()
        self.described = False
        self.language = ""
        self.alternates: dict[str, str] = {}
        self.switch: list[dict[str, str | None]] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        self.ids |= {given[name] or "" for name in ("id", "name") if name in given and tag != "meta"}
        for name in ("href", "src"):
            self.targets.add(given.get(name) or "")
        self.described |= tag == "meta" and given.get("name") == "description"
        if tag == "html":
            self.language = given.get("lang") or ""
        if tag == "link" and given.get("rel") == "alternate":
            self.alternates[given.get("hreflang") or ""] = given.get("href") or ""
        if "seqclf-language" in (given.get("class") or "").split():
            self.switch.append(given)


@pytest.fixture(scope="module")
def links() -> dict[str, _Links]:
    return {
        path.relative_to(SITE).as_posix(): _Links(path.read_text(encoding="utf-8"))
        for path in SITE.rglob("*.html")
        if "_static" not in path.parts
    }


def test_no_link_and_no_image_is_broken(links: dict[str, _Links]) -> None:
    broken = []
    for name, page in links.items():
        for target in page.targets:
            parts = urlsplit(target)
            if parts.scheme or target.startswith("//"):
                continue
            path = (SITE / name).parent / unquote(parts.path) if parts.path else SITE / name
            path = path.resolve()
            if not path.exists():
                broken.append(f"{name}: {target}")
            elif parts.fragment and path.suffix == ".html":
                known = links[path.relative_to(SITE.resolve()).as_posix()].ids
                if unquote(parts.fragment) not in known:
                    broken.append(f"{name}: {target}")
    assert broken == []


def test_each_page_has_a_description(links: dict[str, _Links]) -> None:
    generated = {"genindex.html", "search.html"}
    assert [name for name in pages(SITE) if name not in generated and not links[name].described] == []


def in_other_language(name: str) -> str:
    return name.removeprefix("es/") if name.startswith("es/") else f"es/{name}"


def test_each_page_names_its_language_and_leads_to_the_other(links: dict[str, _Links]) -> None:
    assert any(name.startswith("es/") for name in links)
    for name in pages(SITE):
        language, other = ("es", "en") if name.startswith("es/") else ("en", "es")
        page, twin = links[name], in_other_language(name)

        def resolved(target: str | None, name: str = name) -> str:
            path = ((SITE / name).parent / unquote(target or "")).resolve()
            return path.relative_to(SITE.resolve()).as_posix()

        assert page.language == language, name
        expected = twin if twin in links else {"es": "es/index.html", "en": "index.html"}[other]
        assert page.switch, name
        assert {(switch["lang"], resolved(switch["href"])) for switch in page.switch} == {
            (other, expected)
        }, name
        alternates = {code: resolved(target) for code, target in page.alternates.items()}
        assert alternates == ({language: name, other: twin} if twin in links else {}), name


@pytest.mark.parametrize("width", WIDTHS)
def test_the_language_switch_works_with_the_keyboard(browser: Any, url: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(f"{url}results.html", wait_until="load")
    for expected in ("es/results.html", "results.html"):
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.classList.contains('seqclf-language')"):
                break
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert page.url == url + expected
    page.close()


def test_spanish_pages_have_spanish_tooltips() -> None:
    for path in (SITE / "es").glob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert "Enlace a esta sección" in text, path.name
        assert "Link to this" not in text, path.name
