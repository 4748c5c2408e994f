"""Epochs and reports as numbers and rows; the expected ones were computed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from seqclf.evaluation import Report, evaluate
from seqclf.tracking._figures import confusion_rows, epoch_figures, report_figures, report_rows
from tracking.runs import EPOCHS, REPORT


def test_an_epoch_without_validation_has_no_figures_of_it() -> None:
    assert epoch_figures(EPOCHS[0]) == {
        "seconds": 0.25,
        "lr": 0.1,
        "train_loss": 0.5,
        "train_accuracy": 0.75,
        "train_macro_f1": 0.625,
    }
    assert set(epoch_figures(EPOCHS[1])) - set(epoch_figures(EPOCHS[0])) == {
        "valid_loss",
        "valid_accuracy",
        "valid_macro_f1",
    }


def test_a_report_has_its_scores_and_those_of_each_class() -> None:
    figures = report_figures(REPORT)
    assert figures["report/accuracy"] == 9 / 12
    assert figures["report/precision/N"] == 8 / 9
    assert figures["report/recall/V"] == 1 / 2
    assert figures["report/f1/V"] == pytest.approx(2 / 5)
    assert figures["report/macro_f1"] == pytest.approx((16 / 19 + 2 / 5) / 2)
    assert figures["report/balanced_accuracy"] == pytest.approx((8 / 10 + 1 / 2) / 2)
    assert {"report/mcc", "report/kappa"} <= set(figures)
    assert "report/macro_roc_auc" not in figures


def test_areas_are_among_them_where_probabilities_are_known() -> None:
    report = evaluate(["N", "V"], ["N", "V"], np.array([[0.9, 0.1], [0.2, 0.8]]))
    assert report_figures(report)["report/macro_roc_auc"] == 1.0


def test_the_table_has_a_row_for_each_class_and_three_more() -> None:
    header, *rows = report_rows(REPORT)
    assert header == ["class", "precision", "recall", "f1", "support"]
    assert [row[0] for row in rows] == ["N", "V", "accuracy", "macro avg", "weighted avg"]
    assert rows[1] == ["V", 1 / 3, 1 / 2, pytest.approx(2 / 5), 2]
    assert rows[2] == ["accuracy", None, None, 9 / 12, 12]
    assert rows[3] == ["macro avg", REPORT.macro.precision, REPORT.macro.recall, REPORT.macro.f1, 12]


def test_rows_of_the_confusion_are_true_classes() -> None:
    report = Report(labels=(0, 1), target_names=("no", "yes"), confusion=np.array([[8, 2], [1, 1]]))
    assert confusion_rows(report) == [["true", "no", "yes"], ["no", 8, 2], ["yes", 1, 1]]
