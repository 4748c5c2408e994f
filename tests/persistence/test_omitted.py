"""What a file does not hold is listed, and training does not ignore it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import torch
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import seqclf
from persistence.model_files import reloaded, same_predictions
from ramps import ramps, small
from seqclf import GRUClassifier, SequenceClassifier, ZScore
from seqclf.nn import LinearHead, MeanPooling, RecurrentEncoder, SequenceNetwork
from seqclf.training import ProgressBar

DATA, NEW = ramps(24), ramps(12, seed=1)


def half_loss(logits: Any, target: Any, weight: Any = None) -> Any:
    return torch.nn.functional.cross_entropy(logits, target) / 2


class Silent:
    """A callback."""

    def on_epoch_end(self, record: Any) -> None: ...


def network(spec: Any, generator: torch.Generator) -> SequenceNetwork:
    encoder = RecurrentEncoder("gru", spec.n_features, 4, generator=generator)
    return SequenceNetwork(encoder, MeanPooling(), LinearHead(4, spec.n_classes, generator=generator))


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [
        ("callbacks", [Silent()], "an object of Silent"),
        ("callbacks", ProgressBar(3), "an object of ProgressBar"),
        ("loss", half_loss, "half_loss"),
        ("loss", torch.nn.CrossEntropyLoss(), "a module, CrossEntropyLoss"),
        ("optimizer", torch.optim.Adam, "Adam"),
        ("schedule", lambda spec, generator: torch.optim.lr_scheduler.ConstantLR(spec.optimizer), "<lambda>"),
        ("sampler", [torch.arange(24)], "sampler"),
        ("augmentation", lambda sequences, generator, labels: sequences, "<lambda>"),
        ("head", lambda spec, generator: LinearHead(spec.n_features, spec.n_classes), "<lambda>"),
    ],
)
def test_training_asks_for_what_was_omitted(name: str, value: Any, what: str, tmp_path: Path) -> None:
    if what == "sampler":

        class Batches:
            def __len__(self) -> int:
                return 1

            def __iter__(self) -> Any:
                return iter([torch.arange(24)])

        value, what = Batches(), "an object of .*Batches"
    model = small(max_epochs=1, **{name: value}).fit(DATA.arrays, DATA.y)
    loaded = reloaded(model, tmp_path)
    same_predictions(model, loaded, NEW.arrays)
    assert list(seqclf.describe_file(tmp_path / "model.safetensors").omitted) == [name]
    message = rf"got a model from a file that omits `{name}` \(.*{what}.*\). Set what was omitted .* `model.set_params\({name}=...\)`"
    for one in (loaded, clone(loaded), make_pipeline(ZScore(), loaded), reloaded(loaded, tmp_path)):
        with pytest.raises(ValueError, match=message):
            one.fit(DATA.arrays, DATA.y)
    if name == "head":  # it is built already
        loaded.partial_fit(DATA.arrays, DATA.y)
    else:
        with pytest.raises(ValueError, match=message):
            loaded.partial_fit(DATA.arrays, DATA.y)
    loaded.set_params(**{name: value}).fit(DATA.arrays, DATA.y)


def test_several_are_named_at_once_and_a_factory_of_our_modules_is_needed_to_train_anew_only(
    tmp_path: Path,
) -> None:
    model = SequenceClassifier(network=network, callbacks=Silent(), max_epochs=1, random_state=0)
    loaded = reloaded(model.fit(DATA.arrays, DATA.y), tmp_path)
    with pytest.raises(ValueError, match=r"omits `network` \(network\), `callbacks` \(an object of Silent\)"):
        loaded.fit(DATA.arrays, DATA.y)
    loaded.set_params(callbacks=()).partial_fit(DATA.arrays, DATA.y)
    assert "network=<omitted: network>" in repr(loaded)


def test_the_text_of_what_is_omitted_holds_no_address(tmp_path: Path) -> None:
    for number in range(2):
        model = small(max_epochs=1, callbacks=[Silent()]).fit(DATA.arrays, DATA.y)
        model.history_.epochs.clear()  # which holds times
        seqclf.save(model, tmp_path / str(number))
    assert (tmp_path / "0").read_bytes() == (tmp_path / "1").read_bytes()


def test_what_predictions_need_is_never_omitted(tmp_path: Path) -> None:
    path = tmp_path / "model"
    scale = make_pipeline(ZScore(), FunctionTransformer())
    model = small(max_epochs=1, scale=scale).fit(DATA.sequences, DATA.y)
    message = r"got an object of FunctionTransformer at `model.fitted_.contract.scaling.transformer.steps.1.1`. Use components of seqclf"
    with pytest.raises(TypeError, match=message):
        seqclf.save(model, path)
    pipeline = make_pipeline(StandardScaler(), small(max_epochs=1)).fit(DATA.padded()[:, :, 0], DATA.y)
    with pytest.raises(TypeError, match=r"got an object of StandardScaler at `model.steps.0.1`"):
        seqclf.save(pipeline, path)
    assert not path.exists()


def test_what_is_not_a_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model"

    class Own(GRUClassifier):
        """A subclass, whose code a file cannot hold."""

    with pytest.raises(TypeError, match=r"got an object of .*Own at `model`"):
        seqclf.save(Own(hidden_size=3, max_epochs=1).fit(DATA.arrays, DATA.y), path)
    with pytest.raises(
        TypeError, match=r"`model` must be a classifier .* got GridSearchCV.*save `best_estimator_`"
    ):
        seqclf.save(GridSearchCV(small(), {"lr": [0.1]}), path)
    with pytest.raises(
        TypeError,
        match="`model` must be a classifier or an ensemble of seqclf, or a Pipeline that ends in one; got ZScore",
    ):
        seqclf.save(make_pipeline(ZScore()), path)
    with pytest.raises(
        TypeError, match=r"got CalibratedClassifierCV\. joblib can save other estimators; load"
    ):
        seqclf.save(CalibratedClassifierCV(small()), path)
    with pytest.raises(TypeError, match=r"got Pipeline\. Put all steps into one Pipeline, whose last one is"):
        seqclf.save(make_pipeline(make_pipeline(small())), path)
    with pytest.raises(ValueError, match="This ZScore instance is not fitted yet"):
        seqclf.save(make_pipeline(ZScore(), small().fit(DATA.arrays, DATA.y)), path)
    with pytest.raises(ValueError, match="This GRUClassifier instance is not fitted yet"):
        seqclf.save(small(), path)
    with pytest.raises(
        TypeError,
        match=r"`report` must be a `seqclf.evaluation.Report` or None; got dict. `evaluate` makes one.",
    ):
        seqclf.save(small(max_epochs=1).fit(DATA.arrays, DATA.y), path, report={})  # type: ignore[arg-type]
    for notes, message in (
        (["data"], "`notes` must be a dict of text, or None; got list."),
        (
            {"seed": 0},
            "`notes` must be a dict of text; got 'seed' of type str with a value of type int. Write numbers as text.",
        ),
        ({1: "a"}, "`notes` must be a dict of text; got 1 of type int with a value of type str"),
    ):
        with pytest.raises(TypeError, match=re.escape(message)):
            seqclf.save(small(max_epochs=1).fit(DATA.arrays, DATA.y), path, notes=notes)  # type: ignore[arg-type]
    assert not path.exists()


def test_a_factory_that_was_replaced_after_the_fit_is_no_obstacle(tmp_path: Path) -> None:
    model = small(max_epochs=1, head=lambda spec, generator: LinearHead(spec.n_features, spec.n_classes))
    model.fit(DATA.arrays, DATA.y).set_params(head="linear")
    loaded = reloaded(reloaded(model, tmp_path), tmp_path)
    same_predictions(model, loaded, NEW.arrays)
    assert seqclf.describe_file(tmp_path / "model.safetensors").omitted == {}
    with pytest.raises(ValueError, match=r"the network was built with <omitted: .*; got 'linear'"):
        loaded.partial_fit(DATA.arrays, DATA.y)
    loaded.fit(DATA.arrays, DATA.y)
