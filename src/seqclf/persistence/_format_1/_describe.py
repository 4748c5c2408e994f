"""The content of a file of format version 1 -> a description, without its tensors."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from seqclf import estimators
from seqclf.exceptions import InvalidModelFileError
from seqclf.persistence._format_1._checks import LABELS, invalid
from seqclf.persistence._format_1._content import check_content
from seqclf.persistence._format_1._custom_modules import key_of
from seqclf.persistence._format_1._parameters import ESTIMATORS
from seqclf.persistence._format_1._reader import Reader


class Text(str):
    """A component that is shown instead of built."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def describe(content: Mapping[str, Any], shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Any]:
    """Return the fields of a description."""
    check_content(content)
    try:
        return _described(content, shapes)
    except InvalidModelFileError:
        raise
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        return invalid("model", "describe a fitted estimator", f"{type(error).__name__}: {error!s:.100}")


def _described(content: Mapping[str, Any], shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Any]:
    last, kind = _last_step(content["model"])
    is_ensemble = "members_" in last
    fitted = (last["members_"][0] if is_ensemble else last)["fitted_"]
    contract = last["contract_"] if is_ensemble else fitted["contract"]
    classes = Reader({}, {}, {}).value(fitted["classes"], "classes")
    LABELS.check(classes, "classes")
    parameters = {name: readable(last[name]) for name in ESTIMATORS[last["is"]]}
    found = list(_marked(content["model"], "model"))
    return {
        "kind": kind,
        "classes": classes,
        "n_features": contract["n_features"],
        "n_columns": contract["width"],
        "n_epochs": None if is_ensemble else len(fitted["history"]["epoch"]),
        "parameters": parameters,
        "changed_parameters": _changed(last["is"], parameters),
        "omitted": {
            one["parameter"]: one["what"]
            for path, one in found
            if one["is"] == "omitted" and not {"changed", "changed_"} & set(path.split("."))
        },
        "custom_modules": {key_of(path): one["class"] for path, one in found if one["is"] == "custom"},
        "scores": content["report"],
        "notes": content.get("notes", {}),
        "training_state": fitted["training"] is not None,
        "versions": content["versions"],
        "format": content["format"],
        "n_weights": sum(math.prod(shape) for name, shape in shapes.items() if "module" in name.split(".")),
    }


def _last_step(model: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    """Return the estimator, and the kinds of all steps."""
    if model["is"] != "sklearn.Pipeline":
        return model, _short(model["is"])
    steps = [step for _, step in model["steps"]]
    names = [_short(step["is"]) if isinstance(step, dict) else "passthrough" for step in steps]
    return steps[-1], f"Pipeline({', '.join(names)})"


def _short(name: str) -> str:
    return name.rpartition(".")[2]


def readable(written: Any) -> Any:
    """Return a plain value as it was, and any other as text."""
    if isinstance(written, list):
        return [readable(one) for one in written]
    if not isinstance(written, dict):
        return written
    match written["is"]:
        case "tuple":
            return tuple(readable(written["items"]))
        case "dict":
            return {_hashable(readable(key)): readable(value) for key, value in written["items"]}
        case "array" | "bytes" | "float" | "scalar":
            return Reader({}, {}, {}).value(written, "parameter")
        case "omitted":
            return Text(f"<omitted: {written['what']}>")
        case "generator" | "random state" | "tensor" as name:
            return Text(f"<{name}>")
    given = {name: readable(one) for name, one in written.items() if name != "is" and not name.endswith("_")}
    arguments = ", ".join(f"{name}={value!r}" for name, value in given.items())
    return Text(f"{_short(written['is'])}({arguments})")


def _hashable(key: Any) -> Any:
    return tuple(key) if isinstance(key, list) else key


def _marked(written: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what is omitted and the custom modules, with their paths."""
    if isinstance(written, list):
        for i, one in enumerate(written):
            yield from _marked(one, f"{path}.{i}")
    elif isinstance(written, dict):
        if written.get("is") in ("omitted", "custom"):
            yield path, written
        for name, one in written.items():
            # The items of a tuple have the path of the tuple.
            inner = path if name == "items" else f"{path}.{name}"
            yield from _marked(one, inner)


def _changed(name: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    kind: Any = getattr(estimators, _short(name))
    defaults = {field.name: field.default for field in fields(kind)}
    return {
        name: value
        for name, value in parameters.items()
        if repr(value) != repr(defaults.get(name, "required"))
    }
