"""Permutation importance finds the feature that matters, and only that."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from matplotlib.patches import Rectangle
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.metrics import f1_score
from sklearn.pipeline import make_pipeline

from ramps import small
from seqclf import GRUClassifier, ZScore, as_sequences
from seqclf.evaluation import PermutationImportance, permutation_importance
from seqclf.evaluation._trajectories import read_ragged

RNG = np.random.default_rng(0)
Y = np.where(RNG.permutation(np.arange(120) % 3 == 0), "up", "down")
X = [RNG.normal(size=(RNG.integers(4, 12), 3)) * 0.5 for _ in Y]
for x, label in zip(X, Y, strict=True):
    x[:, 1] += np.linspace(0, 3, len(x)) * (1 if label == "up" else -1)
SEQUENCES = as_sequences(X)


class SignOfTrend(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Uses the second feature only, without training."""

    classes_ = np.array(["down", "up"])

    def fit(self, X: Any, y: Any) -> None: ...

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def predict(self, X: Any) -> Any:
        return np.array(["up" if np.asarray(x)[-1, 1] > 0 else "down" for x in X])


@pytest.mark.parametrize("is_pipeline", [False, True])
def test_one_of_three_features_matters(is_pipeline: bool) -> None:
    model: Any = GRUClassifier(hidden_size=8, num_layers=1, random_state=0)
    model = make_pipeline(ZScore(), model) if is_pipeline else model
    model.fit(SEQUENCES[:60], Y[:60])
    found = permutation_importance(model, SEQUENCES[60:], Y[60:], random_state=0)
    assert found.names == ("0", "1", "2")
    assert found.score > 0.9
    assert found.importances.shape == (3, 5)
    assert found.importances_mean[1] > 0.3
    assert np.abs(found.importances_mean[[0, 2]]).max() < 0.05
    as_list = permutation_importance(model, X[60:], Y[60:], random_state=0)
    np.testing.assert_allclose(as_list.importances, found.importances, atol=0.03)


def test_features_that_are_not_used_have_no_importance() -> None:
    found = permutation_importance(SignOfTrend(), SEQUENCES, Y, n_repeats=3, random_state=0)
    assert found.importances[[0, 2]].tolist() == [[0.0] * 3] * 2
    assert (found.importances[1] > 0.3).all()
    assert len(set(found.importances[1])) > 1


def test_the_importance_is_the_loss_of_score() -> None:
    donors = np.random.RandomState(3).permutation(len(Y))
    expected = f1_score(Y, SignOfTrend().predict(SEQUENCES), average="macro") - f1_score(
        Y, np.array(["up" if X[d][-1, 1] > 0 else "down" for d in donors]), average="macro"
    )
    found = permutation_importance(SignOfTrend(), SEQUENCES, Y, n_repeats=1, random_state=3)
    assert found.importances[1, 0] == pytest.approx(expected)


def test_static_features_have_an_importance() -> None:
    class Older(SignOfTrend):
        def predict(self, X: Any) -> Any:
            return np.where(X.static[:, 0].numpy() > 0, "up", "down")

    data = SEQUENCES.with_static(np.stack([np.where(Y == "up", 1.0, -1.0), np.ones(len(Y))], axis=1))
    found = permutation_importance(Older(), data, Y, random_state=0)
    assert found.names == ("0", "1", "2", "static 0", "static 1")
    assert found.score == 1.0
    assert (found.importances_mean > 0.3).tolist() == [False, False, False, True, False]


def test_the_same_seed_gives_the_same_permutations_and_the_global_state_is_unchanged() -> None:
    before = np.random.get_state(legacy=False)["state"]  # noqa: NPY002
    first, second, third, fourth = (
        permutation_importance(SignOfTrend(), SEQUENCES, Y, random_state=seed).importances
        for seed in (0, 0, 1, None)
    )
    assert np.array_equal(first, second)
    assert not np.array_equal(first, third)
    assert not np.array_equal(first, fourth)
    after = np.random.get_state(legacy=False)["state"]  # noqa: NPY002
    assert np.array_equal(before["key"], after["key"])
    assert before["pos"] == after["pos"]


def test_weights_and_scoring_are_used() -> None:
    wrong = SignOfTrend().predict(SEQUENCES) != Y
    only_wrong = np.where(wrong, 1.0, 0.0) if wrong.any() else None
    found = permutation_importance(
        SignOfTrend(), SEQUENCES, Y, scoring="accuracy", sample_weight=only_wrong, random_state=0
    )
    assert found.score == (0.0 if wrong.any() else 1.0)
    custom = permutation_importance(SignOfTrend(), SEQUENCES, Y, scoring=lambda model, X, y: 7.0)
    assert custom.importances.tolist() == [[0.0] * 5] * 3


