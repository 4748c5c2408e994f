"""Header of an `.arff` file of the archive -> its classes, and how many values a series holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from seqclf.datasets._archive_lines import Line
from seqclf.exceptions import InvalidSequenceError

QUOTED: Final = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
_ATTRIBUTE: Final = re.compile(rf"@attribute\s+(?:{QUOTED}|[^\s{{}}'\"]+)\s*(.+)", re.IGNORECASE)
_CLASS: Final = re.compile(rf"\s*({QUOTED}|[^,'\"{{}}\s]+)\s*(?:,|$)")
_NUMERIC: Final = ("numeric", "real", "integer")
# Kinds of attributes, in the only two orders that the archive uses.
_NEXT: Final = {
    ("start", "numeric"): "numeric",
    ("numeric", "numeric"): "numeric",
    ("numeric", "class"): "complete",
    ("start", "relational"): "relational",
    ("relational", "numeric"): "inner",
    ("inner", "numeric"): "inner",
    ("inner", "end"): "end",
    ("end", "class"): "complete",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ArffHeader:
    """What a header says."""

    classes: frozenset[str]
    n_steps: int  # values of each dimension
    relational: bool  # whether a series is a quoted text with the values of several dimensions


def read_arff_header(path: Path, lines: Iterator[Line]) -> ArffHeader:
    """Read the lines up to `@data`."""
    classes: frozenset[str] = frozenset()
    state, n_steps, relational = "start", 0, False
    for line in lines:
        keyword = line.text.split(maxsplit=1)[0].lower()
        if keyword == "@data":
            _check_complete(path, state)
            return ArffHeader(classes=classes, n_steps=n_steps, relational=relational)
        if keyword == "@relation":
            continue
        kind, classes = _kind(line, keyword)
        if (state, kind) not in _NEXT:
            raise line.error(
                "the attributes must be one numeric attribute for each step, or a relational one that holds these, and "
                f"then the class; got `{line.text[:60]}`, {_NAMES[kind]} after {_PLACES[state]}. Remove other attributes."
            )
        state = _NEXT[state, kind]
        n_steps += kind == "numeric"
        relational |= kind == "relational"
    raise InvalidSequenceError(
        f"{path} must contain a line `@data` before its series; got none. Is it a complete .arff file?"
    )


def unquoted(text: str) -> str:
    """Return a class without its quotes."""
    text = text.strip()
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if re.fullmatch(QUOTED, text) else text


_NAMES: Final = {
    "numeric": "a numeric attribute",
    "class": "a nominal attribute",
    "relational": "a relational attribute",
    "end": "the end of a relational attribute",
}
_PLACES: Final = {
    "start": "the start of the file",
    "numeric": "numeric ones",
    "relational": "the start of a relational one",
    "inner": "numeric ones inside a relational one",
    "end": "the relational one",
    "complete": "the class",
}


def _kind(line: Line, keyword: str) -> tuple[str, frozenset[str]]:
    """Return the kind of attribute that a line declares, and the classes of a nominal one."""
    if keyword == "@end":
        return "end", frozenset()
    if keyword != "@attribute":
        other = " Read .ts files with `read_ts`." if keyword in ("@problemname", "@timestamps") else ""
        raise line.error(
            "a line before `@data` must be @relation, @attribute or @end, or a comment that begins with `%`; got "
            f"`{line.text[:40]}`. Correct or delete it.{other}"
        )
    found = _ATTRIBUTE.fullmatch(line.text)
    declared = found[1].strip() if found else ""
    if declared.lower() in _NUMERIC:
        return "numeric", frozenset()
    if declared.lower() == "relational":
        return "relational", frozenset()
    classes = _classes(declared)
    if not classes:
        raise line.error(
            "an attribute must be numeric, relational or, for the class, nominal, as in `@attribute target {walk,run}`; got "
            f"`{line.text[:60]}`. Correct the line, or remove the attribute."
        )
    return "class", classes


def _classes(declared: str) -> frozenset[str]:
    """Return the classes of `{...}`, or none if it is not well-formed."""
    if not (declared.startswith("{") and declared.endswith("}")):
        return frozenset()
    inside, place = declared[1:-1].strip(), 0
    classes = set()
    while place < len(inside):
        found = _CLASS.match(inside, place)
        if not found:
            return frozenset()
        classes.add(unquoted(found[1]))
        place = found.end()
    return frozenset(classes)


def _check_complete(path: Path, state: str) -> None:
    if state == "numeric":
        raise InvalidSequenceError(
            f"{path} must declare the classes in its last attribute, as in `@attribute target {{walk,run}}`; got a numeric "
            "one. seqclf has no regression: bin the targets and declare them as classes, or use another library."
        )
    if state != "complete":
        raise InvalidSequenceError(
            f"{path} must declare numeric attributes and the class before `@data`; got {_PLACES[state]} only. Is the file "
            "complete?"
        )
