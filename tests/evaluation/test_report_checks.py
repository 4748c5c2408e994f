"""A report with inconsistent fields is refused."""

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
            r"one row and one column for each of the 2 classes; got shape \(3, 3\)",
        ),
        ({"confusion": CONFUSION / 100}, r"must contain integer counts; got float64\. Do not normalise"),
        ({"confusion": CONFUSION - 3}, r"counts of at least 0; got confusion\[0, 1\]=-1"),
        ({"confusion": CONFUSION * 0}, r"count at least one sample; got only zeros"),
        ({"target_names": ("N",)}, r"must contain one name for each of the 2 classes; got \('N',\)"),
        ({"target_names": "NV"}, r"must contain one name for each of the 2 classes; got 'NV'"),
        ({"target_names": ("N", "N")}, r"must be unique; got 'N' at target_names\[0\] and target_names\[1\]"),
        ({"labels": (0, 0)}, r"contain each class once; got 0 at labels\[0\] and labels\[1\]"),
        ({"roc_auc": (0.5,)}, r"`roc_auc` must have one entry for each of the 2 classes; got 1\. Use None"),
        (
            {"average_precision": (0.5, 1.5)},
            r"`average_precision` must be in \[0, 1\]; got average_precision\[1\]=1\.5",
        ),
    ],
)
def test_inconsistent_fields_are_refused(changes: dict[str, Any], message: str) -> None:
    fields: dict[str, Any] = {"labels": (0, 1), "target_names": ("N", "V"), "confusion": CONFUSION}
    with pytest.raises(ValueError, match=message):
        Report(**(fields | changes))


def test_consistent_fields_are_accepted() -> None:
    assert Report(labels=(0, 1), target_names=("N", "V"), confusion=CONFUSION).n_samples == 100
