"""scikit-learn's tools work on lists, `Sequences` and padded arrays of several features."""

from __future__ import annotations

import io
import pickle
import random
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
import sklearn
import torch
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.utils import estimator_html_repr

from ramps import SMALL, ramps, small
from seqclf import GRUClassifier, RecurrentClassifier, ZScore
from seqclf.sequences import Jitter

DATA, NEW = ramps(), ramps(20, seed=1)
BROKEN = DATA.padded(padding=float("nan"))
every_form = pytest.mark.parametrize("form", ["list", "Sequences", "array"])


@every_form
def test_every_form_of_the_same_samples_gives_the_same_model(form: str) -> None:
    model = small().fit(DATA.form(form), DATA.y)
    expected = small().fit(DATA.sequences, DATA.y).predict_proba(NEW.sequences)
    for new in ("list", "Sequences", "array"):
        np.testing.assert_array_equal(model.predict_proba(NEW.form(new)), expected)
    assert model.score(NEW.form(form), NEW.y) >= 0.9
    assert model.n_features_in_ == 2


@pytest.mark.parametrize("padding", [float("nan"), 1e9, 0.5])
def test_what_stands_behind_the_lengths_changes_nothing(padding: float) -> None:
    expected = small().fit(DATA.arrays, DATA.y)
    model = small().fit(DATA.padded(padding=padding), DATA.y, lengths=DATA.lengths)
    table, lengths = NEW.padded(width=11, padding=padding), NEW.lengths
    for method in ("predict", "predict_proba", "decision_function", "transform"):
        answer = getattr(model, method)(table, lengths)
        np.testing.assert_array_equal(answer, getattr(expected, method)(NEW.arrays))
    assert model.score(table, NEW.y, lengths) == expected.score(NEW.arrays, NEW.y)


def test_answers_agree_with_each_other() -> None:
    three = np.arange(len(DATA.y)) % 3
    for y in (DATA.y, three):
        model = small(max_epochs=3).fit(DATA.sequences, y)
        proba, scores = model.predict_proba(DATA.sequences), model.decision_function(DATA.sequences)
        np.testing.assert_allclose(proba.sum(axis=1), 1)
        np.testing.assert_array_equal(model.predict(DATA.sequences), model.classes_[proba.argmax(axis=1)])
        if len(model.classes_) == 2:
            np.testing.assert_allclose(scores, np.log(proba[:, 1] / proba[:, 0]), atol=1e-6)
        else:
            np.testing.assert_allclose(np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True), proba)
        expected = accuracy_score(y, model.predict(DATA.sequences))
        assert model.score(DATA.sequences, y) == pytest.approx(expected)


def test_a_score_may_be_weighted() -> None:
    model = small(max_epochs=1).fit(DATA.sequences, DATA.y)
    right = model.predict(NEW.sequences) == NEW.y
    assert 0 < right.sum() < len(right)
    assert model.score(NEW.sequences, NEW.y, sample_weight=right) == 1.0


def test_predictions_do_not_depend_on_neighbours() -> None:
    model = small(bidirectional=True, pooling=("last", "mean", "max", "attention")).fit(DATA.arrays, DATA.y)
    together = model.predict_proba(NEW.arrays)
    alone = np.concatenate([model.predict_proba([array]) for array in NEW.arrays])
    np.testing.assert_allclose(together, alone, atol=1e-5)
    np.testing.assert_allclose(model.predict_proba(NEW.arrays[::-1])[::-1], together, atol=1e-5)


def test_not_fitted_is_an_error() -> None:
    for method in ("predict", "predict_proba", "decision_function", "transform"):
        with pytest.raises(NotFittedError, match="not fitted yet"):
            getattr(small(), method)(NEW.arrays)


@pytest.mark.parametrize(
    ("labels", "kind"),
    [(["falls", "rises"], "U"), ([False, True], "b"), ([-1, 7], "i"), ([2.0, 4.0], "f")],
)
def test_any_labels_come_back(labels: list[Any], kind: str) -> None:
    y = np.array(labels)[DATA.y]
    model = small().fit(DATA.sequences, y)
    assert model.classes_.tolist() == labels
    predicted = model.predict(NEW.sequences)
    assert predicted.dtype.kind == kind
    assert np.mean(predicted == np.array(labels)[NEW.y]) >= 0.9
    assert model.score(NEW.sequences, np.array(labels)[NEW.y]) >= 0.9


