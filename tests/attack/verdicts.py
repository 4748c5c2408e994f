"""What a call raised or returned -> a verdict."""

from __future__ import annotations

import ast
import re
import traceback
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, NamedTuple

import numpy as np
from sklearn.exceptions import DataConversionWarning, NotFittedError

import seqclf
from attack.attacks import Attack, OwnError
from contract import containers
from seqclf import SeqclfWarning

Kind = Literal[
    "named error", "right result", "raw error", "wrongly accepted", "hang", "crash", "not possible"
]
FAULTS = ("raw error", "wrongly accepted", "hang", "crash")

CONTAINERS = Path(containers.__file__)
SOURCE = Path(seqclf.__file__).parent
SAYS_WHAT_MUST_HOLD = re.compile(
    r"\b(must|needs?|requires?|required|accepts?|expect(s|ed|ing)|should|cannot|at least|only|may|no effect|is not)\b",
    re.IGNORECASE,
)


class Verdict(NamedTuple):
    """What came of an attack, and the message or the reason."""

    kind: Kind
    text: str


def judge(attack: Attack) -> Verdict:
    """Run an attack in this process."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            call = attack.prepare()
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # polars panics
        return Verdict("not possible", f"{type(error).__name__}: {error}")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            got = call()
        except Exception as error:
            named = _named(caught)
            if named and isinstance(
                error, AssertionError
            ):  # of the contract: a sweep without a best estimator
                return Verdict("named error", f"SeqclfWarning: {named[0]}")
            return _of_error(error)
    for warning in caught:
        if not issubclass(warning.category, SeqclfWarning) and not _is_allowed(warning):
            return Verdict("raw error", f"{warning.category.__name__}: {warning.message}")
    return _of_result(attack, got, _named(caught))


def _named(caught: list[warnings.WarningMessage]) -> list[str]:
    return [str(warning.message) for warning in caught if issubclass(warning.category, SeqclfWarning)]


def _is_allowed(warning: warnings.WarningMessage) -> bool:
    """Return whether a library warns of what is valid: torch of nested tensors, scikit-learn of a column of labels."""
    nested = str(warning.message).startswith("The PyTorch API of nested tensors")
    return nested or issubclass(warning.category, DataConversionWarning)


def _of_result(attack: Attack, got: Any, named: list[str]) -> Verdict:
    if attack.wanted == "refused":
        if named:
            return Verdict("named error", f"SeqclfWarning: {named[0]}")
        return Verdict("wrongly accepted", f"returned {got!r:.200}")
    if attack.wanted == "refused or finite":
        bad = [values for values in _numbers(got) if not np.isfinite(values).all()]
        return (
            Verdict("wrongly accepted", f"returned {bad[0]!r:.200}") if bad else Verdict("right result", "")
        )
    wanted = attack.wanted()
    if same(got, wanted):
        return Verdict("right result", "")
    if named:
        return Verdict("named error", f"SeqclfWarning: {named[0]}")
    return Verdict("wrongly accepted", f"returned {got!r:.200} instead of {wanted!r:.200}")


def same(got: Any, wanted: Any) -> bool:
    """Return whether two results are equal, bitwise where they are arrays of numbers."""
    if isinstance(got, np.ndarray) and isinstance(wanted, np.ndarray):
        if (got.dtype, got.shape) != (wanted.dtype, wanted.shape):
            return False
        return got.tobytes() == wanted.tobytes() if got.dtype.kind in "fiu" else bool((got == wanted).all())
    if isinstance(got, list | tuple) and isinstance(wanted, list | tuple):
        return len(got) == len(wanted) and all(map(same, got, wanted))
    return bool(got == wanted)


def _numbers(value: Any) -> Iterator[Any]:
    """Yield all arrays of numbers in a result."""
    if isinstance(value, list | tuple):
        for one in value:
            yield from _numbers(one)
        return
    array = np.asarray(value)
    if array.dtype.kind in "fiub":
        yield array


def _of_error(error: Exception) -> Verdict:
    text = f"{type(error).__name__}: {error}"
    if isinstance(error, OwnError | NotFittedError):
        return Verdict("named error", text)
    files = [Path(frame.filename) for frame in traceback.extract_tb(error.__traceback__)]
    if files[-1] == CONTAINERS or (not any(SOURCE in file.parents for file in files) and CONTAINERS in files):
        return Verdict("not possible", text)  # a library refused to hold the damage
    place = _place(error.__traceback__)
    if not isinstance(error, ValueError | TypeError | ImportError | RuntimeError | OSError | IndexError):
        return Verdict("raw error", f"{text} [{place}]")
    if _is_raised_by_seqclf(error.__traceback__) and SAYS_WHAT_MUST_HOLD.search(str(error)):
        return Verdict("named error", text)
    return Verdict("raw error", f"{text} [{place}]")


def _place(trace: TracebackType | None) -> str:
    """Return the last line of seqclf in a traceback, and the last of all."""
    frames = traceback.extract_tb(trace)
    ours = [frame for frame in frames if SOURCE in Path(frame.filename).parents]
    named = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in (*ours[-1:], *frames[-1:])]
    return ", ".join(dict.fromkeys(named))


def _is_raised_by_seqclf(trace: TracebackType | None) -> bool:
    """Return whether the error comes from a `raise` statement of seqclf, not from a call of a library."""
    frame = traceback.extract_tb(trace)[-1]
    path = Path(frame.filename)
    return SOURCE in path.parents and frame.lineno in _lines_that_raise(path)


@cache
def _lines_that_raise(path: Path) -> frozenset[int]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    raising = [node for node in ast.walk(tree) if isinstance(node, ast.Raise)]
    # A bare `raise` passes on the error of a library.
    return frozenset(
        line
        for node in raising
        if node.exc is not None and node.end_lineno is not None
        for line in range(node.lineno, node.end_lineno + 1)
    )
