"""Document every parameter of an estimator on its own page: descriptions come from the class that has them.

`RecurrentClassifier` describes the parameters of its architecture and refers to `SequenceClassifier` for the others; the classifiers
of one cell refer to `RecurrentClassifier`. That suits a reader of the code. On a page of the reference, nobody wants to follow two
links to learn what `max_epochs` means.
"""

from __future__ import annotations

import inspect
import re
from typing import Any

from numpydoc.docscrape import NumpyDocString, Parameter
from sphinx.application import Sphinx

ROOT = "SequenceClassifier"
SHARED = ("Attributes", "Raises")
SEE_ALSO = re.compile(r"^See Also\n-+\n(?:.+\n)+", re.MULTILINE)
NOTE = re.compile(r"^As in `\w+`\. ")
REPLACED = re.compile(r'\s+"auto": \S+ here; see `RecurrentClassifier`\.')
REFERENCES = re.compile(r"Parameters, attributes and methods are those of|^See `SequenceClassifier`")


def documented(cls: type) -> NumpyDocString:
    """Return the docstring of a class with every parameter of its signature, and all attributes and errors."""
    page = NumpyDocString(inspect.cleandoc(cls.__doc__ or ""))
    sources = [
        NumpyDocString(inspect.cleandoc(parent.__doc__ or ""))
        for parent in cls.__mro__
        if parent.__module__.startswith("seqclf.estimators") and "Parameters\n" in (parent.__doc__ or "")
    ]
    parameters = [find(name, sources) for name in inspect.signature(cls).parameters]
    page["Parameters"] = [found for found in parameters if found is not None]
    for section in SHARED:
        page[section] = next((source[section] for source in sources if source[section]), [])
    page["Extended Summary"] = [line for line in page["Extended Summary"] if not REFERENCES.search(line)]
    return page


def find(name: str, sources: list[NumpyDocString]) -> Parameter | None:
    """Return the description of one parameter; a class that only adds to its parent's comes after the parent's text."""
    added: list[str] = []
    for source in sources:
        for parameter in source["Parameters"]:
            names = re.split(r",\s*", parameter.name)
            if name not in names or len(names) > 1:  # several names: a list that refers to the parent
                continue
            own = "\n".join(parameter.desc)
            if NOTE.match(own):
                added = ["", *NOTE.sub("", own).splitlines()]
                continue
            own = REPLACED.sub("", own) if added else own  # the note says what "auto" is
            return Parameter(name, parameter.type, [*own.splitlines(), *added])
    return None


def inherit(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Replace the docstring of an estimator, before numpydoc reads it."""
    if what == "class" and any(parent.__name__ == ROOT for parent in obj.__mro__[1:]):
        page = documented(obj)
        own = inspect.cleandoc(obj.__doc__ or "")
        page["See Also"] = []  # numpydoc cannot read what it writes for this section
        see_also = SEE_ALSO.search(own)
        lines[:] = [*str(page).splitlines(), "", *(see_also[0].splitlines() if see_also else []), ""]


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("autodoc-process-docstring", inherit, priority=100)  # before numpydoc
    return {"parallel_read_safe": True}