def test_labels_need_not_come_sorted() -> None:
    y = np.array(["z", "a"])[DATA.y]
    model = small(max_epochs=30).fit(DATA.sequences, y)
    assert model.classes_.tolist() == ["a", "z"]
    assert model.score(NEW.sequences, np.array(["z", "a"])[NEW.y]) >= 0.9


# --- scikit-learn's tools ---------------------------------------------------------------------------------------


@every_form
def test_a_clone_learns_the_same(form: str) -> None:
    model = small(pooling=("mean", "max")).fit(DATA.form(form), DATA.y)
    twin = clone(model)
    assert twin.get_params() == model.get_params()
    assert not hasattr(twin, "module_")
    twin.fit(DATA.form(form), DATA.y)
    np.testing.assert_array_equal(twin.predict_proba(NEW.arrays), model.predict_proba(NEW.arrays))


@every_form
def test_it_ends_a_pipeline(form: str) -> None:
    pipeline = make_pipeline(ZScore(), small()).fit(DATA.form(form), DATA.y)
    assert pipeline.score(NEW.form(form), NEW.y) >= 0.9
    pipeline.set_params(gruclassifier__hidden_size=3).fit(DATA.form(form), DATA.y)
    assert pipeline.transform(NEW.form(form)).shape == (20, 9)


@every_form
def test_it_is_a_transformer_within_a_pipeline(form: str) -> None:
    pipeline = make_pipeline(small(), LogisticRegression()).fit(DATA.form(form), DATA.y)
    assert pipeline.score(NEW.form(form), NEW.y) >= 0.9
    names = pipeline[:-1].get_feature_names_out()
    assert names.tolist() == [f"gruclassifier{i}" for i in range(18)]


def test_summaries_may_become_a_data_frame() -> None:
    frame = small(max_epochs=1).set_output(transform="pandas").fit_transform(DATA.arrays, DATA.y)
    assert list(frame.columns) == [f"gruclassifier{i}" for i in range(18)]


def test_fitting_and_transforming_at_once_keeps_the_lengths() -> None:
    at_once = small(max_epochs=2).fit_transform(BROKEN, DATA.y, lengths=DATA.lengths)
    np.testing.assert_array_equal(
        at_once, small(max_epochs=2).fit(DATA.arrays, DATA.y).transform(DATA.arrays)
    )


@every_form
def test_it_is_cross_validated(form: str) -> None:
    X = DATA.form(form)
    assert cross_val_score(small(), X, DATA.y, cv=2).mean() >= 0.9
    proba = cross_val_predict(small(), X, DATA.y, cv=2, method="predict_proba")
    assert proba.shape == (48, 2)
    assert np.mean(proba.argmax(axis=1) == DATA.y) >= 0.9


@every_form
def test_its_parameters_are_searched(form: str) -> None:
    search = GridSearchCV(small(), {"max_epochs": [1, 12], "pooling": ["last", ("mean", "max")]}, cv=2)
    search.fit(DATA.form(form), DATA.y)
    assert search.best_params_["max_epochs"] == 12
    assert search.predict(NEW.form(form)).shape == (20,)


def test_its_parameters_are_searched_with_lengths_routed() -> None:
    """NaN stands behind the sequences: a fit, prediction or score that lost its `lengths` would refuse them."""
    with sklearn.config_context(enable_metadata_routing=True):
        model = small().set_fit_request(lengths=True, sample_weight=False, validation_data=False)
        model.set_score_request(lengths=True, sample_weight=False).set_predict_request(lengths=True)
        search = GridSearchCV(model, {"max_epochs": [1, 12]}, cv=2, error_score="raise")
        search.fit(BROKEN, DATA.y, lengths=DATA.lengths)
        score = search.score(NEW.padded(padding=float("nan")), NEW.y, lengths=NEW.lengths)
        cross_val_score(model, BROKEN, DATA.y, cv=2, params={"lengths": DATA.lengths}, error_score="raise")
    plain = GridSearchCV(small(), {"max_epochs": [1, 12]}, cv=2).fit(DATA.sequences, DATA.y)
    assert score == plain.score(NEW.sequences, NEW.y)
    assert search.cv_results_["mean_test_score"].tolist() == plain.cv_results_["mean_test_score"].tolist()


@every_form
def test_its_probabilities_are_calibrated(form: str) -> None:
    model = CalibratedClassifierCV(small(), cv=2).fit(DATA.form(form), DATA.y)
    assert np.mean(model.predict(NEW.form(form)) == NEW.y) >= 0.9


@every_form
def test_samples_are_split(form: str) -> None:
    parts = train_test_split(DATA.form(form), DATA.y, stratify=DATA.y, random_state=0)
    X_train, X_test, y_train, y_test = parts
    assert small().fit(X_train, y_train).score(X_test, y_test) >= 0.9


