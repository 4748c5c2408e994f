from __future__ import annotations

import numpy as np
import pytest

from seqclf.datasets.records import resample


def test_a_slow_wave_keeps_its_form_at_every_rate() -> None:
    for rate, new_rate in ((360, 125), (250, 500), (62.4725, 100), (128.0, 257.0)):
        time, new_time = (np.arange(int(8 * one)) / one for one in (rate, new_rate))
        wave = 3 + np.sin(2 * np.pi * time)
        resampled = resample(wave, rate, new_rate)
        inside = slice(int(new_rate), int(6 * new_rate))
        np.testing.assert_allclose(resampled[inside], 3 + np.sin(2 * np.pi * new_time)[inside], atol=0.01)


def test_the_same_rate_changes_nothing_and_a_level_stays() -> None:
    wave = np.array([4.0, 5.0, 6.0])
    assert resample(wave, 250, 250) is wave
    np.testing.assert_array_equal(resample(np.full(100, 7.5), 250, 100), np.full(40, 7.5))


def test_missing_samples_spread_no_further_than_the_filter() -> None:
    wave = np.zeros(1000)
    wave[500] = np.nan
    missing = np.flatnonzero(np.isnan(resample(wave, 250, 125)))
    assert 239 <= missing.min() <= 250 <= missing.max() <= 261
    assert np.isnan(resample(np.full(100, np.nan), 250, 125)).all()


@pytest.mark.parametrize(("rate", "new_rate"), [(250, 1e-9), (250, 1e9), (62.4725, 333.3333), (1e-9, 250)])
def test_a_ratio_of_large_integers_is_refused(rate: float, new_rate: float) -> None:
    with pytest.raises(
        ValueError, match=r"ratio of integers up to 100000 with the .* Hz of the record; got .* Hz\. Choose"
    ):
        resample(np.zeros(10), rate, new_rate)
