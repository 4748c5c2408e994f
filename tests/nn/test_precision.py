"""Encoders and estimators with products in bfloat16, and where they are refused."""

from __future__ import annotations

import pickle
import re
from typing import Any

import pytest
import torch
from sklearn.base import clone

from ramps import ramps
from seqclf import RecurrentClassifier, as_sequences
from seqclf.kernels import KernelStatus, status
from seqclf.nn import Cell, RecurrentEncoder
from seqclf.sequences import Sequences

needs_bfloat16 = pytest.mark.skipif("bfloat16" not in status().precisions, reason="no AVX-512 BF16 here")
DATA = ramps()


def encoder(cell: Cell = "gru", **options: Any) -> RecurrentEncoder:
    generator = torch.Generator().manual_seed(1)
    return RecurrentEncoder(cell, 2, 40, num_layers=2, bidirectional=True, generator=generator, **options)


def batch() -> Sequences:
    generator = torch.Generator().manual_seed(0)
    return as_sequences([torch.randn(length, 2, generator=generator) for length in (5, 30, 1, 17)])


@needs_bfloat16
@pytest.mark.parametrize("engine", ["auto", "native"])
@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_states_are_close_to_those_of_float32_but_rounded(cell: Cell, engine: Any) -> None:
    got: Sequences = encoder(cell, engine=engine, precision="bfloat16")(batch())
    expected: Sequences = encoder(cell)(batch())
    difference = (got.values - expected.values).abs().max()
    assert 1e-5 < difference < 2e-2
    assert got.values.dtype == torch.float32


@needs_bfloat16
def test_the_precision_can_be_changed_later() -> None:
    one, sequences = encoder(precision="bfloat16"), batch()
    rounded: Sequences = one(sequences)
    one.precision = "float32"
    exact: Sequences = one(sequences)
    assert torch.equal(exact.values, encoder()(sequences).values)
    one.precision = "bfloat16"
    assert torch.equal(one(sequences).values, rounded.values)
    assert one.engine_ == "native"
    one.precision = "half"  # type: ignore[assignment]
    message = "`precision` must be one of ['float32', 'bfloat16']; got 'half'."
    with pytest.raises(ValueError, match=re.escape(message)):
        one(sequences)


MUST = (
    'precision="bfloat16" must run on the compiled kernels, with engine "auto" or "native", float32 weights on the CPU, '
    "and layers without forward hooks or a `forward` of their own; "
    'got {}. Use precision="float32" with the same weights.'
)


@needs_bfloat16
def test_other_engines_and_weights_are_refused() -> None:
    message = re.escape(MUST.format("engine='packed' and torch.float32 weights on cpu"))
    with pytest.raises(ValueError, match=message):
        encoder(precision="bfloat16", engine="packed")
    message = re.escape(MUST.format("engine='auto' and torch.float64 weights on cpu"))
    with pytest.raises(ValueError, match=message):
        encoder(precision="bfloat16").double()(batch())


def test_missing_kernels_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = KernelStatus(available=False, reason="no working C++ compiler was found")
    for module in ("nn._engines", "nn._native_engine", "kernels._precision"):
        monkeypatch.setattr(f"seqclf.{module}.status", lambda: missing)
    message = re.escape(MUST.format("engine='auto' and no kernels (no working C++ compiler was found)"))
    with pytest.raises(ValueError, match=message):
        encoder(precision="bfloat16")


@needs_bfloat16
def test_an_estimator_trains_and_predicts_in_bfloat16() -> None:
    options: dict[str, Any] = {"hidden_size": 16, "max_epochs": 20, "random_state": 0}
    model = RecurrentClassifier(precision="bfloat16", **options).fit(DATA.sequences, DATA.y)
    assert model.score(DATA.sequences, DATA.y) > 0.9
    assert clone(model).get_params()["precision"] == "bfloat16"
    proba = model.predict_proba(DATA.sequences)
    assert (pickle.loads(pickle.dumps(model)).predict_proba(DATA.sequences) == proba).all()
    alone = [model.predict_proba(DATA.sequences[i : i + 1])[0] for i in range(5)]
    assert (proba[:5] == alone).all()
    assert isinstance(model.module_.encoder, RecurrentEncoder)
    model.module_.encoder.precision = "float32"
    assert 0 < abs(model.predict_proba(DATA.sequences) - proba).max() < 0.05


@needs_bfloat16
def test_another_encoder_does_not_take_a_precision() -> None:
    model = RecurrentClassifier(encoder=encoder(), precision="bfloat16", stem=None)
    message = "`precision` configures the recurrent encoder and has no effect with a custom `encoder`; got precision='bfloat16'."
    with pytest.raises(ValueError, match=re.escape(message)):
        model.fit(DATA.sequences, DATA.y)
