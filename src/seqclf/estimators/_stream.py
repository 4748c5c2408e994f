"""A fitted model -> a stream that reads its sequences step by step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_is_fitted
from torch import Tensor, cat

from seqclf.estimators._fitted import FittedModel
from seqclf.estimators._input import InputContract
from seqclf.estimators._missing import ScaleAndFill
from seqclf.estimators._network import probe
from seqclf.estimators._scaling import rounded
from seqclf.sequences import Sequences, Tokens
from seqclf.streaming import Chain, ChunkReader, EachStep, NetworkStepper, State, Stepper, Stream, stepper_of
from seqclf.transforms import TokenEncoder

First = TypeVar("First")
Second = TypeVar("Second")


def open_stream(
    model: FittedModel, activate: Callable[[Tensor], NDArray[np.float64]], n_streams: int, after: Any
) -> Stream:
    """Return a stream for a model that reads what the transformers `after` return."""
    transformers = _listed(after)
    # First, because it refuses what is not of seqclf.
    steps = [stepper_of(one) for one in transformers if not (one is transformers[0] and _is_encoder(one))]
    _check_order(transformers, model.contract.n_features)
    # Single steps have no mean or standard deviation to compare.
    of_sequences = replace(model.contract, training_range=None)
    # Static features come once for each sequence, not with its steps.
    contract = replace(of_sequences, n_static_features=0)
    convert: Callable[[Any], Sequences] = lambda X: contract.convert(X, None)  # noqa: E731
    reader = ChunkReader(
        convert=_reads(transformers[0]) if transformers else convert,
        n_features=transformers[0].n_features_in_ if transformers else contract.n_features,
        n_static_features=of_sequences.scaled_sizes[1],
        has_tokens=contract.vocabularies is not None,
    )
    if transformers:
        steps.append(EachStep(convert))
    scaling, network = _both(
        lambda: _scaling_steppers(model),
        lambda: NetworkStepper(model.network, probe(contract.network_spec(len(model.classes)))),
    )
    steps += [*scaling, EachStep(rounded)]
    static = _StaticReader(of_sequences, transformers) if of_sequences.n_static_features else None
    return Stream(
        network=network,
        steppers=Chain(steps),
        reader=reader,
        activate=activate,
        read_static=static,
        n_streams=n_streams,
    )


def _both(first: Callable[[], First], second: Callable[[], Second]) -> tuple[First, Second]:
    """Return two results; if both raise, the error says both, so that the user trains once more and not twice."""
    try:
        one = first()
    except ValueError as error:
        try:
            second()
        except ValueError as other:
            raise ValueError(f"{error} Also: {other}") from error
        raise
    return one, second()


def _listed(after: Any) -> list[Any]:
    """Return the transformers in `after`, and those of pipelines among them; raise unless they are fitted."""
    if hasattr(after, "named_steps"):
        after = [step for _, step in after.steps]
    elif hasattr(after, "transform"):
        after = [after]
    if not isinstance(after, Sequence) or not all(
        one in (None, "passthrough") or hasattr(one, "transform") for one in after
    ):
        raise TypeError(
            f"`after` must be a fitted transformer, a pipeline or a list of them; got {after!r:.100}. For the last step of a pipeline, "
            "pass `pipeline[:-1]`."
        )
    listed: list[Any] = []
    for one in after:
        if hasattr(one, "named_steps"):
            listed += _listed(one)
        elif one not in (None, "passthrough"):
            if hasattr(one, "convert") or _is_encoder(one):
                check_is_fitted(one)
            listed.append(one)
    return listed


def _check_order(transformers: Sequence[Any], n_features: int) -> None:
    """Raise unless each transformer, and then the model, was fitted to as many features as the one before it returns."""
    fitted = [
        (type(one).__name__, one.n_features_in_)
        for one in transformers
        if hasattr(one, "get_feature_names_out")
    ]
    returned = [
        len(one.get_feature_names_out()) for one in transformers if hasattr(one, "get_feature_names_out")
    ]
    for i, (name, expected) in enumerate([*fitted, ("the model", n_features)][1:]):
        if returned[i] != expected:
            raise ValueError(
                f"`after` must hold all transformers in the order in which they were fitted; got {name}, fitted to {expected} "
                f"feature(s), after {fitted[i][0]}, which returns {returned[i]}. For the last step of a pipeline, pass `pipeline[:-1]`."
            )


def _is_encoder(transformer: Any) -> bool:
    return type(transformer) is TokenEncoder


def _reads(transformer: Any) -> Callable[[Any], Sequences]:
    """Return what converts the input of the first transformer."""
    read: Callable[[Any], Sequences] = (
        transformer.transform if _is_encoder(transformer) else transformer.convert
    )
    return read


def _scaling_steppers(model: FittedModel) -> list[Stepper]:
    """Return what scales steps as the model does; an error says if the data, not the user, have chosen the scaling."""
    transformer = model.contract.scaling.transformer
    if transformer is None:
        return []
    try:
        return [
            MarkAndScale(transformer) if isinstance(transformer, ScaleAndFill) else stepper_of(transformer)
        ]
    except ValueError as error:
        if "scale" not in model.automatic:
            raise
        raise ValueError(
            f'{error} (scale="auto" has chosen scale={model.automatic["scale"]!r} for the training samples.)'
        ) from error


class MarkAndScale:
    """Streams `ScaleAndFill`: scales, fills in and appends indicators of missing values."""

    def __init__(self, transformer: ScaleAndFill) -> None:
        scaler = [] if transformer.scaler is None else [transformer.scaler]
        self._marker = stepper_of(transformer.marker)
        self._scaler = Chain([stepper_of(one) for one in (*scaler, transformer.filler, *transformer.others)])
        self.looks_ahead = self._scaler.looks_ahead  # then there is nothing to mark: lengths change
        self._n_parts = len(self._marker.start(1))
        self._keeps_values, self._n_marks = transformer.transformer is None, transformer.n_marks

    def start(self, n_streams: int) -> State:
        """Return the states of what marks and of what scales."""
        return (*self._marker.start(n_streams), *self._scaler.start(n_streams))

    def push(self, state: State, chunk: Sequences, *, last: bool = False) -> tuple[State, Sequences]:
        """Return scaled steps without missing values, and their indicators as the last features."""
        scaling, filled = self._scaler.push(state[self._n_parts :], chunk, last=last)
        marking = state[: self._n_parts]
        if chunk.values.shape[0]:
            marking, marked = self._marker.push(marking, chunk)
        if self._keeps_values:
            filled = filled.float()
        if self._n_marks:
            marks = marked.values[:, chunk.n_features :].to(filled.values.dtype)
            filled = filled.with_values(cat([filled.values, marks], dim=1))
        return (*marking, *scaling), filled


class _StaticReader:
    """Static features of whole sequences, scaled as those of the training samples."""

    def __init__(self, contract: InputContract, transformers: Sequence[Any]) -> None:
        self._contract = contract
        self._transformers = [one for one in transformers if not _is_encoder(one)]

    def __call__(self, static: ArrayLike, n_streams: int) -> Tensor:
        """Return scaled features, (n_streams, n_static_features): those of sequences with one step, whose values do not matter."""
        contract, first = self._contract, (*self._transformers, self._contract)[0]
        n_features = contract.n_features if first is contract else first.n_features_in_
        tokens = None
        if contract.vocabularies is not None:
            codes = torch.zeros(n_streams, len(contract.vocabularies), dtype=torch.int64, device="cpu")
            tokens = Tokens.unchecked(codes, contract.vocabularies)
        sequences = Sequences.unchecked(
            torch.zeros(n_streams, n_features, dtype=torch.float32, device="cpu"),
            torch.arange(n_streams + 1, dtype=torch.int64, device="cpu"),
            None,
            tokens,
        ).with_static(static)
        for transformer in self._transformers:
            sequences = transformer.transform(sequences)
        scaled = contract.read(sequences, None)[:].static
        assert scaled is not None
        return scaled
