"""Is each name of a space a parameter of the estimator?"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from seqclf.tuning._distributions import Either, Space

_SET_BY_THE_SWEEP = {
    "callbacks": "the sweep adds its own. Give the estimator its callbacks instead.",
    "padding_value": "samples are read once, before all trials. Give the estimator its padding value instead.",
}


def check_space(space: object, estimator: Any) -> None:
    """Raise unless a space is a mapping of parameters that the estimator has; name the nearest one it has."""
    if not isinstance(space, Mapping) or not space:
        raise TypeError(
            f"`space` must be a mapping from parameters to what they may be, with at least one; got {space!r}. "
            "Write {'lr': LogUniform(1e-4, 1e-1)}."
        )
    known = sorted(estimator.get_params(deep=True))
    for name in parameters_of(space):
        if (why := _SET_BY_THE_SWEEP.get(name.split("__")[-1])) is not None:
            raise ValueError(f"A space must not hold {name!r}: {why}")
        step = name.rpartition("__")[0]
        if name not in known and step in known and not any(n.startswith(f"{step}__") for n in known):
            raise ValueError(
                f"A mapping in `space` is the space of a step, and {step!r} is none. If it is the value of a parameter, write "
                f"{{{step!r}: Choice([{{...}}])}}."
            )
        if name not in known:
            raise ValueError(
                f"Each name in `space` must be a parameter of {type(estimator).__name__}; got {name!r}. "
                f"{_nearest(name, known)}"
            )


def parameters_of(space: Space, prefix: str = "") -> list[str]:
    """Return all parameters a space sets, in its order; raise if it sets one twice."""
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
            raise ValueError(
                f"A space must set each parameter once; got {repeated[0]!r} twice. Keep it in one place."
            )
        names += new
    return names


def _nearest(name: str, known: list[str]) -> str:
    close = get_close_matches(name, known, n=1, cutoff=0.0)
    return f"The nearest one is {close[0]!r}." if close else f"It has {known}."
