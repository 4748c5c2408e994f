"""How well a model predicts before a sequence ends."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.pipeline import make_pipeline

from ramps import ramps, small
from seqclf import TokenEncoder, ZScore, as_sequences
from seqclf.evaluation import EarlyScores, earliness, evaluate
from seqclf.transforms import Views

DATA = ramps(48)
MODEL = small().fit(DATA.sequences, DATA.y)


class Certainty(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Predicts the class of the sum with a probability that grows with the number of steps, without training."""

    classes_ = np.array(["down", "up"])

    def __init__(self) -> None:
        self.seen: list[int] = []

    def predict_proba(self, X: Any) -> Any:
        self.seen += [len(x) for x in X]
        up = np.array([0.5 + np.sign(np.sum(x)) * min(0.5, len(x) / 20) for x in map(np.asarray, X)])
        return np.column_stack([1 - up, up])


TEN = [
    np.ones(10),
    -np.ones(10),
    np.concatenate([-np.ones(3), np.ones(7)]),
]  # the sum of the last is above 0 after 7
NAMES = ["up", "down", "up"]


def test_a_tiny_case_by_hand() -> None:
    """After 2, 5 and 10 steps the probabilities are 0.6, 0.75 and 1; after 5 of 10 steps the last sum is -1."""
    found = earliness(Certainty(), TEN, NAMES, [0.55, 0.7, 0.9], shares=[0.2, 0.5, 1.0])
    assert [scores.accuracy for scores in found.at_shares] == pytest.approx([2 / 3, 2 / 3, 1.0])
    assert [scores.share_read for scores in found.at_shares] == pytest.approx([0.2, 0.5, 1.0])
    assert [scores.value for scores in found.at_thresholds] == [0.55, 0.7, 0.9]
    assert [scores.share_read for scores in found.at_thresholds] == pytest.approx([0.2, 0.5, 1.0])
    assert [scores.accuracy for scores in found.at_thresholds] == pytest.approx([2 / 3, 2 / 3, 1.0])
    assert found.at_thresholds[0].report == evaluate(NAMES, ["up", "down", "down"])
    assert [scores.harmonic_mean for scores in found.at_thresholds] == pytest.approx(
        [2 * 0.8 * (2 / 3) / (0.8 + 2 / 3), 2 * 0.5 * (2 / 3) / (0.5 + 2 / 3), 0.0]
    )


def test_each_sequence_stops_for_itself() -> None:
    """A sequence of 20 steps reaches 0.75 after a quarter, one of 10 after a half, one of 4 never."""
    samples = [np.ones(20), np.ones(10), -np.ones(4)]
    found = earliness(Certainty(), samples, ["up", "up", "down"], [0.75], shares=4).at_thresholds[0]
    assert found.share_read_per_class == {"down": 1.0, "up": pytest.approx((0.25 + 0.5) / 2)}
    assert found.share_read == pytest.approx((0.25 + 0.5 + 1) / 3)


def test_a_decision_is_final() -> None:
    """The probability of "up" is the last step: 0.9 decides, whatever comes after it."""

    class Last(Certainty):
        def predict_proba(self, X: Any) -> Any:
            up = np.array([x[-1] for x in X])
            return np.column_stack([1 - up, up])

    found = earliness(Last(), [[0.5, 0.9, 0.6, 0.1, 0.05]], ["up"], [0.8, 0.92], shares=5)
    first, second = found.at_thresholds
    assert (first.share_read, first.accuracy) == (0.4, 1.0)
    assert (second.share_read, second.accuracy) == (1.0, 0.0)


@pytest.mark.parametrize("scale", ["standard", "sequence", "views", None])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_whole_sequences_are_predicted_as_by_the_model(scale: Any, bidirectional: bool) -> None:
    model = small(scale=scale, bidirectional=bidirectional, max_epochs=3).fit(DATA.sequences, DATA.y)
    found = earliness(model, DATA.sequences, DATA.y, [0.0], shares=5)
    assert found.at_shares[-1].report == evaluate(DATA.y, model.predict(DATA.sequences))
    assert found.at_shares[-1].share_read == 1.0
    assert found.at_thresholds[0].report == found.at_shares[0].report


