"""Occlusion finds the steps that a prediction depends on, and only those."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.pipeline import make_pipeline

from ramps import ramps, small
from seqclf import SequenceEnsemble, ZScore, as_sequences
from seqclf.evaluation import Occlusion, occlusion
from seqclf.exceptions import InvalidSequenceError
from strategies import sequences_with_static

DATA = ramps(48)
MODEL = small().fit(DATA.sequences, DATA.y)
ONE_FEATURE = small(max_epochs=1).fit([x[:, :1] for x in DATA.arrays], DATA.y)
WITH_STATIC = small(max_epochs=2).fit(
    DATA.sequences.with_static(np.random.default_rng(0).normal(size=48)), DATA.y
)


class ReadsSome(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """The logit of "up" is the sum of one feature over some steps, without training; reads any container of arrays."""

    classes_ = np.array(["down", "up"])

    def __init__(self, first: int = 0, last: int = 10**9, feature: int = 0, weight: float = 1.0) -> None:
        self.first, self.last, self.feature, self.weight = first, last, feature, weight

    def predict_proba(self, X: Any) -> Any:
        rows = [np.asarray(x, dtype=np.float64).reshape(len(x), -1) for x in X]
        logit = self.weight * np.array([row[self.first : self.last, self.feature].sum() for row in rows])
        return np.column_stack([1 / (1 + np.exp(logit)), 1 / (1 + np.exp(-logit))])

    def with_random_weights(self, *, random_state: Any = None) -> ReadsSome:
        return ReadsSome(weight=0.001 * (random_state % 1000))


def test_a_tiny_case_by_hand() -> None:
    """Of 0, 3, 0, 0 the second step is hidden by a line from 0 to 0: the logit drops by 3."""
    found = occlusion(ReadsSome(), [0.0, 3.0, 0.0, 0.0], window=1, controls=0)
    assert found.label == "up"
    assert found.probability == pytest.approx(1 / (1 + np.exp(-3)))
    assert found.drops == pytest.approx([-3.0, 3.0, -1.5, 0.0])  # the first step becomes 3, the third 1.5
    assert found.values.tolist() == [[0.0], [3.0], [0.0], [0.0]]


def test_the_drop_of_a_step_is_the_mean_over_its_windows() -> None:
    """Windows of 2 over 5 steps: {0}, {0, 1}, {1, 2}, {2, 3}, {3, 4}, {4}, each filled with 0."""
    found = occlusion(ReadsSome(), [1.0, 2.0, 4.0, 8.0, 16.0], window=2, fill=0, controls=0)
    of_window = [1, 3, 6, 12, 24, 16]
    assert found.drops == pytest.approx([(a + b) / 2 for a, b in pairwise(of_window)])


@pytest.mark.parametrize(("window", "steps"), [(3, 3), (0.25, 5), (0.01, 1), (0.99, 19), (np.int64(4), 4)])
def test_a_window_is_a_number_or_a_share_of_the_steps(window: Any, steps: int) -> None:
    assert occlusion(ReadsSome(), np.arange(20.0), window=window, controls=0).window == steps


@settings(deadline=None, max_examples=40)
@given(st.integers(2, 30), st.data())
def test_a_model_that_ignores_a_region_has_no_drop_there(n: int, data: st.DataObject) -> None:
    rng = np.random.default_rng(n)
    first = data.draw(st.integers(0, n - 1))
    last = data.draw(st.integers(first + 1, n))
    size = data.draw(st.integers(1, n - 1))
    stride = data.draw(st.integers(1, size))
    fill: Any = data.draw(st.sampled_from(["interpolate", "mean", 7.0]))
    sequence = rng.normal(size=(n, 2))
    found = occlusion(ReadsSome(first, last), sequence, window=size, stride=stride, fill=fill, controls=0)
    far = (np.arange(n) <= first - size) | (np.arange(n) >= last - 1 + size)
    assert (found.drops[far] == 0).all()
    assert np.isfinite(found.drops).all()
    per_feature = occlusion(
        ReadsSome(first, last),
        sequence,
        window=size,
        stride=stride,
        fill=fill,
        per="feature",
        controls=0,
    )
    assert (per_feature.drops[:, 1] == 0).all()
    assert np.allclose(per_feature.drops[:, 0], found.drops)


@settings(deadline=None, max_examples=30)
@given(st.floats(-50, 50, width=32), st.integers(2, 20), st.data())
def test_a_constant_signal_has_no_drop(value: float, n: int, data: st.DataObject) -> None:
    size = data.draw(st.integers(1, n - 1))
    constant = np.full((n, 2), value)
    for fill in ("interpolate", value):
        found = occlusion(MODEL, constant, window=size, fill=fill, controls=2, random_state=0)
        assert np.abs(found.drops).max() == 0
        assert np.abs(found.control_drops).max() == 0
        assert found.correlations.tolist() == [0.0, 0.0]


@settings(deadline=None, max_examples=30)
@given(st.integers(3, 25), st.integers(0, 1000))
def test_a_straight_line_is_not_changed_inside(n: int, seed: int) -> None:
    slope, start = np.random.default_rng(seed).normal(size=2)
    found = occlusion(ReadsSome(), start + slope * np.arange(n), window=1, controls=0)
    assert found.drops[1:-1] == pytest.approx(np.zeros(n - 2), abs=1e-9)


@pytest.mark.filterwarnings("ignore:.*far from the training samples")
@settings(deadline=None, max_examples=20)
@given(sequences_with_static(n_static=1, n_features=2, max_sequences=1, max_length=9), st.integers(0, 99))
def test_each_window_is_predicted_as_a_sequence_of_its_own(one: Any, seed: int) -> None:
    """A plain loop over windows, one prediction at a time, gives the same drops."""
    n = len(one.values)
    if n < 2:
        return
    size = 1 + seed % (n - 1)
    found = occlusion(WITH_STATIC, one, window=size, fill=0.5, controls=0, label=1)

    def logit(values: torch.Tensor) -> float:
        proba = WITH_STATIC.predict_proba(one.with_values(values))[0]
        return float(np.log(proba[1]) - np.log(proba[0]))

    total, count = np.zeros(n), np.zeros(n)
    for start in range(1 - size, n):
        window = slice(max(0, start), min(n, start + size))
        values = one.values.clone()
        values[window] = 0.5
        total[window] += logit(one.values) - logit(values)
        count[window] += 1
    assert (count == size).all()
    assert found.drops == pytest.approx(total / count, abs=1e-5)


def test_the_logit_of_a_class_is_that_of_the_estimator() -> None:
    """For two classes, it is `decision_function`, also where probabilities are rounded to 0 and 1."""
    sure = occlusion(ReadsSome(), [0.0, 600.0, 0.0], window=1, fill=0, controls=0, label="up")
    assert sure.drops[1] == pytest.approx(600, rel=1e-6)
    array = DATA.arrays[0]
    found = occlusion(MODEL, array, window=1, fill=0.0, controls=0, label=1)
    hidden = array.copy()
    hidden[2] = 0
    difference = MODEL.decision_function([array]) - MODEL.decision_function([hidden])
    assert found.drops[2] == pytest.approx(difference[0], abs=1e-5)
    other = occlusion(MODEL, array, window=1, fill=0.0, controls=0, label=0)
    assert other.drops == pytest.approx(-found.drops)


def test_fills() -> None:
    """The second of 1, 5, 3, 7 becomes 2, the mean 4, a number, or missing."""
    sequence = np.array([1.0, 5.0, 3.0, 7.0])
    drops = {
        fill: occlusion(ReadsSome(), sequence, window=1, fill=fill, controls=0).drops[1]
        for fill in ("interpolate", "mean", 0.5)
    }
    assert drops == pytest.approx({"interpolate": 3.0, "mean": 1.0, 0.5: 4.5})
    model = small(missing="indicator").fit([np.where(x < 0.25, np.nan, x) for x in DATA.arrays], DATA.y)
    found = occlusion(model, DATA.arrays[1], window=1, fill=float("nan"), controls=1)
    assert np.isfinite(found.drops).all()
    assert np.abs(found.drops).max() > 0


def test_missing_values_are_filled_from_observed_ones() -> None:
    """Next to a missing value, the line goes to the nearest observed one; a feature without observations stays missing."""
    seen: list[Any] = []

    class Notes(ReadsSome):
        def predict_proba(self, X: Any) -> Any:
            seen.extend(X)
            return np.tile([0.4, 0.6], (len(X), 1))

    gap = np.array([[0.0, np.nan], [1.0, np.nan], [np.nan, np.nan], [3.0, np.nan], [8.0, np.nan]])
    for fill, second, third in (("interpolate", 1.0, 2.0), ("mean", 3.0, 3.0)):
        seen.clear()
        occlusion(Notes(), gap, window=1, fill=fill, controls=0)  # type: ignore[arg-type]
        original, _, hides_second, hides_third, *_ = np.stack(seen)
        np.testing.assert_array_equal(original, gap)
        assert np.isnan(np.stack(seen)[:, :, 1]).all()
        assert hides_second[:, 0] == pytest.approx([0.0, second, np.nan, 3.0, 8.0], nan_ok=True)
        assert hides_third[:, 0] == pytest.approx([0.0, 1.0, third, 3.0, 8.0])


def test_tokens_become_unknown_and_are_a_column_of_their_own() -> None:
    rng = np.random.default_rng(0)
    y = np.arange(60) % 2
    words = ["".join(rng.choice(list("xyz"), size=6)) for _ in y]
    words = [word[:3] + "ab"[label] + word[3:] for word, label in zip(words, y, strict=True)]
    letters = as_sequences(words, vocabulary="auto")
    model = small(max_epochs=40, hidden_size=12).fit(letters, y)
    found = occlusion(model, letters[1:2], window=1, controls=1)
    assert found.names == ("token",)
    assert int(found.drops.argmax()) == 3
    found.plot().draw_without_rendering()
    noise = torch.from_numpy(rng.normal(size=(len(letters.values), 1)).astype("f4"))
    both = letters.with_values(noise)
    found = occlusion(small(max_epochs=40).fit(both, y), both[1:2], window=1, per="feature", controls=2)
    assert found.names == ("0", "token")
    assert found.drops.shape == (7, 2)
    assert int(found.drops.argmax()) == 3 * 2 + 1
    found.plot().draw_without_rendering()


def test_only_the_occluded_feature_changes() -> None:
    sequence = np.column_stack([np.arange(6.0), 5 * np.ones(6)])
    found = occlusion(ReadsSome(feature=0), sequence, window=2, fill=0, per="feature", controls=0)
    assert (found.drops[:, 1] == 0).all()
    assert found.drops[2, 0] > 0
    assert found.drops[3, 0] == pytest.approx(((2 + 3) + (3 + 4)) / 2)


def test_a_model_learns_where_to_look_and_a_random_one_does_not() -> None:
    """Only steps 4 and 5 of 12 tell the classes apart."""
    rng = np.random.default_rng(0)
    y = np.arange(160) % 2
    X = [0.3 * rng.normal(size=12) for _ in y]
    for x, label in zip(X, y, strict=True):
        x[4:6] += 2 * label - 1
    model = small(max_epochs=40, hidden_size=12).fit(X, y)
    found = occlusion(model, X[1], window=2, fill=0.0, random_state=0)
    assert set(np.argsort(-found.drops)[:2]) == {4, 5}
    assert np.median(found.correlations) < 0.8
    assert occlusion(model, X[1], controls=[model]).correlations == pytest.approx([1.0])


@pytest.mark.parametrize("kind", ["estimator", "pipeline", "ensemble"])
def test_controls_have_random_weights(kind: str) -> None:
    model: Any = {
        "estimator": small(max_epochs=3),
        "pipeline": make_pipeline(ZScore(), small(max_epochs=3)),
        "ensemble": SequenceEnsemble(estimators=[small(max_epochs=2)], n_members=2, n_jobs=1, random_state=0),
    }[kind].fit(DATA.arrays, DATA.y)
    before = model.predict_proba(DATA.arrays)
    first, again, other = (
        occlusion(model, DATA.arrays[0], window=2, controls=3, random_state=seed) for seed in (0, 0, 1)
    )
    assert first.control_drops.shape == (3, *first.drops.shape)
    assert np.array_equal(first.control_drops, again.control_drops)
    assert not np.array_equal(first.control_drops, other.control_drops)
    assert len({row.tobytes() for row in first.control_drops}) == 3
    assert np.array_equal(first.drops, other.drops)
    assert np.array_equal(model.predict_proba(DATA.arrays), before)
    assert occlusion(model, DATA.arrays[0], controls=0).control_drops.shape == (0, len(DATA.arrays[0]))


def test_neither_the_sequence_nor_the_global_state_changes() -> None:
    one = DATA.sequences[:1]
    values, state = one.values.clone(), np.random.get_state(legacy=False)["state"]["key"].copy()  # noqa: NPY002
    array = DATA.arrays[0].copy()
    occlusion(MODEL, one)
    occlusion(MODEL, array)
    assert torch.equal(one.values, values)
    assert np.array_equal(array, DATA.arrays[0])
    assert np.array_equal(np.random.get_state(legacy=False)["state"]["key"], state)  # noqa: NPY002


def test_containers_agree() -> None:
    whole = occlusion(MODEL, DATA.sequences[3:4], window=2, controls=0)
    for one in (DATA.arrays[3], DATA.arrays[3].tolist(), DATA.sequences[3]):
        assert occlusion(MODEL, one, window=2, controls=0).drops == pytest.approx(whole.drops, abs=1e-6)
    integers = occlusion(ReadsSome(), [0, 3, 0, 1], window=2, controls=0)
    floats = occlusion(ReadsSome(), [0.0, 3.0, 0.0, 1.0], window=2, controls=0)
    assert np.array_equal(integers.drops, floats.drops)


def result(**fields: Any) -> Occlusion:
    return Occlusion(
        **{
            "label": "V",
            "probability": 0.9,
            "window": 2,
            "names": ("a",),
            "values": np.arange(6.0)[:, None],
            "drops": np.array([0.0, 1.0, 4.0, 2.0, 1.9, -5.0]),
            "control_drops": np.array([[0.0, 1.0, 2.0, 3.0, 4.0, 5.0], [0.0, 2.0, 8.0, 4.0, 3.8, 10.0]]),
            **fields,
        }
    )


def test_correlations_compare_the_shapes_of_the_drops() -> None:
    """A control with the same order of sizes has correlation 1, whatever its scale and signs."""
    found = result()
    assert found.correlations[1] == pytest.approx(1.0)
    assert found.correlations[0] == pytest.approx(np.corrcoef([1, 2, 5, 4, 3, 6], [1, 2, 3, 4, 5, 6])[0, 1])
    assert result(control_drops=np.zeros((0, 6))).correlations.shape == (0,)


def test_texts_name_the_steps_with_the_largest_drop() -> None:
    found = result()
    assert str(found).splitlines() == [
        "class 'V', probability 0.900; windows of 2 of 6 steps",
        "largest drop of its logit: 4.00, steps 2 to 3",
        "controls: rank correlation with their drops 0.89 (0.77 to 1.00)",
    ]
    assert repr(found) == "Occlusion(class 'V', 6 steps, largest drop 4.00)"
    of_two = result(
        names=("a", "b"), drops=np.array([[1.0, 0.0], [0.0, 2.0]]), control_drops=np.zeros((0, 2, 2))
    )
    assert str(of_two).splitlines()[1:] == ["largest drop of its logit: 2.00, steps 1 to 1 of b"]
    assert "steps 0 to 5" in str(result(drops=np.ones(6), control_drops=np.zeros((0, 6))))


def test_a_result_is_read_only() -> None:
    for name in ("values", "drops", "control_drops"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(result(), name)[0] = 1


def test_the_plot_shows_the_signal_the_drops_and_the_scaled_controls() -> None:
    found = result()
    figure = found.plot()
    figure.draw_without_rendering()
    signal, drops = figure.axes
    assert np.array_equal(signal.lines[0].get_ydata(), np.arange(6.0))
    np.testing.assert_allclose(np.asarray(signal.collections[0].get_array()).ravel(), found.drops)
    _, *controls, mine = drops.lines
    assert np.array_equal(mine.get_ydata(), found.drops)
    for line, control in zip(controls, found.control_drops, strict=True):
        np.testing.assert_allclose(np.asarray(line.get_ydata()), control * 5 / np.abs(control).max())
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "random weights, scaled",
        "drop of the logit",
    ]
    assert drops.get_ylim()[0] < -5 < 5 < drops.get_ylim()[1]


@pytest.mark.parametrize("n_features", [1, 3])
@pytest.mark.parametrize("per", ["step", "feature"])
def test_everything_is_inside_the_plot(per: str, n_features: int) -> None:
    shape = (6, n_features) if per == "feature" else (6,)
    rng = np.random.default_rng(0)
    figure = result(
        names=tuple(f"a rather long name {i}" for i in range(n_features)),
        values=rng.normal(size=(6, n_features)),
        drops=rng.normal(size=shape),
        control_drops=rng.normal(size=(3, *shape)),
    ).plot()
    figure.draw_without_rendering()
    for axes in figure.axes:
        box = axes.get_tightbbox()
        assert box is not None
        assert 0 <= box.x0 < box.x1 <= figure.bbox.width
        assert 0 <= box.y0 < box.y1 <= figure.bbox.height


@pytest.mark.parametrize("shape", [(6,), (6, 1)])
def test_a_plot_without_controls_shows_the_drops_only(shape: tuple[int, ...]) -> None:
    figure = result(drops=np.arange(6.0).reshape(shape), control_drops=np.zeros((0, *shape))).plot()
    figure.draw_without_rendering()
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["drop of the logit"]


def test_a_plot_without_any_drop_can_be_drawn() -> None:
    result(drops=np.zeros(6), control_drops=np.zeros((1, 6))).plot().draw_without_rendering()


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"window": 4}, ValueError, "smaller than the sequence, which has 4 steps; got 4. The default is"),
        ({"window": 0}, ValueError, "`window` must be at least 1; got 0"),
        ({"window": 1.5}, ValueError, r"a number of steps, or a share in \(0, 1\); got 1.5"),
        ({"window": 0.0}, ValueError, r"a number of steps, or a share in \(0, 1\); got 0.0"),
        ({"window": "wide"}, TypeError, "`window` must be a number; got 'wide'"),
        ({"window": True}, TypeError, "`window` must be a number; got True"),
        ({"window": 2, "stride": 3}, ValueError, "`stride` must be at most `window`, 2 steps, so that each"),
        ({"stride": 0}, ValueError, "`stride` must be at least 1; got 0"),
        ({"fill": "zero"}, ValueError, r"`fill` must be one of \['interpolate', 'mean'\]; got 'zero'"),
        ({"fill": float("inf")}, ValueError, "`fill` must be finite, or NaN for missing; got inf"),
        ({"fill": None}, TypeError, "`fill` must be a number; got None"),
        ({"per": "time"}, ValueError, r"`per` must be one of \['step', 'feature'\]; got 'time'"),
        ({"label": "left"}, ValueError, r"`label` must be one of the model's classes, \['down', 'up'\]; got"),
        ({"controls": -1}, ValueError, "`controls` must be at least 0; got -1"),
        ({"controls": "many"}, TypeError, "`controls` must be a sequence of fitted estimators; got 'many'"),
        (
            {"controls": [ONE_FEATURE]},
            ValueError,
            r"`controls` must know the class 'up'; got one with \[0, 1\]",
        ),
        ({"feature_names": ["a", "b"]}, ValueError, "one name for each of the 1 features and token columns"),
        ({"feature_names": "a"}, ValueError, "one name for each of the 1 features and token columns"),
        ({"random_state": -1}, ValueError, "`random_state` must be an integer from 0"),
        ({"sequence": [1.0]}, ValueError, "at least two steps, so that one can be hidden; got 1"),
        ({"sequence": ["a", "b"]}, TypeError, "one sequence of numbers, .* Pass `as_sequences"),
        ({"sequence": [[1.0, 2.0], [3.0]]}, TypeError, r"of unequal lengths\. Pass `X\[i\]` for sequence i"),
        ({"sequence": np.ones((2, 3, 4))}, TypeError, r"one sequence of numbers, .* shape \(2, 3, 4\)"),
        ({"sequence": DATA.sequences[:2]}, ValueError, r"one sequence; got 2. Pass `X\[i:i \+ 1\]`"),
    ],
)
def test_wrong_arguments_are_refused(options: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        occlusion(**{"model": ReadsSome(), "sequence": [0.0, 3.0, 0.0, 1.0], "window": 1, **options})


def test_frames_must_have_the_columns_of_fit() -> None:
    frames = [pd.DataFrame(x[:, :2], columns=["lead", "pressure"]) for x in DATA.arrays]
    model = make_pipeline(ZScore(), small(max_epochs=1)).fit(frames, DATA.y)
    found = occlusion(model, frames[0], controls=0)
    assert found.names == ("lead", "pressure")
    np.testing.assert_array_equal(found.drops, occlusion(model, frames[0].to_numpy(), controls=0).drops)
    samples = as_sequences([frames[0]])
    assert occlusion(model, samples, controls=0).names == ("lead", "pressure")
    with pytest.raises(InvalidSequenceError, match=r"\['pressure', 'lead'\]"):
        occlusion(model, as_sequences([frames[0][["pressure", "lead"]]]), controls=0)
    message = (
        r"that `fit` saw, \['lead', 'pressure'\], in this order; got \['pressure', 'lead'\]\. Select them"
    )
    with pytest.raises(ValueError, match=message):
        occlusion(model, frames[0][["pressure", "lead"]], controls=0)


def test_a_model_without_random_weights_needs_other_controls() -> None:
    class Foreign(ReadsSome):
        with_random_weights = property()  # no such attribute

    with pytest.raises(TypeError, match="for a model without a method `with_random_weights`; got Foreign"):
        occlusion(Foreign(), [0.0, 3.0, 1.0])
    found = occlusion(Foreign(), [0.0, 3.0, 1.0], controls=[ReadsSome(weight=2.0)])
    assert found.control_drops[0] == pytest.approx(2 * found.drops)
