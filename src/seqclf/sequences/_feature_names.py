"""Names of the features, or static features, of `Sequences`: one string for each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from seqclf.exceptions import InvalidSequenceError


def check_feature_names(
    names: tuple[str, ...] | None, *, n_features: int, what: Literal["feature", "static"] = "feature"
) -> None:
    """Raise unless there is one string for each feature, or none at all."""
    if names is None:
        return
    for i, name in enumerate(names):
        if not isinstance(name, str):
            raise TypeError(f"`{what}_names` must hold strings; got {name!r:.60} at position {i}.")
    if len(names) != n_features:
        kind = "feature(s)" if what == "feature" else "static feature(s)"
        raise InvalidSequenceError(
            f"`{what}_names` must hold one name for each of the {n_features} {kind}; got {len(names)}: {names!r:.200}."
        )


def common_names(names: Iterable[tuple[str, ...] | None], *, cure: str) -> tuple[str, ...] | None:
    """Return the names of all parts, or None if some part has none; raise if they differ, and say how to remove them."""
    found = list(names)
    named = {part: i for i, part in enumerate(found) if part is not None}
    if len(named) > 1:
        (first, i), (other, j), *_ = named.items()
        raise InvalidSequenceError(
            f"All parts must have the same features in the same order; got {list(first)!r:.200} in parts[{i}] and {list(other)!r:.200} in "
            f"parts[{j}]. Select the columns in one order before converting; if only positions count, remove the names: `{cure}`."
        )
    return None if None in found else next(iter(named), None)
