"""A signal at another sampling rate."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

_MAX_FACTOR: Final = 100_000  # bounds the length of the filter


def resample(values: NDArray[np.float64], rate: float, new_rate: float) -> NDArray[np.float64]:
    """Return the columns of a signal at a new rate, low-pass filtered below half of the lower rate."""
    if rate == new_rate:
        return values
    old, new = (Fraction(one).limit_denominator(10_000) for one in (rate, new_rate))
    ratio = new / old if old else Fraction(0)
    if not ratio or max(ratio.numerator, ratio.denominator) > _MAX_FACTOR:
        raise ValueError(
            f"The new sampling rate must be in a ratio of integers up to {_MAX_FACTOR} with the {rate:g} Hz of the record; got "
            f"{new_rate:g} Hz. Choose another rate, for example {rate / 2:g} Hz."
        )
    from scipy.signal import resample_poly  # a dependency of scikit-learn; takes 0.5 s to import

    # The filter assumes zeros outside the record: centring avoids a jump at both ends.
    centre = np.median(values, axis=0)
    if np.isnan(centre).any():
        known = np.ma.masked_invalid(values)
        centre = np.ma.filled(np.ma.median(known, axis=0), 0.0)  # type: ignore[no-untyped-call]
    resampled: NDArray[np.float64] = resample_poly(
        values - centre, ratio.numerator, ratio.denominator, axis=0
    )
    return resampled + centre
