"""Predictions for samples in other units than those of `fit`, or scaled in another way, come with a warning."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.typing import NDArray
from sklearn.pipeline import make_pipeline

from ramps import small
from seqclf import MinMax, SeqclfWarning, SequenceEnsemble, Sequences, ZScore, as_sequences, load, save
from seqclf.audit import audit_padding
from seqclf.estimators._sampled import LEAST_SEQUENCES, evenly_spread
from seqclf.estimators._training_range import TrainingRange
from seqclf.evaluation import earliness, occlusion

Array = NDArray[np.float64]
N = 60
Y = np.arange(N) % 2


def measured(n_features: int = 1) -> list[Array]:
    """Sequences around 70, with a standard deviation of 10."""
    rng = np.random.default_rng(0)
    return [rng.normal(70, 10, (rng.integers(20, 40), n_features)) for _ in range(N)]


X = measured()


def thousandfold(one: Array) -> Array:
    return one * 1000


def standardised(one: Array) -> Array:
    return (one - 70) / 10


def in_minutes(one: Array) -> Array:
    return one / 60


@pytest.fixture(scope="module")
def model() -> Any:
    return small(max_epochs=1).fit(X, Y)


def range_of(samples: Any) -> TrainingRange:
    found = TrainingRange.of(as_sequences(samples))
    assert found is not None
    return found


@pytest.mark.parametrize("changed", [thousandfold, standardised, in_minutes])
@pytest.mark.parametrize("count", [1, N])
def test_other_units_are_reported(model: Any, changed: Callable[[Array], Array], count: int) -> None:
    samples = [changed(one) for one in X[:count]]
    for method in (model.predict, model.predict_proba, model.decision_function, model.transform):
        with pytest.warns(SeqclfWarning, match=f"Feature 0 is far .* in {count} of {count} sequences: X"):
            method(samples)


def test_the_message_names_the_feature_the_sequence_and_its_values() -> None:
    frames = [pd.DataFrame(one, columns=["hr", "bp"]) for one in measured(2)]
    fitted = small(max_epochs=1).fit(frames, Y)
    mixed = [frame.assign(bp=frame["bp"] * (1000 if i >= 20 else 1)) for i, frame in enumerate(frames)]
    with pytest.warns(SeqclfWarning) as found:
        fitted.predict(mixed)
    (one,) = found
    mean = mixed[20]["bp"].mean()
    assert str(one.message).startswith(
        f"Feature 'bp' is far from the training samples in 40 of 60 sequences: X[20] has mean {mean:.3g} and "
    )
    assert one.filename == __file__


def test_similar_samples_are_not_reported(model: Any) -> None:
    rng = np.random.default_rng(1)
    model.predict([rng.normal(80, 15, (5, 1)) for _ in range(20)])
    model.predict([[70.0]])
    model.predict([[70.0] * 30])  # constant


def test_few_of_many_are_exceptions(model: Any) -> None:
    changed = [one * 1000 if i < 5 else one for i, one in enumerate(X)]
    model.predict(changed)
    changed = [one * 1000 if i < 6 else one for i, one in enumerate(X)]
    with pytest.warns(SeqclfWarning, match=r"in 6 of 60 sequences: X\[0\]"):
        model.predict(changed)


def test_few_sequences_must_lie_farther_outside(model: Any) -> None:
    shifted = [one + 50 for one in X]
    model.predict(shifted[: LEAST_SEQUENCES - 1])
    with pytest.warns(SeqclfWarning, match="is far"):
        model.predict(shifted[:LEAST_SEQUENCES])


@pytest.mark.parametrize("scale", [MinMax(per="sequence"), ZScore(per="sequence")])
def test_units_do_not_matter_if_each_sequence_is_scaled_by_itself(scale: Any) -> None:
    small(max_epochs=1, scale=scale).fit(X, Y).predict([thousandfold(one) for one in X])
    pipeline = make_pipeline(scale, small(max_epochs=1, scale=None)).fit(X, Y)
    pipeline.predict([thousandfold(one) for one in X])
    small(max_epochs=1, scale=make_pipeline(scale, ZScore())).fit(X, Y).predict(
        [thousandfold(one) for one in X]
    )
    small(max_epochs=1, scale=scale, missing="indicator").fit(X, Y).predict([thousandfold(one) for one in X])


def test_units_matter_if_the_statistics_of_a_sequence_are_kept() -> None:
    fitted = small(max_epochs=1, scale="sequence").fit(X, Y)
    with pytest.warns(SeqclfWarning, match="is far"):
        fitted.predict([thousandfold(one) for one in X])


def test_static_features_are_compared() -> None:
    ages = np.linspace(20, 80, N)[:, None]
    fitted = small(max_epochs=1).fit(as_sequences(X).with_static(ages, names=["age"]), Y)
    fitted.predict(as_sequences(X).with_static(ages + 10, names=["age"]))
    with pytest.warns(
        SeqclfWarning,
        match=r"'age' is far .* 60 of 60 sequences: X\[0\] is 300; in `fit`, values were 20 to 80",
    ):
        fitted.predict(as_sequences(X).with_static(ages * 15, names=["age"]))


def test_categories_and_constants_are_not_compared() -> None:
    flag = np.zeros((N, 1))
    flag[:3] = 1
    constant = np.full((N, 1), 250.0)
    samples = as_sequences(X).with_static(np.hstack([flag, constant]))
    fitted = small(max_epochs=1).fit(samples, Y)
    fitted.predict(as_sequences(X).with_static(np.hstack([flag + 7, constant * 2])))


def test_missing_values_are_left_out() -> None:
    holed = [one.copy() for one in X]
    for one in holed:
        one[::3] = np.nan
    holed[0][:] = np.nan
    whole, with_holes = range_of(X), TrainingRange.of(as_sequences(holed, missing="keep"))
    assert with_holes is not None
    for name in ("lowest_mean", "highest_mean", "lowest_deviation", "highest_deviation"):
        torch.testing.assert_close(getattr(with_holes, name), getattr(whole, name), rtol=0.2, atol=0)
    fitted = small(max_epochs=1, missing="indicator").fit(holed, Y)
    fitted.predict(holed)
    fitted.predict(holed[:1])
    with pytest.warns(SeqclfWarning, match=r"in 59 of 60 sequences: X\[1\]"):
        fitted.predict([thousandfold(one) for one in holed])


def test_means_and_deviations_are_those_of_single_sequences() -> None:
    found = range_of(X)
    means, deviations = [one.mean() for one in X], [one.std() for one in X]
    for got, expected in (
        (found.lowest_mean, min(means)),
        (found.highest_mean, max(means)),
        (found.lowest_deviation, min(deviations)),
        (found.highest_deviation, max(deviations)),
    ):
        assert got.item() == pytest.approx(expected, rel=1e-6)


def test_large_numbers_do_not_hide_their_deviation() -> None:
    times = [np.arange(20.0) + 1.7e9 + i for i in range(N)]
    found = TrainingRange.of(as_sequences(times, dtype="float64"))
    assert found is not None
    assert found.highest_deviation.item() == pytest.approx(np.arange(20).std())


def test_few_training_samples_say_too_little() -> None:
    few = LEAST_SEQUENCES - 1
    assert TrainingRange.of(as_sequences(X[:few])) is None
    small(max_epochs=1).fit(X[:few], Y[:few]).predict([thousandfold(one) for one in X])


def test_many_sequences_are_sampled() -> None:
    rng = np.random.default_rng(2)
    many = as_sequences(rng.normal(size=(2000, 5)), padding_value=None)
    with pytest.warns(SeqclfWarning, match=r"in 256 of 256 sequences that were looked at: X\[0\]"):
        small(max_epochs=1).fit(many, np.arange(2000) % 2).predict(many.with_values(many.values * 1000))


@pytest.mark.parametrize(
    ("count", "length"), [(1, 5), (256, 5), (257, 5), (2000, 5), (40, 30_000), (100, 200_000)]
)
def test_pieces_are_looked_at_from_the_first_to_the_last_sequence(count: int, length: int) -> None:
    offsets = length * torch.arange(count + 1)
    values = torch.zeros(1, 1).expand(count * length, 1)  # takes no memory
    positions = evenly_spread(Sequences.unchecked(values, offsets))
    assert (np.diff(positions) > 0).all()
    assert positions[0] == 0
    assert positions[-1] == count - 1
    assert min(count, LEAST_SEQUENCES) <= len(positions) <= 256
    assert len(positions) == min(count, LEAST_SEQUENCES) or len(positions) * length <= 1 << 20


def test_validation_samples_and_later_batches_are_compared() -> None:
    changed = [thousandfold(one) for one in X]
    with pytest.warns(SeqclfWarning, match="is far"):
        small(max_epochs=1).fit(X, Y, validation_data=(changed, Y))
    fitted = small().partial_fit(X, Y)
    with pytest.warns(SeqclfWarning, match="is far"):
        fitted.partial_fit(changed, Y)


def test_an_ensemble_warns_once_for_its_members() -> None:
    changed = [thousandfold(one) for one in X]
    ensemble = SequenceEnsemble(estimators=[small(max_epochs=1)], n_members=2, n_jobs=1)
    with pytest.warns(SeqclfWarning, match="is far") as found:
        ensemble.fit(X, Y, validation_data=(changed, Y))
    assert len(found) == 1
    with pytest.warns(SeqclfWarning, match="is far") as found:
        ensemble.predict(changed)
    assert [one.filename for one in found] == [__file__]
    alone = [small(max_epochs=1, scale=MinMax(per="sequence"))]
    SequenceEnsemble(estimators=alone, n_members=2, n_jobs=1).fit(X, Y).predict(changed)


def test_a_saved_model_still_warns(model: Any, tmp_path: Path) -> None:
    ensemble = SequenceEnsemble(estimators=[small(max_epochs=1)], n_members=1, n_jobs=1).fit(X, Y)
    for number, fitted in enumerate((model, ensemble)):
        save(fitted, tmp_path / f"{number}.safetensors")
        loaded = load(tmp_path / f"{number}.safetensors")
        with pytest.warns(SeqclfWarning, match="is far"):
            loaded.predict([thousandfold(one) for one in X])


def test_a_range_of_other_features_is_refused() -> None:
    assert range_of(X).has_columns_of(1)
    assert not range_of(measured(2)).has_columns_of(1)


def test_a_part_of_a_sequence_that_rises_is_not_flat() -> None:
    rising = [np.linspace(0, 1, 30) + 0.01 * i for i in range(N)]
    fitted = small(max_epochs=1).fit(rising, Y)
    fitted.predict([one[:4] for one in rising])
    with pytest.warns(SeqclfWarning, match="is far"):
        fitted.predict([one / 1000 for one in rising])


def test_flat_sequences_are_reported_if_they_are_many(model: Any) -> None:
    flat = [70 + 0.01 * (one - 70) for one in X]
    model.predict(flat[:29] + X[29:])
    with pytest.warns(SeqclfWarning, match="in 30 of 60"):
        model.predict(flat[:30] + X[30:])
    model.predict(flat[: LEAST_SEQUENCES - 1])


def test_samples_that_are_altered_on_purpose_are_not_compared() -> None:
    rng = np.random.default_rng(0)
    late = [np.concatenate([0.01 * rng.normal(size=30), rng.normal(size=10)]) for _ in range(N)]
    fitted = small(max_epochs=1).fit(late, Y)
    earliness(fitted, late, Y, shares=[0.5, 1.0])
    occlusion(fitted, late[0], fill=1000.0, controls=1)
    table = np.array(late)
    audit_padding(small(max_epochs=1).fit(table, Y), 1000 * table)


def test_a_stream_does_not_compare_single_steps() -> None:
    samples = as_sequences(X).with_static(np.linspace(500, 900, N)[:, None])
    stream = small(max_epochs=1).fit(samples, Y).stream()
    stream.reset(static=[[700.0]])
    stream.push([thousandfold(X[0])])
