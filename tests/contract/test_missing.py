"""Equal sequences with missing values give equal bits, in every container at every entry point that takes them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from contract.containers import CONTAINERS, Container, Samples
from contract.entry_points import REFERENCE, small
from contract.test_contract import DATA, KINDS, PADDED, TABLES, assert_same_bits
from seqclf import InvalidSequenceError, ZScore, as_sequences
from seqclf.kernels import status
from seqclf.transforms import FillMissing


def with_holes(samples: Samples) -> Samples:
    """Return samples without zeros, of which some values are missing, but not all of the last step."""
    rng = np.random.default_rng(0)
    arrays = [np.abs(array) + np.float32(0.1) for array in samples.arrays]
    for array in arrays:
        array[:-1][rng.random(array[:-1].shape) < 0.3] = np.nan
    return replace(samples, arrays=arrays)


def _values(container: Container, samples: Samples) -> NDArray[Any]:
    X, keywords = container.make(samples), container.keywords(samples)
    return as_sequences(X, missing="keep", **keywords).values.numpy()


def _filled(container: Container, samples: Samples) -> NDArray[Any]:
    filler = FillMissing().fit(REFERENCE.make(samples))
    filled = filler.transform(container.make(samples), **container.keywords(samples))
    return filled.values.float().numpy()  # float64 of a list


def _scaled(container: Container, samples: Samples) -> NDArray[Any]:
    scaler = ZScore(missing="keep").fit(REFERENCE.make(samples))
    return scaler.transform(container.make(samples), **container.keywords(samples)).values.numpy()


def _probabilities(container: Container, samples: Samples) -> NDArray[Any]:
    model = small(missing="indicator")
    X, keywords = container.make(samples), container.keywords(samples)
    proba: NDArray[Any] = model.fit(X, samples.y, **keywords).predict_proba(X, **keywords)
    return proba


CALLS = {call.__name__.strip("_"): call for call in (_values, _filled, _scaled, _probabilities)}


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors:UserWarning")  # torch's own
@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("call", CALLS)
def test_equal_sequences_with_missing_values_give_equal_bits(call: str, container: str) -> None:
    holder = CONTAINERS[container]
    for kind, (n_features, _) in KINDS.items():
        if holder.one_feature and n_features > 1:
            continue
        samples = with_holes(DATA[kind, False])
        assert_same_bits(CALLS[call](holder, samples), CALLS[call](REFERENCE, samples), kind)


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors:UserWarning")  # torch's own
@pytest.mark.skipif(not status().available, reason="torch's own layers round differently in another batch")
@pytest.mark.parametrize("container", [name for name in CONTAINERS if name not in TABLES])
def test_one_at_a_time_gives_the_same_bits(container: str) -> None:
    holder = CONTAINERS[container]
    samples = with_holes(DATA["one feature, unequal lengths", False])
    model = small(missing="indicator").fit(REFERENCE.make(samples), samples.y)
    expected = model.predict_proba(REFERENCE.make(samples))
    for i in range(len(samples.arrays)):
        one = samples.one(i)
        proba = model.predict_proba(holder.make(one), **holder.keywords(one))
        assert_same_bits(proba, expected[i : i + 1], f"{container}, row {i}")


@pytest.mark.parametrize("container", [name for name in CONTAINERS if name in PADDED])
def test_a_table_that_ends_in_nan_is_refused_without_lengths(container: str) -> None:
    holder = CONTAINERS[container]
    samples = with_holes(DATA["one feature, equal lengths", False])
    for array in samples.arrays:
        array[-1] = np.nan
    X = holder.make(samples)
    if holder.with_lengths:
        assert_same_bits(_values(holder, samples), _values(REFERENCE, samples), container)
        return
    with pytest.raises(InvalidSequenceError, match="NaN at the end of a row must have one reading"):
        small(missing="indicator").fit(X, samples.y)
