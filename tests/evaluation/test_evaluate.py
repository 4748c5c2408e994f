"""Labels and probabilities in, report out: checked by hand and against scikit-learn."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

import seqclf.evaluation
from seqclf.evaluation import evaluate
from seqclf.exceptions import SeqclfWarning

TRUE = ["N", "N", "N", "V", "V"]
PREDICTED = ["N", "N", "V", "V", "V"]
PROBA = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.4, 0.6], [0.2, 0.8]])


@st.composite
def predictions(draw: st.DrawFn) -> tuple[list[int], list[int], int]:
    """True and predicted labels of 2 to 6 classes, some of which may be absent."""
    k = draw(st.integers(2, 6))
    pairs = draw(st.lists(st.tuples(st.integers(0, k - 1), st.integers(0, k - 1)), min_size=1, max_size=60))
    return [t for t, _ in pairs], [p for _, p in pairs], k


def test_five_beats_by_hand() -> None:
    report = evaluate(TRUE, PREDICTED, PROBA)
    assert report.labels == report.target_names == ("N", "V")
    assert report.confusion.tolist() == [[2, 1], [0, 2]]
    assert report.accuracy == 0.8
    assert report.per_class["V"].precision == 2 / 3
    # Of the 3 x 2 pairs of an N and a V, one (0.3 against 0.4) is in the wrong order.
    assert report.roc_auc == pytest.approx((5 / 6, 5 / 6))
    # V in descending order of score: V N V -> precision 1 at the first, 2/3 at the second.
    assert report.average_precision == pytest.approx(((1 + 1 + 3 / 4) / 3, (1 + 2 / 3) / 2))


@pytest.mark.parametrize(
    ("true", "predicted", "labels"),
    [
        (["b", "a"], ["a", "a"], ("a", "b")),
        ([1, 0], [0, 0], (0, 1)),
        ([True, False], [False, False], (False, True)),
        (np.array([1.0, 0.0]), np.array([0, 0]), (0, 1)),
        (np.array(["b", "a"], dtype=object), np.array(["a", "a"]), ("a", "b")),
    ],
)
def test_labels_of_any_type(true: Any, predicted: Any, labels: tuple[Any, ...]) -> None:
    report = evaluate(true, predicted)
    assert report.labels == labels
    assert report.confusion.tolist() == [[1, 0], [1, 0]]


def test_labels_set_the_order_and_include_absent_classes() -> None:
    report = evaluate(TRUE, PREDICTED, labels=np.array(["V", "S", "N"]))
    assert report.target_names == ("V", "S", "N")
    assert report.confusion.tolist() == [[2, 0, 0], [0, 0, 0], [1, 0, 2]]
    assert report.per_class["S"].support == 0


def test_target_names_name_the_classes() -> None:
    assert list(evaluate([0, 1], [0, 1], target_names=["N", "V"]).per_class) == ["N", "V"]


def draw_proba(n_classes: int, n_samples: int = 300) -> Any:
    return np.random.default_rng(0).dirichlet(np.full(n_classes, 0.3), n_samples)


@pytest.mark.parametrize(
    ("order", "agreement"), [((1, 0), "0%"), ((2, 1, 0), "3[0-9]%"), ((1, 2, 0), "0%"), ((3, 2, 1, 0), "0%")]
)
def test_columns_in_another_order_than_the_labels_bring_a_warning(
    order: tuple[int, ...], agreement: str
) -> None:
    classes = np.array(["N", "S", "V", "Q"])[: len(order)]
    proba = draw_proba(len(order))
    predicted = classes[proba.argmax(axis=1)]
    evaluate(predicted, predicted, proba, labels=classes)
    labels = classes[list(order)]
    message = (
        rf"The columns of `proba` must be in the order of `labels`; got {re.escape(repr(tuple(labels.tolist())))}, but the most probable "
        rf"class is the predicted one in {agreement} of the samples, and in 100% with the columns in the order "
        rf"{re.escape(repr(classes.tolist()))}. Pass `labels` in the order of the columns, for example `clf.classes_`."
    )
    with pytest.warns(SeqclfWarning, match=message) as caught:
        evaluate(predicted, predicted, proba, labels=labels)
    assert caught[0].filename == __file__


def predict_rare(proba: Any) -> Any:
    return (proba[:, 1] > np.quantile(proba[:, 1], 0.05)).astype(int)


def predict_all_rare(proba: Any) -> Any:
    return np.full(len(proba), int(np.bincount(proba.argmax(axis=1), minlength=proba.shape[1]).argmin()))


def predict_by_prior(proba: Any) -> Any:
    return (proba * 50.0 ** np.arange(proba.shape[1])).argmax(axis=1)


def predict_at_random(proba: Any) -> Any:
    return np.random.default_rng(1).integers(proba.shape[1], size=len(proba))


@pytest.mark.parametrize("predict", [predict_rare, predict_all_rare, predict_by_prior, predict_at_random])
@pytest.mark.parametrize("n_classes", [2, 3, 5])
@pytest.mark.parametrize("rare", [True, False])
def test_thresholds_and_prior_correction_bring_no_warning(n_classes: int, predict: Any, rare: bool) -> None:
    proba = draw_proba(n_classes)
    if rare:  # the most probable class is nearly always the first
        proba = proba * 0.3 + 0.7 * np.eye(n_classes)[0]
    evaluate(predict(proba), predict(proba), proba, labels=range(n_classes))


def test_the_areas_of_an_absent_class_are_undefined() -> None:
    proba = np.column_stack([PROBA, np.zeros(5)])
    report = evaluate(TRUE, PREDICTED, proba, labels=["N", "V", "Q"])
    assert (report.roc_auc[2], report.average_precision[2]) == (None, None)
    assert report.macro_roc_auc == pytest.approx(5 / 6)


def test_the_roc_curve_of_a_single_class_is_undefined() -> None:
    report = evaluate(["N", "N"], ["N", "V"], [[0.9, 0.1], [0.4, 0.6]], labels=["N", "V"])
    assert report.roc_auc == (None, None)
    assert report.average_precision == (1.0, None)


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_probabilities_of_low_precision_are_accepted(dtype: type[np.floating[Any]]) -> None:
    logits = np.random.default_rng(0).normal(size=(2000, 5)).astype(dtype)
    proba = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True, dtype=dtype)
    y = np.arange(2000) % 5
    assert evaluate(y, proba.argmax(axis=1), proba).macro_roc_auc == pytest.approx(0.5, abs=0.05)


@given(predictions())
@settings(deadline=None)
def test_agrees_with_scikit_learn(case: tuple[list[int], list[int], int]) -> None:
    true, predicted, k = case
    labels = list(range(k))
    report = evaluate(true, predicted, labels=labels)
    assert (report.confusion == metrics.confusion_matrix(true, predicted, labels=labels)).all()
    for average, means in (("macro", report.macro), ("weighted", report.weighted)):
        expected = metrics.precision_recall_fscore_support(
            true, predicted, labels=labels, average=average, zero_division=0
        )
        assert (means.precision, means.recall, means.f1) == pytest.approx(expected[:3])
    by_class = metrics.precision_recall_fscore_support(true, predicted, labels=labels, zero_division=0)
    ours = [(s.precision, s.recall, s.f1, s.support) for s in report.per_class.values()]
    np.testing.assert_allclose(ours, np.transpose(by_class))
    assert report.accuracy == pytest.approx(metrics.accuracy_score(true, predicted))
    if len({*true, *predicted}) > 1:  # scikit-learn warns otherwise, and its kappa is NaN
        assert report.mcc == pytest.approx(metrics.matthews_corrcoef(true, predicted))
        assert report.kappa == pytest.approx(metrics.cohen_kappa_score(true, predicted))
    if set(predicted) <= set(true) and len(set(true)) > 1:  # scikit-learn warns otherwise
        assert report.balanced_accuracy == pytest.approx(metrics.balanced_accuracy_score(true, predicted))


@given(predictions())
@settings(deadline=None)
def test_the_confusion_matrix_counts_every_sample_once(case: tuple[list[int], list[int], int]) -> None:
    true, predicted, k = case
    confusion = evaluate(true, predicted, labels=list(range(k))).confusion
    assert confusion.sum(axis=1).tolist() == np.bincount(true, minlength=k).tolist()
    assert confusion.sum(axis=0).tolist() == np.bincount(predicted, minlength=k).tolist()


@given(predictions(), st.integers(0, 2**32 - 1))
@settings(deadline=None)
def test_the_order_of_the_samples_does_not_matter(case: tuple[list[int], list[int], int], seed: int) -> None:
    true, predicted, k = np.array(case[0]), np.array(case[1]), case[2]
    rng = np.random.default_rng(seed)
    proba, order = rng.dirichlet(np.ones(k), len(true)), rng.permutation(len(true))
    report = evaluate(true, predicted, proba, labels=range(k))
    assert evaluate(true[order], predicted[order], proba[order], labels=range(k)) == report


def test_areas_agree_with_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    y, proba = rng.integers(0, 4, 500), rng.dirichlet(np.ones(4), 500)
    report = evaluate(y, proba.argmax(axis=1), proba)
    assert report.macro_roc_auc == pytest.approx(metrics.roc_auc_score(y, proba, multi_class="ovr"))
    expected = metrics.average_precision_score(np.eye(4)[y], proba)
    assert report.macro_average_precision == pytest.approx(expected)


def test_inputs_are_unchanged() -> None:
    y, p, proba = np.array(TRUE), np.array(PREDICTED), PROBA.copy()
    for array in (y, p, proba):
        array.setflags(write=False)
    evaluate(y, p, proba)
    assert y.tolist() == TRUE


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            (TRUE, PREDICTED[:4]),
            r"must have the same length; got 5 and 4\. Were both taken from the same samples",
        ),
        (
            (TRUE, PROBA),
            r"`y_pred` must contain one label per sample; got an array of shape \(5, 2\)\. Pass prob",
        ),
        (
            (TRUE, PREDICTED, PROBA[:4]),
            r"`proba` must have shape \(5, 2\), .* got \(4, 2\)\. Pass `labels` in",
        ),
        ((TRUE, PREDICTED, PROBA[:, 1]), r"`proba` must have shape \(5, 2\), .* got \(5,\)"),
        ((TRUE, PREDICTED, PROBA - 0.15), r"must be in \[0, 1\]; got proba\[0, 1\]=-0\.05\. .* not logits"),
        ((TRUE, PREDICTED, np.where(PROBA == 0.7, np.nan, PROBA)), r"got proba\[2, 1\]=nan"),
        ((TRUE, PREDICTED, PROBA * 0.5), r"Each row .* must sum to 1; got 0\.5 in row 0"),
        ((["N", "N"], ["N", "N"]), r"`y_true` and `y_pred` must contain at least two classes; got only 'N'"),
        ((["N", None], ["N", "V"]), r"got y_true\[1\]=None"),
        (
            (["N", "V"], np.array([0.2, 0.7])),
            r"got y_pred\[[01]\]=0\.[27]\. Pass scores and probabilities as",
        ),
    ],
)
def test_invalid_input_is_refused(arguments: tuple[Any, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        evaluate(*arguments)


def test_a_label_not_among_labels_is_refused() -> None:
    with pytest.raises(
        ValueError,
        match=r"must contain every label of `y_pred`; got y_pred\[2\]='V', which is not among 'N', 'S'",
    ):
        evaluate(["N", "S", "S"], ["N", "S", "V"], labels=["N", "S"])


def test_target_names_of_the_wrong_number_are_refused() -> None:
    with pytest.raises(
        ValueError, match=r"must contain one name for each of the 2 classes; got \('a', 'b', 'c'\)"
    ):
        evaluate(TRUE, PREDICTED, target_names=["a", "b", "c"])


def test_a_mixture_of_strings_and_numbers_is_refused() -> None:
    with pytest.raises(TypeError, match="got a mixture of int, str"):
        evaluate(["N", "V"], [0, 1])


def test_evaluation_needs_neither_torch_nor_matplotlib() -> None:
    folder = seqclf.evaluation.__path__[0].removesuffix("evaluation")
    # An empty module replaces `seqclf`, whose __init__ imports packages that need torch.
    code = (
        "import sys, types; package = types.ModuleType('seqclf'); "
        f"package.__path__ = [{folder!r}]; sys.modules['seqclf'] = package; "
        "from seqclf.evaluation import evaluate; evaluate([0, 1], [0, 1], [[1, 0], [0, 1]]); "
        "sys.exit(' '.join({'torch', 'matplotlib'} & sys.modules.keys()) or None)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""
    assert done.returncode == 0
