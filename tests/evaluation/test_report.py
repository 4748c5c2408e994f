"""A report is immutable data that round-trips through JSON and pickle."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqclf.evaluation import Report, evaluate

CONFUSION = np.array([[90, 2], [3, 5]])


def make_report(**changes: Any) -> Report:
    fields: dict[str, Any] = {"labels": (0, 1), "target_names": ("N", "V"), "confusion": CONFUSION}
    return Report(**(fields | changes))


@st.composite
def reports(draw: st.DrawFn) -> Report:
    k = draw(st.integers(2, 5))
    counts = draw(st.lists(st.integers(0, 10**9), min_size=k * k, max_size=k * k).filter(any))
    kinds = st.text(min_size=1, max_size=4), st.integers(-5, 99)
    labels = draw(st.one_of(*(st.lists(kind, min_size=k, max_size=k, unique=True) for kind in kinds)))
    areas = st.just(()) | st.tuples(*[st.none() | st.floats(0, 1)] * k)
    return Report(
        labels=tuple(labels),
        target_names=tuple(map(str, labels)),
        confusion=np.array(counts).reshape(k, k),
        roc_auc=draw(areas),
        average_precision=draw(areas),
    )


def test_scores_by_hand() -> None:
    report = make_report()
    assert report.n_samples == 100
    assert report.accuracy == 0.95
    assert report.per_class["V"].precision == 5 / 7
    assert report.macro_f1 == report.macro.f1 == pytest.approx((180 / 185 + 10 / 15) / 2)
    assert report.weighted.recall == pytest.approx(0.95)
    assert report.balanced_accuracy == pytest.approx((90 / 92 + 5 / 8) / 2)
    assert report.kappa == pytest.approx((9500 - 92 * 93 - 8 * 7) / (10000 - 92 * 93 - 8 * 7))
    assert report.macro_roc_auc is None


def test_the_mean_area_leaves_out_undefined_ones() -> None:
    report = make_report(roc_auc=(0.5, None), average_precision=(None, None))
    assert report.macro_roc_auc == 0.5
    assert report.macro_average_precision is None


@given(reports())
@settings(deadline=None)
def test_round_trip_through_json(report: Report) -> None:
    again = Report.from_dict(json.loads(json.dumps(report.to_dict())))
    assert again == report
    assert str(again) == str(report)


@given(reports())
@settings(deadline=None)
def test_round_trip_through_pickle_keeps_the_matrix_read_only(report: Report) -> None:
    for again in (pickle.loads(pickle.dumps(report)), copy.deepcopy(report)):
        assert again == report
        assert hash(again) == hash(report)
        assert not again.confusion.flags.writeable


@given(reports())
@settings(deadline=None)
def test_scores_stay_in_their_range(report: Report) -> None:
    for scores in report.per_class.values():
        assert all(
            0 <= value <= 1 for value in (scores.precision, scores.recall, scores.f1, scores.specificity)
        )
    assert -1 - 1e-12 <= report.mcc <= 1 + 1e-12
    assert -1 <= report.kappa <= 1


def test_boolean_labels_survive_json() -> None:
    report = evaluate(np.array([True, False]), np.array([True, True]))
    assert Report.from_dict(json.loads(json.dumps(report.to_dict()))).labels == (False, True)


def test_a_report_cannot_be_changed() -> None:
    report = make_report()
    with pytest.raises(dataclasses.FrozenInstanceError):
        report.labels = (1, 2)  # type: ignore[misc]
    with pytest.raises(ValueError, match="read-only"):
        report.confusion[0, 0] = 1


def test_the_callers_matrix_is_copied() -> None:
    confusion = CONFUSION.astype(np.int32)
    report = make_report(confusion=confusion)
    confusion[0, 0] = 0
    assert report.confusion[0, 0] == 90
    assert report.confusion.dtype == np.int64


def test_reports_with_different_counts_differ() -> None:
    assert make_report() == make_report()
    assert make_report() != make_report(confusion=CONFUSION + 1)
    assert make_report() != make_report(roc_auc=(0.5, 0.5))
    assert make_report() != "a report"


def test_repr_is_one_line() -> None:
    assert repr(make_report()) == "Report(2 classes, 100 samples, accuracy 0.9500, macro F1 0.8198)"


def test_a_dict_without_a_matrix_is_refused() -> None:
    with pytest.raises(ValueError, match=r"got no 'confusion'\. Use `PublishedFigures` for"):
        Report.from_dict({"labels": ["N", "V"], "target_names": ["N", "V"], "accuracy": 0.9})


def test_a_dict_of_the_required_entries_is_enough() -> None:
    figures = {"labels": [0, 1], "target_names": ["N", "V"], "confusion": [[90, 2], [3, 5]]}
    assert Report.from_dict(figures) == make_report()
