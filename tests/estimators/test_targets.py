"""Checks of labels, classes and weights."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from seqclf._checks import check_sample_weight
from seqclf.estimators._targets import (
    check_classes,
    check_labels,
    encode,
    loss_weights,
    weight_of_classes,
)


def test_a_tiny_case_by_hand() -> None:
    labels = check_labels(["b", "a", "c", "a"], 4)
    classes = check_classes(labels)
    assert classes.tolist() == ["a", "b", "c"]
    assert encode(labels, classes).tolist() == [1, 0, 2, 0]


@pytest.mark.parametrize("labels", [[True, False], [-5, 7], [1.0, 2.0], ["ab", "abcdef"]])
def test_labels_of_any_type_are_encoded(labels: list[Any]) -> None:
    array = check_labels(labels, 2)
    classes = check_classes(array)
    assert classes[encode(array, classes).numpy()].tolist() == labels


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (
            None,
            "A classifier requires y to be passed, but the target y is None. Pass one label per sequence.",
        ),
        (
            [0, 1],
            "`y` must hold one label for each of the 3 sequences; got 2. Were rows dropped from one of them?",
        ),
        (
            [0.0, float("nan"), 1.0],
            "`y` must hold a label for each sample; got y[1]=nan. Drop samples without a label.",
        ),
        ([0.0, 1.0, float("inf")], "`y` must hold a label for each sample; got y[2]=inf."),
        ([0.1, 0.2, 0.3], "Unknown label type: continuous"),
    ],
)
def test_invalid_labels_are_rejected(y: Any, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        check_labels(y, 3)


def test_a_single_class_is_rejected() -> None:
    message = (
        "A classifier needs samples of at least 2 classes; got 1 class, 'N'. "
        "Was a table that is sorted by class cut, or do all other samples have weight 0?"
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        check_classes(["N", "N"])
    with pytest.raises(ValueError, match=re.escape("at least 2 classes; got no class.")):
        check_classes([])


@pytest.mark.parametrize("unknown", ["b", "", "zz"])
def test_an_unknown_label_is_rejected(unknown: str) -> None:
    message = (
        f"`y` must hold the classes ['a', 'c'] only; got y[1]={np.str_(unknown)!r}. "
        "Fit with all classes, or pass `classes` to the first `partial_fit`."
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        encode(np.array(["a", unknown]), np.array(["a", "c"]))


def test_labels_of_another_type_than_the_classes_are_rejected() -> None:
    with pytest.raises(ValueError, match=re.escape("`y` must hold the classes ['a', 'c'] only; got y[0]=")):
        encode(np.array([0, 1]), np.array(["a", "c"]))


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1, 2], "`sample_weight` must hold one weight for each of the 3 sequences; got shape (2,)."),
        ([[1, 2, 3]], "got shape (1, 3). Were rows dropped from one of them?"),
        (
            [1, -2, 3],
            "`sample_weight` must be finite and not negative; got sample_weight[1]=-2.0. "
            "Use 0 to leave a sample out.",
        ),
        ([1, 2, float("nan")], "got sample_weight[2]=nan."),
        ([1, float("inf"), 1], "got sample_weight[1]=inf."),
        (
            [0, 0, 0],
            "`sample_weight` must have a positive entry; got zeros only. Training would have no effect.",
        ),
    ],
)
def test_invalid_sample_weights_are_rejected(weights: Any, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        check_sample_weight(weights, 3)


CLASSES = np.array(["a", "b"])


def test_class_weights_and_sample_weights_are_multiplied() -> None:
    labels = np.array(["a", "b", "a", "a"])
    target = encode(labels, CLASSES)
    assert weight_of_classes(None, labels, CLASSES) is None
    assert loss_weights(None, None, target) is None
    by_class = weight_of_classes({"b": 5.0}, labels, CLASSES)
    assert by_class is not None
    assert by_class.tolist() == [1.0, 5.0]
    alone = loss_weights(None, by_class, target)
    assert alone is not None
    assert alone.tolist() == [0.5, 2.5, 0.5, 0.5], "the mean is 1"
    both = loss_weights(np.array([1.0, 10.0, 3.0, 4.0]), by_class, target)
    assert both is not None
    assert (both * 14.5).tolist() == pytest.approx([1.0, 50.0, 3.0, 4.0])
    balanced = weight_of_classes("balanced", labels, CLASSES)
    assert balanced is not None
    assert balanced.tolist() == pytest.approx([4 / 6, 4 / 2])


@pytest.mark.parametrize("scale", [5e-324, 1e-300, 1e-50, 1e-16, 1e30, 5e307])
def test_only_the_ratios_of_weights_matter(scale: float) -> None:
    weights, target = np.array([1.0, 3.0]) * scale, encode(np.array(["a", "b"]), CLASSES)
    scaled = loss_weights(weights, None, target)
    assert scaled is not None
    assert scaled.tolist() == [0.5, 1.5]


@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_products_of_extreme_weights_neither_vanish_nor_overflow(scale: float) -> None:
    target = encode(np.array(["a", "b"]), CLASSES)
    weights = loss_weights(np.array([1.0, 3.0]) * scale, np.array([2.0, 2.0]) * scale, target)
    assert weights is not None
    assert weights.tolist() == [0.5, 1.5]


def test_class_weights_that_leave_no_sample_are_rejected() -> None:
    target = encode(np.array(["a", "b"]), CLASSES)
    with pytest.raises(
        ValueError,
        match="`class_weight` must leave a sample with a positive weight; got weights that are all 0",
    ):
        loss_weights(None, np.array([0.0, 0.0]), target)


def test_class_weights_can_name_classes_that_do_not_occur() -> None:
    only, classes = np.array(["a", "a"]), np.array(["a", "z"])
    named = weight_of_classes({"a": 2.0, "z": 5.0}, only, classes)
    assert named is not None
    assert named.tolist() == [2.0, 5.0]
    balanced = weight_of_classes("balanced", only, classes)
    assert balanced is not None
    assert balanced.tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("class_weight", "message"),
    [
        (
            {"c": 2.0},
            "`class_weight` must name classes among ['a', 'b']; got 'c'. Is it spelled as in `y`?",
        ),
        (
            {"a": -1.0},
            "`class_weight['a']` must be finite and not negative; got -1.0. A class without a weight has "
            "weight 1.",
        ),
        (
            "even",
            "`class_weight` must be a dict, one of ['balanced', 'inverse_sqrt', 'effective_number'] or None; got 'even'.",
        ),
    ],
)
def test_invalid_class_weights_are_rejected(class_weight: Any, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        weight_of_classes(class_weight, np.array(["a", "b"]), CLASSES)
