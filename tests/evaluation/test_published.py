"""Published scores may be incomplete, but must be valid."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest

from seqclf.evaluation import PublishedFigures

# The GRU of the course notebook, with the decimals it shows.
GRU: dict[str, Any] = {
    "title": "GRU",
    "accuracy": 0.9818,
    "macro": {"precision": 0.91, "recall": 0.90, "f1": 0.90},
    "per_class": {
        "N": {"precision": 0.99, "recall": 0.99, "f1": 0.99, "support": 18118},
        "F": {"precision": 0.77, "recall": 0.77, "f1": 0.77, "support": 162},
    },
}


def test_a_mapping_is_read_and_its_title_ignored() -> None:
    figures = PublishedFigures.from_dict(GRU)
    assert figures.accuracy == 0.9818
    assert figures.macro["f1"] == 0.90
    assert figures.per_class["F"]["recall"] == 0.77
    assert figures.weighted == {}


def test_the_number_of_samples_is_the_sum_of_the_supports() -> None:
    assert PublishedFigures.from_dict(GRU).n_samples == 18280
    assert PublishedFigures(per_class={"N": {"support": 5}, "V": {"recall": 0.5}}).n_samples is None
    assert PublishedFigures(n_samples=7, per_class={"N": {"support": 5}}).n_samples == 7


def test_all_scores_may_be_missing() -> None:
    figures = PublishedFigures.from_dict({"title": "GRU with z-score", "note": "no figures"})
    assert figures == PublishedFigures()


def test_round_trip() -> None:
    figures = PublishedFigures.from_dict(GRU)
    assert PublishedFigures.from_dict(json.loads(json.dumps(figures.to_dict()))) == figures
    assert pickle.loads(pickle.dumps(figures)) == figures


def test_the_callers_mapping_is_copied() -> None:
    scores = {"V": {"f1": 0.5}}
    figures = PublishedFigures(per_class=scores)
    scores["V"]["f1"] = 0.9
    assert figures.per_class["V"]["f1"] == 0.5


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"accuracy": 98.18}, r"`accuracy` must be in \[0, 1\]; got 98\.18\. Divide percentages by 100"),
        ({"accuracy": float("nan")}, r"`accuracy` must be in \[0, 1\]; got nan"),
        ({"macro": {"f1": -0.1}}, r"`macro\['f1'\]` must be in \[0, 1\]; got -0\.1"),
        (
            {"macro": {"sensitivity": 0.5}},
            r"`macro` must contain only 'precision', 'recall', 'f1'; got 'sensitivity'",
        ),
        ({"per_class": {"V": {"f1": 2}}}, r"`per_class\['V'\]\['f1'\]` must be in \[0, 1\]; got 2"),
        (
            {"per_class": {"V": {"support": -1}}},
            r"\['support'\]` must be a finite number of samples.* got -1",
        ),
    ],
)
def test_invalid_scores_are_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        PublishedFigures(**fields)
