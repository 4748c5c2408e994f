"""What stands beside the model in a file: versions, scores and notes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seqclf.persistence._format_1._checks import COUNT, TEXT, Must, invalid, mapping, optional

_NUMBER = Must("a number", lambda value: type(value) in (int, float))


def check_content(content: Mapping[str, Any]) -> None:
    """Raise unless the content has the names of this version, and everything beside the model is what it must be."""
    expected = {"format", "model", "report", "sha256", "versions"}
    if set(content) - {"notes"} != expected:  # only files with notes have that name
        invalid("metadata", f"have the names {sorted(expected)}", f"{sorted(content)!r:.200}")
    mapping(TEXT, TEXT).check(content["versions"], "versions")
    optional(_SCORES).check(content["report"], "report")
    mapping(TEXT, TEXT).check(content.get("notes", {}), "notes")


def _is_report(value: Any) -> bool:
    try:
        per_class = value["per_class"].values()
        scores = [value["accuracy"], value["macro"]["f1"], *(one["f1"] for one in per_class)]
        return all(map(_NUMBER.holds, scores)) and COUNT.holds(value["n_samples"])
    except (KeyError, TypeError, AttributeError):
        return False


_SCORES = Must("the scores of a report", _is_report)
