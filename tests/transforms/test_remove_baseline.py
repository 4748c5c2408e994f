"""Running medians, subtracted from ragged sequences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.pipeline import make_pipeline

from ramps import ramps, small
from seqclf import ZScore, as_sequences
from seqclf.export import to_onnx
from seqclf.persistence import load, save
from seqclf.transforms import RemoveBaseline, _remove_baseline
from strategies import Floats, ragged_arrays

DATA = ramps(24)


def by_hand(steps: NDArray[np.float64], windows: tuple[int, ...]) -> NDArray[np.float64]:
    baseline = steps
    for window in windows:
        wide = np.pad(baseline, ((window // 2, window // 2), (0, 0)), mode="edge")
        baseline = np.array([np.median(wide[i : i + window], axis=0) for i in range(len(steps))])
    return steps - baseline


def test_a_short_pulse_is_kept_and_a_step_of_the_level_is_not() -> None:
    level = np.repeat([2.0, 5.0], 20)
    pulse = np.zeros(40)
    pulse[10:12] = 1.0
    filtered = RemoveBaseline(windows=(7,)).fit_transform([level + pulse]).values.flatten()
    assert filtered.tolist() == pulse.tolist()


@settings(deadline=None, max_examples=50)
@given(
    ragged_arrays(n_features=2),
    st.lists(st.integers(0, 9).map(lambda half: 2 * half + 1), min_size=1, max_size=3).map(tuple),
)
def test_it_agrees_with_a_plain_loop(arrays: list[Floats], windows: tuple[int, ...]) -> None:
    filtered = RemoveBaseline(windows=windows).fit_transform(as_sequences(arrays, dtype="float64"))
    for got, steps in zip(filtered, arrays, strict=True):
        np.testing.assert_allclose(got, by_hand(steps.astype(np.float64), windows), atol=1e-9)


def test_a_window_much_longer_than_the_sequences_needs_no_more_memory() -> None:
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=(n, 1)) for n in (1, 2, 5, 30)]
    expected = [by_hand(steps, (1001,)) for steps in arrays]
    for window in (1001, 2_000_000_001):
        filtered = RemoveBaseline(windows=(window,)).fit_transform(as_sequences(arrays, dtype="float64"))
        for got, steps in zip(filtered, expected, strict=True):
            np.testing.assert_allclose(got, steps, atol=1e-12)


def test_blocks_do_not_change_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    X = as_sequences([rng.normal(size=(n, 2)) for n in (3, 40, 1, 7, 90, 12)])
    expected = RemoveBaseline(windows=(5, 9)).fit_transform(X)
    monkeypatch.setattr(_remove_baseline, "_MOST_STEPS", 30)
    assert RemoveBaseline(windows=(5, 9)).fit_transform(X) == expected


def test_names_of_features_stay() -> None:
    assert RemoveBaseline().fit([[[1.0, 2.0]]]).get_feature_names_out().tolist() == ["x0", "x1"]


def test_a_saved_model_filters_as_before(tmp_path: Path) -> None:
    model = small(scale=make_pipeline(RemoveBaseline(windows=[3, 5]), ZScore())).fit(DATA.arrays, DATA.y)
    save(model, tmp_path / "model.safetensors")
    again = load(tmp_path / "model.safetensors")
    assert list(again.scale[0].windows) == [3, 5]
    np.testing.assert_array_equal(again.predict_proba(DATA.arrays), model.predict_proba(DATA.arrays))


def test_exports_and_streams_say_that_they_cannot_filter(tmp_path: Path) -> None:
    model = small(scale=make_pipeline(RemoveBaseline(windows=(3,)), ZScore())).fit(DATA.arrays, DATA.y)
    with pytest.raises(
        TypeError, match=r"can export transformers of these classes: .*; got RemoveBaseline as .*Apply it to"
    ):
        to_onnx(model, tmp_path / "model.onnx")
    with pytest.raises((TypeError, ValueError), match="RemoveBaseline"):
        model.stream()


@pytest.mark.parametrize(
    ("windows", "message"),
    [
        ((25, 60), r"`windows` must be odd, .*; got windows\[1\]=60\. Pass 61\."),
        ((), r"`windows` must hold at least one number of steps; got none"),
        ((0,), r"windows\[0\].*got 0"),
        (25, r"`windows` must be a sequence of integers; got 25"),
        ((2.5,), r"windows\[0\]"),
    ],
)
def test_invalid_windows_are_refused(windows: Any, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        RemoveBaseline(windows=windows).fit([[1.0]])


def test_values_stay_on_their_dtype() -> None:
    assert RemoveBaseline().fit_transform([np.ones(3, dtype=np.float32)]).values.dtype == torch.float32
