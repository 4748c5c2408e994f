"""The members of an ensemble that names none: different views of the same sequences."""

from __future__ import annotations

from typing import Any

from seqclf.estimators._variants import GRUClassifier


def default_members() -> list[Any]:
    return [GRUClassifier()]
