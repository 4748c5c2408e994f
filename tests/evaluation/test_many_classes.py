"""Time and memory are linear in the number of classes: a table of 20,000 x 20,000 counts would take 3 GB."""

from __future__ import annotations

import pickle
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from seqclf.evaluation import Report, compare, evaluate, split_by_group, stratified_split
from seqclf.evaluation._labels import check_labels
from seqclf.evaluation._report_checks import check_target_names
from seqclf.evaluation._splits import _allocate
from seqclf.sampling import class_weights

N_CLASSES = 20_000
Y = np.random.default_rng(0).permutation(np.arange(3 * N_CLASSES) % N_CLASSES)
P = np.where(np.arange(len(Y)) % 4 == 0, 0, Y)


@contextmanager
def less_memory_than(megabytes: float) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()
    assert peak < megabytes


@pytest.fixture(scope="module")
def report() -> Report:
    return evaluate(Y, P)


SCORES: dict[str, Callable[[Report], Any]] = {
    "evaluate": lambda report: evaluate(Y, P),
    "accuracy": lambda report: report.accuracy,
    "macro": lambda report: report.macro_f1,
    "mcc": lambda report: report.mcc,
    "kappa": lambda report: report.kappa,
    "balanced accuracy": lambda report: report.balanced_accuracy,
    "text": str,
    "markdown": lambda report: report.to_markdown(),
    "dict": lambda report: report.to_dict(confusion=False),
    "pickle": lambda report: pickle.loads(pickle.dumps(report)) == report,
    "hash": hash,
    "compare": lambda report: compare({"a": report, "b": report}, reference="a").to_dict(),
    "class_weights": lambda report: class_weights(Y),
    "stratified_split": lambda report: stratified_split(Y, test_size=0.4),
    "split_by_group": lambda report: split_by_group(
        Y, train=range(0, N_CLASSES, 2), test=range(1, N_CLASSES, 2)
    ),
}


@pytest.mark.parametrize("name", SCORES)
def test_memory_is_linear(name: str, report: Report) -> None:
    with less_memory_than(150):
        SCORES[name](report)


def test_scores_are_those_of_scikit_learn(report: Report) -> None:
    from sklearn.metrics import balanced_accuracy_score, cohen_kappa_score, f1_score, matthews_corrcoef

    few = slice(0, 500)  # scikit-learn's own are quadratic
    y, p = Y[few] % 40, P[few] % 40
    small = evaluate(y, p)
    assert small.macro_f1 == pytest.approx(f1_score(y, p, average="macro"))
    assert small.mcc == pytest.approx(matthews_corrcoef(y, p))
    assert small.kappa == pytest.approx(cohen_kappa_score(y, p))
    assert small.balanced_accuracy == pytest.approx(balanced_accuracy_score(y, p))
    assert report.accuracy == np.mean(Y == P)


class Counted:
    """A label that counts how often it is compared or hashed."""

    n_uses = 0

    def __init__(self, value: int) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        Counted.n_uses += 1
        return isinstance(other, Counted) and other.value == self.value

    def __lt__(self, other: Counted) -> bool:
        return self.value < other.value

    def __hash__(self) -> int:
        Counted.n_uses += 1
        return hash(self.value)


def uses(function: Callable[[list[Counted]], Any], n_labels: int) -> int:
    labels = [Counted(i) for i in range(n_labels)]
    Counted.n_uses = 0
    function(labels)
    return Counted.n_uses


@pytest.mark.parametrize(
    "function",
    [
        check_labels,
        lambda labels: check_target_names(labels, tuple(labels)),
        lambda labels: split_by_group(labels, train=labels[::2], test=labels[1::2]),
        lambda labels: evaluate(labels, labels[::-1]),
    ],
    ids=["check_labels", "check_target_names", "split_by_group", "evaluate"],
)
def test_labels_are_not_compared_with_all_others(function: Any) -> None:
    assert uses(function, 4000) < 3 * uses(function, 2000)


@pytest.mark.parametrize("share", [0.0, 0.21, 0.4, 0.5, 0.77, 1.0])
def test_test_samples_are_allocated_as_one_at_a_time(share: float) -> None:
    """Compare with the definition: each missing sample goes to the class whose share is furthest from the expected one."""
    for seed in range(30):
        counts = np.random.default_rng(seed).integers(2, 40, size=12)
        total = int(np.clip(round(share * counts.sum()), len(counts), counts.sum() - len(counts)))
        expected = counts * (total / counts.sum())
        given = np.clip(np.floor(expected).astype(np.int64), 1, counts - 1)
        while (missing := total - int(given.sum())) != 0:
            step = 1 if missing > 0 else -1
            adjustable = given < counts - 1 if step == 1 else given > 1
            given[np.argmax(np.where(adjustable, step * (expected - given), -np.inf))] += step
        assert _allocate(counts, total).tolist() == given.tolist()


def test_a_plot_of_many_classes_is_refused(report: Report) -> None:
    with pytest.raises(ValueError, match=r"shows at most 100 classes; got 20000\. Evaluate fewer"):
        report.plot()
