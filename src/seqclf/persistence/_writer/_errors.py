"""A part of a model that has no name in a file."""

from __future__ import annotations


class CannotBeSavedError(ValueError):
    """Raised where a value cannot be written; a parameter that only training needs is then omitted."""

    def __init__(self, path: str, what: str) -> None:
        super().__init__(path, what)
        self.path, self.what = path, what
