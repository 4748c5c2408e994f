"""Reports and published scores are compared side by side."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from seqclf.evaluation import PublishedFigures, compare, evaluate

OURS = evaluate(["N", "N", "N", "V", "V"], ["N", "N", "V", "V", "V"])
THEIRS = PublishedFigures(accuracy=0.75, macro={"f1": 0.6}, per_class={"V": {"f1": 0.5, "recall": 0.4}})


def test_a_report_and_a_paper_by_hand() -> None:
    table = compare({"ours": OURS, "theirs": THEIRS}, reference="theirs")
    assert table.models == ("ours", "theirs")
    assert table.columns == (
        "accuracy",
        "macro precision",
        "macro recall",
        "macro F1",
        "weighted F1",
        "F1 N",
        "F1 V",
    )
    np.testing.assert_allclose(
        table.values,
        [[0.8, 5 / 6, 5 / 6, 0.8, 0.8, 0.8, 0.8], [0.75, *[np.nan] * 2, 0.6, *[np.nan] * 2, 0.5]],
    )
    np.testing.assert_allclose(
        table.differences, [[0.05, *[np.nan] * 2, 0.2, *[np.nan] * 2, 0.3], [np.nan] * 7]
    )
    assert table.n_samples == (5, None)
    assert table.references == ("theirs", None)


def test_other_scores_can_be_shown_for_each_class() -> None:
    table = compare({"ours": OURS, "theirs": THEIRS}, per_class=("recall", "precision"))
    assert table.columns[5:] == ("recall N", "recall V", "precision N", "precision V")
    assert table.value("theirs", "recall V") == 0.4


def test_without_reports_every_published_class_is_shown() -> None:
    other = PublishedFigures(per_class={"S": {"f1": 0.2}})
    assert compare({"a": THEIRS, "b": other}).columns[5:] == ("F1 V", "F1 S")


def test_a_model_without_scores_is_a_row_of_unknowns() -> None:
    table = compare({"ours": OURS, "silent": PublishedFigures()}, reference="silent")
    assert np.isnan(table.values[1]).all()
    assert np.isnan(table.differences).all()


def test_the_order_of_classes_may_differ() -> None:
    turned = evaluate(["N", "V"], ["N", "V"], labels=["V", "N"])
    assert compare({"ours": OURS, "turned": turned}).columns[5:] == ("F1 N", "F1 V")


@pytest.mark.parametrize(
    ("models", "options", "message"),
    [
        ({}, {}, r"`models` must contain at least one report; got none"),
        ({"a": OURS}, {"reference": "b"}, r"`reference` must name models among 'a'; got 'b'"),
        ({"a": OURS}, {"reference": {"a": "b"}}, r"`reference` must name models among 'a'; got 'b'"),
        ({"a": OURS}, {"reference": {"b": "a"}}, r"`reference` must name models among 'a'; got 'b'"),
        (
            {"a": OURS},
            {"per_class": ["auc"]},
            r"`per_class` must contain only 'precision', 'recall' and 'f1'; got 'auc'",
        ),
        (
            {"a": OURS, "b": evaluate([0, 1], [0, 1])},
            {},
            r"must have the same classes; got \['N', 'V'\] in 'a' and \['0', '1'\] in 'b'\. Pass the same",
        ),
        (
            {"paper": PublishedFigures(per_class={"X": {"f1": 0.1}}), "b": OURS},
            {},
            r"must have the same classes; got \['N', 'V'\] in 'b' and \['X'\] in 'paper'",
        ),
    ],
)
def test_models_that_cannot_be_compared_are_refused(
    models: Any, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        compare(models, **options)


def test_for_a_dict_the_message_names_published_figures() -> None:
    with pytest.raises(
        TypeError, match=r"got dict for 'paper'\. Convert .* with `PublishedFigures\.from_dict`"
    ):
        compare({"ours": OURS, "paper": {"accuracy": 0.9}})  # type: ignore[dict-item]


def test_a_string_of_scores_is_refused() -> None:
    with pytest.raises(
        TypeError, match=r"`per_class` must be a sequence of scores; got 'f1'\. Pass \['f1'\]"
    ):
        compare({"a": OURS}, per_class="f1")  # type: ignore[arg-type]
