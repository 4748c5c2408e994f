"""What cannot be exported is named, and no file is left."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from torch import nn

from export.scoring import training_set
from networks import transformer
from seqclf import GRUClassifier, SequenceClassifier, SequenceEnsemble, ZScore
from seqclf.export import to_onnx
from seqclf.nn import (
    ConvolutionalStem,
    LinearHead,
    MeanPooling,
    RecurrentEncoder,
    SequenceNetwork,
)

small = partial(GRUClassifier, hidden_size=4, num_layers=1, max_epochs=1, random_state=0)


class MyMean(MeanPooling):
    """A subclass may compute anything."""


class MyNetwork(SequenceNetwork):
    """Another one."""


class MyScaler(ZScore):
    """And another one."""


class Doubtful(GRUClassifier):
    """A classifier that changes the probabilities."""

    def predict_proba(self, X: Any, **options: Any) -> Any:
        return 0.9 * super().predict_proba(X, **options)


class Cautious(GRUClassifier):
    """A classifier that changes the labels."""

    def predict(self, X: Any, **options: Any) -> Any:
        return np.repeat(self.classes_[:1], len(X))


class Halves(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """A transformer that is not of seqclf."""

    def fit(self, X: Any, y: Any = None) -> Any:
        return self

    def transform(self, X: Any) -> Any:
        return [one / 2 for one in X]

    def __sklearn_is_fitted__(self) -> bool:
        return True


def my_network(spec: Any, generator: Any) -> nn.Module:
    return MyNetwork(
        RecurrentEncoder("gru", spec.n_features, 4), MeanPooling(), LinearHead(4, spec.n_classes)
    )


def gelu_head(spec: Any, generator: Any) -> nn.Module:
    return nn.Sequential(nn.Linear(spec.n_features, 4), nn.GELU(), nn.Linear(4, spec.n_classes))


def stem_of_two(spec: Any, generator: Any) -> nn.Module:
    stem: nn.Module = ConvolutionalStem(spec.n_features, 4)
    return nn.Sequential(stem, nn.Identity())


def fitted(model: Any) -> Any:
    return model.fit(*training_set())


def hooked() -> Any:
    model = fitted(small())
    model.module_.pooling.register_forward_hook(lambda module, inputs, output: output * 2)
    return model


REFUSED: dict[str, tuple[Any, str]] = {
    "pooling": (
        lambda: fitted(small(pooling=MyMean())),
        r"poolings of these classes: AttentionPooling, .*MeanPooling; got MyMean as `pooling`\. Fit a model with one of these",
    ),
    "one of several poolings": (
        lambda: fitted(small(pooling=("last", MyMean()))),
        r"got MyMean as `pooling`\.parts\[1\]",
    ),
    "head": (lambda: fitted(small(head=gelu_head)), r"heads of these classes: .*; got GELU as `head`\[1\]"),
    "stem": (
        lambda: fitted(small(stem=stem_of_two)),
        r"stems, encoders and embeddings .* got Identity as `stem`\[1\]",
    ),
    "encoder": (
        lambda: fitted(SequenceClassifier(network=transformer, max_epochs=1)),
        r"got TransformerEncoder as `encoder`\. Fit a model with one of these, or predict with the model itself\.",
    ),
    "network": (
        lambda: fitted(SequenceClassifier(network=my_network, max_epochs=1)),
        r"networks of the class SequenceNetwork; got MyNetwork as the network of the model\. Build it from",
    ),
    "scale": (
        lambda: fitted(small(scale=MyScaler())),
        r"transformers of these classes: Differences, .*ZScore; got MyScaler as `scale`\. Apply it to the samples before",
    ),
    "scale in a pipeline": (
        lambda: fitted(small(scale=make_pipeline(ZScore(), MyScaler()))),
        r"got MyScaler as step 'myscaler' of `scale`",
    ),
    "scale of a member": (
        lambda: fitted(SequenceEnsemble(estimators=[small(scale=MyScaler())], n_members=2, n_jobs=1)),
        r"got MyScaler as `scale`",
    ),
    "step of a pipeline": (
        lambda: fitted(make_pipeline(Halves(), small())),
        r"got Halves as step 'halves' of the pipeline",
    ),
    "hook": (hooked, r"cannot export hooks; got <function .* of pooling \(ConcatPooling\)\. Remove it if"),
    "other classifier": (
        lambda: DummyClassifier().fit(np.zeros((4, 1)), [0, 1, 0, 1]),
        r"a classifier of seqclf, or a scikit-learn pipeline that ends in one; got DummyClassifier\. A classifier",
    ),
    "other end of a pipeline": (
        lambda: fitted(make_pipeline(small(), LogisticRegression())),
        r"got Pipeline that ends in LogisticRegression\.",
    ),
    "meta-estimator": (
        lambda: CalibratedClassifierCV(small()),
        r"got CalibratedClassifierCV\. A classifier inside of it can be exported, without what is around it\.",
    ),
    "search": (
        lambda: GridSearchCV(small(), {}),
        r"got GridSearchCV\. Of a search, export `best_estimator_`\.",
    ),
    "pipeline at the end of a pipeline": (
        lambda: make_pipeline(make_pipeline(small())),
        r"got Pipeline that ends in Pipeline\. Put all steps into one pipeline, whose last one is the classifier\.",
    ),
    "other probabilities": (
        lambda: fitted(Doubtful(hidden_size=4, max_epochs=1)),
        r"got Doubtful\. A graph has the probabilities and labels of seqclf's own methods",
    ),
    "other labels": (lambda: fitted(Cautious(hidden_size=4, max_epochs=1)), r"got Cautious\. A graph has"),
    "file": (lambda: "model.safetensors", r"got str\."),
}


@pytest.mark.filterwarnings("ignore:Feature .* has a root mean square of")
@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_exported_is_named(name: str, tmp_path: Path) -> None:
    make, message = REFUSED[name]
    model = make()
    with pytest.raises(TypeError, match=message):
        to_onnx(model, tmp_path / "model.onnx")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("model", [small(), make_pipeline(ZScore(), small()), SequenceEnsemble()])
def test_a_model_must_be_fitted(model: Any, tmp_path: Path) -> None:
    with pytest.raises(NotFittedError, match="not fitted"):
        to_onnx(model, tmp_path / "model.onnx")


def test_transformers_must_be_fitted(tmp_path: Path) -> None:
    with pytest.raises(NotFittedError, match="This ZScore instance is not fitted"):
        to_onnx(make_pipeline(ZScore(append_statistics=True), fitted(small())), tmp_path / "model.onnx")
    assert not list(tmp_path.iterdir())


@pytest.fixture(scope="module")
def model() -> Any:
    return fitted(small())


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (
            {"opset": 16},
            ValueError,
            r"`opset` must lie between 17 and \d+, the newest .*; got 16\. Every onnxruntime",
        ),
        ({"opset": 999}, ValueError, r"`opset` must lie between 17 and \d+, .*; got 999\."),
        ({"opset": "17"}, TypeError, "`opset` must be an integer"),
        ({"fixed_length": 0}, ValueError, "`fixed_length` must be"),
        ({"fixed_length": 2.5}, TypeError, "`fixed_length` must be an integer"),
    ],
)
def test_options_are_checked(
    model: Any, options: dict[str, Any], error: type[Exception], message: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=message):
        to_onnx(model, tmp_path / "model.onnx", **options)
    assert not list(tmp_path.iterdir())


def test_a_missing_package_is_named_with_its_extra(
    model: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)  # an import fails, as where it is not installed
    message = r"`to_onnx` needs onnx, which is not installed\. Run `pip install 'seqclf\[onnx\]'`\."
    with pytest.raises(ImportError, match=message):
        to_onnx(model, tmp_path / "model.onnx")
