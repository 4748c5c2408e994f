"""What search engines and the search of the site read: a description of each page, and its keywords.

A page names both in its front matter; a script of the gallery its keywords, in a comment. Without a description, the start of the first
paragraph is one. The search of the site finds a page by each of its keywords first, because they are entries of the index.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

LONGEST = 160


def add_metadata(app: Sphinx, document: nodes.document) -> None:
    """Insert the description and the keywords of a page."""
    metadata = app.env.metadata[app.env.docname]
    script = Path(app.srcdir, "gallery_scripts", app.env.docname.removeprefix("gallery/")).with_suffix(".py")
    if script.exists():
        metadata["keywords"] = keywords_of(script.read_text(encoding="utf-8"))
    described = metadata.get("description") or first_sentences(document)
    if described:
        document.insert(0, nodes.meta(name="description", content=described))
    keywords = [word.strip() for word in metadata.get("keywords", "").split(",") if word.strip()]
    section = next(document.findall(nodes.section), None)
    if keywords and section is not None:
        # No target within the page: with one, the search would list the page a second time, for its text.
        entries: list[Any] = [("single", word, "", "main", None) for word in keywords]
        section.insert(0, addnodes.index(entries=entries))


def keywords_of(script: str) -> str:
    """Return the keywords of a script of the gallery."""
    found = re.search(r'^# sphinx_gallery_keywords = "(.+)"$', script, flags=re.MULTILINE)
    return found[1] if found else ""


def first_sentences(document: nodes.document) -> str:
    """Return the start of the first paragraph: as many sentences as fit a line of a search engine, at least one."""
    found = (
        node for node in document.findall(nodes.paragraph) if not isinstance(node.parent, nodes.Admonition)
    )
    paragraph = next(found, None)
    if paragraph is None:
        return ""
    sentences = re.split(r"(?<=[.:?!])\s+", " ".join(paragraph.astext().split()))
    start = sentences[0]
    for sentence in sentences[1:]:
        if len(start) + len(sentence) >= LONGEST:
            break
        start += " " + sentence
    return start


def pages_with_keywords(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Return the pages to read again: when Sphinx loads the index of an earlier build, it loses the keywords of all other pages."""
    return [name for name, metadata in env.metadata.items() if metadata.get("keywords")]


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("env-get-outdated", pages_with_keywords)
    app.connect("doctree-read", add_metadata, priority=900)  # after Sphinx has collected the front matter
    return {"parallel_read_safe": True}
