"""Numbers that mark missing values, such as -999, among training samples: they would be read as measurements."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from seqclf.estimators._sampled import feature_titles, pieces, static_titles
from seqclf.sequences import Sequences

_LEAST_COUNT = 3
"""Occurrences of the number; fewer may be outliers."""

_LEAST_GAP, _LEAST_GAP_OF_USUAL = 3.0, 0.5
"""Distance from the other values, over their range: of any number, and of a usual mark."""

_LEAST_DISTINCT = 10
"""Different other values from which a feature is a measurement; it may else be a category or a count, such as 0, 1 and 5."""

_USUAL = (-9.0, -99.0, -999.0, -9999.0, -99999.0, 99.0, 999.0, 9999.0, 99999.0, -32768.0, 32767.0, 65535.0)
"""Usual marks, as are all numbers beyond `_HUGE`; they count beside a few other values, too."""

_HUGE = 1e20

_SAMPLED = 1 << 20
"""Numbers that are looked at, in as many equal pieces as `_PIECES`: the data may be on disk."""

_PIECES = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class _Code:
    feature: int
    value: float
    is_usual: bool
    share: float  # of the rows
    others: tuple[float, float]  # the smallest and the largest


def missing_codes(sequences: Sequences) -> str | None:
    """Return a warning if a feature repeats one number that is far from all its other values."""
    static = sequences.static
    of_sequences = [] if static is None else _codes(_sampled(static))
    return _message(
        _codes(_sampled(sequences.values)),
        feature_titles(sequences),
        "steps",
        'Replace them with NaN, and pass `missing="indicator"`',
    ) or _message(
        # Other numbers may be statistics, which a scaler appends, of sequences that are constant.
        [code for code in of_sequences if code.is_usual],
        static_titles(sequences),
        "sequences",
        "Replace them, for example with the median",
    )


def _message(codes: list[_Code], titles: list[str], where: str, cure: str) -> str | None:
    if not codes:
        return None
    code = max(codes, key=lambda code: code.share)
    more = len({code.feature for code in codes}) - 1
    also = f" ({more} other feature{'s have' if more > 1 else ' has'} such numbers, too)" if more else ""
    low, high = code.others
    return (
        f"{titles[code.feature]} is {code.value:g} in several {where}, far from its other values, {low:.4g} to {high:.4g}{also}. Such numbers often "
        f"mark missing values, but are read as measurements here. {cure}; ignore this warning if they are real."
    )


def _sampled(values: Tensor) -> Tensor:
    """Return pieces of the rows, evenly spread; all rows if there are few."""
    n_rows = values.shape[0]
    n_kept = max(_PIECES, _SAMPLED // max(1, values.shape[1]))
    if n_rows <= n_kept:
        return values.detach()
    return torch.cat([values[slice(*piece)] for piece in pieces(n_rows, n_kept, _PIECES)]).detach()


def _codes(values: Tensor) -> list[_Code]:
    """Find a code in each column of (n_rows, n_features); NaN does not count."""
    if not values.numel():
        return []
    low, next_low, n_low = _smallest(values)
    high, next_high, n_high = _smallest(-values)
    high, next_high = -high, -next_high

    # One end is compared with everything else, and with what lies between both, so that a code at each end is found, too.
    between = next_high - next_low
    both = _is_far(low, next_low, between) & _is_far(high, next_high, between)
    low_is_far = both | _is_far(low, next_low, high - next_low)
    high_is_far = both | _is_far(high, next_high, next_high - low)
    found = []
    for code, count, far in ((low, n_low, low_is_far), (high, n_high, high_is_far)):
        for feature in (far & (count >= _LEAST_COUNT)).nonzero().flatten().tolist():
            one = _code(
                values[:, feature], feature, float(code[feature]), is_usual=bool(_is_usual(code)[feature])
            )
            found += [] if one is None else [one]
    return found


def _smallest(values: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return the smallest and the second smallest value of each column, and how often the smallest occurs, on the CPU."""
    infinity = torch.tensor(torch.inf, dtype=values.dtype, device=values.device)
    known = torch.where(values.isnan(), infinity, values)
    smallest = known.amin(dim=0)
    second = torch.where(known > smallest, known, infinity).amin(dim=0)
    count = (known == smallest).sum(dim=0)
    return smallest.to("cpu", torch.float64), second.to("cpu", torch.float64), count.cpu()


def _is_usual(code: Tensor) -> Tensor:
    return torch.isin(code, code.new_tensor(_USUAL)) | (code.abs() >= _HUGE)


def _is_far(code: Tensor, nearest: Tensor, spread: Tensor) -> Tensor:
    """Return where a number is far from the nearest other value, compared with the range of the others."""
    gap = (code - nearest).abs() / spread
    least = torch.where(_is_usual(code), _LEAST_GAP_OF_USUAL, _LEAST_GAP)
    return (gap > least) & (spread > 0)


def _code(column: Tensor, feature: int, value: float, *, is_usual: bool) -> _Code | None:
    """Return a number as a code, unless the column may be a category or a count."""
    others = column[(column != value) & ~column.isnan()]
    if not is_usual and len(np.unique(others.numpy(force=True))) < _LEAST_DISTINCT:
        return None
    share = float((column == value).double().mean())
    return _Code(
        feature=feature,
        value=value,
        is_usual=is_usual,
        share=share,
        others=(float(others.min()), float(others.max())),
    )
