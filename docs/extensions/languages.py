"""Pages in Spanish, under `es/`: their language and navigation, and links between the languages.

A Spanish page has the path of its English counterpart, after `es/`. Each page links to its counterpart, or else to the landing page
of the other language. On a Spanish page the navigation bar lists the Spanish pages, then the sections that exist in English only.
"""

from __future__ import annotations

import gettext
from pathlib import Path
from typing import Any

import pydata_sphinx_theme
import sphinx
from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

FOLDER = "es/"
LANDING = {"en": "index", "es": "es/index"}
NAMES = {"en": "English", "es": "Español"}


def language_of(page: str) -> str:
    return "es" if page.startswith(FOLDER) else "en"


def counterpart(page: str) -> str:
    """Return the name that a page has in the other language, if it exists there."""
    return page.removeprefix(FOLDER) if page.startswith(FOLDER) else FOLDER + page


def add_languages(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Tell the templates where the other language is; on a Spanish page, put everything into Spanish."""
    language, twin = language_of(page), counterpart(page)
    other = "en" if language == "es" else "es"
    translated = twin in app.env.found_docs
    target = twin if translated else LANDING[other]
    context["other_language"] = {"code": other, "name": NAMES[other], "href": context["pathto"](target)}
    if translated:
        # Search engines need absolute addresses: where the site is published, `-D html_baseurl=...` gives them.
        root = app.config.html_baseurl or context["content_root"]
        context["metatags"] += "".join(
            f'\n<link rel="alternate" hreflang="{language_of(name)}" href="{root}{app.builder.get_target_uri(name)}" />'
            for name in sorted((page, twin))
        )
    if language == "es":
        write_spanish(app.env, page, context)


def write_spanish(env: BuildEnvironment, page: str, context: dict[str, Any]) -> None:
    """Set the language of a page: texts of the theme, navigation bar, logo, and the pages before and after."""
    texts = theme_texts("es")
    pages = contents(env, LANDING["es"])
    english = [
        (name, title) for name, title in contents(env, "index") if counterpart(name) not in env.found_docs
    ]

    def links(listed: list[tuple[str, str]]) -> list[dict[str, Any]]:
        return [
            {"href": context["pathto"](name), "title": title, "current": name == page}
            for name, title in listed
        ]

    # The body is written in the language of the site, and the translations of Sphinx lack this text.
    context["body"] = context["body"].replace('title="Link to this heading"', 'title="Enlace a esta sección"')
    order = [None, LANDING["es"], *(name for name, _ in pages), None]
    place = order.index(page)
    context.update(
        language="es",
        root_doc=LANDING["es"],
        gettext=texts.gettext,
        ngettext=texts.ngettext,
        theme_search_bar_text="Buscar en la documentación...",
        navigation={"spanish": links(pages), "english": links(english)},
        prev=neighbour(env, order[place - 1], context),
        next=neighbour(env, order[place + 1], context),
    )


def contents(env: BuildEnvironment, page: str) -> list[tuple[str, str]]:
    """Return name and title of each page that the table of contents of a page lists."""
    return [
        (name, title or env.titles[name].astext())
        for toctree in env.tocs[page].findall(addnodes.toctree)
        for title, name in toctree["entries"]
    ]


def neighbour(env: BuildEnvironment, page: str | None, context: dict[str, Any]) -> dict[str, str] | None:
    """Return the link to the page before or after."""
    if page is None:
        return None
    return {"link": context["pathto"](page), "title": env.titles[page].astext()}


def theme_texts(language: str) -> gettext.NullTranslations:
    """Return the translations of the theme, then those of Sphinx."""
    theme, own = (
        gettext.translation("sphinx", Path(package.__file__).parent / "locale", [language])
        for package in (pydata_sphinx_theme, sphinx)
    )
    theme.add_fallback(own)
    return theme


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("html-page-context", add_languages, priority=400)  # before the theme, which renders templates
    return {"parallel_read_safe": True, "parallel_write_safe": True}
