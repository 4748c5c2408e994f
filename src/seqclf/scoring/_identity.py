"""What a model is, as a digest: equal for equal models of different runs."""

from __future__ import annotations

import hashlib
import pickle
from types import FunctionType, MethodType
from typing import Any

from seqclf._pickling import PackedGenerator
from seqclf.training import History


class _Digest(pickle.Pickler):
    """Pickles without what does not change predictions."""

    def reducer_override(self, value: Any) -> Any:
        """Replace a history, which holds times, and a generator; functions may be lambdas."""
        if isinstance(value, History | PackedGenerator):
            return str, (type(value).__name__,)
        if isinstance(value, FunctionType | MethodType):
            return str, (f"{value.__module__}.{value.__qualname__}",)
        return NotImplemented


class _Sink:
    """A file that keeps the digest of what is written."""

    def __init__(self) -> None:
        self.digest = hashlib.sha256()

    def write(self, content: Any) -> int:
        """Add bytes."""
        self.digest.update(content)
        return len(memoryview(content))


def identify(model: Any) -> str:
    """Return a digest of a fitted model."""
    sink = _Sink()
    try:
        digest = _Digest(sink, protocol=5)
        digest.fast = True  # values count, not which of them are one object
        digest.dump(model)
    except (ValueError, RecursionError):  # objects that refer to each other
        sink = _Sink()
        _Digest(sink, protocol=5).dump(model)
    except (TypeError, AttributeError, pickle.PicklingError) as error:
        raise TypeError(
            f"`model` must be picklable, so that results can be recognised as its own; got: {error}. Define its parts in a module."
        ) from error
    return sink.digest.hexdigest()
