"""What stands in place of a parameter that a model file does not hold."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True, repr=False)
class Omitted:
    """A parameter, such as a callback, that could not be saved. It concerns training only: predictions do not need it."""

    parameter: str
    what: str

    def __repr__(self) -> str:
        return f"<omitted: {self.what}>"


def check_complete(estimator: Any, *, unused: Collection[str] = ()) -> None:
    """Raise if parameters were omitted from the file that an estimator was loaded from; training must not ignore them."""
    missing = [
        value
        for field in fields(estimator)
        if field.name not in unused and isinstance(value := getattr(estimator, field.name), Omitted)
    ]
    if missing:
        names = ", ".join(f"`{one.parameter}` ({one.what})" for one in missing)
        setting = ", ".join(f"{one.parameter}=..." for one in missing)
        raise ValueError(
            f"Training must have every parameter; got a model from a file that omits {names}. Set what was omitted before `fit`: "
            f"`model.set_params({setting})`."
        )