def test_a_feature_can_be_named_and_plotted() -> None:
    found = permutation_importance(
        SignOfTrend(), SEQUENCES, Y, feature_names=["x", "trend", "z"], random_state=0
    )
    assert repr(found).startswith(f"PermutationImportance(score {found.score:.4f}, x 0.0000, trend 0.")
    (axes,) = found.plot().axes
    assert [label.get_text() for label in axes.get_yticklabels()][-1] == "trend"
    widths = [bar.get_width() for bar in axes.patches if isinstance(bar, Rectangle)]
    assert widths[-1] == found.importances_mean[1]
    with pytest.raises(ValueError, match="read-only"):
        found.importances[0] = 1


def test_a_result_is_plain_data() -> None:
    importances = np.array([[0.25, 0.75]])
    found = PermutationImportance(names=("a",), score=1.0, importances=importances)
    assert (found.importances_mean.tolist(), found.importances_std.tolist()) == ([0.5], [0.25])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_repeats": 0}, "`n_repeats` must be at least 1; got 0"),
        (
            {"y": Y[:5]},
            r"`y` must have one label for each of at least two samples; got 120 samples and labels of shape \(5,\)",
        ),
        ({"X": SEQUENCES[:1], "y": Y[:1]}, "at least two samples; got 1 samples"),
        ({"sample_weight": [1.0]}, "`sample_weight` must hold one weight for each of the 120 sequences"),
        (
            {"feature_names": ["a"]},
            "one name for each of the 3 features and 0 static features; got \\['a'\\]",
        ),
        ({"feature_names": "abc"}, "one name for each of the 3 features"),
    ],
)
def test_wrong_arguments_are_refused(options: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        permutation_importance(**{"model": SignOfTrend(), "X": SEQUENCES, "y": Y, **options})


def test_names_are_those_of_the_samples() -> None:
    frames = [pd.DataFrame(x, columns=["level", "trend", "noise"]) for x in X]
    static = pd.DataFrame({"age": RNG.normal(size=len(Y)), "level": RNG.normal(size=len(Y))})
    samples = as_sequences(frames, static=static)
    model = small().fit(samples, Y)
    found = permutation_importance(model, samples, Y, n_repeats=1, random_state=0)
    assert found.names == ("level", "trend", "noise", "age", "level")
    labels = [tick.get_text() for tick in found.plot().axes[0].get_yticklabels()]
    assert sorted(labels) == ["age", "level", "level", "noise", "trend"]
    assert len([bar for bar in found.plot().axes[0].patches if isinstance(bar, Rectangle)]) == 5
    of_list = permutation_importance(SignOfTrend(), [x.to_numpy() for x in frames], Y, n_repeats=1)
    assert of_list.names == ("0", "1", "2")
    of_frames = permutation_importance(small().fit(frames, Y), frames, Y, n_repeats=1)
    assert of_frames.names == ("level", "trend", "noise")


def test_copies_keep_the_names_of_features() -> None:
    samples = SEQUENCES.with_feature_names("abc").with_static(np.arange(len(Y)), names=["age"])
    read = read_ragged(samples)
    for column in range(read.n_columns):
        copy = read.exchanged(column, np.arange(len(Y)))
        assert copy == samples
        assert (copy.feature_names, copy.static_names) == (tuple("abc"), ("age",))


def test_tokens_are_exchanged_between_sequences() -> None:
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, size=60)
    words = ["".join(rng.choice(list("ab" if label else "cd"), size=rng.integers(2, 7))) for label in y]
    letters = as_sequences(words, vocabulary="auto")
    assert letters.tokens is not None
    samples = letters.with_values(torch.from_numpy(rng.normal(size=(len(letters.values), 1)).astype("f4")))
    model = small().fit(samples, y)
    found = permutation_importance(model, samples, y, n_repeats=3, random_state=0)
    assert found.names == ("0", "token")
    assert found.importances_mean[1] > 0.2 > abs(found.importances_mean[0])
    donors = np.array([1, 0, 2])
    swapped = read_ragged(as_sequences(["abc", "x", "de"], vocabulary="auto")).exchanged(0, donors)
    assert swapped.tokens.decode()["token"].tolist() == ["x", "x", "x", "b", "d", "e"]
