"""A space and a way to draw -> the parameters of one trial."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from seqclf.tuning._distributions import Choice, Distribution, Either, IntRange, LogUniform, Space, Uniform

Draw = Callable[[str, Distribution], Any]
"""Name of a decision and what it may be -> what it is."""


class Decision(NamedTuple):
    """One value to draw."""

    name: str  # unique in the space
    parameter: str | None  # of the estimator; None for the choice among the options of an `Either`
    distribution: Distribution
    needs: tuple[tuple[str, int], ...]  # decisions before this one, and how they must have come out


def draw_parameters(space: Space, draw: Draw, *, prefix: str = "", place: str = "") -> dict[str, Any]:
    """Walk through a space, drawing each value on the way; a branch not taken draws nothing.

    Within an option of an `Either` the names that `draw` is given say so, because each option may give a parameter
    another range.
    """
    parameters: dict[str, Any] = {}
    for key, value in space.items():
        name = f"{prefix}{key}"
        if isinstance(value, Either):
            index = draw(place + name, Choice(range(len(value.options))))
            inner = f"{place}{name}.{index}."
            parameters |= draw_parameters(value.options[index], draw, prefix=prefix, place=inner)
        elif isinstance(value, Uniform | LogUniform | IntRange | Choice):
            parameters[name] = draw(place + name, value)
        elif isinstance(value, Mapping):
            parameters |= draw_parameters(value, draw, prefix=f"{name}__", place=place)
        else:
            parameters[name] = value
    return parameters


def decisions(
    space: Space, *, prefix: str = "", place: str = "", needs: tuple[tuple[str, int], ...] = ()
) -> Iterator[Decision]:
    """Yield every value that could have to be drawn, in the order of the space."""
    for key, value in space.items():
        name = f"{prefix}{key}"
        if isinstance(value, Either):
            label = place + name
            yield Decision(label, None, Choice(range(len(value.options))), needs)
            for index, option in enumerate(value.options):
                inner = f"{label}.{index}."
                yield from decisions(option, prefix=prefix, place=inner, needs=(*needs, (label, index)))
        elif isinstance(value, Uniform | LogUniform | IntRange | Choice):
            yield Decision(place + name, name, value, needs)
        elif isinstance(value, Mapping):
            yield from decisions(value, prefix=f"{name}__", place=place, needs=needs)


def resolve(space: Space, drawn: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that drawn values stand for.

    Parameters
    ----------
    space : mapping
        The space they were drawn from.
    drawn : mapping
        Name of each decision -> its value, or its label: what Optuna keeps of a trial, and a W&B agent hands out.

    Returns
    -------
    dict
        For `set_params`.

    Raises
    ------
    ValueError
        If a decision is missing, or a label is none of its options.

    Examples
    --------
    >>> from seqclf.tuning import Choice, Either, IntRange, resolve
    >>> space = {"depth": Either([{"num_layers": 1}, {"num_layers": IntRange(2, 4)}]), "pooling": Choice(["last", ("mean", "max")])}
    >>> resolve(space, {"depth": 1, "depth.1.num_layers": 3, "pooling": "1: ('mean', 'max')"})
    {'num_layers': 3, 'pooling': ('mean', 'max')}
    """

    def look_up(name: str, distribution: Distribution) -> Any:
        if name not in drawn:
            raise ValueError(
                f"Each decision of the space must be drawn; got no {name!r} among {sorted(drawn)}. Was the space changed?"
            )
        value = drawn[name]
        if not isinstance(distribution, Choice):
            return value
        for label, option in zip(labels_of(distribution), distribution.options, strict=True):
            if type(label) is type(value) and label == value:
                return option
        raise ValueError(
            f"{name!r} must be one of {labels_of(distribution)}; got {value!r}. Was the space changed?"
        )

    return draw_parameters(space, look_up)


_SIMPLE = (type(None), bool, int, float, str)
"""What a file gives back as it was; of a member of an enumeration it would only give the value."""


def labels_of(choice: Choice) -> list[Any]:
    """Return what stands for each option where only numbers and words can: itself, else its place and its look.

    Of two that are equal and not the same, as 1 and True, the later one is told by its place.
    """
    labels: list[Any] = []
    for i, option in enumerate(choice.options):
        simple = type(option) in _SIMPLE
        labels.append(option if simple and option not in labels else f"{i}: {look(option)}")
    return labels


def look(option: Any) -> str:
    """Return what a value looks like, in every process alike: without addresses."""
    name = getattr(option, "__qualname__", None)
    return (
        str(name) if name is not None else re.sub(r" at 0x[0-9a-fA-F]+", "", " ".join(repr(option).split()))
    )