def test_it_survives_pickle_and_joblib(tmp_path: Path) -> None:
    model = small(dropout=0.3, num_layers=2, augmentation=Jitter(0.1), early_stopping=True)
    model.fit(DATA.sequences, DATA.y)
    joblib.dump(model, tmp_path / "model.joblib")
    copies = [pickle.loads(pickle.dumps(model)), joblib.load(tmp_path / "model.joblib")]
    for copied in copies:
        np.testing.assert_array_equal(copied.predict_proba(NEW.sequences), model.predict_proba(NEW.sequences))
        assert copied.history_.to_dict() == model.history_.to_dict()


def test_training_goes_on_after_pickling_as_if_nothing_had_been() -> None:
    model = small(dropout=0.3, num_layers=2).partial_fit(DATA.sequences, DATA.y)
    copied = pickle.loads(pickle.dumps(model))
    for one in (model, copied):
        one.partial_fit(DATA.sequences, DATA.y)
    np.testing.assert_array_equal(copied.predict_proba(NEW.arrays), model.predict_proba(NEW.arrays))


def test_it_shows_itself() -> None:
    assert repr(GRUClassifier(hidden_size=8)) == "GRUClassifier(hidden_size=8)"
    assert "GRUClassifier" in estimator_html_repr(small())
    assert "GRUClassifier" in small().fit(DATA.arrays, DATA.y)._repr_html_()


# --- learning ---------------------------------------------------------------------------------------------------


def test_the_same_number_gives_the_same_model_bit_for_bit() -> None:
    def proba(random_state: Any) -> Any:
        model = small(
            dropout=0.3,
            num_layers=2,
            augmentation=Jitter(0.1),
            early_stopping=True,
            random_state=random_state,
        )
        return model.fit(DATA.sequences, DATA.y).predict_proba(NEW.sequences)

    first = proba(0)
    np.testing.assert_array_equal(proba(0), first)
    assert not np.array_equal(proba(1), first)
    assert not np.array_equal(proba(None), proba(None))


@pytest.mark.parametrize("random_state", [0, None])
def test_global_randomness_and_inputs_are_unchanged(random_state: int | None) -> None:
    table, y, lengths = BROKEN.copy(), DATA.y.copy(), DATA.lengths.copy()
    weights = np.ones(len(y))
    before = torch.get_rng_state(), np.random.get_state()[1].copy(), random.getstate()  # type: ignore[index]  # noqa: NPY002
    options: dict[str, Any] = {"dropout": 0.3, "num_layers": 2, "random_state": random_state}
    model = small(early_stopping=True, augmentation=Jitter(0.1), head="mlp", **options)
    model.fit(table, y, lengths, weights)
    small(sampler="balanced", pooling="attention", **options).fit(table, y, lengths)
    model.partial_fit(table, y, lengths=lengths)
    for method in ("predict", "predict_proba", "decision_function", "transform"):
        getattr(model, method)(table, lengths)
    model.score(table, y, lengths)
    assert torch.equal(torch.get_rng_state(), before[0])
    np.testing.assert_array_equal(np.random.get_state()[1], before[1])  # type: ignore[index]  # noqa: NPY002
    assert random.getstate() == before[2]
    np.testing.assert_array_equal(table, BROKEN)
    np.testing.assert_array_equal(y, DATA.y)
    np.testing.assert_array_equal(lengths, DATA.lengths)
    assert weights.tolist() == [1.0] * len(y)


def test_partial_fits_add_up() -> None:
    model = small().partial_fit(DATA.sequences, DATA.y)
    optimizer = model._optimizer
    assert optimizer is not None
    for _ in range(19):
        model.partial_fit(DATA.sequences, DATA.y)
    assert model._optimizer is optimizer, "the optimizer goes on with its moments"
    assert {int(state["step"]) for state in optimizer.state.values()} == {20}
    assert model.n_epochs_ == 20
    assert model.history_["epoch"] == list(range(1, 21))
    assert set(model.history_["lr"]) == {0.03}
    assert model.score(NEW.sequences, NEW.y) >= 0.9


def test_partial_fit_may_see_some_classes_only() -> None:
    ones = DATA.y == 1
    model = small().partial_fit(DATA.sequences[ones], DATA.y[ones], classes=[2, 0, 1])
    assert model.classes_.tolist() == [0, 1, 2]
    model.partial_fit(DATA.sequences[~ones], DATA.y[~ones])
    model.partial_fit(DATA.sequences, DATA.y, classes=[0, 1, 2], sample_weight=np.ones(48))
    assert model.predict_proba(NEW.sequences).shape == (20, 3)


