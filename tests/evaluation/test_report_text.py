"""The printed report is scikit-learn's table, followed by the scores it lacks."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import classification_report

from seqclf.evaluation import evaluate


@pytest.mark.parametrize("digits", [1, 2, 4])
@pytest.mark.parametrize(
    "names", [["N", "S", "V", "F", "Q"], ["normal", "supraventricular ectopic", "ventricular", "fusion", "?"]]
)
def test_the_table_equals_that_of_scikit_learn(digits: int, names: list[str]) -> None:
    rng = np.random.default_rng(0)
    y = rng.choice(5, size=2000, p=[0.83, 0.03, 0.06, 0.01, 0.07])
    p = np.where(
        rng.random(2000) < 0.8, y, rng.integers(0, 4, 2000)
    )  # the last class is never predicted by mistake
    expected = classification_report(y, p, target_names=names, digits=digits, zero_division=0)
    assert evaluate(y, p, target_names=names).to_text(digits=digits).startswith(expected)


def test_absent_classes_are_shown_as_scikit_learn_shows_them() -> None:
    expected = classification_report([0, 0, 1], [0, 1, 1], labels=[0, 1, 2], zero_division=0)
    assert str(evaluate([0, 0, 1], [0, 1, 1], labels=[0, 1, 2])).startswith(expected)


def test_areas_are_shown_if_probabilities_are_given() -> None:
    text = str(evaluate(["N", "V"], ["N", "V"], [[0.9, 0.1, 0], [0.2, 0.8, 0]], labels=["N", "V", "Q"]))
    assert text.split("\n")[-9:] == [
        "balanced accuracy 1.00, Matthews correlation 1.00, Cohen's kappa 1.00",
        "",
        "                roc auc  avg prec",
        "",
        "           N       1.00      1.00",
        "           V       1.00      1.00",
        "           Q        n/a       n/a",
        "",
        "   macro avg       1.00      1.00",
    ]


def test_markdown_includes_the_areas() -> None:
    report = evaluate(["N", "V", "V"], ["N", "V", "N"], [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])
    assert report.to_markdown(digits=2).split("\n") == [
        "| class | precision | recall | F1 | specificity | support | ROC-AUC | average precision |",
        "|:--|--:|--:|--:|--:|--:|--:|--:|",
        "| N | 0.50 | 1.00 | 0.67 | 0.50 | 1 | 1.00 | 1.00 |",
        "| V | 1.00 | 0.50 | 0.67 | 1.00 | 2 | 1.00 | 1.00 |",
        "| accuracy |  |  | 0.67 |  | 3 |  |  |",
        "| macro avg | 0.75 | 0.75 | 0.67 |  | 3 | 1.00 | 1.00 |",
        "| weighted avg | 0.83 | 0.67 | 0.67 |  | 3 |  |  |",
        "",
        "balanced accuracy 0.75, Matthews correlation 0.50, Cohen's kappa 0.40",
    ]


def test_every_markdown_row_has_the_same_number_of_cells() -> None:
    for report in (evaluate([0, 1], [0, 1]), evaluate([0, 1], [0, 1], [[1, 0], [0, 1]])):
        table = report.to_markdown().split("\n\n")[0].split("\n")
        assert len({row.count("|") for row in table}) == 1
