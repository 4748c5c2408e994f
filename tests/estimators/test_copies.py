"""`fit` warns of validation samples that are copies of training samples."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import torch

from ramps import small
from seqclf import SeqclfWarning, SequenceEnsemble, Sequences, as_sequences
from seqclf.estimators._copies import copies_in_validation
from seqclf.sequences import LazySequences, Tokens

N = 60


def drawn(n: int = N, seed: int = 0, n_features: int = 1) -> list[Any]:
    """Sequences of numbers, of different lengths."""
    rng = np.random.default_rng(seed)
    return [rng.normal(size=(rng.integers(12, 30), n_features)) for _ in range(n)]


X, OTHERS, Y = drawn(), drawn(seed=1), np.arange(N) % 2
REASON = r"the model is trained on them, so their scores say nothing about new samples\. Hold out other samples, before any are copied"


def found(validation: Any, training: Any) -> str | None:
    """Return the warning for samples of the user."""
    return copies_in_validation(as_sequences(validation), as_sequences(training), is_given=True)


def test_validation_data_that_are_training_samples() -> None:
    message = rf"20 of 40 validation samples are copies of training samples, such as validation_data\[0\]\[20\]: {REASON}"
    with pytest.warns(SeqclfWarning, match=message):
        small(max_epochs=1).fit(X, Y, validation_data=(OTHERS[:20] + X[:20], Y[:40]))


def test_samples_that_were_copied_before_early_stopping_holds_some_out() -> None:
    rows = np.arange(200) % N
    message = rf"20 of 20 validation samples, which early stopping held out of X, are copies of training samples: {REASON}"
    with pytest.warns(SeqclfWarning, match=message):
        small(max_epochs=1, early_stopping=True).fit([X[i] for i in rows], Y[rows])


def test_members_of_an_ensemble_warn_too() -> None:
    ensemble = SequenceEnsemble(estimators=[small(max_epochs=1)], n_members=1)
    with pytest.warns(SeqclfWarning, match="60 of 60 validation samples are copies"):
        ensemble.fit(X, Y, validation_data=(X, Y))


@pytest.mark.parametrize("scale", ["standard", "sequence", None])
def test_different_samples_are_no_copies(scale: str | None) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        small(max_epochs=1, early_stopping=True, validation_fraction=0.2, scale=scale).fit(
            X + OTHERS, np.tile(Y, 2)
        )
        small(max_epochs=1, scale=scale).fit(X, Y, validation_data=(OTHERS, Y))


def test_equal_ends_and_lengths_are_not_enough() -> None:
    changed = [one.copy() for one in X]
    for one in changed:
        one[3] += 1
    assert found(changed, X) is None


def test_sequences_of_few_different_values_may_be_equal_by_chance() -> None:
    flat = [np.full((20, 1), 0.5)] * 30
    counts = [np.arange(20.0)[:, None] % 9] * 30
    assert found(flat + counts, flat + counts) is None


def test_few_copies_are_exceptions() -> None:
    many, training = drawn(200, seed=2), X + drawn(60, seed=3)
    assert found(many[:-3] + X[:3], training) is None
    message = found(many[:-4] + X[:4], training)
    assert message is not None
    assert message.startswith("4 of 200 validation samples are copies")
    assert "validation_data[0][196]" in message


def test_missing_values_equal_each_other() -> None:
    gaps = [one.copy() for one in X]
    for one in gaps:
        one[[0, 5]] = np.nan
    sequences = as_sequences(gaps, missing="keep")
    message = copies_in_validation(sequences, sequences, is_given=True)
    assert message is not None
    assert message.startswith("60 of 60")


def test_copies_are_found_among_several_features_and_in_any_order() -> None:
    several = drawn(n_features=3)
    message = found(several[:10], drawn(50, seed=1, n_features=3) + several[::-1])
    assert message is not None
    assert message.startswith("10 of 10")


def test_copies_are_found_among_sequences_with_equal_ends() -> None:
    alike = [np.random.default_rng(i).normal(size=(20, 2)) for i in range(N)]
    for one in alike:
        one[:5] = one[-5:] = 0
    message = found(alike[:10], drawn(20, seed=1, n_features=2) + alike)
    assert message is not None
    assert message.startswith("10 of 10")


def test_copies_of_copies_count_once_each() -> None:
    message = found([X[0], X[0], X[1]], [X[0]] * 5 + [X[1]])
    assert message is not None
    assert message.startswith("3 of 3")


def test_many_validation_samples_are_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seqclf.sequences._lazy.STEPS_PER_BLOCK", 500)  # several blocks of training samples
    many = as_sequences(drawn(600, seed=4))
    message = copies_in_validation(many, many, is_given=False)
    assert message is not None
    assert message.startswith(
        "256 of 256 validation samples that were looked at, which early stopping held out of X, are"
    )


def test_sequences_that_are_computed_when_selected() -> None:
    def doubled(batch: Sequences) -> Sequences:
        return batch.with_values(2 * batch.values)

    source = as_sequences(X)
    message = copies_in_validation(
        LazySequences(source, doubled, torch.arange(10)), LazySequences(source, doubled), is_given=True
    )
    assert message is not None
    assert message.startswith("10 of 10")


def test_tokens_alone_repeat() -> None:
    names = as_sequences(["Ada", "Eve"] * 20, vocabulary="auto")
    assert isinstance(names.tokens, Tokens)
    assert copies_in_validation(names, names, is_given=True) is None
