"""Runs at one end of the rows of a table that are hardly signal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEAST_RUN = 3  # steps; shorter runs occur by chance
LEAST_ROWS = 5
LEAST_SHARE = 0.1  # of the rows
LEAST_JUMP = (
    0.25  # of the usual distance from the value of the run; a signal that settles approaches it slowly
)
CONTINUOUS = 0.02  # largest share of equal neighbours in a signal of continuous values
LARGEST_COMMON = 0.5  # share of rows that end in one value: that may be a limit of the signal
LEAST_TIMES = 4  # as long as values repeat elsewhere: a signal of few levels rests, too
FEW_LEVELS = 0.08  # share of equal values in neighbouring rows from which a signal counts as discrete
SENTINELS = (-1.0, -9.0, -99.0, -999.0, -9999.0, 99.0, 999.0, 9999.0)
CANDIDATES = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SharedRun:
    """Rows that end in runs of different lengths with the same values."""

    n_rows: int
    median: float  # length of a run
    values: Floats  # (longest run, n_features): the last steps of the row with the longest run
    kind: Literal["constant", "of step", "mean", "held"]
    """One value; a value for each step, which may be the mean of the same step in other rows; or the last value of each row."""


def find_shared_run(block: Floats, *, n_sampled: int) -> SharedRun | None:
    """Find runs at the ends of rows (row, step, feature) that look like padding."""
    if block.shape[0] < LEAST_ROWS or block.shape[1] <= LEAST_RUN:
        return None
    least = max(LEAST_ROWS, LEAST_SHARE * n_sampled)
    last, counts = np.unique(block[:, -1, 0], return_counts=True)
    found = None
    if counts.max() >= least:
        rows = block[block[:, -1, 0] == last[counts.argmax()]]
        found = _constant_run(rows, least) or _run_of_steps(rows, block, least)
    return found or _held_run(block, least)


def _constant_run(rows: Floats, least: float) -> SharedRun | None:
    """Find runs of one value, such as -1."""
    rows = rows[(rows[:, -1] == rows[0, -1]).all(axis=1)]
    runs = _equal_at_end(rows, rows[:, -1:])
    rows, runs = _different_lengths(rows, runs, least)
    if not len(rows):
        return None
    value = rows[0, -1]
    real = np.arange(rows.shape[1]) < rows.shape[1] - runs[:, None]
    steps = rows[real]
    jumps = _distance(rows[np.arange(len(rows)), -runs - 1], value)
    if _settles(jumps, _distance(steps, value), rows):
        return None
    neighbours = (rows[:, 1:] == rows[:, :-1]).all(axis=2)[real[:, 1:]]
    is_value = (steps == value).all(axis=1)
    if neighbours.mean() > CONTINUOUS or is_value.mean() > CONTINUOUS:
        outside = (value < steps.min(axis=0)) | (value > steps.max(axis=0))
        common = np.unique(rows[np.arange(len(rows)), -runs - 1, 0], return_counts=True)[1].max() / len(rows)
        sentinel = bool(np.isin(value, SENTINELS).all())
        if not outside.all() or common > (0.9 if sentinel else 0.4):
            return None
    return SharedRun(n_rows=len(rows), median=float(np.median(runs)), values=value[None], kind="constant")


def _run_of_steps(rows: Floats, block: Floats, least: float) -> SharedRun | None:
    """Find runs in which each step has its own value, such as zeros after each column was scaled."""
    picked = np.linspace(0, len(rows) - 1, min(len(rows), CANDIDATES)).astype(int)
    found = [_equal_at_end(rows, rows[i]) for i in picked]
    best = int(np.argmax([np.minimum(runs, rows.shape[1] - 1).sum() for runs in found]))
    template = rows[picked[best]]
    rows, runs = _different_lengths(rows, found[best], least)
    if not len(rows):
        return None
    longest = int(runs.max())
    known, template = rows[:, -longest:], template[-longest:]  # before it, the steps of the template are real
    real = np.arange(longest) < longest - runs[:, None]
    shorter = runs < longest
    jumps = _distance(known[shorter, -runs[shorter] - 1], template[-runs[shorter] - 1])
    distances = _distance(known, template)[real]
    if _settles(jumps, distances, block) or (distances == 0).mean() > CONTINUOUS:
        return None
    constant = (template[1:] == template[:-1]).all(axis=1).mean() > 0.5  # refused by `_constant_run`
    if constant or _is_discrete(block[:, -longest:], template):
        return None
    return SharedRun(
        n_rows=len(rows),
        median=float(np.median(runs)),
        values=template,
        kind="mean" if _is_mean(block[:, -longest:], template) else "of step",
    )


def _held_run(block: Floats, least: float) -> SharedRun | None:
    """Find runs that repeat the last value of their row, in rows where values hardly ever, or only shortly, repeat elsewhere."""
    rows, runs = _different_lengths(block, _equal_at_end(block, block[:, -1:]), least)
    if not len(rows):
        return None
    common = np.unique(rows[:, -1, 0], return_counts=True)[1].max() / len(rows)
    if common > LARGEST_COMMON:
        return None
    real = np.arange(rows.shape[1]) < rows.shape[1] - runs[:, None]
    equal = (rows[:, 1:] == rows[:, :-1]).all(axis=2) & real[:, 1:]
    usual = np.quantile(_longest_runs(equal), 0.95)
    if not real[:, 1:].any() or (
        equal[real[:, 1:]].mean() > CONTINUOUS and np.median(runs) < LEAST_TIMES * usual
    ):
        return None
    return SharedRun(
        n_rows=len(rows), median=float(np.median(runs)), values=rows[runs.argmax(), -1:], kind="held"
    )


def _longest_runs(equal: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the most steps of one value in each row, given which steps equal the next one."""
    count = equal.cumsum(axis=1)
    before = np.maximum.accumulate(np.where(equal, 0, count), axis=1)
    longest: NDArray[np.int64] = (count - before).max(axis=1) + 1
    return longest


