"""`BeatCut`: how a record is cut into beats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

from seqclf._checks import (
    check_boolean,
    check_choice,
    check_pair,
    check_positive,
    check_sequence,
    convert_fields,
)

FREQUENCY: Final = 125  # Hz, of a beat, unless another rate is asked for
MIN_SECONDS: Final = 0.2  # the shortest beat is longer: this is the refractory time of the ventricles


@dataclass(frozen=True, slots=True, kw_only=True)
class BeatCut:
    """How a record is cut into beats: their windows, filter and scale.

    The defaults cut beats as in the published CSV files, for networks that are trained on other beats of the same patients. For new
    patients, cut around the R peak, and remove what differs between people: the baseline, the amplitude and the median beat.

    Parameters
    ----------
    sampling_rate : float, default=125
        Sampling rate of the beats in Hz. Records of another rate are resampled.
    window : tuple of two floats or None, default=None
        Start and end of a beat relative to its R peak, such as (-0.3, 0.45); negative before the peak. None: from the R peak to 1.2
        times the median RR interval after it, at most 1.5 s. The median is that of the 10-second window that contains the peak.
    unit : {"seconds", "rr"}, default="seconds"
        Unit of `window`: seconds, or the same median RR interval.
    baseline : sequence of float, default=()
        Lengths, in seconds, of running medians that are applied one after another to estimate the baseline, which is then subtracted.
        With (0.2, 0.6), the first removes QRS complexes and P waves from the estimate, and the second T waves. (): none.
    scale : {"beat", "record"} or None, default="beat"
        "beat": scale each channel of each beat to [0, 1]. "record": divide each channel by its R amplitude, which is the range of
        values within 60 ms of the R peak, averaged over the beats of the record. None: keep physical units.
    subtract_median_beat : bool, default=False
        Whether to subtract the median beat of the record, step by step, so that a beat becomes its difference from the usual beat of
        the same person. Needs a `window` in seconds.

    Raises
    ------
    ValueError
        If a parameter is out of range, or parameters contradict each other.
    TypeError
        If a parameter has the wrong type.

    See Also
    --------
    cut_beats, load_mitbih : Cut records.

    Notes
    -----
    Running medians, R amplitude and median beat are measured over the whole record, without labels. So the beats of a new record
    can be cut only after its recording has ended.

    The median beat is normal only if most beats of the record are normal.

    References
    ----------
    de Chazal, O'Dwyer & Reilly, IEEE Trans Biomed Eng 51(7):1196-1206 (2004), doi:10.1109/TBME.2004.827359, remove the baseline
    by running medians of 200 and 600 ms.

    Examples
    --------
    >>> from seqclf.datasets import BeatCut
    >>> cut = BeatCut(window=(-0.3, 0.45), baseline=(0.2, 0.6), scale="record", subtract_median_beat=True)
    >>> cut.window
    (-0.3, 0.45)
    """

    sampling_rate: float = FREQUENCY
    window: tuple[float, float] | None = None
    unit: Literal["seconds", "rr"] = "seconds"
    baseline: tuple[float, ...] = ()
    scale: Literal["beat", "record"] | None = "beat"
    subtract_median_beat: bool = False

    def __post_init__(self) -> None:
        convert_fields(
            self,
            sampling_rate=check_positive,
            window=_as_window,
            baseline=_as_lengths,
            subtract_median_beat=check_boolean,
        )
        check_choice("unit", self.unit, ("seconds", "rr"))
        check_choice("scale", self.scale, ("beat", "record", None))
        if self.window is None and self.unit != "seconds":
            raise ValueError(
                f"`unit` is that of `window`, and needs one; got unit={self.unit!r} without `window`. For example, set "
                "window=(-0.4, 0.6)."
            )
        if self.subtract_median_beat and (self.window is None or self.unit == "rr"):
            raise ValueError(
                "`subtract_median_beat` needs a `window` in seconds, in which the steps of all beats correspond; got "
                f"window={self.window}, unit={self.unit!r}. For example, set window=(-0.3, 0.45)."
            )


def check_cut(cut: object) -> BeatCut:
    """Return how to cut; None stands for the defaults."""
    if cut is None:
        return BeatCut()
    if not isinstance(cut, BeatCut):
        raise TypeError(
            f"`cut` must be a BeatCut or None; got {type(cut).__name__}. For example, pass `BeatCut(window=(-0.3, 0.45))`."
        )
    return cut


def _as_window(name: str, value: Any) -> tuple[float, float] | None:
    if value is None:
        return None
    start, end = check_pair(name, value)
    if not (-10 <= start < end <= 10 and end - start > MIN_SECONDS):
        raise ValueError(
            f"`{name}` must be the start and the end of a beat relative to its R peak, from -10 to 10 and more than "
            f"{MIN_SECONDS:g} apart; got {value!r}. For example, (-0.3, 0.45) starts 0.3 s before the peak."
        )
    return start, end


def _as_lengths(name: str, value: Any) -> tuple[float, ...]:
    lengths = check_sequence(name, value, "numbers of seconds")
    return tuple(check_positive(f"{name}[{i}]", length) for i, length in enumerate(lengths))