def test_partial_fit_reads_lengths() -> None:
    model = small().partial_fit(BROKEN, DATA.y, lengths=DATA.lengths)
    expected = small().partial_fit(DATA.arrays, DATA.y)
    np.testing.assert_array_equal(model.predict_proba(NEW.arrays), expected.predict_proba(NEW.arrays))


def test_other_classes_in_a_later_partial_fit_are_refused() -> None:
    model = small().partial_fit(DATA.sequences, DATA.y)
    message = r"`classes` must be those of the first call, \[0, 1\]; got \[0, 1, 2\]. Fit a new estimator"
    with pytest.raises(ValueError, match=message):
        model.partial_fit(DATA.sequences, DATA.y, classes=[0, 1, 2])
    with pytest.raises(ValueError, match=r"`y` must hold the classes \[0, 1\] only; got y\[0\]="):
        model.partial_fit(DATA.sequences, DATA.y + 2)


def test_partial_fit_goes_on_after_fit() -> None:
    model = small().fit(DATA.sequences, DATA.y)
    weights = model.module_.head.state_dict()["linear.weight"].clone()
    model.partial_fit(DATA.sequences, DATA.y)
    assert model.n_epochs_ == 13
    assert model.history_["epoch"] == list(range(1, 14))
    assert not torch.equal(model.module_.head.state_dict()["linear.weight"], weights)


def test_a_warm_start_goes_on_and_a_cold_one_does_not() -> None:
    cold, warm = small(max_epochs=3), small(max_epochs=3, warm_start=True)
    for model in (cold, warm):
        model.fit(DATA.sequences, DATA.y)
    first = list(cold.history_["train_loss"])
    assert warm.history_["train_loss"] == first
    module = warm.module_
    for model in (cold, warm):
        model.fit(DATA.sequences, DATA.y)
    assert cold.history_["train_loss"] == first
    assert warm.module_ is module
    last, next_ = first[-1], warm.history_["train_loss"][0]
    assert last is not None
    assert next_ is not None
    assert next_ < 1.1 * last
    with pytest.raises(ValueError, match=r"`y` must hold the classes \[0, 1\] only"):
        warm.fit(DATA.sequences, DATA.y + 1)


def test_validation_data_are_scored_in_each_epoch() -> None:
    model = small(max_epochs=3)
    table = NEW.padded(padding=float("nan"))
    model.fit(DATA.arrays, DATA.y, validation_data=(table, NEW.y, NEW.lengths))
    assert model.history_["valid_accuracy"][-1] == pytest.approx(model.score(NEW.arrays, NEW.y))
    proba = model.predict_proba(NEW.arrays)[np.arange(20), NEW.y]
    assert model.history_["valid_loss"][-1] == pytest.approx(-np.log(proba).mean(), rel=1e-5)


def test_validation_data_do_not_change_what_is_learned() -> None:
    alone = small(max_epochs=3, dropout=0.5).fit(DATA.arrays, DATA.y)
    watched = small(max_epochs=3, dropout=0.5).fit(DATA.arrays, DATA.y, validation_data=(NEW.arrays, NEW.y))
    np.testing.assert_array_equal(alone.predict_proba(NEW.arrays), watched.predict_proba(NEW.arrays))


def test_early_stopping_gives_the_best_weights() -> None:
    model = small(max_epochs=60, schedule="constant", early_stopping=True, n_iter_no_change=3)
    # Exchanged labels: the validation loss grows as soon as something is learned.
    model.fit(DATA.sequences, DATA.y, validation_data=(NEW.sequences, 1 - NEW.y))
    assert model.n_epochs_ == len(model.history_) < 60
    losses = [loss for loss in model.history_["valid_loss"] if loss is not None]
    proba = model.predict_proba(NEW.sequences)[np.arange(20), 1 - NEW.y]
    assert -np.log(proba).mean() == pytest.approx(min(losses), rel=1e-5)
    assert min(losses) < losses[-1]


def test_early_stopping_holds_a_part_out() -> None:
    model = small(max_epochs=4, early_stopping=True, validation_fraction=0.25).fit(DATA.sequences, DATA.y)
    assert all(accuracy in {i / 12 for i in range(13)} for accuracy in model.history_["valid_accuracy"])
    trained = small(max_epochs=4).fit(DATA.sequences, DATA.y)
    assert trained.history_["valid_loss"] == [None] * 4


