from __future__ import annotations

import re
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score, make_scorer, recall_score
from sklearn.model_selection import (
    GroupKFold,
    GroupShuffleSplit,
    LeaveOneGroupOut,
    LeavePGroupsOut,
    StratifiedGroupKFold,
)
from sklearn.pipeline import make_pipeline

from seqclf import GRUClassifier, InvalidSequenceError, ZScore, as_sequences
from seqclf.evaluation import Split
from seqclf.sequences import Tokens
from seqclf.training import EpochRecord, as_callbacks
from seqclf.tuning._cross_validation import CrossValidation, classifier_of, make_splits
from seqclf.tuning._epoch_value import EpochValue

X = as_sequences([[0.1, 0.9], [0.2, 0.8, 0.9], [0.9, 0.1], [0.8, 0.2]] * 5)
Y = np.array(["up", "up", "down", "down"] * 5)
SPLITS = (Split(train=np.arange(12), test=np.arange(12, 20)),)


def cross_validation(**options: Any) -> CrossValidation:
    given = {"estimator": GRUClassifier(hidden_size=2, max_epochs=1), "X": X, "y": Y, "splits": SPLITS}
    return CrossValidation(
        **{**given, "scoring": "f1_macro", "seed": 5, "epoch_value": EpochValue(), **options}
    )


def test_a_stratified_fifth_is_held_out_by_default() -> None:
    (split,) = make_splits(None, Y, seed=0)
    assert (len(split.train), len(split.test)) == (16, 4)
    assert sorted(Y[split.test]) == ["down", "down", "up", "up"]


def test_folds_hold_out_each_sample_once() -> None:
    folds = make_splits(4, Y, seed=0)
    assert sorted(np.concatenate([fold.test for fold in folds])) == list(range(20))
    assert all(2 <= (Y[fold.test] == "up").sum() <= 3 for fold in folds)
    assert make_splits(4, Y, seed=1)[0].test.tolist() != folds[0].test.tolist()


class CountSamples(ZScore):
    """Records how many samples it is fitted to."""

    seen: ClassVar[list[int]] = []

    def fit(self, X: Any, y: Any = None, *, lengths: Any = None, sample_weight: Any = None) -> Self:
        self.seen.append(len(X))
        super().fit(X, y, lengths=lengths, sample_weight=sample_weight)
        return self


def test_transformers_are_fitted_to_the_training_samples_only() -> None:
    CountSamples.seen.clear()
    pipeline = make_pipeline(CountSamples(), GRUClassifier(hidden_size=2, max_epochs=1))
    cross_validation(estimator=pipeline).fit_split({}, SPLITS[0], [])
    assert CountSamples.seen == [12]


def test_the_seed_of_the_sweep_is_used_by_estimators_without_one() -> None:
    assert cross_validation().configure({"lr": 0.1}).get_params()["random_state"] == 5
    own = cross_validation(estimator=GRUClassifier(random_state=7))
    assert own.configure({}).random_state == 7
    assert own.configure({"random_state": 9}).random_state == 9


def test_callbacks_of_the_estimator_are_kept() -> None:
    seen_epochs = []

    class Own:
        def on_epoch_end(self, record: EpochRecord) -> None:
            seen_epochs.append(record.epoch)

    class Theirs(Own):
        pass

    estimator = GRUClassifier(hidden_size=2, max_epochs=2, callbacks=[Own()])
    cross_validation(estimator=estimator).fit_split({}, SPLITS[0], [Theirs()])
    assert seen_epochs == [1, 1, 2, 2]
    assert len(as_callbacks(estimator.callbacks)) == 1


def test_a_pipeline_scales_by_its_training_samples() -> None:
    fitted = cross_validation(
        estimator=make_pipeline(ZScore(), GRUClassifier(hidden_size=2, max_epochs=1))
    ).fit_split({}, SPLITS[0], [])
    np.testing.assert_allclose(fitted[0].mean_, ZScore().fit(X[:12]).mean_)
    assert fitted[-1].history_["valid_macro_f1"][0] is not None


