"""`SequenceEnsemble` averages members that differ, and is an estimator like the others."""

from __future__ import annotations

import pickle
import warnings
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline

from ramps import SMALL, ramps, small
from seqclf import (
    GRUClassifier,
    InvalidSequenceError,
    LSTMClassifier,
    RNNClassifier,
    SequenceEnsemble,
    ZScore,
    as_sequences,
)
from seqclf.estimators import default_members

DATA, NEW = ramps(), ramps(20, seed=1)


def ensemble(**options: Any) -> SequenceEnsemble:
    """Return an ensemble that trains in some tenths of a second."""
    given: dict[str, Any] = {"estimators": [small()], "n_members": 2, "n_jobs": 1, "random_state": 0}
    return SequenceEnsemble(**given | options)


class StopsAfterOne:
    """A callback that interrupts the second fit that it is notified of."""

    n_started = 0

    def on_fit_start(self, estimator: str, parameters: Any) -> None:
        type(self).n_started += 1

    def on_fit_end(self, *arguments: Any) -> None:
        pass

    def on_epoch_end(self, record: Any) -> None:
        if type(self).n_started > 1:
            raise KeyboardInterrupt


def test_probabilities_are_the_mean_of_the_members() -> None:
    model = ensemble(estimators=[small(), LSTMClassifier(**SMALL)], n_members=3).fit(DATA.arrays, DATA.y)
    kinds = [type(member) for member in model.members_]
    assert kinds == [GRUClassifier, LSTMClassifier, GRUClassifier]
    each = [member.predict_proba(NEW.arrays) for member in model.members_]
    assert not np.array_equal(each[0], each[2])  # the same recipe, other random numbers
    np.testing.assert_array_equal(model.predict_proba(NEW.arrays), (each[0] + each[1] + each[2]) / 3)
    np.testing.assert_array_equal(model.predict(NEW.arrays), model.predict_proba(NEW.arrays).argmax(axis=1))
    assert model.score(NEW.arrays, NEW.y) >= 0.9
    assert model.score(NEW.arrays, NEW.y, sample_weight=model.predict(NEW.arrays) == NEW.y) == 1.0


def test_the_result_does_not_depend_on_the_number_of_processes() -> None:
    y = np.array(["falls", "rises"])[DATA.y]
    alone = ensemble().fit(DATA.arrays, y)
    together = ensemble(n_jobs=2).fit(DATA.arrays, y)
    assert together.classes_.tolist() == ["falls", "rises"]
    np.testing.assert_array_equal(alone.predict_proba(NEW.arrays), together.predict_proba(NEW.arrays))


def test_warnings_of_other_processes_are_raised_once_in_this_one() -> None:
    warned = ensemble(estimators=[small(early_stopping=True)], n_jobs=2)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warned.fit(DATA.arrays, DATA.y)
    assert [str(one.message)[:47] for one in caught] == ["The validation set of `early_stopping` should h"]
    assert caught[0].filename == __file__


def test_errors_of_other_processes_keep_their_type() -> None:
    with pytest.raises(ValueError, match="`hidden_size` must be at least 1; got 0"):
        ensemble(estimators=[small(hidden_size=0)], n_jobs=2).fit(DATA.arrays, DATA.y)


def test_an_interrupt_keeps_the_members_that_were_finished() -> None:
    StopsAfterOne.n_started = 0
    model = ensemble(estimators=[small(callbacks=StopsAfterOne())], n_members=3)
    with pytest.raises(KeyboardInterrupt):
        model.fit(DATA.arrays, DATA.y)
    assert len(model.members_) == 1
    np.testing.assert_array_equal(
        model.predict_proba(NEW.arrays), model.members_[0].predict_proba(NEW.arrays)
    )


