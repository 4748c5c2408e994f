"""What is no data, no label or no parameter is named where it comes in; found by `make attack`."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from ramps import ramps, small
from seqclf import (
    GRUClassifier,
    InvalidSequenceError,
    MinMax,
    Sequences,
    ZScore,
    as_sequences,
    from_long,
    infer_lengths,
    pack,
    pad,
)
from seqclf._checks import as_random_state
from seqclf.evaluation import calibration_error, evaluate, stratified_split
from seqclf.nn import CrossEntropyLoss, LogitAdjustedLoss, RecurrentEncoder
from seqclf.training import TrainingConfig, as_callbacks
from seqclf.transforms import Compose, Jitter, RandomApply
from seqclf.tuning import Choice, sweep

DATA = ramps()
N = len(DATA.y)
HUGE = 10**400


class ArrayIsAList:
    def __array__(self, *_: Any, **__: Any) -> list[int]:
        return [1, 2]


class LiesAboutItsLength(list[Any]):
    def __len__(self) -> int:
        return N


def holds_itself() -> list[Any]:
    recursive: list[Any] = []
    recursive.append(recursive)
    return recursive


def fit(y: Any = DATA.y, weights: Any = None, **parameters: Any) -> Any:
    return small(**parameters).fit(DATA.arrays, y, sample_weight=weights)


def masked(values: Any) -> Any:
    return np.ma.masked_array(values, mask=[True] + [False] * (len(values) - 1))


def nested(*arrays: Any, layout: Any) -> torch.Tensor:
    return torch.nested.nested_tensor([torch.zeros(shape) for shape in arrays], layout=layout)


def swept(**options: Any) -> Any:
    return sweep(
        small(), {"hidden_size": Choice([2])}, DATA.arrays, DATA.y, n_trials=1, random_state=0, **options
    )


Case = tuple[Callable[[], Any], type[Exception], str]
SEQUENCES: dict[str, Case] = {
    "a time of NumPy": (
        lambda: as_sequences([[1.0, np.datetime64("2020-01-01")]]),
        InvalidSequenceError,
        f"Every value of X must be a number; got the time {np.datetime64('2020-01-01')!r} in row 0, step 1. Convert",
    ),
    "a time of pandas": (
        lambda: as_sequences([[1.0, pd.Timestamp("2020-01-01", tz="UTC").as_unit("ns")]]),
        InvalidSequenceError,
        "Every value of X must be a number; got the time Timestamp('2020-01-01 00:00:00+0000', tz='UTC') in row 0, step 1. Convert",
    ),
    "a list that holds itself": (
        lambda: as_sequences(holds_itself()),
        TypeError,
        "nested at most 64 deep; got a deeper one. Does it hold itself?",
    ),
    "an array that is a list": (
        lambda: as_sequences([ArrayIsAList()]),
        TypeError,
        "must be an array or a list of numbers; got ArrayIsAList",
    ),
    "no nested tensors": (
        lambda: as_sequences(nested(layout=torch.strided)),
        InvalidSequenceError,
        "Found array with 0 sample(s) while a minimum of 1 is required; got an empty nested tensor",
    ),
    "nested tensors without steps": (
        lambda: as_sequences(nested((0, 3), (0, 3), layout=torch.strided)),
        InvalidSequenceError,
        "at least one step",
    ),
    "pad": (lambda: pad([1]), TypeError, "`sequences` must be `Sequences`; got list. Convert it with"),  # type: ignore[arg-type]
    "pack": (lambda: pack("x"), TypeError, "`sequences` must be `Sequences`; got str. Convert it with"),  # type: ignore[arg-type]
    "a path": (
        lambda: as_sequences("d.safetensors"),
        TypeError,
        "got str. Open a file of `SequenceWriter` with `seqclf.sequences.open_sequences(path)`.",
    ),
    "a Path": (
        lambda: as_sequences(Path("d")),
        TypeError,
        "Path. Open a file of `SequenceWriter` with `seqclf.sequences.open_sequences(path)`.",
    ),
    "no steps": (
        lambda: as_sequences((np.ones((0, 1)), np.array([0]))),
        InvalidSequenceError,
        "must have at least one step; got none in row 0",
    ),
    "lengths of lists": (
        lambda: as_sequences(np.ones((2, 3)), lengths=[[1], 2]),
        InvalidSequenceError,
        "`lengths` must hold one integer for each sequence; got list (setting an array element",
    ),
    "a huge padding value": (
        lambda: infer_lengths(np.ones((2, 3)), padding_value=HUGE),
        ValueError,
        "`padding_value` must fit float64 (at most 1.8e308); got a larger integer.",
    ),
}
SCALED: dict[str, Case] = {
    kind.__name__: (
        lambda kind=kind: kind().fit([[1.0, 2.0]]).transform([[1.0, 1e300]]),  # type: ignore[misc]
        InvalidSequenceError,
        "Values must not overflow float32 in a transformer or in the network; got 1e+300 in step 1, feature 0 of row 0. Correct",
    )
    for kind in (ZScore, MinMax)
}
LABELS: dict[str, Case] = {
    "masked": (
        lambda: fit(masked(DATA.y)),
        ValueError,
        "`y` must hold a label for each sample; got a masked",
    ),
    "bytes": (
        lambda: fit([b"a", b"b"] * (N // 2)),
        TypeError,
        "`y` must hold class labels: text, integers or",
    ),
    "fractions": (
        lambda: fit(np.arange(N) / 3),
        ValueError,
        "got dtype float64 (Unknown label type: continuous",
    ),
    "a lie": (
        lambda: fit(LiesAboutItsLength([[1, 2], [3]])),
        TypeError,
        "`y` must hold text, numbers or booleans; got a list at y[0].",
    ),
    "of another kind": (
        lambda: fit(np.arange(N) % 2).score(DATA.arrays, np.array(["2020-01-01"] * N, dtype="M8[D]")),
        TypeError,
        "`y` must hold labels of the kind that `fit` saw, int64; got datetime64[D] (",
    ),
}
WEIGHTS: dict[str, Case] = {
    name: (lambda weights=weights: fit(weights=weights), TypeError, f"`sample_weight` must {message}")  # type: ignore[misc]
    for name, weights, message in (
        ("text", ["1"] * N, "hold real numbers; got dtype <U1. Convert it to an array of floats."),
        ("dates", np.ones(N, dtype="M8[s]"), "hold real numbers; got dtype datetime64[s]."),
        ("dict", {}, "hold real numbers; got dict ("),
        ("huge", [HUGE] * N, "hold real numbers; got list (int too large"),
        ("masked", masked(np.ones(N)), "not hold masked values; got a masked array. Fill or drop them."),
    )
}
PARAMETERS: dict[str, Case] = {
    "a huge number": (lambda: TrainingConfig(lr=HUGE), ValueError, "`lr` must fit float64 (at most 1.8e308)"),
    "callbacks": (
        lambda: as_callbacks(torch.tensor(1)),
        TypeError,
        "`callbacks` must be a list of callbacks; got",
    ),
    "trackers": (
        lambda: swept(trackers=torch.tensor(1)),
        TypeError,
        "`trackers` must be a sequence of trackers; got tensor(1) (",
    ),
    "scoring": (
        lambda: swept(scoring="f2"),
        ValueError,
        "`scoring` must be the name of a scorer of scikit-learn or a callable; got 'f2' (",
    ),
    "sampler": (lambda: fit(sampler=np.array(1)), TypeError, "an iterable of index batches with a length"),
    "from_long": (
        lambda: from_long(pd.DataFrame({"a": [1], "b": [2.0]}), id=pd.NA),
        TypeError,
        "`id` must name a column; got <NA>.",
    ),
    "device NA": (
        lambda: fit(device=pd.NA),
        ValueError,
        "`device` must be 'auto' or a device of this machine",
    ),
    "device huge": (
        lambda: fit(device=HUGE),
        ValueError,
        "`device` must be 'auto' or a device of this machine",
    ),
    "static": (
        lambda: fit(static=pd.NA),
        ValueError,
        "`static` must be one of ['head', 'steps', 'both']; got <NA>",
    ),
    "max_epochs": (
        lambda: fit(max_epochs=np.ones(2)),
        TypeError,
        "`max_epochs` must be an integer; got array",
    ),
    "layers": (
        lambda: RecurrentEncoder("gru", 1, 2, num_layers=10**9),
        ValueError,
        "at most 1000; got 1000000000.",
    ),
    "Compose": (lambda: Compose(3), TypeError, "`transforms` must be a list of transforms; got 3."),  # type: ignore[arg-type]
    "Compose of a class": (
        lambda: Compose([Jitter(), Jitter]),  # type: ignore[list-item]
        TypeError,
        "`transforms[1]` must be a transform, called with sequences, generator and labels; got <class",
    ),
    "RandomApply": (lambda: RandomApply(len), TypeError, "`transform` must be a transform, called with"),  # type: ignore[arg-type]
    "Jitter": (
        lambda: Jitter(1e300),
        ValueError,
        "`scale` must be at most 1e18; got 1e+300. Values would leave",
    ),
    "class_weight": (
        lambda: CrossEntropyLoss(class_weight=3),  # type: ignore[arg-type]
        TypeError,
        "`class_weight` must be a sequence of numbers; got 3.",
    ),
    "class_prior": (
        lambda: LogitAdjustedLoss(class_prior={0.5}),  # type: ignore[arg-type]
        TypeError,
        "`class_prior` must be a sequence of numbers; got {0.5}.",
    ),
    "proba": (
        lambda: evaluate([0, 1], [0, 1], "x"),
        TypeError,
        "`proba` must hold real numbers; got dtype <U1",
    ),
    "labels": (
        lambda: calibration_error([0], [[1.0]], labels=3),  # type: ignore[arg-type]
        TypeError,
        "`labels` must be a sequence of classes; got 3.",
    ),
    "target_names": (
        lambda: evaluate([0, 1], [0, 1], target_names=1.5),  # type: ignore[arg-type]
        TypeError,
        "`target_names` must be a sequence of names; got 1.5.",
    ),
    "random_state": (
        lambda: stratified_split([0, 0, 1, 1], random_state=HUGE),
        ValueError,
        "`random_state` must be an integer from 0 to 2**32 - 1, a RandomState or None; got an integer of 1329 bits.",
    ),
    "random_state True": (lambda: as_random_state(True), ValueError, "a RandomState or None; got True."),
    "cv number": (lambda: swept(cv=1), ValueError, "`cv` must be at least 2; got 1."),
    "cv": (
        lambda: swept(cv=0.5),
        ValueError,
        "`cv` must be an integer, a splitter or an iterable of (train, test) indices",
    ),
}
CASES = SEQUENCES | SCALED | LABELS | WEIGHTS | PARAMETERS


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors:UserWarning")  # torch's own
@pytest.mark.parametrize(("call", "error", "message"), CASES.values(), ids=CASES)
def test_the_error_says_what_must_hold_and_what_came(
    call: Callable[[], Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=re.escape(message)):
        call()


def test_whole_parameters_are_still_accepted() -> None:
    assert as_callbacks(iter([])) == ()
    assert as_random_state(None) is not as_random_state(None)
    assert isinstance(as_random_state(np.uint32(2**32 - 1)), np.random.RandomState)
    assert Compose((Jitter(),)).transforms == (Jitter(),)
    assert isinstance(Jitter(1e18), Jitter)
    assert isinstance(pad(as_sequences([[1.0]])), tuple)
    assert isinstance(GRUClassifier(num_layers=1), GRUClassifier)
    assert Sequences.concatenate([as_sequences([[1.0]])]).n_features == 1
