"""Component -> its stepper, or an error that says what to train instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn

from seqclf.nn import (
    AttentionPooling,
    ConcatPooling,
    ConvolutionalStem,
    LastState,
    MaxPooling,
    MeanPooling,
    RecurrentEncoder,
    TokenEmbedding,
)
from seqclf.streaming._chain import Chain, EachStep
from seqclf.streaming._differences import DifferencesStepper, TimeDeltasStepper
from seqclf.streaming._downsample import DownsampleStepper
from seqclf.streaming._encoder import EncoderStepper
from seqclf.streaming._missing import FillMissingStepper
from seqclf.streaming._poolings import (
    AttentionStepper,
    ConcatStepper,
    LastStepper,
    MaxStepper,
    MeanStepper,
)
from seqclf.streaming._protocol import PoolingStepper, Stepper
from seqclf.streaming._scaling import minmax_stepper, zscore_stepper
from seqclf.streaming._stem import stem_stepper
from seqclf.streaming._views import ViewsStepper
from seqclf.transforms import (
    Differences,
    Downsample,
    FillMissing,
    MinMax,
    TimeDeltas,
    TokenEncoder,
    Views,
    ZScore,
)


def stepper_of(component: Any) -> Stepper:
    """Return the stepper of a transformer, or of a module that maps `Sequences` to `Sequences`.

    Parameters
    ----------
    component : transformer or torch.nn.Module
        A fitted transformer of `seqclf.transforms`, a pipeline of them, a stem, an embedding, an encoder, a `torch.nn.Sequential`
        of these, or an object with a method `stepper()`. It must not change afterwards.

    Returns
    -------
    Stepper

    Raises
    ------
    ValueError
        If the component needs the whole sequence; the message says what to train instead.
    TypeError
        If the component is a custom one without a method `stepper()`.

    Examples
    --------
    >>> from seqclf import Differences, as_sequences
    >>> from seqclf.streaming import stepper_of
    >>> stepper = stepper_of(Differences().fit([[1.0, 3.0, 2.0]]))
    >>> state, _ = stepper.push(stepper.start(1), as_sequences([[1.0, 3.0]]))
    >>> stepper.push(state, as_sequences([[2.0]]))[1].values
    tensor([[ 2., -1.]])
    """
    if hasattr(component, "steps") and hasattr(component, "named_steps"):  # a pipeline of scikit-learn
        return Chain([stepper_of(step) for _, step in component.steps if step not in (None, "passthrough")])
    if type(component) is nn.Sequential:
        return Chain([stepper_of(part) for part in component])
    make = _STEPPERS.get(type(component))
    if make is None:
        own: Stepper = _own_stepper(component, "Stepper")
        return own
    check_as_is(component)
    return make(component)


def pooling_stepper_of(pooling: Any) -> PoolingStepper:
    """Return what streams a pooling."""
    make = _POOLINGS.get(type(pooling))
    if make is None:
        own: PoolingStepper = _own_stepper(pooling, "PoolingStepper")
        return own
    check_as_is(pooling)
    return make(pooling)


def _own_stepper(component: Any, protocol: str) -> Any:
    """Return the stepper that a custom component brings."""
    if not callable(getattr(component, "stepper", None)):
        raise TypeError(
            f"A stream must know how to continue each component; got a {type(component).__name__} without a method `stepper()`. Use "
            f"one of `seqclf`, or write that method: it returns a `seqclf.streaming.{protocol}`."
        )
    return component.stepper()


def check_as_is(component: Any) -> None:
    """Raise if a module does more than its class: a stepper does not call it."""
    changed = isinstance(component, nn.Module) and (
        component._forward_hooks or component._forward_pre_hooks or "forward" in vars(component)
    )
    if changed:
        raise ValueError(
            f"A component that streams must have no forward hooks and no replaced `forward`; got them on {type(component).__name__}. "
            "Remove them, or write a custom module with a method `stepper()`."
        )


def _whole(what: str, needs: str, cure: str) -> ValueError:
    return ValueError(
        f"A stream must read each step once, in order; got {what}, which needs {needs}. Train with {cure} instead."
    )


def _encoder(encoder: RecurrentEncoder) -> Stepper:
    if encoder.bidirectional:
        raise _whole("a bidirectional encoder", "the last step first", "`bidirectional=False`")
    return EncoderStepper(encoder)


def _last_state(pooling: LastState) -> PoolingStepper:
    if pooling.bidirectional:
        raise _whole(
            "LastState(bidirectional=True)",
            "the state of the last step at the first one",
            "`bidirectional=False`",
        )
    return LastStepper()


def _concat(pooling: ConcatPooling) -> PoolingStepper:
    return ConcatStepper([pooling_stepper_of(part) for part in pooling.parts])


def _per_feature(make: Callable[[Any], Stepper]) -> Callable[[Any], Stepper]:
    def checked(scaler: Any) -> Stepper:
        if scaler.per == "sequence":
            raise _whole(
                f'{type(scaler).__name__}(per="sequence")',
                "statistics of the whole sequence",
                f'`scale="standard"`, or `{type(scaler).__name__}()`,',
            )
        return make(scaler)

    return checked


def _views(transformer: Views) -> Stepper:
    if any(view.startswith("shape") for view in transformer.views):
        raise _whole(
            f"Views(views={tuple(transformer.views)!r})",
            "mean and deviation of the whole sequence for its shapes",
            '`scale="standard"`, or `Views(views=("level", "level_difference"))`,',
        )
    return ViewsStepper(transformer)


def _downsample(transformer: Downsample) -> Stepper:
    if transformer.max_length is not None:
        raise _whole(
            f"Downsample(max_length={transformer.max_length})",
            "the length of the whole sequence",
            "`Downsample(factor=...)`",
        )
    return DownsampleStepper(transformer)


_STEPPERS: dict[type, Callable[[Any], Stepper]] = {
    ConvolutionalStem: stem_stepper,
    Differences: DifferencesStepper,
    Downsample: _downsample,
    FillMissing: FillMissingStepper,
    MinMax: _per_feature(minmax_stepper),
    RecurrentEncoder: _encoder,
    TimeDeltas: TimeDeltasStepper,
    TokenEmbedding: EachStep,
    TokenEncoder: lambda encoder: EachStep(encoder.transform),
    Views: _views,
    ZScore: _per_feature(zscore_stepper),
}
_POOLINGS: dict[type, Callable[[Any], PoolingStepper]] = {
    AttentionPooling: AttentionStepper,
    ConcatPooling: _concat,
    LastState: _last_state,
    MaxPooling: lambda pooling: MaxStepper(),
    MeanPooling: lambda pooling: MeanStepper(),
}