def test_an_interrupt_before_the_first_member_keeps_the_previous_ones() -> None:
    model = ensemble().fit(DATA.arrays, DATA.y)
    expected = model.predict_proba(NEW.arrays)
    StopsAfterOne.n_started = 1
    model.set_params(estimators=[small(callbacks=StopsAfterOne())])
    with pytest.raises(KeyboardInterrupt):
        model.fit(DATA.arrays, DATA.y)
    np.testing.assert_array_equal(model.predict_proba(NEW.arrays), expected)


def test_an_interrupted_partial_fit_keeps_all_members() -> None:
    model = ensemble().fit(DATA.arrays, DATA.y)
    StopsAfterOne.n_started = 2  # `partial_fit` starts no fit: this one interrupts at once
    model.members_[1].callbacks = StopsAfterOne()
    with pytest.raises(KeyboardInterrupt):
        model.partial_fit(DATA.arrays, DATA.y)
    assert [member.n_epochs_ for member in model.members_] == [SMALL["max_epochs"] + 1, SMALL["max_epochs"]]


def test_members_read_tokens() -> None:
    texts, y = ["abca", "bcab", "xyzx", "zyx"] * 12, [0, 0, 1, 1] * 12
    samples = as_sequences(texts, vocabulary="auto")
    model = ensemble(estimators=[small(early_stopping=True)]).fit(samples, y, validation_data=(samples, y))
    assert model.score(samples, y) == 1.0
    reordered = as_sequences(texts, vocabulary=list("zyxcba?"))
    np.testing.assert_array_equal(model.predict_proba(reordered), model.predict_proba(samples))
    model.partial_fit(reordered, y)
    with pytest.raises(InvalidSequenceError, match=r"SequenceEnsemble is expecting \['token'\] as input"):
        model.predict(as_sequences([[0.1]]))


def test_padding_content_changes_nothing() -> None:
    expected = ensemble().fit(DATA.arrays, DATA.y)
    model = ensemble().fit(DATA.padded(padding=7.0), DATA.y, lengths=DATA.lengths)
    predicted = model.predict_proba(NEW.padded(width=11, padding=-3.0), lengths=NEW.lengths)
    np.testing.assert_array_equal(predicted, expected.predict_proba(NEW.arrays))
    with pytest.raises(InvalidSequenceError, match="`lengths` must be given, as in `fit`"):
        model.predict(NEW.padded(padding=-3.0))


def test_samples_of_weight_0_are_not_seen() -> None:
    weights = np.r_[np.ones(40), np.zeros(8)]
    fitted = ensemble().fit(DATA.arrays, DATA.y, sample_weight=weights)
    expected = ensemble().fit(DATA.arrays[:40], DATA.y[:40], sample_weight=weights[:40])
    np.testing.assert_array_equal(fitted.predict_proba(NEW.arrays), expected.predict_proba(NEW.arrays))


def test_validation_data_reach_the_members() -> None:
    stopping = [small(early_stopping=True)]
    data = (NEW.padded(), NEW.y, NEW.lengths)
    model = ensemble(estimators=stopping).fit(DATA.arrays, DATA.y, validation_data=data)
    assert all(np.isfinite(member.history_["valid_loss"]).all() for member in model.members_)
    with pytest.raises(ValueError, match="`validation_data` must be"):
        ensemble().fit(DATA.arrays, DATA.y, validation_data=(NEW.arrays,))  # type: ignore[arg-type]


def test_partial_fit_trains_each_member_for_an_epoch() -> None:
    model = ensemble()
    for _ in range(3):
        model.partial_fit(DATA.arrays, DATA.y, classes=[0, 1])
    assert [member.n_epochs_ for member in model.members_] == [3, 3]


