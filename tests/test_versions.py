"""Pickles carry a version, and another version warns."""

from __future__ import annotations

import copy
import pickle
import re
import warnings
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.pipeline import make_pipeline

import seqclf.estimators
import seqclf.transforms
from ramps import ramps, small
from seqclf import SeqclfWarning, SequenceClassifier, SequenceEnsemble, TokenEncoder, ZScore, _versions
from seqclf._versions import VERSION

DATA = ramps()
X, Y = DATA.sequences, DATA.y
PUBLIC = [
    public
    for package in (seqclf.estimators, seqclf.transforms)
    for name in package.__all__
    if isinstance(public := getattr(package, name), type) and issubclass(public, BaseEstimator)
]
FITTED: dict[str, Any] = {
    "classifier": lambda: small(max_epochs=1).fit(X, Y),
    "untrained classifier": small,
    "ensemble": lambda: SequenceEnsemble(estimators=[small(max_epochs=1)], n_members=1, n_jobs=1).fit(X, Y),
    "scaler": lambda: ZScore().fit(X),
    "token encoder": lambda: TokenEncoder().fit(["ab", "b"]),
    "pipeline": lambda: make_pipeline(ZScore(), small(max_epochs=1)).fit(X, Y),
}
every_kind = pytest.mark.parametrize("kind", FITTED)
MUST = "A pickle must be read by the version of seqclf that wrote it; got one of {}, and this is seqclf {}: predictions may fail or differ. "
CURE = "Read it with the version that wrote it, and keep the model as a file of `seqclf.save`, which later versions read."


def message(written_by: str, here: str = VERSION) -> str:
    return re.escape(MUST.format(written_by, here) + CURE)


@pytest.mark.parametrize("public", PUBLIC, ids=lambda public: public.__name__)
def test_each_public_estimator_and_transformer_carries_the_version(public: Any) -> None:
    arguments = {"network": None} if public is SequenceClassifier else {}
    assert public(**arguments).__getstate__()["_seqclf_version"] == VERSION


@every_kind
def test_the_same_version_is_silent(kind: str) -> None:
    model = FITTED[kind]()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        twin = pickle.loads(pickle.dumps(model))
        copy.deepcopy(model)
        copy.copy(model)
        clone(model)
    assert "_seqclf_version" not in vars(twin)


@every_kind
def test_another_version_warns_and_names_both(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    written = pickle.dumps(FITTED[kind]())
    monkeypatch.setattr(_versions, "VERSION", "9.9")
    with pytest.warns(SeqclfWarning, match=message(f"seqclf {VERSION}", "9.9")) as caught:
        twin = pickle.loads(written)
    assert Path(caught[0].filename) == Path(__file__), "the warning points at the line that reads the pickle"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pickle.loads(pickle.dumps(twin))  # now of this version
        clone(copy.deepcopy(twin))


def test_a_model_of_another_version_is_read_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = FITTED["classifier"]()
    joblib.dump(model, tmp_path / "model.joblib")
    monkeypatch.setattr(_versions, "VERSION", "9.9")
    with pytest.warns(SeqclfWarning, match=message(f"seqclf {VERSION}", "9.9")):
        twin = joblib.load(tmp_path / "model.joblib")
    np.testing.assert_array_equal(twin.predict_proba(X), model.predict_proba(X))


@pytest.mark.parametrize("kind", ["classifier", "scaler"])
def test_a_pickle_without_a_version_is_older(kind: str) -> None:
    model = FITTED[kind]()
    state = model.__getstate__()
    del state["_seqclf_version"]
    twin = object.__new__(type(model))
    with pytest.warns(SeqclfWarning, match=message("an older version")):
        twin.__setstate__(state)


def test_the_warning_comes_before_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another version may have other fields; then the warning explains the error."""
    model = FITTED["classifier"]()
    state = model.__getstate__()
    state["_model"]["unknown"] = 3
    monkeypatch.setattr(_versions, "VERSION", "9.9")
    twin = object.__new__(type(model))
    with pytest.warns(SeqclfWarning, match="9.9"), pytest.raises(TypeError, match="unknown"):
        twin.__setstate__(state)