@pytest.mark.parametrize("columns", ["frames", "table"])
@pytest.mark.parametrize("scaler", [None, ZScore(padding_value=float("nan"))])
def test_a_refit_knows_the_columns_of_frames(columns: str, scaler: ZScore | None) -> None:
    model = GRUClassifier(hidden_size=2, max_epochs=1, padding_value=float("nan"))
    estimator = model if scaler is None else make_pipeline(scaler, model)
    samples: Any = pd.DataFrame([[0.1, 0.9, 0.8], [0.9, 0.1, np.nan]] * 5, columns=["t0", "t1", "t2"])
    permuted: Any = samples[["t1", "t0", "t2"]]
    if columns == "frames":
        samples = [pd.DataFrame({"a": [i / 9] * 3, "b": [1.0] * 3}) for i in range(10)]
        permuted = [frame[["b", "a"]] for frame in samples]
    X = as_sequences(samples, padding_value=float("nan"), dtype=None)
    fitted = cross_validation(estimator=estimator, X=X, y=np.array(["up", "down"] * 5)).refit(
        {}, samples, None
    )
    np.testing.assert_array_equal(fitted.predict_proba(samples), fitted.predict_proba(X))
    with pytest.raises(InvalidSequenceError, match="Feature names must be in the same order"):
        fitted.predict(permuted)


def test_identity_depends_on_all_that_changes_a_score() -> None:
    identity = cross_validation().identity()
    loud = GRUClassifier(hidden_size=2, max_epochs=1, verbose=True, callbacks=[object()])  # type: ignore[list-item]
    assert cross_validation(estimator=loud, seed=1).identity() == identity
    assert (
        cross_validation(estimator=GRUClassifier(hidden_size=2, max_epochs=1, lr=0.1)).identity() != identity
    )
    one, other = (
        cross_validation(scoring=make_scorer(score)).identity()["scoring"]
        for score in (f1_score, recall_score)
    )
    assert one != other
    changed = X.values.clone()
    changed[3] += 1e-3
    others = [
        cross_validation(X=X.with_values(changed)),
        cross_validation(y=np.array(["down", *Y[1:]])),
        cross_validation(splits=(Split(train=np.arange(12), test=np.arange(13, 20)),)),
        cross_validation(weights=np.arange(1.0, 21.0)),
        cross_validation(X=as_sequences([[0.1, 0.9, 0.2], [0.8, 0.9], *[x.tolist() for x in X[2:]]])),
    ]
    tokens = as_sequences(["ab", "aba", "ba", "bb"] * 5, vocabulary="auto").tokens
    assert tokens is not None
    others += [
        cross_validation(X=X.with_tokens(tokens)),
        cross_validation(X=X.with_tokens(tokens.recoded({"token": ("b", "a")}))),
        cross_validation(X=X.with_tokens(Tokens(tokens.codes, {"token": ("a", "c")}))),
    ]
    digests = {other.identity()["samples and splits"] for other in others}
    assert len(digests) == 8
    assert identity["samples and splits"] not in digests
    assert cross_validation(scoring="accuracy").identity()["scoring"] == "accuracy"


def test_only_classifiers_of_seqclf_are_accepted() -> None:
    assert isinstance(classifier_of(make_pipeline(ZScore(), GRUClassifier())), GRUClassifier)
    with pytest.raises(TypeError, match="or a pipeline that ends in one; got ZScore"):
        classifier_of(make_pipeline(ZScore()))


def test_a_numpy_integer_is_a_number_of_folds() -> None:
    y = np.array(["a", "b"] * 12)
    for plain, numpys in zip(make_splits(3, y, seed=0), make_splits(np.int64(3), y, seed=0), strict=True):
        assert plain.test.tolist() == numpys.test.tolist()


@pytest.mark.parametrize(
    "cv",
    [GroupKFold(2), StratifiedGroupKFold(2), LeaveOneGroupOut(), LeavePGroupsOut(1), GroupShuffleSplit(2)],
    ids=lambda cv: type(cv).__name__,
)
def test_a_splitter_that_needs_groups_is_refused_and_its_splits_are_accepted(cv: Any) -> None:
    y = np.array([0, 1] * 6)
    message = (
        f"A splitter in `cv` must not need groups, which `sweep` does not take; got {type(cv).__name__}. Pass its splits: "
        f"`{type(cv).__name__}(...).split(X, y, groups=...)`."
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        make_splits(cv, y, seed=0)
    groups = np.repeat([0, 1, 2], 4)
    for split in make_splits(cv.split(y, y, groups=groups), y, seed=0):
        assert not set(groups[split.train]) & set(groups[split.test])