def test_it_is_copied_saved_and_searched_like_any_estimator() -> None:
    model = ensemble().fit(DATA.arrays, DATA.y)
    expected = model.predict_proba(NEW.arrays)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).predict_proba(NEW.arrays), expected)
    np.testing.assert_array_equal(clone(model).fit(DATA.arrays, DATA.y).predict_proba(NEW.arrays), expected)
    assert cross_val_score(model, DATA.arrays, DATA.y, cv=2).min() >= 0.8
    assert make_pipeline(ZScore(), ensemble()).fit(DATA.arrays, DATA.y).score(NEW.arrays, NEW.y) >= 0.9
    assert model.n_features_in_ == 2
    with pytest.raises(AttributeError, match="feature_names_in_"):
        _ = model.feature_names_in_


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"missing": "drop"}, ValueError, r"`missing` must be one of \['error', 'indicator'\]; got 'drop'"),
        (
            {"missing": "indicator"},
            ValueError,
            "`missing` concerns the default members; got missing='indicator'",
        ),
        ({"n_members": 0}, ValueError, "`n_members` must be at least 1; got 0"),
        ({"n_jobs": 0}, ValueError, "`n_jobs` must be positive, or -1 for one per core; got 0"),
        ({"estimators": []}, ValueError, "`estimators` must hold at least one estimator; got none"),
        (
            {"estimators": [small()] * 3},
            ValueError,
            "`n_members` must be at least .* 3; got 2. The last ones",
        ),
        ({"estimators": small()}, TypeError, "`estimators` must be a sequence of estimators"),
        (
            {"estimators": [small(), make_pipeline(ZScore(), small())]},
            TypeError,
            r"must hold sequence classifiers, such as `GRUClassifier\(\)`; got estimators\[1\]=Pipeline",
        ),
    ],
)
def test_wrong_parameters_raise(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        ensemble(**options).fit(DATA.arrays, DATA.y)


@pytest.mark.parametrize("method", ["predict", "predict_proba"])
def test_an_ensemble_that_is_not_fitted_raises(method: str) -> None:
    with pytest.raises(NotFittedError, match="not fitted yet"):
        getattr(ensemble(), method)(NEW.arrays)


def test_one_class_raises_before_training() -> None:
    with pytest.raises(ValueError, match="at least 2 classes; got 1 class"):
        ensemble().fit(DATA.arrays, np.zeros(48, dtype=int))


@pytest.mark.parametrize("n_steps", [5, 100])
def test_default_members_differ(n_steps: int) -> None:
    recipes = [repr(member) for member in default_members(as_sequences([[0.0] * n_steps] * 2))]
    assert len(set(recipes)) == len(recipes) == 5


def test_default_members_classify() -> None:
    model = SequenceEnsemble(n_jobs=1, random_state=0).fit(DATA.arrays[:12], DATA.y[:12])
    assert model.score(NEW.arrays, NEW.y) >= 0.9


def test_default_members_fill_in_missing_values() -> None:
    holes = [array.copy() for array in DATA.arrays[:12]]
    holes[0][1, 0] = np.nan
    model = SequenceEnsemble(missing="indicator", n_jobs=1, random_state=0).fit(holes, DATA.y[:12])
    assert {member.missing for member in model.members_} == {"indicator"}
    assert np.isfinite(model.predict_proba(holes)).all()
    with pytest.raises(InvalidSequenceError, match='`missing="indicator"`'):
        ensemble().fit(holes, DATA.y[:12])


@pytest.mark.parametrize("changed", [{"n_members": 3}, {"estimators": [small()]}, {"padding_value": None}])
def test_parameters_must_not_change_between_partial_fits(changed: dict[str, Any]) -> None:
    model = ensemble().partial_fit(DATA.arrays, DATA.y).set_params(**changed)
    with pytest.raises(
        ValueError, match="must not change when training resumes: the ensemble was fitted with"
    ):
        model.partial_fit(DATA.arrays, DATA.y)


def test_parameters_stay_as_they_were_given() -> None:
    given = [RNNClassifier(**SMALL)]
    model = ensemble(estimators=given).fit(DATA.arrays, DATA.y)
    assert model.estimators is given
    assert given[0].random_state == 0
    assert not hasattr(given[0], "classes_")
