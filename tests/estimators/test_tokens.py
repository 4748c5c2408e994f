"""Estimators embed tokens, and know those of their training samples."""

from __future__ import annotations

import pickle
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from torch import nn

from ramps import SMALL, small
from seqclf import (
    InvalidSequenceError,
    MinMax,
    RecurrentClassifier,
    SequenceClassifier,
    Sequences,
    ZScore,
    as_sequences,
    from_long,
)
from seqclf.audit import audit_padding
from seqclf.estimators._scaling import fit_scaling
from seqclf.nn import (
    LinearHead,
    MeanPooling,
    NetworkSpec,
    RecurrentEncoder,
    SequenceNetwork,
    TokenEmbedding,
)
from seqclf.tuning import Choice, sweep
from strategies import sequences_with_tokens

LONGER = SMALL | {"max_epochs": 40}
RNG = np.random.default_rng(0)
Y = np.arange(48) % 2
WORDS = [
    "".join(RNG.choice(list("abcd" if label else "cdef"), size=RNG.integers(2, 8))) for label in Y
]  # c and d occur in both classes
X = as_sequences(WORDS, vocabulary="auto")


def n_codes(model: RecurrentClassifier) -> int:
    """The number of codes of the first token column."""
    embedding = model.module_.embedding
    assert isinstance(embedding, TokenEmbedding)
    return int(next(iter(embedding.n_tokens.values())))


def input_size(model: RecurrentClassifier) -> int:
    """The number of features that the encoder reads."""
    encoder = model.module_.encoder
    assert isinstance(encoder, RecurrentEncoder)
    return encoder.input_size


def log(letters: list[str] = WORDS, seed: int = 0) -> pd.DataFrame:
    """Each character as an event, with a resource and a number that do not depend on the class."""
    rng = np.random.default_rng(seed)
    rows = [(i, letter) for i, word in enumerate(letters) for letter in word]
    frame = pd.DataFrame(rows, columns=["case", "activity"])
    frame["resource"] = rng.integers(0, 3, size=len(frame))
    frame["cost"] = 1e4 + 1e3 * rng.normal(size=len(frame))
    return frame


LOG = from_long(log(), id="case", tokens=["activity", "resource"]).sequences


@pytest.mark.parametrize("engine", ["auto", "packed"])
@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_it_learns_from_tokens(cell: Any, engine: Any) -> None:
    for samples in (X, LOG):
        model = RecurrentClassifier(cell=cell, engine=engine, **LONGER).fit(samples, Y)
        assert model.score(samples, Y) > 0.9
        assert (model.n_features_in_, model.engine_ != "custom") == (samples.n_features, True)


OPTIONS: dict[str, dict[str, Any]] = {
    "default": {},
    "sequence": {"scale": "sequence"},
    "MinMax": {"scale": MinMax()},
    "stem": {"stem": "conv"},
    "dropout": {"augmentation": "dropout"},
    "time_warp": {"augmentation": "time_warp"},
    "jitter": {"augmentation": "jitter"},
    "crop": {"augmentation": "crop"},
    "early stopping": {"early_stopping": True, "validation_fraction": 0.5},
    "size": {"embedding": 3},
    "static": {"static": "both"},
}


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("samples", [X, LOG], ids=["tokens", "log"])
def test_predictions_one_at_a_time_equal_those_together(samples: Sequences, options: dict[str, Any]) -> None:
    if "static" in options:
        samples = samples.with_static(np.linspace(0, 1, len(samples)))
    model = small(max_epochs=2, **options).fit(samples, Y)
    together = model.predict_proba(samples)
    alone = np.concatenate([model.predict_proba(samples[i : i + 1]) for i in range(len(samples))])
    np.testing.assert_array_equal(alone, together)
    order = RNG.permutation(len(samples))
    np.testing.assert_array_equal(model.predict_proba(samples[order]), together[order])
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).predict_proba(samples), together)


@pytest.mark.parametrize("scale", ["standard", "sequence", None, MinMax(), make_pipeline(MinMax(), ZScore())])
def test_scaling_changes_no_code(scale: Any) -> None:
    samples = LOG.with_values((LOG.values - 1e4) / 1e3)
    assert fit_scaling(scale, samples)[1].tokens == LOG.tokens


