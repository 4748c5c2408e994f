from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
import pytest
from sklearn.metrics import f1_score, make_scorer, recall_score
from sklearn.pipeline import make_pipeline

from seqclf import GRUClassifier, ZScore, as_sequences
from seqclf.evaluation import Split
from seqclf.training import EpochRecord
from seqclf.tuning._scoring import Trainer, classifier_of, splits_of

X = as_sequences([[0.1, 0.9], [0.2, 0.8, 0.9], [0.9, 0.1], [0.8, 0.2]] * 5)
Y = np.array(["up", "up", "down", "down"] * 5)
PARTS = (Split(train=np.arange(12), test=np.arange(12, 20)),)


def trainer(**options: Any) -> Trainer:
    given = {"estimator": GRUClassifier(hidden_size=2, max_epochs=1), "X": X, "y": Y, "splits": PARTS}
    return Trainer(**{**given, "scoring": "f1_macro", "seed": 5, **options})


def test_a_fifth_is_held_out_of_each_class() -> None:
    (split,) = splits_of(None, Y, seed=0)
    assert (len(split.train), len(split.test)) == (16, 4)
    assert sorted(Y[split.test]) == ["down", "down", "up", "up"]


def test_folds_hold_each_sample_out_once() -> None:
    folds = splits_of(4, Y, seed=0)
    assert sorted(np.concatenate([fold.test for fold in folds])) == list(range(20))
    assert all(2 <= (Y[fold.test] == "up").sum() <= 3 for fold in folds)
    assert splits_of(4, Y, seed=1)[0].test.tolist() != folds[0].test.tolist()


class CountSamples(ZScore):
    """Remembers how many samples it was fitted to."""

    seen: ClassVar[list[int]] = []

    def fit(self, X: Any, y: Any = None, lengths: Any = None) -> Self:
        self.seen.append(len(X))
        super().fit(X, y, lengths)
        return self


def test_what_stands_before_the_network_is_fitted_to_the_part_alone() -> None:
    CountSamples.seen.clear()
    pipeline = make_pipeline(CountSamples(), GRUClassifier(hidden_size=2, max_epochs=1))
    trainer(estimator=pipeline).fit_part({}, PARTS[0], [])
    assert CountSamples.seen == [12]


def test_the_seed_of_the_sweep_is_for_those_without_one() -> None:
    assert trainer().configured({"lr": 0.1}).get_params()["random_state"] == 5
    own = trainer(estimator=GRUClassifier(random_state=7))
    assert own.configured({}).random_state == 7
    assert own.configured({"random_state": 9}).random_state == 9


def test_callbacks_of_ones_own_are_kept() -> None:
    heard = []

    class Own:
        def on_epoch_end(self, record: EpochRecord) -> None:
            heard.append(record.epoch)

    class Theirs(Own):
        pass

    estimator = GRUClassifier(hidden_size=2, max_epochs=2, callbacks=[Own()])
    trainer(estimator=estimator).fit_part({}, PARTS[0], [Theirs()])
    assert heard == [1, 1, 2, 2]
    assert len(estimator.callbacks) == 1


def test_a_pipeline_scales_by_what_it_is_fitted_to() -> None:
    fitted = trainer(estimator=make_pipeline(ZScore(), GRUClassifier(hidden_size=2, max_epochs=1))).fit_part(
        {}, PARTS[0], []
    )
    np.testing.assert_allclose(fitted[0].mean_, ZScore().fit(X[:12]).mean_)
    assert fitted[-1].history_["valid_macro_f1"][0] is not None


def test_trials_are_compared_by_the_score_where_training_has_it() -> None:
    record = EpochRecord(
        epoch=1, seconds=0.1, lr=0.1, train_loss=9.0, train_accuracy=0.1, train_macro_f1=0.1,
        valid_loss=2.0, valid_accuracy=0.8, valid_macro_f1=0.6,
    )  # fmt: skip
    compared = [trainer(scoring=name).of_epoch(record) for name in ("f1_macro", "accuracy", "roc_auc_ovr")]
    assert compared == [0.6, 0.8, -2.0]


def test_what_scores_are_of_is_told_apart() -> None:
    identity = trainer().identity()
    loud = GRUClassifier(hidden_size=2, max_epochs=1, verbose=True, callbacks=[object()])  # type: ignore[list-item]
    assert trainer(estimator=loud, seed=1).identity() == identity
    assert trainer(estimator=GRUClassifier(hidden_size=2, max_epochs=1, lr=0.1)).identity() != identity
    one, other = (
        trainer(scoring=make_scorer(score)).identity()["scoring"] for score in (f1_score, recall_score)
    )
    assert one != other
    changed = X.values.clone()
    changed[3] += 1e-3
    others = [
        trainer(X=X.with_values(changed)),
        trainer(y=np.array(["down", *Y[1:]])),
        trainer(splits=(Split(train=np.arange(12), test=np.arange(13, 20)),)),
        trainer(X=as_sequences([[0.1, 0.9, 0.2], [0.8, 0.9], *[x.tolist() for x in X[2:]]])),
    ]
    digests = {other.identity()["samples and parts"] for other in others}
    assert len(digests) == 4
    assert identity["samples and parts"] not in digests
    assert trainer(scoring="accuracy").identity()["scoring"] == "accuracy"


def test_only_our_own_can_be_tuned() -> None:
    assert isinstance(classifier_of(make_pipeline(ZScore(), GRUClassifier())), GRUClassifier)
    with pytest.raises(TypeError, match="or a pipeline that ends in one; got ZScore"):
        classifier_of(make_pipeline(ZScore()))


def test_a_number_of_numpy_is_a_number_of_folds() -> None:
    y = np.array(["a", "b"] * 12)
    for plain, numpys in zip(splits_of(3, y, seed=0), splits_of(np.int64(3), y, seed=0), strict=True):
        assert plain.test.tolist() == numpys.test.tolist()
