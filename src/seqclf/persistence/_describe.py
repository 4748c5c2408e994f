"""What a model file holds, from its header alone."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ModelDescription:
    """todo."""


def describe_file(path: str) -> ModelDescription:
    """Todo."""
    raise NotImplementedError