@settings(deadline=None, max_examples=25)
@given(st.lists(st.floats(0.01, 0.99), max_size=4, unique=True), st.floats(0.3, 1.0), st.integers(0, 1000))
def test_prefixes_are_predicted_one_by_one(shares: list[float], threshold: float, seed: int) -> None:
    """Each share and each threshold is what a plain loop over single prefixes finds."""
    rng = np.random.default_rng(seed)
    chosen = rng.integers(0, 48, size=6)
    arrays, y = [DATA.arrays[i] for i in chosen], DATA.y[chosen]
    grid = [*sorted(shares), 1.0]
    found = earliness(MODEL, as_sequences(arrays), y, [threshold], shares=grid)
    ends = [[max(1, int(share * len(x) + 1e-9)) for share in grid] for x in arrays]
    proba = [[MODEL.predict_proba([x[:n]])[0] for n in row] for x, row in zip(arrays, ends, strict=True)]
    for k, scores in enumerate(found.at_shares):
        assert scores.share_read == pytest.approx(
            np.mean([row[k] / len(x) for x, row in zip(arrays, ends, strict=True)])
        )
        assert scores.report == evaluate(y, [int(p[k].argmax()) for p in proba], labels=[0, 1])
    stops = [next((k for k, p in enumerate(row) if p.max() >= threshold), len(grid) - 1) for row in proba]
    (rule,) = found.at_thresholds
    assert rule.report == evaluate(
        y, [int(p[k].argmax()) for p, k in zip(proba, stops, strict=True)], labels=[0, 1]
    )
    assert rule.share_read == pytest.approx(
        np.mean([row[k] / len(x) for x, row, k in zip(arrays, ends, stops, strict=True)])
    )


@pytest.mark.parametrize("form", ["list", "Sequences"])
def test_containers_agree(form: str) -> None:
    found = earliness(MODEL, DATA.form(form), DATA.y, [0.8], shares=6).to_dict()
    assert found == earliness(MODEL, DATA.sequences, DATA.y, [0.8], shares=6).to_dict()


def test_static_features_tokens_missing_values_and_pipelines_are_supported() -> None:
    words = ["abcab", "cdcdcd", "ab", "dcd"] * 6
    y = ["first", "second"] * 12
    model = make_pipeline(TokenEncoder(), small(max_epochs=20)).fit(words, y)
    found = earliness(model, words, y, shares=3)
    assert found.at_shares[0].accuracy == 1.0
    samples = DATA.sequences.with_static(DATA.y + np.linspace(0.0, 0.1, len(DATA.y)))
    pipeline = make_pipeline(ZScore(per="sequence"), Views(), small(scale=None)).fit(samples, DATA.y)
    assert earliness(pipeline, samples, DATA.y, shares=2).at_shares[0].accuracy > 0.9
    values = DATA.sequences.values.clone()
    values[DATA.sequences.offsets[:-1]] = float("nan")  # the first prefix is missing altogether
    missing = DATA.sequences.with_values(values)
    model = small(missing="indicator").fit(missing, DATA.y)
    found = earliness(model, missing, DATA.y, shares=8)
    assert found.at_shares[0].accuracy == pytest.approx(0.5, abs=0.1)
    assert found.at_shares[-1].accuracy > 0.9


def test_a_prefix_is_predicted_once() -> None:
    """A sequence of 3 steps has 3 prefixes, however many shares there are."""
    model = Certainty()
    earliness(model, [np.ones(3), -np.ones(2)], ["up", "down"], shares=30)
    assert sorted(model.seen) == [1, 1, 2, 2, 3]


def test_predictions_of_short_sequences_stay_with_them() -> None:
    """After the first share, only the last two of three sequences grow."""
    samples = [np.ones(1), -np.ones(8), np.ones(8)]
    found = earliness(Certainty(), samples, ["up", "down", "up"], [], shares=8)
    assert [scores.accuracy for scores in found.at_shares] == [1.0] * 8


@pytest.mark.parametrize(("share", "read"), [(0.29, 29), (0.07, 7), (0.999, 99), (0.001, 1)])
def test_steps_are_rounded_down_but_at_least_one(share: float, read: int) -> None:
    found = earliness(Certainty(), [np.ones(100)], ["up"], [], shares=[share, 1.0])
    assert found.at_shares[0].share_read == read / 100


def test_a_class_without_samples_has_no_share() -> None:
    found = earliness(Certainty(), [np.ones(4)], ["up"], [0.6], shares=2)
    assert found.at_thresholds[0].share_read_per_class == {"down": None, "up": 0.5}


