"""Equal sequences give equal bits, in every container at every entry point, together and one at a time."""

from __future__ import annotations

import re
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from contract.containers import CONTAINERS, Container, Samples
from contract.entry_points import ENTRY_POINTS, METHODS, REFERENCE, EntryPoint
from seqclf import InvalidSequenceError
from seqclf.kernels import status


def samples(n_features: int, lengths: list[int], *, zeros_at_end: bool) -> Samples:
    """Make sequences that contain zeros: in front, inside and, if wanted, at the end of some of them."""
    rng = np.random.default_rng(n_features)
    arrays = [rng.uniform(0.1, 1, (n, n_features)).astype(np.float32) for n in lengths]
    for array in arrays[::3]:
        array[: len(array) // 2] = 0
    for array in arrays[::2] if zeros_at_end else []:
        array[-1] = 0
    return Samples(arrays, np.arange(len(arrays)) % 2, width=max(lengths))


KINDS = {
    f"{words} feature{'s' if n > 1 else ''}, {kind} lengths": (n, lengths)
    for (n, words), (kind, lengths) in product(
        [(1, "one"), (3, "three")], [("equal", [4] * 6), ("unequal", [4, 1, 3, 7, 2, 5])]
    )
}
# The hardest samples that a container can hold: with zeros at the end, unless it must read them as padding.
DATA = {
    (kind, zeros): samples(*KINDS[kind], zeros_at_end=zeros) for kind, zeros in product(KINDS, [False, True])
}
TABLES = ("array 2-D", "tensor 2-D", "padded frame", "padded polars frame")
PADDED = {name for name in CONTAINERS if name.startswith(("array", "memory", "tensor", "padded"))}

Refusal = tuple[type[Exception], str]
AFTER_SEQUENCES: Refusal = (
    InvalidSequenceError,
    "which may be one sequence or a padded table. Pass `[x]` or `X[i:i + 1]` for one sequence, `as_sequences(X)` or "
    "`lengths` for a padded table.",
)
NOT_AUDITED: Refusal = (
    TypeError,
    "`X` must be a padded array with 2 or 3 axes, as the model takes it; got ",
)
REFUSED: dict[tuple[str, str], Refusal] = {
    **dict.fromkeys(product(TABLES, ("fit, resumed", "validation_data", "score", *METHODS)), AFTER_SEQUENCES),
    **dict.fromkeys(product(CONTAINERS.keys() - PADDED, ["audit_padding"]), NOT_AUDITED),
}


def run(entry_point: EntryPoint, container: Container, samples: Samples) -> NDArray[Any]:
    call = entry_point.prepare(container, samples)
    return call(container.make(samples), samples.y, **container.keywords(samples))


@cache
def expected(entry_point: str, samples: Samples) -> NDArray[Any]:
    """Return what the entry point computes from `Sequences`."""
    entry_point = "predict_proba" if entry_point == "audit_padding" else entry_point
    return run(ENTRY_POINTS[entry_point], REFERENCE, samples)


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors:UserWarning")  # torch's own
@pytest.mark.filterwarnings("ignore:.*copies of training samples")
@pytest.mark.parametrize("entry_point", ENTRY_POINTS)
@pytest.mark.parametrize("container", CONTAINERS)
def test_equal_sequences_give_equal_bits(container: str, entry_point: str) -> None:
    called, holder = ENTRY_POINTS[entry_point], CONTAINERS[container]
    for kind, (n_features, _) in KINDS.items():
        if holder.one_feature and n_features > 1:
            continue
        samples = DATA[kind, not holder.strips_zeros]
        refusal = REFUSED.get((container, entry_point))
        if refusal is not None:
            with pytest.raises(refusal[0], match=re.escape(refusal[1])):
                run(called, holder, samples)
            continue
        wanted = expected(entry_point, samples)
        assert_same_bits(run(called, holder, samples), wanted, kind)
        if called.by_row and status().available:  # torch's own layers round differently in another batch
            assert_same_bits(one_at_a_time(called, holder, samples), wanted, f"{kind}, one at a time")


def one_at_a_time(entry_point: EntryPoint, container: Container, samples: Samples) -> NDArray[Any]:
    call = entry_point.prepare(container, samples)
    alone = [samples.one(i) for i in range(len(samples.arrays))]
    return np.concatenate([call(container.make(one), one.y, **container.keywords(one)) for one in alone])


def assert_same_bits(got: NDArray[Any], wanted: NDArray[Any], what: str) -> None:
    assert (got.dtype, got.shape) == (wanted.dtype, wanted.shape), what
    assert got.tobytes() == wanted.tobytes(), what
