"""Missing values: the last observed value is carried from push to push."""

from __future__ import annotations

import warnings

import torch
from torch import Tensor

from seqclf.exceptions import SeqclfWarning
from seqclf.sequences import Sequences
from seqclf.streaming._differences import since_previous
from seqclf.streaming._protocol import State
from seqclf.streaming._steps import last as last_steps
from seqclf.streaming._steps import new_context, stream_of_steps
from seqclf.transforms import FillMissing


class FillMissingStepper:
    """Keeps the last observed value of each feature and its time, the number of steps, and the time of the last one."""

    looks_ahead = False

    def __init__(self, transformer: FillMissing) -> None:
        self._width = transformer.n_features_in_
        self._mean, self._interval = transformer.mean_.cpu(), transformer.interval_
        self._indicators, self._times = transformer.indicators, transformer.times
        self._marked = torch.from_numpy(transformer.missing_features_)

    def start(self, n_streams: int) -> State:
        """Return no observations."""
        return (
            new_context(n_streams, self._width),
            new_context(n_streams, self._width),
            torch.zeros(n_streams, 1, dtype=torch.float64, device="cpu"),
            new_context(n_streams, 1),
        )

    def push(self, state: State, chunk: Sequences, *, last: bool = False) -> tuple[State, Sequences]:
        """Fill in missing values and, with indicators, append which ones were missing and how old they are."""
        observed, source, count, time = state
        values, offsets = chunk.values, chunk.offsets
        missing = values.isnan()
        times, time = self._times_of(chunk, count, time)
        stream = stream_of_steps(offsets, values.shape[0])
        place, known = _last_observations(~missing, offsets, stream)
        carried = torch.where(known, values.gather(0, place), observed[stream].to(values.dtype))
        filled = torch.where(carried.isnan(), self._mean.to(values.dtype), carried)
        # Before the first observation, time counts from the first step.
        begin = torch.where(source.isnan(), times[offsets[:-1]], source)
        at = torch.where(known, times.expand_as(values).gather(0, place), begin[stream])
        after = (
            last_steps(carried, offsets),
            last_steps(at, offsets),
            count + offsets.diff()[:, None],
            time,
        )
        if not self._indicators:
            return after, chunk.with_values(filled)
        self._warn_of_new(missing)
        marked = self._marked
        since = ((times - at[:, marked]) / self._interval).log1p()
        appended = [missing[:, marked].to(values.dtype), since.to(values.dtype)]
        return after, chunk.with_values(torch.cat([filled, *appended], dim=1))

    def _times_of(self, chunk: Sequences, count: Tensor, time: Tensor) -> tuple[Tensor, Tensor]:
        """Return the time of each step, (n_steps, 1) float64, and the time of the last one."""
        if self._times is not None:
            _, after = since_previous(chunk, self._times, time)
            return chunk.values[:, self._times, None].double(), after
        stream = stream_of_steps(chunk.offsets, chunk.values.shape[0])
        position = torch.arange(stream.shape[0], device=stream.device) - chunk.offsets[:-1][stream]
        return position[:, None].double() + count[stream], time

    def _warn_of_new(self, missing: Tensor) -> None:
        new = missing.any(dim=0)
        new[self._marked] = False
        if bool(new.any()):
            warnings.warn(
                f"Feature {int(new.nonzero()[0])} has missing values, but had none in `fit`. They are filled in, but not marked as "
                "missing: fit to samples in which they occur.",
                SeqclfWarning,
                stacklevel=2,
            )


def carry(chunk: Sequences, observed: Tensor) -> Tensor:
    """Return the last observed value at each step, NaN if there is none, given those before: the shape of `chunk.values`."""
    values = chunk.values
    stream = stream_of_steps(chunk.offsets, values.shape[0])
    place, known = _last_observations(~values.isnan(), chunk.offsets, stream)
    return torch.where(known, values.gather(0, place), observed[stream].to(values.dtype))


def _last_observations(seen: Tensor, offsets: Tensor, stream: Tensor) -> tuple[Tensor, Tensor]:
    """Return the step of the last observation in this chunk, and whether there is one: (n_steps, n_features) each."""
    steps = torch.arange(seen.shape[0], device=seen.device)[:, None]
    place = torch.where(seen, steps, -1).cummax(dim=0).values
    known = place >= offsets[:-1][stream][:, None]  # not one of another stream
    return place.clamp(min=0), known