def _equal_at_end(rows: Floats, other: Floats) -> NDArray[np.int64]:
    """Return the number of last steps of each row that equal those of another."""
    differ = (rows != other).any(axis=2)[:, ::-1]
    runs: NDArray[np.int64] = np.where(differ.any(axis=1), differ.argmax(axis=1), rows.shape[1])
    return runs


def _different_lengths(
    rows: Floats, runs: NDArray[np.int64], least: float
) -> tuple[Floats, NDArray[np.int64]]:
    """Keep rows that hold a run and something else; none if there are few, or all runs are equally long."""
    kept = (runs >= LEAST_RUN) & (runs < rows.shape[1])
    if kept.sum() < least or len(np.unique(runs[kept])) < 3:
        kept[:] = False
    return rows[kept], runs[kept]


def _settles(jumps: Floats, distances: Floats, block: Floats) -> bool:
    """Return whether steps beside a run are much closer to it than other steps are."""
    some = block[::4]
    spread = np.median(np.abs(some - np.median(some, axis=(0, 1))), axis=(0, 1)).sum()
    return bool(np.median(jumps) < max(LEAST_JUMP * np.median(distances), 0.1 * spread))


def _distance(steps: Floats, other: Floats) -> Floats:
    distance: Floats = np.abs(steps - other).sum(axis=-1)
    return distance


def _is_discrete(block: Floats, template: Floats) -> bool:
    """Return whether neighbouring rows often have equal values besides those of the run."""
    real = (block != template).any(axis=2)
    equal = (block[1:] == block[:-1]).all(axis=2)[real[1:] & real[:-1]]
    return not equal.size or bool(equal.mean() > FEW_LEVELS)


def _is_mean(block: Floats, template: Floats) -> bool:
    """Return whether the values are the means of other rows, within what a sample can tell."""
    real = block != template
    count = real.sum(axis=0)
    several = count >= LEAST_ROWS
    if not several.any():
        return False
    mean = np.where(real, block, 0.0).sum(axis=0)[several] / count[several]
    deviation = np.where(real, block - template, 0.0)
    spread = np.sqrt((deviation**2).sum(axis=0)[several] / count[several])
    errors = np.abs(mean - template[several]) / np.maximum(spread / np.sqrt(count[several]), 1e-300)
    return bool(np.median(errors) < 3)
