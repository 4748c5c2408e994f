"""`Views` shows each feature by level, shape and differences."""

from __future__ import annotations

import pickle
import re
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone

from ramps import ramps, small
from seqclf import Differences, ZScore, as_sequences
from seqclf.transforms import Views

DATA, NEW = ramps(), ramps(20, seed=1)
ALL: Any = ("level", "shape", "level_difference", "shape_difference")
nan = float("nan")


def test_a_tiny_case_by_hand() -> None:
    seen = Views(views=ALL).fit_transform([[1.0, 3.0], [5.0, 7.0]])
    root = 5**0.5
    expected = [
        [-3 / root, -1, 0, 0],
        [-1 / root, 1, 2**0.5, 2**0.5],
        [1 / root, -1, 0, 0],
        [3 / root, 1, 2**0.5, 2**0.5],
    ]
    np.testing.assert_allclose(seen.values, expected, rtol=1e-6)
    assert seen.static is not None
    np.testing.assert_allclose(seen.static, [[-1, 0, 0], [1, 0, 0]], atol=1e-6)


@pytest.mark.parametrize("weights", [None, np.arange(48) % 3])
def test_each_view_is_what_the_other_transformers_give(weights: Any) -> None:
    def scaled(scaler: ZScore) -> Any:
        return scaler.fit(DATA.sequences, sample_weight=weights).transform(NEW.sequences)

    level, shape = scaled(ZScore()), scaled(ZScore(per="sequence", append_statistics=True))
    seen = Views(views=("shape", "level")).fit(DATA.sequences, sample_weight=weights).transform(NEW.sequences)
    torch.testing.assert_close(seen.values, torch.cat([shape.values, level.values], dim=1), rtol=0, atol=0)
    torch.testing.assert_close(seen.static, shape.static, rtol=0, atol=0)
    of_level = Views(views=("level_difference",)).fit(DATA.sequences, sample_weight=weights)
    changes = of_level.transform(NEW.sequences).values
    expected = Differences(append=False).fit_transform(level).values
    for feature in range(2):
        moved = expected[:, feature] != 0
        factor = changes[moved, feature] / expected[moved, feature]
        torch.testing.assert_close(factor, factor[:1].expand_as(factor))


def test_differences_have_the_size_1_over_the_training_samples() -> None:
    seen = Views(views=("level_difference", "shape_difference")).fit_transform(DATA.sequences)
    torch.testing.assert_close(seen.values.square().mean(dim=0), torch.ones(4))


@given(st.integers(0, 2**32 - 1))
def test_a_sequence_is_seen_alone_as_among_others(seed: int) -> None:
    views = Views(views=ALL).fit(DATA.sequences)
    order = np.random.default_rng(seed).permutation(len(NEW.y))[:5]
    together = views.transform(NEW.sequences[order])
    for place, i in enumerate(order):
        alone = views.transform([NEW.arrays[i]])
        torch.testing.assert_close(alone.values, together[place], rtol=0, atol=0)
        assert alone.lengths.tolist() == [NEW.lengths[i]]
    padded = views.transform(NEW.padded(width=12, padding=7.0)[order], lengths=NEW.lengths[order])
    torch.testing.assert_close(padded.values, together.values, rtol=0, atol=0)


def test_missing_values_do_not_count() -> None:
    complete = [[1.0, 3.0], [5.0, 7.0]]
    holes = [[1.0, nan, 3.0], [5.0, 7.0, nan]]
    known = Views(views=ALL, missing="keep").fit_transform(as_sequences(holes, missing="keep"))
    expected = Views(views=("level", "shape")).fit_transform(complete).values
    kept = ~known.values[:, :2].isnan().any(dim=1)
    assert kept.tolist() == [True, False, True, True, True, False]
    torch.testing.assert_close(known.values[kept][:, :2], expected)
    assert torch.isfinite(known.values[:, 2:]).all()
    assert known.values[1, 2:].tolist() == known.values[5, 2:].tolist() == [0.0, 0.0]
    with pytest.raises(ValueError, match="NaN"):
        Views().fit(as_sequences(holes, missing="keep"))


def test_inside_an_estimator_it_is_the_scale_of_that_name() -> None:
    named = small(scale="views").fit(DATA.arrays, DATA.y)
    given = small(scale=Views()).fit(DATA.arrays, DATA.y)
    np.testing.assert_array_equal(named.predict_proba(NEW.arrays), given.predict_proba(NEW.arrays))
    assert named.n_features_in_ == 2


def test_missing_values_inside_an_estimator() -> None:
    holes = [array.copy() for array in DATA.arrays]
    for array in holes[::3]:
        array[0, 0] = nan
    model = small(scale="views", missing="indicator", max_epochs=30).fit(holes, DATA.y)
    assert model.score(holes, DATA.y) >= 0.9


def test_it_is_copied_and_saved() -> None:
    fitted = Views(views=ALL).fit(DATA.arrays)
    expected = fitted.transform(NEW.arrays)
    assert pickle.loads(pickle.dumps(fitted)).transform(NEW.arrays) == expected
    assert clone(fitted).fit(DATA.arrays).transform(NEW.arrays) == expected
    assert fitted.get_feature_names_out().tolist()[:3] == ["level_x0", "level_x1", "shape_x0"]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"views": ()}, ValueError, "`views` must hold at least one of ['level', 'shape',"),
        ({"views": ("level", "form")}, ValueError, "`views[1]` must be one of ('level', 'shape',"),
        ({"views": "level"}, TypeError, "`views` must be a sequence of views"),
        ({"missing": "fill"}, ValueError, "`missing` must be one of ['error', 'keep']; got 'fill'"),
    ],
)
def test_wrong_parameters_raise(options: dict[str, Any], error: type[Exception], message: str) -> None:
    message = message.replace("('level', 'shape',", "['level', 'shape',")
    with pytest.raises(error, match=re.escape(message)):
        Views(**options).fit(DATA.arrays)
