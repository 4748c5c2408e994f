"""The report is a dataclass that prints as a summary."""

from __future__ import annotations

import dataclasses
import pickle

import numpy as np
import pytest

from seqclf.sequences import describe_padding

TABLE = np.array(
    [[1, 0, 2, 0, 0, 0], [1, 2, 3, 4, 5, 6], [0, 0, 0, 0, 0, 0], [1, 2, 3, 4, 0, 0], [1, 2, 9, 9, 9, 9]]
)


def test_the_summary_lists_all_findings() -> None:
    assert str(describe_padding(TABLE, drop_last=3)).splitlines() == [
        "Padding with 0 in 5 rows x 6 steps",
        "  padded steps          36.7% of 30",
        "  lengths               min 0, 5% 0.6, 25% 3, median 4, 75% 6, 95% 6, max 6",
        "  rows with interior 0  1 (20.0%)",
        "  rows of 0 only        1 (20.0%)",
        "  rows without padding  2 (40.0%)",
        "  rows starting with 0  0 (0.0%)",
        "  likely padding value  0 (3 rows end in a run of it, median length 3); then 9 (1 row ends in a run of it, "
        "median length 4)",
        "  dropping the last 3   loses 7 real steps (36.8%) in 3 rows (60.0%) and leaves 20.0% padding",
    ]


def test_the_summary_names_features_and_other_values() -> None:
    text = str(describe_padding(np.full((2, 3, 4), np.nan), padding_value=np.nan))
    assert text.startswith("Padding with nan in 2 rows x 3 steps x 4 features\n")
    assert "rows of nan only        2 (100.0%)" in text


def test_the_summary_says_if_no_value_is_likely() -> None:
    X = np.random.default_rng(0).uniform(size=(500, 6))
    assert "likely padding value  none: no row ends in a run of one value" in str(describe_padding(X))
    X[7, -2:] = 0.5
    assert "none; most frequent: 0.5 (1 row ends in a run of it, median length 2)" in str(describe_padding(X))


def test_it_is_frozen_and_can_be_pickled() -> None:
    report = describe_padding(TABLE)
    with pytest.raises(dataclasses.FrozenInstanceError):
        report.n_samples = 3  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(report)) == report
    assert dataclasses.asdict(report)["cut"]["drop_last"] == 2
