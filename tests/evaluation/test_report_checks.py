"""A report whose fields do not fit together is refused, and the reason named."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from seqclf.evaluation import Report

CONFUSION = np.array([[90, 2], [3, 5]])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"confusion": np.zeros((3, 3), int)},
            r"row and a column for each of the 2 classes; got shape \(3, 3\)",
        ),
        ({"confusion": CONFUSION / 100}, r"must hold counts, as integers; got float64\. Do not normalise"),
        ({"confusion": CONFUSION - 3}, r"zero or more; got confusion\[0, 1\]=-1"),
        ({"confusion": CONFUSION * 0}, r"count at least one sample; got zeros only"),
        ({"target_names": ("N",)}, r"must name each of the 2 classes; got \('N',\)"),
        ({"target_names": "NV"}, r"must name each of the 2 classes; got 'NV'"),
        ({"target_names": ("N", "N")}, r"must differ from each other; got 'N' at target_names\[1\] again"),
        ({"labels": (0, 0)}, r"name each class once; got 0 at labels\[0\] and labels\[1\]"),
        ({"roc_auc": (0.5,)}, r"`roc_auc` must have an entry for each of the 2 classes; got 1\. Use None"),
        ({"average_precision": (0.5, 1.5)}, r"`average_precision` must lie in \[0, 1\]; got 1\.5 at .*\[1\]"),
    ],
)
def test_what_does_not_fit_is_named(changes: dict[str, Any], message: str) -> None:
    fields: dict[str, Any] = {"labels": (0, 1), "target_names": ("N", "V"), "confusion": CONFUSION}
    with pytest.raises(ValueError, match=message):
        Report(**(fields | changes))


def test_fields_that_fit_are_taken() -> None:
    assert Report(labels=(0, 1), target_names=("N", "V"), confusion=CONFUSION).n_samples == 100