def test_samples_are_unchanged_and_no_torch_type_comes_back() -> None:
    values = DATA.sequences.values.clone()
    found = earliness(MODEL, DATA.sequences, DATA.y, shares=3)
    assert torch.equal(DATA.sequences.values, values)
    assert json.loads(json.dumps(found.to_dict())) == found.to_dict()
    assert {"value", "share_read", "share_read_per_class", "harmonic_mean", "report"} == set(
        found.to_dict()["at_shares"][0]
    )


def test_texts_show_the_scores() -> None:
    found = earliness(Certainty(), TEN, NAMES, [0.9], shares=2)
    assert (
        repr(found) == "Earliness(2 shares, 1 thresholds, whole sequences: accuracy 1.0000, macro F1 1.0000)"
    )
    assert repr(found.at_shares[0]) == "EarlyScores(0.5: 0.500 read, accuracy 0.6667, macro F1 0.6667)"
    lines = str(found).splitlines()
    assert lines[1].split() == ["0.50", "0.500", "0.667", "0.667", "0.571"]
    assert lines[-1].split() == ["0.90", "1.000", "1.000", "1.000", "0.000"]
    assert "threshold" not in str(earliness(Certainty(), TEN, NAMES, [], shares=2))
    with pytest.raises(AttributeError):
        found.at_shares = ()  # type: ignore[misc]


def test_reading_everything_leaves_nothing_to_save() -> None:
    report = evaluate(["a", "b"], ["b", "a"])
    scores = EarlyScores(value=1.0, share_read=1.0, share_read_per_class={}, report=report)
    assert scores.harmonic_mean == 0.0  # and no division by 0


def test_the_plot_has_a_line_for_shares_and_a_point_for_each_threshold() -> None:
    found = earliness(Certainty(), TEN, NAMES, [0.55, 0.7, 0.9], shares=5)
    figure = found.plot()
    figure.draw_without_rendering()
    for axes, score in zip(figure.axes, ("accuracy", "macro_f1"), strict=True):
        line, points = axes.lines
        assert np.array_equal(line.get_xdata(), [s.share_read for s in found.at_shares])
        assert np.array_equal(line.get_ydata(), [getattr(s, score) for s in found.at_shares])
        assert np.array_equal(points.get_ydata(), [getattr(s, score) for s in found.at_thresholds])
        assert [text.get_text() for text in axes.texts] == ["0.55", "0.7", "0.9"]
        box = axes.get_tightbbox()
        assert box is not None
        assert 0 <= box.x0 < box.x1 <= figure.bbox.width
    without = earliness(Certainty(), TEN, NAMES, [], shares=5).plot()
    assert [len(axes.lines) for axes in without.axes] == [1, 1]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"shares": 0}, ValueError, "`shares` must be at least 1; got 0"),
        ({"shares": [0.5]}, ValueError, "increase from above 0 to 1, which is whole sequences; got"),
        ({"shares": [0.5, 0.4, 1.0]}, ValueError, "`shares` must be a number of parts, or increase"),
        ({"shares": [0.0, 1.0]}, ValueError, "`shares` must be a number of parts, or increase"),
        ({"shares": []}, ValueError, "`shares` must be a number of parts, or increase"),
        ({"shares": [0.2, float("nan"), 1.0]}, ValueError, "`shares` must be a number of parts, or increase"),
        ({"shares": "all"}, TypeError, "`shares` must hold real numbers"),
        ({"thresholds": [0.5, 1.1]}, ValueError, "`thresholds` must be a list of probabilities in"),
        ({"thresholds": 0.5}, ValueError, "`thresholds` must be a list of probabilities in"),
        ({"thresholds": [float("nan")]}, ValueError, "`thresholds` must be a list of probabilities in"),
        ({"y": ["up"]}, ValueError, r"got 3 samples and labels of shape \(1,\)"),
        ({"X": [], "y": []}, ValueError, "there must be a sample; got 0 samples"),
        ({"y": ["up", "down", "left"]}, ValueError, "`labels` must contain every label of `y_true`"),
        ({"X": np.ones((3, 4))}, TypeError, "or a list of sequences; got ndarray. Pass `as_sequences"),
        ({"X": [[1.0], [], [2.0]]}, ValueError, r"at least one step; got none in X\[1\]. Leave it out"),
    ],
)
def test_wrong_arguments_are_refused(options: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        earliness(**{"model": Certainty(), "X": TEN, "y": NAMES, **options})
