"""Every entry point that reads sequences, as a function that returns numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from contract.containers import CONTAINERS, Container, Samples
from seqclf import Differences, GRUClassifier, MinMax, Sequences, ZScore, as_sequences
from seqclf.audit import audit_padding
from seqclf.transforms import Downsample, FillMissing
from seqclf.tuning import Choice, sweep

REFERENCE = CONTAINERS["Sequences"]

Call = Callable[..., NDArray[Any]]
"""`call(X, y, **keywords)`; keywords are those of the container."""


@dataclass(frozen=True)
class EntryPoint:
    """A public method or function; `prepare` does what must happen before it is called."""

    prepare: Callable[[Container, Samples], Call]
    by_row: bool = False  # whether it returns numbers for each sequence, which depend on no other sequence


def small(**options: Any) -> GRUClassifier:
    """Return a classifier that trains in some milliseconds."""
    return GRUClassifier(hidden_size=4, num_layers=1, max_epochs=2, random_state=0, **options)


@cache
def fitted(container: Container, samples: Samples) -> GRUClassifier:
    return small().fit(container.make(samples), samples.y, **container.keywords(samples))


def weights_of(model: GRUClassifier) -> NDArray[Any]:
    return np.concatenate([weight.numpy().ravel() for weight in model.module_.state_dict().values()])


def _as_sequences(container: Container, samples: Samples) -> Call:
    return lambda X, y, **keywords: _values(as_sequences(X, **keywords))


def _fit(container: Container, samples: Samples) -> Call:
    return lambda X, y, **keywords: weights_of(small().fit(X, y, **keywords))


def _resumed_fit(container: Container, samples: Samples) -> Call:
    model = small(warm_start=True).fit(REFERENCE.make(samples), samples.y)
    return lambda X, y, **keywords: weights_of(model.fit(X, y, **keywords))


def _partial_fit(container: Container, samples: Samples) -> Call:
    def call(X: Any, y: Any, **keywords: Any) -> NDArray[Any]:
        model = small().partial_fit(X, y, **keywords)
        return weights_of(model.partial_fit(X, y, **keywords))

    return call


def _fit_transform(container: Container, samples: Samples) -> Call:
    return lambda X, y, **keywords: small().fit_transform(X, y, **keywords)


def _validation_data(container: Container, samples: Samples) -> Call:
    def call(X: Any, y: Any, *, lengths: Any = None) -> NDArray[Any]:
        data = (X, y) if lengths is None else (X, y, lengths)
        model = small().fit(REFERENCE.make(samples), samples.y, validation_data=data)
        return np.array(model.history_["valid_loss"])

    return call


def _method(name: str) -> Callable[[Container, Samples], Call]:
    """Return a method of a model that was fitted to `Sequences`."""

    def prepare(container: Container, samples: Samples) -> Call:
        method = getattr(fitted(REFERENCE, samples), name)
        return lambda X, y, **keywords: np.asarray(method(X, **keywords))

    return prepare


def _predict_proba_after_fit(container: Container, samples: Samples) -> Call:
    """Return the method of a model that was fitted to the same container."""
    model = fitted(container, samples)
    return lambda X, y, **keywords: model.predict_proba(X, **keywords)


def _score(container: Container, samples: Samples) -> Call:
    model = fitted(REFERENCE, samples)
    return lambda X, y, **keywords: np.array(model.score(X, y, **keywords))


def _sweep(container: Container, samples: Samples) -> Call:
    def call(X: Any, y: Any, **keywords: Any) -> NDArray[Any]:
        result = sweep(small(), {"hidden_size": Choice([3])}, X, y, n_trials=1, random_state=0, **keywords)
        assert result.best_estimator is not None
        return np.append(weights_of(result.best_estimator), result.best_score)

    return call


def _audit_padding(container: Container, samples: Samples) -> Call:
    """Return what the audited model predicts for the sequences as they are."""
    model = fitted(REFERENCE, samples)

    def call(X: Any, y: Any, **keywords: Any) -> NDArray[Any]:
        predicted: list[NDArray[Any]] = []

        def audited(table: NDArray[Any], lengths: NDArray[Any]) -> NDArray[Any]:
            predicted.append(model.predict_proba(table, lengths=lengths))
            return predicted[-1]

        assert audit_padding(audited, X, **keywords).passed
        return predicted[0]

    return call


def _scaler(scaler: Any) -> Callable[[Container, Samples], Call]:
    def prepare(container: Container, samples: Samples) -> Call:
        scaler.fit(REFERENCE.make(samples))
        return lambda X, y, **keywords: _values(scaler.transform(X, **keywords))

    return prepare


def _fitted_scaler(scaler: Any) -> Callable[[Container, Samples], Call]:
    def prepare(container: Container, samples: Samples) -> Call:
        return lambda X, y, **keywords: _values(scaler.fit_transform(X, **keywords))

    return prepare


def _values(sequences: Sequences) -> NDArray[Any]:
    return sequences.values.float().numpy()  # of a list, representations are float64


METHODS = ("predict", "predict_proba", "decision_function", "transform")
SCALERS = {
    "ZScore": ZScore(),
    "MinMax": MinMax(),
    "ZScore per sequence": ZScore(per="sequence"),
    "Differences": Differences(),
    "Downsample": Downsample(factor=2),
    "FillMissing": FillMissing(),
}

ENTRY_POINTS: dict[str, EntryPoint] = {
    "as_sequences": EntryPoint(_as_sequences, by_row=True),
    "fit": EntryPoint(_fit),
    "fit, resumed": EntryPoint(_resumed_fit),
    "partial_fit": EntryPoint(_partial_fit),
    "fit_transform": EntryPoint(_fit_transform),
    "validation_data": EntryPoint(_validation_data),
    **{name: EntryPoint(_method(name), by_row=True) for name in METHODS},
    "predict_proba after fit": EntryPoint(_predict_proba_after_fit, by_row=True),
    "score": EntryPoint(_score),
    "sweep": EntryPoint(_sweep),
    "audit_padding": EntryPoint(_audit_padding),
    **{f"{name}.transform": EntryPoint(_scaler(scaler), by_row=True) for name, scaler in SCALERS.items()},
    **{f"{name}.fit_transform": EntryPoint(_fitted_scaler(scaler)) for name, scaler in SCALERS.items()},
}
