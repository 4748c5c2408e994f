"""Any lengths, in any batch, give the probabilities of the model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sklearn.pipeline import make_pipeline

from export.scoring import Session, assert_agrees, beats, shaken, training_set
from seqclf import RecurrentClassifier
from seqclf.transforms import Downsample

LONGEST = 60
LENGTHS = st.lists(st.one_of(st.integers(1, 4), st.integers(1, LONGEST)), min_size=1, max_size=9)


@pytest.fixture(scope="module", params=["gru", "lstm"])
def exported(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Any, Session, Session]:
    """Return a model of most parts that depend on lengths, and both forms of its graph."""
    classifier = RecurrentClassifier(
        cell=request.param,
        hidden_size=4,
        num_layers=2,
        bidirectional=True,
        layer_norm=True,
        residual=True,
        stem="conv",
        pooling=("last", "mean", "max", "attention"),
        scale="views",
        max_epochs=1,
        random_state=0,
    )
    model = classifier if request.param == "gru" else make_pipeline(Downsample(max_length=20), classifier)
    model = shaken(model.fit(*training_set(1e6)))
    folder = tmp_path_factory.mktemp(request.param)
    sessions = [Session(model, folder, fixed_length=length) for length in (None, LONGEST)]
    return model, *sessions


@given(lengths=LENGTHS, seed=st.integers(0, 99))
@example(lengths=[1], seed=0)
@example(lengths=[1, LONGEST], seed=0)
@example(lengths=[LONGEST, 1, 1, 1], seed=0)
def test_any_lengths_agree(exported: tuple[Any, Session, Session], lengths: list[int], seed: int) -> None:
    model, ragged, padded = exported
    samples = beats(*lengths, seed=seed, offset=1e6)
    assert_agrees(ragged.score(samples), model, samples)
    assert_agrees(padded.score_padded(samples, LONGEST), model, samples)


@pytest.mark.filterwarnings("ignore:.*far from the training samples")
def test_a_sequence_longer_than_all_others_does_not_change_their_scores(
    exported: tuple[Any, Session, Session],
) -> None:
    model, ragged, _ = exported
    samples = beats(3, 1, 2000, 7, offset=1e6)
    scored = ragged.score(samples)
    assert_agrees(scored, model, samples)
    alone = np.concatenate([ragged.score([one]).probabilities for one in samples])
    np.testing.assert_allclose(scored.probabilities, alone, rtol=0, atol=1e-6)


@pytest.mark.parametrize("padding", [0.0, np.nan, np.inf, -1e300])
def test_what_is_padded_does_not_matter(exported: tuple[Any, Session, Session], padding: float) -> None:
    model, _, padded = exported
    samples = beats(5, 1, LONGEST, 17, offset=1e6)
    assert_agrees(padded.score_padded(samples, LONGEST, padding), model, samples)
