"""A model predicts on machines where it could not have been trained, and says how."""

from __future__ import annotations

import copy
import os
import pickle
import re
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from sklearn.base import clone

import seqclf
from ramps import ramps, small
from seqclf import GRUClassifier, SeqclfWarning
from seqclf.kernels import KernelStatus, _library, status
from seqclf.nn import RecurrentEncoder

needs_kernels = pytest.mark.skipif(not status().available, reason=status().reason)
DATA = ramps()
X, Y = DATA.sequences, DATA.y
BFLOAT16 = pytest.mark.skipif("bfloat16" not in status().precisions, reason="no AVX-512 BF16 here")
FALLBACK = (
    'precision="bfloat16" must run on the compiled kernels, on a processor with AVX-512 BF16; here, predictions run in float32, '
    'on the {} engine, and differ slightly from those in bfloat16. To accept this, set `precision = "float32"` of the encoder'
)


@pytest.fixture
def without_kernels(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return a function that hides the kernels until the test ends."""
    missing = KernelStatus(available=False, reason="no working C++ compiler was found")
    return lambda: monkeypatch.setattr(_library, "_found", (missing, None))


@pytest.fixture
def without_bfloat16(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return a function that hides the products in bfloat16 until the test ends."""
    older = replace(status(), precisions=("float32",))
    return lambda: monkeypatch.setattr(_library, "_found", (older, _library._found[1]))


def encoder_of(model: GRUClassifier) -> RecurrentEncoder:
    encoder = model.module_.encoder
    assert isinstance(encoder, RecurrentEncoder)
    return encoder


def moved(model: GRUClassifier, how: str = "pickle") -> GRUClassifier:
    """Return the model as another machine reads it, from a pickle or from a model file."""
    if how == "pickle":
        twin: GRUClassifier = pickle.loads(pickle.dumps(model))
        return twin
    with tempfile.TemporaryDirectory() as folder:
        seqclf.save(model, Path(folder) / "model.safetensors")
        read: GRUClassifier = seqclf.load(Path(folder) / "model.safetensors")
    return read


def set_bfloat16(model: GRUClassifier) -> GRUClassifier:
    """Return the model as if it had been trained in bfloat16, on any machine."""
    encoder_of(model).precision = "bfloat16"
    model.set_params(precision="bfloat16")
    return model


every_way = pytest.mark.parametrize("how", ["pickle", "file"])


@every_way
@needs_kernels
def test_a_model_of_the_kernels_predicts_without_them(how: str, without_kernels: Any) -> None:
    model = small(engine="native", stem="conv", pooling="attention").fit(X, Y)
    expected = model.predict_proba(X)
    assert model.engine_ == "native"
    without_kernels()
    twin = moved(model, how)
    assert (twin.engine_, twin.engine, encoder_of(twin).precision_) == ("packed", "native", "float32")
    np.testing.assert_allclose(twin.predict_proba(X), expected, atol=1e-6)
    assert twin.predict(X).tolist() == model.predict(X).tolist()
    np.testing.assert_allclose(twin.transform(X), copy.deepcopy(model).transform(X), atol=1e-6)


@needs_kernels
def test_training_with_the_native_engine_still_needs_the_kernels(without_kernels: Any) -> None:
    model = small(engine="native", warm_start=True).partial_fit(X, Y)
    before = model.predict_proba(X)
    without_kernels()
    message = re.escape('got no kernels (no working C++ compiler was found). Use engine="auto"')
    for train in (clone(model).fit, clone(model).partial_fit, model.fit, model.partial_fit):
        with pytest.raises(ValueError, match=message):
            train(X, Y)
    np.testing.assert_allclose(model.predict_proba(X), before, atol=1e-6)
    assert model.set_params(engine="auto").partial_fit(X, Y).n_epochs_ == 2  # the cure
    assert encoder_of(model).engine == "auto"


@pytest.mark.parametrize(("name", "value"), [("engine", "fast"), ("precision", "half")])
def test_a_wrong_engine_or_precision_leaves_the_model_as_it_was(name: str, value: str) -> None:
    model = small().partial_fit(X, Y)
    before = model.predict_proba(X)
    with pytest.raises(ValueError, match=rf"`{name}` must be one of .*; got '{value}'"):
        model.set_params(**{name: value}).partial_fit(X, Y)
    np.testing.assert_array_equal(model.predict_proba(X), before)


@needs_kernels
@pytest.mark.parametrize("change", ["double", "hook"])
def test_a_model_of_the_kernels_predicts_where_its_layers_cannot_run_on_them(change: str) -> None:
    encoder = RecurrentEncoder("gru", 2, 4, engine="native", generator=torch.Generator().manual_seed(0))
    expected = encoder(X).values
    sequences = X
    if change == "double":
        encoder.double()
        sequences = X.with_values(X.values.double())
    else:
        encoder.layers[0].register_forward_hook(lambda layer, args, result: None)
    with pytest.raises(ValueError, match='engine="native" must find'):
        encoder(sequences)
    assert encoder.engine_ == "packed"
    states: torch.Tensor = encoder.eval()(sequences).values
    torch.testing.assert_close(states.float(), expected)


def fitted() -> GRUClassifier:
    return small(max_epochs=2).fit(X, Y)


@every_way
@pytest.mark.parametrize("engine", ["native", "packed"])
def test_bfloat16_falls_back_to_float32_and_warns_once(
    engine: str, how: str, without_kernels: Any, without_bfloat16: Any
) -> None:
    model = fitted()
    if model.engine_ != "native":
        engine = "packed"
    {"native": without_bfloat16, "packed": without_kernels}[engine]()
    expected = model.predict_proba(X)
    twin = moved(set_bfloat16(model), how)
    with pytest.warns(SeqclfWarning, match=re.escape(FALLBACK.format(engine))) as caught:
        proba = [twin.predict_proba(X) for _ in range(3)]
    assert len(caught) == 1
    for one in proba:
        np.testing.assert_array_equal(one, expected)
    assert (twin.engine_, encoder_of(twin).precision_) == (engine, "float32")
    assert (twin.precision, encoder_of(twin).precision) == ("bfloat16", "bfloat16")
    with pytest.raises(ValueError, match='precision="bfloat16" must run'):
        twin.partial_fit(X, Y)


def test_a_model_that_has_warned_warns_on_the_next_machine_too(without_kernels: Any) -> None:
    without_kernels()
    model = set_bfloat16(fitted())
    for one in (model, moved(model)):
        with pytest.warns(SeqclfWarning, match="float32"):
            one.predict(X)


def test_the_advised_precision_silences_the_warning(without_kernels: Any) -> None:
    without_kernels()
    model = set_bfloat16(fitted())
    encoder_of(model).precision = "float32"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.predict(X)


@BFLOAT16
def test_a_model_that_returns_runs_in_bfloat16_again(monkeypatch: pytest.MonkeyPatch) -> None:
    model = small(precision="bfloat16", max_epochs=2).fit(X, Y)
    expected = model.predict_proba(X)
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(_library, "_found", (KernelStatus(available=False, reason="none"), None))
        twin = moved(model)
        with pytest.warns(SeqclfWarning, match="float32"):
            difference = abs(twin.predict_proba(X) - expected).max()
        assert 0 < difference < 0.02
        there = pickle.dumps(twin)
    back = pickle.loads(there)
    assert encoder_of(back).precision_ == "bfloat16"
    np.testing.assert_array_equal(back.predict_proba(X), expected)


def test_weights_on_another_device_are_for_the_packed_engine() -> None:
    """The engine is chosen by the device of the weights; "meta" is one that every machine has."""
    encoder = RecurrentEncoder("gru", 2, 4, engine="native" if status().available else "auto").eval()
    encoder.to("meta")
    assert (encoder.engine_, encoder.precision_) == ("packed", "float32")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_model_of_the_kernels_predicts_on_a_gpu() -> None:
    model = small(engine="native", device="cpu").fit(X, Y)
    expected = model.predict_proba(X)
    model.module_.to("cuda")
    assert model.engine_ == "packed"
    np.testing.assert_allclose(model.predict_proba(X), expected, atol=1e-5)


PROGRAM = """
import pickle, sys, joblib, numpy as np, seqclf
folder = sys.argv[1]
with open(f"{folder}/native.pickle", "rb") as file:
    native = pickle.load(file)
rounded = joblib.load(f"{folder}/bfloat16.joblib")
saved = seqclf.load(f"{folder}/native.safetensors")
X = joblib.load(f"{folder}/X.joblib")
for name, model in {"native": native, "bfloat16": rounded, "file": saved}.items():
    np.save(f"{folder}/{name}.npy", model.predict_proba(X))
    print(model.engine_, model.module_.encoder.precision_)
"""


def test_files_are_read_by_a_process_without_kernels(tmp_path: Path) -> None:
    model = small(engine="native" if status().available else "auto").fit(X, Y)
    expected: NDArray[np.float64] = model.predict_proba(X)
    (tmp_path / "native.pickle").write_bytes(pickle.dumps(model))
    seqclf.save(model, tmp_path / "native.safetensors")
    joblib.dump(set_bfloat16(model), tmp_path / "bfloat16.joblib")
    joblib.dump(X, tmp_path / "X.joblib")
    there = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        env=os.environ | {"SEQCLF_KERNELS": str(tmp_path / "none.so")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert there.stdout.split() == ["packed", "float32"] * 3
    assert there.stderr.count("SeqclfWarning") == 1
    for name in ("native", "bfloat16", "file"):
        np.testing.assert_allclose(np.load(tmp_path / f"{name}.npy"), expected, atol=1e-6)
