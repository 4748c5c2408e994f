"""scikit-learn's tools work on lists, `Sequences` and padded arrays of several features."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
import sklearn
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.utils import estimator_html_repr

from ramps import ramps, small
from seqclf import GRUClassifier, SequenceEnsemble, ZScore
from seqclf.evaluation import earliness
from seqclf.transforms import Jitter

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
def test_padding_content_changes_nothing(padding: float) -> None:
    expected = small().fit(DATA.arrays, DATA.y)
    model = small().fit(DATA.padded(padding=padding), DATA.y, lengths=DATA.lengths)
    table, lengths = NEW.padded(width=11, padding=padding), NEW.lengths
    for method in ("predict", "predict_proba", "decision_function", "transform"):
        predicted = getattr(model, method)(table, lengths=lengths)
        np.testing.assert_array_equal(predicted, getattr(expected, method)(NEW.arrays))
    assert model.score(table, NEW.y, lengths=lengths) == expected.score(NEW.arrays, NEW.y)


def test_prediction_methods_agree_with_each_other() -> None:
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


def test_scores_can_be_weighted() -> None:
    model = small(max_epochs=1).fit(DATA.sequences, DATA.y)
    right = model.predict(NEW.sequences) == NEW.y
    assert 0 < right.sum() < len(right)
    assert model.score(NEW.sequences, NEW.y, sample_weight=right) == 1.0


def test_predictions_do_not_depend_on_neighbours() -> None:
    model = small(bidirectional=True, pooling=("last", "mean", "max", "attention")).fit(DATA.arrays, DATA.y)
    together = model.predict_proba(NEW.arrays)
    alone = np.concatenate([model.predict_proba([array]) for array in NEW.arrays])
    atol = 0 if model.engine_ == "native" else 1e-5
    np.testing.assert_allclose(together, alone, rtol=0, atol=atol)
    np.testing.assert_allclose(model.predict_proba(NEW.arrays[::-1])[::-1], together, rtol=0, atol=atol)


def test_an_estimator_that_is_not_fitted_raises() -> None:
    for method in ("predict", "predict_proba", "decision_function", "transform"):
        with pytest.raises(NotFittedError, match="not fitted yet"):
            getattr(small(), method)(NEW.arrays)


@pytest.mark.parametrize(
    ("labels", "kind"),
    [(["falls", "rises"], "U"), ([False, True], "b"), ([-1, 7], "i"), ([2.0, 4.0], "f")],
)
def test_predictions_have_the_type_of_the_labels(labels: list[Any], kind: str) -> None:
    y = np.array(labels)[DATA.y]
    model = small().fit(DATA.sequences, y)
    assert model.classes_.tolist() == labels
    predicted = model.predict(NEW.sequences)
    assert predicted.dtype.kind == kind
    assert np.mean(predicted == np.array(labels)[NEW.y]) >= 0.9
    assert model.score(NEW.sequences, np.array(labels)[NEW.y]) >= 0.9


def test_labels_need_not_be_sorted() -> None:
    y = np.array(["z", "a"])[DATA.y]
    model = small(max_epochs=30).fit(DATA.sequences, y)
    assert model.classes_.tolist() == ["a", "z"]
    assert model.score(NEW.sequences, np.array(["z", "a"])[NEW.y]) >= 0.9


@every_form
def test_a_clone_learns_the_same(form: str) -> None:
    model = small(pooling=("mean", "max")).fit(DATA.form(form), DATA.y)
    twin = clone(model)
    assert twin.get_params() == model.get_params()
    assert not hasattr(twin, "module_")
    twin.fit(DATA.form(form), DATA.y)
    np.testing.assert_array_equal(twin.predict_proba(NEW.arrays), model.predict_proba(NEW.arrays))


@every_form
def test_it_works_as_the_last_step_of_a_pipeline(form: str) -> None:
    pipeline = make_pipeline(ZScore(), small()).fit(DATA.form(form), DATA.y)
    assert pipeline.score(NEW.form(form), NEW.y) >= 0.9
    pipeline.set_params(gruclassifier__hidden_size=3).fit(DATA.form(form), DATA.y)
    assert pipeline.transform(NEW.form(form)).shape == (20, 9)


@every_form
def test_it_works_as_a_transformer_in_a_pipeline(form: str) -> None:
    pipeline = make_pipeline(small(), LogisticRegression()).fit(DATA.form(form), DATA.y)
    assert pipeline.score(NEW.form(form), NEW.y) >= 0.9
    names = pipeline[:-1].get_feature_names_out()
    assert names.tolist() == [f"gruclassifier{i}" for i in range(18)]


def test_summaries_can_be_a_data_frame() -> None:
    frame = small(max_epochs=1).set_output(transform="pandas").fit_transform(DATA.arrays, DATA.y)
    assert list(frame.columns) == [f"gruclassifier{i}" for i in range(18)]


def test_fit_transform_passes_the_lengths() -> None:
    at_once = small(max_epochs=2).fit_transform(BROKEN, DATA.y, lengths=DATA.lengths)
    np.testing.assert_array_equal(
        at_once, small(max_epochs=2).fit(DATA.arrays, DATA.y).transform(DATA.arrays)
    )


@every_form
def test_it_works_with_cross_validation(form: str) -> None:
    X = DATA.form(form)
    assert cross_val_score(small(), X, DATA.y, cv=2).mean() >= 0.9
    proba = cross_val_predict(small(), X, DATA.y, cv=2, method="predict_proba")
    assert proba.shape == (48, 2)
    assert np.mean(proba.argmax(axis=1) == DATA.y) >= 0.9


@every_form
def test_it_works_with_grid_search(form: str) -> None:
    search = GridSearchCV(small(), {"max_epochs": [1, 12], "pooling": ["last", ("mean", "max")]}, cv=2)
    search.fit(DATA.form(form), DATA.y)
    assert search.best_params_["max_epochs"] == 12
    assert search.predict(NEW.form(form)).shape == (20,)


def test_it_works_with_grid_search_and_routed_lengths() -> None:
    """The padding is NaN, which a fit, prediction or score without its `lengths` would reject."""
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
def test_it_works_with_probability_calibration(form: str) -> None:
    model = CalibratedClassifierCV(small(), cv=2).fit(DATA.form(form), DATA.y)
    assert np.mean(model.predict(NEW.form(form)) == NEW.y) >= 0.9


@every_form
def test_it_works_with_train_test_split(form: str) -> None:
    X_train, X_test, y_train, y_test = train_test_split(
        DATA.form(form), DATA.y, stratify=DATA.y, random_state=0
    )
    assert small().fit(X_train, y_train).score(X_test, y_test) >= 0.9


def test_it_can_be_saved_with_pickle_and_joblib(tmp_path: Path) -> None:
    model = small(
        dropout=0.3, num_layers=2, augmentation=Jitter(0.1), early_stopping=True, validation_fraction=0.5
    )
    model.fit(DATA.sequences, DATA.y)
    joblib.dump(model, tmp_path / "model.joblib")
    copies = [pickle.loads(pickle.dumps(model)), joblib.load(tmp_path / "model.joblib")]
    for copied in copies:
        np.testing.assert_array_equal(copied.predict_proba(NEW.sequences), model.predict_proba(NEW.sequences))
        assert copied.history_.to_dict() == model.history_.to_dict()


def test_a_pickled_model_continues_training_like_the_original() -> None:
    model = small(dropout=0.3, num_layers=2).partial_fit(DATA.sequences, DATA.y)
    copied = pickle.loads(pickle.dumps(model))
    for one in (model, copied):
        one.partial_fit(DATA.sequences, DATA.y)
    np.testing.assert_array_equal(copied.predict_proba(NEW.arrays), model.predict_proba(NEW.arrays))


def test_its_repr_is_readable() -> None:
    assert repr(GRUClassifier(hidden_size=8)) == "GRUClassifier(hidden_size=8)"
    assert "GRUClassifier" in estimator_html_repr(small())
    assert "GRUClassifier" in small().fit(DATA.arrays, DATA.y)._repr_html_()


FITTED = ("classes_", "n_features_in_", "feature_names_in_")


@pytest.mark.parametrize(
    "model", [GRUClassifier(), SequenceEnsemble()], ids=lambda model: type(model).__name__
)
def test_what_fit_learns_is_missing_by_name_before_it(model: Any) -> None:
    more = ("module_", "history_", "auto_parameters_") if isinstance(model, GRUClassifier) else ("members_",)
    for name in (*FITTED, *more):
        assert not hasattr(model, name)
        with pytest.raises(NotFittedError, match="is not fitted yet"):
            getattr(model, name)
    with pytest.raises(NotFittedError, match="is not fitted yet"):
        earliness(model, [[0.1, 0.2]], [0])
