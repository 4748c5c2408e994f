"""Metrics and table rows; expected values were computed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from seqclf.evaluation import Report, evaluate
from seqclf.tracking._metrics import confusion_rows, epoch_metrics, report_metrics, report_rows
from tracking.runs import EPOCHS, REPORT


def test_an_epoch_without_validation_has_no_validation_metrics() -> None:
    assert epoch_metrics(EPOCHS[0]) == {
        "seconds": 0.25,
        "lr": 0.1,
        "train_loss": 0.5,
        "train_accuracy": 0.75,
        "train_macro_f1": 0.625,
    }
    assert set(epoch_metrics(EPOCHS[1])) - set(epoch_metrics(EPOCHS[0])) == {
        "valid_loss",
        "valid_accuracy",
        "valid_macro_f1",
    }


def test_a_report_has_overall_and_per_class_scores() -> None:
    figures = report_metrics(REPORT)
    assert figures["report/accuracy"] == 9 / 12
    assert figures["report/precision/N"] == 8 / 9
    assert figures["report/recall/V"] == 1 / 2
    assert figures["report/f1/V"] == pytest.approx(2 / 5)
    assert figures["report/macro_f1"] == pytest.approx((16 / 19 + 2 / 5) / 2)
    assert figures["report/balanced_accuracy"] == pytest.approx((8 / 10 + 1 / 2) / 2)
    assert {"report/mcc", "report/kappa"} <= set(figures)
    assert "report/macro_roc_auc" not in figures


def test_roc_auc_is_included_when_probabilities_are_known() -> None:
    report = evaluate(["N", "V"], ["N", "V"], np.array([[0.9, 0.1], [0.2, 0.8]]))
    assert report_metrics(report)["report/macro_roc_auc"] == 1.0


def test_the_table_has_a_row_per_class_plus_accuracy_and_averages() -> None:
    header, *rows = report_rows(REPORT)
    assert header == ["class", "precision", "recall", "f1", "support"]
    assert [row[0] for row in rows] == ["N", "V", "accuracy", "macro avg", "weighted avg"]
    assert rows[1] == ["V", 1 / 3, 1 / 2, pytest.approx(2 / 5), 2]
    assert rows[2] == ["accuracy", None, None, 9 / 12, 12]
    assert rows[3] == ["macro avg", REPORT.macro.precision, REPORT.macro.recall, REPORT.macro.f1, 12]


def test_confusion_rows_are_true_classes() -> None:
    report = Report(labels=(0, 1), target_names=("no", "yes"), confusion=np.array([[8, 2], [1, 1]]))
    assert confusion_rows(report) == [["true", "no", "yes"], ["no", 8, 2], ["yes", 1, 1]]