def test_codes_of_another_vocabulary_mean_the_same() -> None:
    model = small().fit(X, Y)
    others = [word[: 1 + i % 3] + "x" for i, word in enumerate(WORDS)]
    expected = model.predict_proba(as_sequences(others, vocabulary=list("abcdef")))
    for vocabulary in ("auto", list("xfedcba"), [*"zyx", *"abcdef"]):
        np.testing.assert_array_equal(
            model.predict_proba(as_sequences(others, vocabulary=vocabulary)), expected
        )
    swapped = from_long(log(), id="case", tokens=["resource", "activity"]).sequences
    of_log = small().fit(LOG, Y)
    np.testing.assert_array_equal(of_log.predict_proba(swapped), of_log.predict_proba(LOG))


def test_tokens_that_training_samples_lack_are_unknown() -> None:
    known = [i for i, word in enumerate(WORDS) if "a" not in word]
    model = small().fit(X[known], Y[known])
    assert n_codes(model) == 6  # b to f, and unknown tokens
    np.testing.assert_array_equal(
        model.predict_proba(as_sequences(["abca"], vocabulary="auto")),
        model.predict_proba(as_sequences([[None, "b", "c", "?"]], vocabulary="auto")),
    )
    weighted = small().fit(X, Y, sample_weight=np.isin(np.arange(len(Y)), known))
    np.testing.assert_array_equal(weighted.predict_proba(X), model.predict_proba(X))
    assert np.mean(cross_val_predict(small(max_epochs=40), X, Y, cv=3) == Y) > 0.9


def test_partial_fit_keeps_the_vocabulary_of_the_first_call() -> None:
    model = small().partial_fit(X[:30], Y[:30])
    before = n_codes(model)
    more = as_sequences(["xyz", "abc"], vocabulary="auto")
    model.partial_fit(more, [0, 1])
    assert n_codes(model) == before


def test_partial_fit_learns_tokens_that_the_first_samples_lack() -> None:
    vocabulary = list("abcdef")
    model = small().partial_fit(as_sequences(["aba", "efe"], vocabulary=vocabulary), [1, 0])
    for _ in range(40):
        model.partial_fit(as_sequences(["cc", "dd"], vocabulary=vocabulary), [1, 0])
    assert n_codes(model) == 7
    assert model.predict(as_sequences(["ccc", "ddd"], vocabulary="auto")).tolist() == [1, 0]


def test_a_sweep_selects_tokens_with_their_samples() -> None:
    space = {"embedding": Choice([2, 4])}
    result = sweep(small(max_epochs=3), space, LOG, Y, n_trials=2, cv=2, random_state=0)
    assert result.best_params["embedding"] in (2, 4)


REFUSED: dict[str, tuple[Any, str]] = {
    "numbers": (
        [[1.0, 2.0]],
        "X has the token columns [], but GRUClassifier is expecting ['token'] as input. Encode",
    ),
    "log": (
        LOG,
        "X has the token columns ['activity', 'resource'], but GRUClassifier is expecting ['token']",
    ),
}


@pytest.mark.parametrize(("samples", "message"), REFUSED.values(), ids=REFUSED)
def test_other_columns_are_refused(samples: Any, message: str) -> None:
    model = small(max_epochs=1).fit(X, Y)
    with pytest.raises(InvalidSequenceError, match=re.escape(message)):
        model.predict(samples)
    with pytest.raises(InvalidSequenceError, match=re.escape("but GRUClassifier is expecting [] as input")):
        small(max_epochs=1).fit([[1.0], [2.0]] * 24, Y).predict(X)
    with pytest.raises(
        InvalidSequenceError, match="X has 0 features, but GRUClassifier is expecting 1 features"
    ):
        small(max_epochs=1).fit(LOG, Y).predict(LOG.with_values(torch.empty(len(LOG.values), 0)))


def test_text_is_not_encoded_silently() -> None:
    with pytest.raises(TypeError, match=re.escape("Read text as tokens with `TokenEncoder`")):
        small().fit(WORDS, Y)


def test_an_audit_of_padding_names_what_is_missing() -> None:
    model = small(max_epochs=1).fit(X, Y)
    with pytest.raises(
        InvalidSequenceError, match=re.escape("expecting ['token'] as input. Encode the columns")
    ):
        audit_padding(model, np.ones((4, 5, 1)), lengths=[5, 4, 3, 2])

    def predict(table: Any, lengths: Any) -> Any:
        rows = [row[:n].astype(int).tolist() for row, n in zip(table, lengths, strict=True)]
        return of_codes.predict_proba(as_sequences(rows, vocabulary="auto"))

    codes = [["abcdef".index(letter) for letter in word] for word in WORDS]
    of_codes = small().fit(as_sequences(codes, vocabulary="auto"), Y)
    table = np.full((len(codes), 9), 9.0)
    for row, one in zip(table, codes, strict=True):
        row[: len(one)] = one
    audit = audit_padding(predict, table, lengths=[len(one) for one in codes], padding_value=9.0)
    assert audit["padding content"].verdict == audit["padding amount"].verdict == "holds"


