"""`PerClass`: the scores of each class, found by its name or by its label."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from seqclf.evaluation._labels import Label
from seqclf.evaluation._scores import ClassScores


class PerClass(Mapping[Any, ClassScores]):
    """A read-only dict of the scores of each class, keyed by name; labels are accepted too.

    A key that is both the name of a class and the label of another is read as the name.
    """

    def __init__(self, names: Sequence[str], labels: Sequence[Label], scores: Sequence[ClassScores]) -> None:
        self._scores = dict(zip(names, scores, strict=True))
        self._names = dict(zip(labels, names, strict=True))

    def __getitem__(self, key: Any) -> ClassScores:
        name = key if key in self._scores else self._names.get(key)
        if name is None:
            raise KeyError(
                f"A class must be given by its name, one of {list(self._scores)!r:.200}, or by its label, one of "
                f"{list(self._names)!r:.200}; got {key!r:.60}."
            )
        return self._scores[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._scores)

    def __len__(self) -> int:
        return len(self._scores)

    def __repr__(self) -> str:
        return repr(self._scores)
