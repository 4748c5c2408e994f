"""A comparison is immutable data, accessed by name and written as JSON."""

from __future__ import annotations

import copy
import json
import pickle

import numpy as np
import pytest

from seqclf.evaluation import PublishedFigures, Report, compare, evaluate

OURS = evaluate(["N", "N", "N", "V", "V"], ["N", "N", "V", "V", "V"])
THEIRS = PublishedFigures(accuracy=0.75, macro={"f1": 0.6}, per_class={"V": {"f1": 0.5, "recall": 0.4}})


def test_scores_are_accessed_by_name() -> None:
    table = compare({"ours": OURS, "theirs": THEIRS})
    assert table.value("ours", "accuracy") == 0.8
    assert table.value("theirs", "F1 N") is None
    with pytest.raises(ValueError, match=r"`model` must be one of 'ours', 'theirs'; got 'mine'"):
        table.value("mine", "accuracy")
    with pytest.raises(ValueError, match=r"`column` must be one of 'accuracy', .*; got 'f1'"):
        table.value("ours", "f1")


def test_each_model_can_have_its_own_reference() -> None:
    models: dict[str, Report | PublishedFigures] = {
        "a": OURS,
        "b": OURS,
        "paper a": THEIRS,
        "paper b": PublishedFigures(accuracy=0.9),
    }
    table = compare(models, reference={"a": "paper a", "b": "paper b"})
    np.testing.assert_allclose(table.differences[:, 0], [0.05, -0.1, np.nan, np.nan])


def test_to_dict_is_json() -> None:
    figures = json.loads(json.dumps(compare({"ours": OURS, "theirs": THEIRS}, reference="theirs").to_dict()))
    assert figures["columns"][0] == "accuracy"
    assert figures["models"]["ours"]["reference"] == "theirs"
    assert figures["models"]["ours"]["differences"][0] == pytest.approx(0.05)
    assert figures["models"]["theirs"]["values"][1] is None
    assert figures["models"]["theirs"]["differences"] is None


def test_a_comparison_cannot_be_changed_even_after_pickling() -> None:
    table = compare({"ours": OURS, "theirs": THEIRS})
    for again in (table, pickle.loads(pickle.dumps(table)), copy.deepcopy(table)):
        assert str(again) == str(table)
        with pytest.raises(ValueError, match="read-only"):
            again.values[0, 0] = 1
    assert repr(table) == "Comparison(2 models, 7 columns)"
