"""Simulated heartbeats: sums of Gaussian waves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal, overload

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray

from seqclf._checks import as_random_state, check_boolean, check_integer, check_number
from seqclf.datasets._aami import AAMI_CLASSES
from seqclf.datasets._beat_cut import FREQUENCY
from seqclf.datasets._cutting import MAX_STEPS, MIN_STEPS, RR_SHARE
from seqclf.datasets._heartbeats import Heartbeats
from seqclf.datasets._morphology import FloatArray, draw_population
from seqclf.datasets._planning import plan_beats, previous_intervals
from seqclf.datasets._rendering import render
from seqclf.sequences import Sequences

MAX_SAMPLES: Final = 100_000_000  # 900 times the database; its beats take 47 GB
N_PATIENTS: Final = 48
MITBIH_PROPORTIONS: Final = (90589, 2779, 7236, 803, 8039)  # beats of each class in the published CSV files


@overload
def make_heartbeats(
    n_samples: int = 1000,
    *,
    class_proportions: Mapping[str, float] | Sequence[float] | None = None,
    random_state: int | np.random.RandomState | Generator | None = None,
    return_X_y: Literal[False] = False,
) -> Heartbeats: ...
@overload
def make_heartbeats(
    n_samples: int = 1000,
    *,
    class_proportions: Mapping[str, float] | Sequence[float] | None = None,
    random_state: int | np.random.RandomState | Generator | None = None,
    return_X_y: Literal[True],
) -> tuple[Sequences, NDArray[np.str_]]: ...
def make_heartbeats(
    n_samples: int = 1000,
    *,
    class_proportions: Mapping[str, float] | Sequence[float] | None = None,
    random_state: int | np.random.RandomState | Generator | None = None,
    return_X_y: bool = False,
) -> Heartbeats | tuple[Sequences, NDArray[np.str_]]:
    """Simulate single heartbeats of the five AAMI classes.

    Parameters
    ----------
    n_samples : int, default=1000
        Number of beats, at most 100,000,000.
    class_proportions : mapping of class to float, sequence of 5 floats, or None, default=None
        Share of each class, as `{"N": 0.5, "V": 0.5}` or in the order N, S, V, F, Q; normalised to a sum of 1. None: the
        proportions of the MIT-BIH database, 0.828, 0.025, 0.066, 0.007, 0.073.
    random_state : int, RandomState, Generator or None, default=None
        Seed or generator. The same int gives the same beats; None gives different beats on each call.
    return_X_y : bool, default=False
        Whether to return `(sequences, target)` instead of `Heartbeats`.

    Returns
    -------
    Heartbeats or (Sequences, array of shape (n_samples,))
        Beats in random order; `record` is the simulated patient, 0 to 47.

    Raises
    ------
    ValueError
        If `n_samples` is below 1 or above 100,000,000, or `class_proportions` or `random_state` are invalid.
    TypeError
        If `n_samples` is not an integer, a proportion not a number, or `return_X_y` not a boolean.

    See Also
    --------
    load_mitbih : Real beats of the MIT-BIH Arrhythmia Database.

    Notes
    -----
    Each of 48 patients has an RR interval and a set of Gaussian waves (P, Q, R, S, two for T, and a pacing spike) for
    normal, atrial, ventricular and paced beats. The beats are sums of Gaussians as in [1]_, but as functions of time
    instead of along a limit cycle. One patient in six has atrial fibrillation (irregular rhythm, no P waves), one in
    five a bundle branch block, and four have a pacemaker. A beat consists of its patient's waves with small variations,
    followed by the P wave and the QRS complex of the next beat:

    - N: a normal beat, followed by a regular normal beat, rarely by a premature one.
    - S: a normal, slightly aberrant QRS complex, followed by a pause or by a premature beat with an abnormal P wave.
    - V: a wide QRS complex and an inverted T wave, followed by a pause or by another ventricular beat.
    - F: a mixture of the patient's normal and ventricular beats.
    - Q: a pacing spike and a wide QRS complex, followed by a regular paced beat without a P wave. One in eight is mixed
      with a normal beat.

    `rr_intervals` are consistent: S, V and F beats are premature, N and Q beats regular.

    Baseline wander and noise are added. As in `load_mitbih`, a beat starts at its R peak, lasts 1.2 times the median RR
    interval but at most 187 steps at 125 Hz, and is scaled to [0, 1], so it contains true zeros.

    Class counts are exact (largest remainder), with at least two beats of every class if `n_samples` permits.

    The beats resemble real ones and are about as hard to classify, but scores on them say nothing about real patients.
    Each call simulates new patients, unless the seed is the same.

    References
    ----------
    .. [1] McSharry PE, Clifford GD, Tarassenko L, Smith LA. "A dynamical model for generating synthetic
       electrocardiogram signals." IEEE Trans Biomed Eng 50(3):289-294 (2003). doi:10.1109/TBME.2003.808805

    Examples
    --------
    >>> from seqclf.datasets import make_heartbeats
    >>> make_heartbeats(500, random_state=0)
    Heartbeats(500 beats: N 414, S 13, V 33, F 3, Q 37; 48 records)
    >>> X, y = make_heartbeats(6, class_proportions={"N": 1, "V": 1}, random_state=0, return_X_y=True)
    >>> len(X), sorted(y.tolist())
    (6, ['N', 'N', 'N', 'V', 'V', 'V'])
    """
    n_samples = _check_n_samples(n_samples)
    return_X_y = check_boolean("return_X_y", return_X_y)
    proportions = _check_proportions(class_proportions)
    rng = _generator(random_state)
    population = draw_population(rng, N_PATIENTS)
    label = rng.permutation(np.repeat(np.arange(5), _class_counts(n_samples, proportions)))
    plan = plan_beats(rng, population, label)
    lengths = np.rint(RR_SHARE * plan.rr * FREQUENCY).astype(np.int64).clip(MIN_STEPS, MAX_STEPS)
    values = render(rng, population, plan, lengths)
    before = previous_intervals(rng, population, plan, label)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    beats = Heartbeats(
        sequences=Sequences(torch.from_numpy(values[:, None]), torch.from_numpy(offsets)),
        target=np.array(AAMI_CLASSES)[label],
        record=plan.patient,
        rr_intervals=np.column_stack([before, plan.next_rr, plan.rr]).astype(np.float32),
    )
    return (beats.sequences, beats.target) if return_X_y else beats


def _check_n_samples(n_samples: int) -> int:
    n_samples = check_integer("n_samples", n_samples)
    if n_samples > MAX_SAMPLES:
        raise ValueError(
            f"`n_samples` must be at most {MAX_SAMPLES:,}; got {n_samples:,}. Simulate and use the beats in several "
            "calls with different seeds."
        )
    return n_samples


def _class_counts(n_samples: int, proportions: FloatArray) -> NDArray[np.int64]:
    """Distribute `n_samples` over the classes by largest remainder, at least two to each if there are enough."""
    exact = n_samples * proportions
    counts = np.floor(exact).astype(np.int64)
    order = np.argsort(counts - exact, kind="stable")
    counts[order[: n_samples - counts.sum()]] += 1
    wanted = np.where(proportions > 0, 2, 0)
    if n_samples >= wanted.sum():
        while (short := np.flatnonzero(counts < wanted)).size:
            counts[short[0]] += 1
            counts[np.argmax(counts)] -= 1
    return counts


def _check_proportions(given: Mapping[str, float] | Sequence[float] | None) -> FloatArray:
    """Return the share of each class, with a sum of 1."""
    if given is None:
        given = MITBIH_PROPORTIONS
    if isinstance(given, Mapping):
        for name in given:
            if name not in AAMI_CLASSES:
                raise ValueError(
                    f"`class_proportions` must contain only classes among {', '.join(AAMI_CLASSES)}; got {name!r}."
                )
        given = [given.get(name, 0.0) for name in AAMI_CLASSES]
    if not isinstance(given, Iterable):
        raise TypeError(
            f"`class_proportions` must be a mapping or a sequence of 5 numbers; got {given!r:.100}."
        )
    values = np.array([check_number(f"class_proportions[{i}]", share) for i, share in enumerate(given)])
    if values.shape != (5,):
        raise ValueError(
            f"`class_proportions` must contain one number for each of {', '.join(AAMI_CLASSES)}; got {len(values)}. "
            "Pass a mapping for a subset of the classes."
        )
    bad = np.flatnonzero(~(np.isfinite(values) & (values >= 0)))
    if bad.size or not values.any():
        i = bad[0] if bad.size else 0
        raise ValueError(
            f"`class_proportions` must be finite, at least 0 and not all 0; got {values[i]} for "
            f"{AAMI_CLASSES[i]}. Pass shares or counts."
        )
    # The sum of large numbers overflows; a power of two changes no digit.
    values = np.ldexp(values, -int(np.frexp(values.max())[1]))
    shares: FloatArray = values / values.sum()
    return shares


def _generator(random_state: int | np.random.RandomState | Generator | None) -> Generator:
    if random_state is None or isinstance(random_state, Generator):
        return np.random.default_rng(random_state)
    source = as_random_state(random_state)
    return np.random.default_rng(source.randint(0, 2**32, size=4, dtype=np.uint32))