class OwnEmbedding(nn.Module):
    """Counts known tokens."""

    def forward(self, batch: Sequences) -> Sequences:
        assert batch.tokens is not None
        known = (batch.tokens.codes > 0).float()
        return Sequences.unchecked(torch.cat([batch.values, known], dim=1), batch.offsets, batch.static)


def test_embeddings_of_all_forms() -> None:
    specs: list[NetworkSpec] = []

    def factory(spec: NetworkSpec, generator: torch.Generator) -> nn.Module:
        specs.append(spec)
        return TokenEmbedding(spec.n_tokens, 4, generator=generator)

    by_size = small(embedding=4).fit(LOG, Y).predict_proba(LOG)
    np.testing.assert_array_equal(small(embedding=factory).fit(LOG, Y).predict_proba(LOG), by_size)
    np.testing.assert_array_equal(small(embedding=np.int64(4)).fit(LOG, Y).predict_proba(LOG), by_size)
    assert specs[0].n_tokens == {"activity": 7, "resource": 4}
    assert (specs[0].n_features, specs[0].n_classes) == (1, 2)
    sizes = {"activity": 2, "resource": 1}
    assert input_size(small(max_epochs=1, embedding=sizes).fit(LOG, Y)) == 4
    assert input_size(small(max_epochs=1, embedding=OwnEmbedding()).fit(LOG, Y)) == 3
    assert input_size(small(max_epochs=1, embedding=OwnEmbedding).fit(X, Y)) == 1


@pytest.mark.parametrize(
    ("samples", "embedding", "error", "message"),
    [
        (
            X,
            "large",
            ValueError,
            "`embedding` must be one of ['auto'], a torch.nn.Module or a factory of one; got 'large'",
        ),
        (X, 0, ValueError, "`embedding` must be at least 1; got 0."),
        (X, None, TypeError, "`embedding` must be one of ['auto'], a torch.nn.Module or a factory"),
        (X, {"when": 2}, ValueError, "must name token columns, ['token']; got ['when']"),
        (
            X,
            nn.Identity(),
            ValueError,
            "`embedding` must return `Sequences` with features and without tokens; got",
        ),
        (X, nn.ReLU(), TypeError, "`embedding` must accept `Sequences` as its input; ReLU raised"),
        (
            [[1.0], [2.0]] * 24,
            4,
            ValueError,
            "is for sequences with tokens; got embedding=4 and sequences of numbers only.",
        ),
    ],
)
def test_other_embeddings_are_refused(
    samples: Any, embedding: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=re.escape(message)):
        small(embedding=embedding).fit(samples, Y)


def test_a_custom_network_embeds_tokens() -> None:
    def network(spec: NetworkSpec, generator: torch.Generator) -> nn.Module:
        embedding = TokenEmbedding(spec.n_tokens, generator=generator)
        head = LinearHead(spec.n_features + embedding.output_size, spec.n_classes, generator=generator)
        return SequenceNetwork(nn.Identity(), MeanPooling(), head, embedding=embedding)

    assert SequenceClassifier(network=network, lr=0.1, random_state=0).fit(X, Y).score(X, Y) > 0.9
    wrong = lambda spec, generator: SequenceNetwork(nn.Identity(), MeanPooling(), LinearHead(1, 2))  # noqa: E731
    with pytest.raises(TypeError, match="must embed the tokens of its input"):
        SequenceClassifier(network=wrong).fit(LOG, Y)


@settings(deadline=None, max_examples=20)
@given(sequences_with_tokens(columns=2, n_features=1, max_sequences=4), st.integers(0, 100))
def test_neighbours_do_not_change_a_prediction(samples: Sequences, seed: int) -> None:
    y = np.arange(len(samples)) % 2
    if len(samples) < 2:
        return
    model = small(max_epochs=1, random_state=seed).fit(samples, y)
    together = model.predict_proba(samples)
    for i in range(len(samples)):
        np.testing.assert_array_equal(model.predict_proba(samples[i : i + 1])[0], together[i])
