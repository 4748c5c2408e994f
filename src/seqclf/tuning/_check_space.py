"""Check that a space sets parameters of the estimator."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from seqclf.tuning._distributions import Either, Space

_NOT_TUNABLE = {
    "callbacks": "the sweep adds its own. Pass callbacks to the estimator instead.",
    "padding_value": "samples are converted once, before all trials. Pass it to the estimator instead.",
}


def check_space(space: object, estimator: Any) -> None:
    """Raise unless a space maps parameters of the estimator to values; suggest the closest parameter."""
    if not isinstance(space, Mapping) or not space:
        raise TypeError(
            f"`space` must be a non-empty mapping from parameters to their values; got {space!r}. "
            "Write {'lr': LogUniform(1e-4, 1e-1)}."
        )
    known = sorted(estimator.get_params(deep=True))
    for name in parameters_of(space):
        if (reason := _NOT_TUNABLE.get(name.split("__")[-1])) is not None:
            raise ValueError(f"A space must not contain {name!r}: {reason}")
        step = name.rpartition("__")[0]
        if name not in known and step in known and not any(n.startswith(f"{step}__") for n in known):
            raise ValueError(
                f"A mapping in `space` must be the space of a pipeline step; {step!r} is not a step. If the mapping is a "
                f"parameter value, write {{{step!r}: Choice([{{...}}])}}."
            )
        if name not in known:
            raise ValueError(
                f"Each name in `space` must be a parameter of {type(estimator).__name__}; got {name!r}. "
                f"{_suggestion(name, known)}"
            )


def parameters_of(space: Space, prefix: str = "") -> list[str]:
    """Return the names of all parameters in a space; raise if one appears twice."""
    names: list[str] = []
    for key, value in space.items():
        if not isinstance(key, str):
            raise TypeError(f"Each name in `space` must be a string; got {key!r}.")
        if isinstance(value, Either):
            inner = [parameters_of(option, prefix) for option in value.options]
            new = list(dict.fromkeys(name for option in inner for name in option))
        elif isinstance(value, Mapping):
            new = parameters_of(value, f"{prefix}{key}__")
        else:
            new = [f"{prefix}{key}"]
        if repeated := sorted(set(names) & set(new)):
            raise ValueError(f"A space must set each parameter once; got {repeated[0]!r} twice. Remove one.")
        names += new
    return names


def _suggestion(name: str, known: list[str]) -> str:
    close = get_close_matches(name, known, n=1, cutoff=0.0)
    return f"Did you mean {close[0]!r}?" if close else f"Its parameters are {known}."
