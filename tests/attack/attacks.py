"""An attack: one call with bad input, and what may come of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Wanted = Literal["refused", "refused or finite"] | Callable[[], Any]
"""What must happen: a named error, a named error or finite numbers, or the numbers that a function returns."""


class OwnError(Exception):
    """Raised by hostile objects: it may reach the caller as it is."""


@dataclass(frozen=True, eq=False)
class Attack:
    """One call with bad input.

    `prepare` builds what the call needs and returns it; where it raises, the attack is impossible, for example because no tensor
    holds text. What the call returns is compared with `wanted`.
    """

    family: str
    name: str
    prepare: Callable[[], Callable[[], Any]]
    wanted: Wanted = "refused"

    @property
    def key(self) -> str:
        return f"{self.family}: {self.name}"


def at_once(call: Callable[[], Any]) -> Callable[[], Callable[[], Any]]:
    """Return a `prepare` that has nothing to prepare."""
    return lambda: call
