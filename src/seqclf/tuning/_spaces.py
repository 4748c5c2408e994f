"""Traverse a space: draw, list or look up its decisions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from seqclf.tuning._distributions import Choice, Distribution, Either, IntRange, LogUniform, Space, Uniform

Draw = Callable[[str, Distribution], Any]
"""Name and distribution of a decision -> its value."""


def draw_parameters(space: Space, draw: Draw, *, prefix: str = "", path: str = "") -> dict[str, Any]:
    """Return the parameters of one trial; the options of an `Either` that are not chosen draw nothing.

    Inside an option of an `Either`, the name passed to `draw` starts with the path of that option, because two options may
    give one parameter different ranges.
    """
    parameters: dict[str, Any] = {}
    for key, value in space.items():
        name = f"{prefix}{key}"
        if isinstance(value, Either):
            index = draw(path + name, Choice(range(len(value.options))))
            inner = f"{path}{name}.{index}."
            parameters |= draw_parameters(value.options[index], draw, prefix=prefix, path=inner)
        elif isinstance(value, Uniform | LogUniform | IntRange | Choice):
            parameters[name] = draw(path + name, value)
        elif isinstance(value, Mapping):
            parameters |= draw_parameters(value, draw, prefix=f"{name}__", path=path)
        else:
            parameters[name] = value
    return parameters


def decisions(space: Space, *, prefix: str = "", path: str = "") -> Iterator[tuple[str, Distribution]]:
    """Yield name and distribution of every decision of a space, in its order; names are those of `draw_parameters`."""
    for key, value in space.items():
        name = f"{prefix}{key}"
        if isinstance(value, Either):
            yield path + name, Choice(range(len(value.options)))
            for index, option in enumerate(value.options):
                yield from decisions(option, prefix=prefix, path=f"{path}{name}.{index}.")
        elif isinstance(value, Uniform | LogUniform | IntRange | Choice):
            yield path + name, value
        elif isinstance(value, Mapping):
            yield from decisions(value, prefix=f"{name}__", path=path)


def resolve(space: Space, drawn: Mapping[str, Any]) -> dict[str, Any]:
    """Return the estimator parameters that a set of drawn values stands for.

    Parameters
    ----------
    space : mapping
        The space the values were drawn from.
    drawn : mapping
        Name of each decision -> its value or label: `params` of an Optuna trial, or the config of a W&B run.

    Returns
    -------
    dict
        Parameters for `set_params`.

    Raises
    ------
    ValueError
        If a decision is missing, or a label is not among its options.

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
                f"Each decision of the space must have a value; got none for {name!r}, only for {sorted(drawn)}. Has the space "
                "changed?"
            )
        value = drawn[name]
        if not isinstance(distribution, Choice):
            return value
        for label, option in zip(labels_of(distribution), distribution.options, strict=True):
            if type(label) is type(value) and label == value:
                return option
        raise ValueError(
            f"{name!r} must be one of {labels_of(distribution)}; got {value!r}. Has the space changed?"
        )

    return draw_parameters(space, look_up)


_PLAIN_TYPES = (type(None), bool, int, float, str)
"""Types a storage returns unchanged. Subclasses do not count: of an enumeration member only the value would return."""


def labels_of(choice: Choice) -> list[Any]:
    """Return a plain label for each option: the option itself, or its position and description.

    An option that equals an earlier one (`True` after `1`) gets a position, too.
    """
    labels: list[Any] = []
    for i, option in enumerate(choice.options):
        plain = type(option) in _PLAIN_TYPES
        labels.append(option if plain and option not in labels else f"{i}: {describe(option)}")
    return labels


def describe(value: Any) -> str:
    """Return a description that is the same in every process: a qualified name, or a `repr` without addresses."""
    name = getattr(value, "__qualname__", None)
    return str(name) if name is not None else re.sub(r" at 0x[0-9a-fA-F]+", "", " ".join(repr(value).split()))
