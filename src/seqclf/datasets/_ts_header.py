"""Header of a `.ts` file -> what it says about the series."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from seqclf.datasets._archive_lines import Line
from seqclf.exceptions import InvalidSequenceError

_FLAG: Final = ("(?i:true|false)", "must be followed by `true` or `false`")
_COUNT: Final = ("0*[1-9][0-9]{0,8}", "must be followed by an integer from 1 to 999,999,999")
# Pattern of the value, and what a value must be.
_DIRECTIVES: Final = {
    "@problemname": (".*", ""),
    "@timestamps": _FLAG,
    "@missing": _FLAG,
    "@univariate": _FLAG,
    "@dimensions": _COUNT,
    "@equallength": _FLAG,
    "@serieslength": _COUNT,
    "@classlabel": (
        "(?i:false|true .+)",
        "must be followed by `true` and all classes, separated by spaces, or by `false`",
    ),
    "@targetlabel": _FLAG,
    "@data": ("", "must stand alone"),
}
_KNOWN: Final = (
    "@problemName, @timeStamps, @missing, @univariate, @dimensions, @equalLength, @seriesLength, @classLabel, "
    "@targetLabel or @data"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TsHeader:
    """What a header says; None where it says nothing."""

    classes: frozenset[str]
    times: bool  # whether each value stands in a pair with its time
    n_dimensions: int | None
    equal_length: bool
    n_steps: int | None  # of each series, if their lengths are equal


def read_ts_header(path: Path, lines: Iterator[Line]) -> TsHeader:
    """Read the lines up to `@data`."""
    values: dict[str, str] = {}
    for line in lines:
        name, value = _directive(line)
        if values.setdefault(name, value) != value:
            raise line.error(
                f"a header must say a thing once; got `{line.text[:60]}` after the value `{values[name][:40]}`. Delete "
                "the wrong line."
            )
        _check_classes(line, name, value)
        if name == "@data":
            return _header(line, values)
    raise InvalidSequenceError(
        f"{path} must contain a line `@data` before its series; got none. Is it a complete .ts file?"
    )


def _directive(line: Line) -> tuple[str, str]:
    """Return the name of a directive in lower case, and its value."""
    given, *rest = line.text.split()
    name, value = given.lower(), " ".join(rest)
    name = {"@dimension": "@dimensions"}.get(name, name)  # aeon's spelling
    if name not in _DIRECTIVES:
        other = " Read .arff files with `read_arff`." if name in ("@relation", "@attribute") else ""
        raise line.error(
            f"a line before `@data` must be a comment, which begins with `#`, or begin with {_KNOWN}; got "
            f"`{line.text[:60]}`. Correct or delete it.{other}"
        )
    pattern, must = _DIRECTIVES[name]
    if not re.fullmatch(pattern, value, re.ASCII | re.DOTALL):
        raise line.error(f"`{given}` {must}; got `{value[:60]}`. Correct the header.")
    return name, value if name == "@classlabel" else value.lower()


def _check_classes(line: Line, name: str, value: str) -> None:
    """Raise if a directive says that the targets are not classes."""
    if name == "@targetlabel" and value == "true":
        raise line.error(
            "the targets must be classes; got numbers, as `@targetLabel true` says. seqclf has no regression: bin the "
            "targets, or use another library."
        )
    if name == "@classlabel" and value.lower() == "false":
        raise line.error(
            "the series must have classes; got `@classLabel false`. Write the class at the end of each line, after a colon, and "
            "`@classLabel true` with all classes into the header."
        )


def _header(line: Line, values: dict[str, str]) -> TsHeader:
    """Return what the directives before the line `@data` say."""
    if "@classlabel" not in values:
        raise line.error(
            "`@classLabel true`, followed by all classes, must come before `@data`; got no such line. Add it."
        )
    n_dimensions = _as_int(values.get("@dimensions"))
    if values.get("@univariate") == "true":
        if n_dimensions not in (None, 1):
            raise line.error(
                f"the header above must not contradict itself; got `@univariate true` and `@dimensions {n_dimensions}`. "
                "Correct one of them."
            )
        n_dimensions = 1
    equal_length = values.get("@equallength") == "true"
    return TsHeader(
        classes=frozenset(values["@classlabel"].split()[1:]),
        times=values.get("@timestamps") == "true",
        n_dimensions=n_dimensions,
        equal_length=equal_length,
        n_steps=_as_int(values.get("@serieslength")) if equal_length else None,
    )


def _as_int(digits: str | None) -> int | None:
    return None if digits is None else int(digits)
