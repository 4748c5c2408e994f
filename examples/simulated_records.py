"""Records of simulated people, to try scripts that cut records."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from seqclf.datasets import WFDBRecord

RATE = 125.0

# Centre (s after the R peak), width (s) and height of P, QRS and T.
_NORMAL = ((-0.16, 0.025, 0.15), (0.0, 0.015, 1.0), (0.25, 0.05, 0.3))
_VENTRICULAR = ((0.0, 0.045, 1.3), (0.28, 0.06, -0.5))


def simulated_records(n_records: int, n_beats: int) -> Iterator[WFDBRecord]:
    """Yield records: each person has waves, heart rate and baseline of their own; S beats come early, V beats are wide, too."""
    for number in range(n_records):
        rng = np.random.default_rng(number)
        usual = rng.uniform(0.6, 1.0)
        symbols = rng.choice(["N", "A", "V"], n_beats, p=[0.8, 0.08, 0.12])
        interval = usual * rng.normal(1, 0.02, n_beats)
        early = symbols != "N"
        interval[early] *= 0.65
        interval[1:][early[:-1]] *= 1.25
        times = np.cumsum(interval) + 1
        seconds = np.arange(int((times[-1] + 2) * RATE)) / RATE
        own = rng.uniform(0.6, 1.4, (2, 3))
        signal = 0.3 * np.sin(2 * np.pi * seconds / rng.uniform(3, 8)) + rng.normal(0, 0.02, len(seconds))
        for time, symbol in zip(times, symbols.tolist(), strict=True):
            waves = _VENTRICULAR if symbol == "V" else _NORMAL
            near = np.abs(seconds - time) < 0.7
            for k, (centre, width, height) in enumerate(waves):
                if symbol == "A" and k == 0:
                    continue  # no P wave
                distance = (seconds[near] - time - centre) / width
                signal[near] += height * own[int(symbol == "V"), k] * np.exp(-(distance**2))
        yield WFDBRecord(
            name=str(number),
            signal=signal[:, None],
            sampling_rate=RATE,
            channels=("II",),
            samples=np.rint(times * RATE).astype(np.int64),
            symbols=symbols,
        )