def test_class_weights_shift_predictions() -> None:
    def share(class_weight: Any) -> float:
        model = small(max_epochs=30, class_weight=class_weight).fit(DATA.sequences, DATA.y)
        return float(np.mean(model.predict(NEW.sequences)))

    assert share({0: 1000.0, 1: 0.001}) == 0.0
    assert share({0: 0.001, 1: 1000.0}) == 1.0


def test_a_class_weight_is_a_weight_of_its_samples() -> None:
    rare = np.concatenate([np.flatnonzero(DATA.y == 0), np.flatnonzero(DATA.y == 1)[:6]])
    X, y = DATA.sequences[rare], DATA.y[rare]
    weights = np.where(y == 1, 30 / 12, 30 / 48)
    expected = small().fit(X, y, sample_weight=weights).predict_proba(NEW.sequences)
    for class_weight in ({0: 30 / 48, 1: 30 / 12}, "balanced"):
        model = small(class_weight=class_weight).fit(X, y)
        np.testing.assert_array_equal(model.predict_proba(NEW.sequences), expected)


def test_a_weight_of_2_is_the_sample_twice_and_0_is_none() -> None:
    weights = np.arange(len(DATA.y)) % 3
    weighted = small().fit(DATA.sequences, DATA.y, sample_weight=weights)
    repeated = np.repeat(np.arange(len(DATA.y)), weights)
    twice = small().fit(DATA.sequences[repeated], DATA.y[repeated])
    np.testing.assert_allclose(
        weighted.predict_proba(NEW.sequences), twice.predict_proba(NEW.sequences), atol=1e-4
    )


def test_a_balanced_sampler_finds_a_rare_class() -> None:
    rare = np.concatenate([np.flatnonzero(DATA.y == 0), np.flatnonzero(DATA.y == 1)[:2]])
    plain, balanced = (
        small(max_epochs=3, sampler=sampler).fit(DATA.sequences[rare], DATA.y[rare])
        for sampler in (None, "balanced")
    )
    rises = NEW.y == 1
    found = [model.predict_proba(NEW.sequences)[rises, 1].mean() for model in (plain, balanced)]
    assert found[1] > found[0] + 0.1


def test_augmentation_works_in_training_only() -> None:
    plain = small(max_epochs=3).fit(DATA.sequences, DATA.y)
    jittered = small(max_epochs=3, augmentation=Jitter(1.0)).fit(DATA.sequences, DATA.y)
    assert not np.array_equal(plain.predict_proba(NEW.arrays), jittered.predict_proba(NEW.arrays))
    np.testing.assert_array_equal(jittered.predict_proba(NEW.arrays), jittered.predict_proba(NEW.arrays))


def test_callbacks_hear_and_stop() -> None:
    class Second:
        def on_epoch_end(self, record: Any) -> bool:
            return bool(record.epoch == 2)

    assert small(callbacks=[Second()]).fit(DATA.sequences, DATA.y).n_epochs_ == 2


def test_nothing_is_printed_unless_asked(capfd: pytest.CaptureFixture[str]) -> None:
    small().fit(DATA.sequences, DATA.y).predict(NEW.sequences)
    shown = capfd.readouterr()
    assert (shown.out, shown.err) == ("", "")
    pytest.importorskip("tqdm")
    small(verbose=True).fit(DATA.sequences, DATA.y)
    shown = capfd.readouterr()
    assert shown.out == ""
    assert "12/12" in shown.err
    assert "accuracy=" in shown.err


def test_the_device_and_the_engine_are_told() -> None:
    model = small(device="cpu", engine="packed").fit(DATA.sequences, DATA.y)
    assert model.engine_ == "packed"
    assert {parameter.device.type for parameter in model.module_.parameters()} == {"cpu"}


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("pooling", ["last", "mean", "max", "attention", ("last", "mean", "max")])
def test_every_cell_and_pooling_learns(cell: Any, pooling: Any) -> None:
    model = RecurrentClassifier(cell=cell, pooling=pooling, bidirectional=True, **SMALL | {"max_epochs": 40})
    assert model.fit(DATA.sequences, DATA.y).score(NEW.sequences, NEW.y) >= 0.9


def test_a_model_may_be_saved_to_a_buffer() -> None:
    model, buffer = small(max_epochs=1).fit(DATA.sequences, DATA.y), io.BytesIO()
    torch.save(model.module_.state_dict(), buffer)
    buffer.seek(0)
    weights = torch.load(buffer, weights_only=True)
    assert weights.keys() == model.module_.state_dict().keys()
