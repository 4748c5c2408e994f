"""Scores of people one by one: confusion matrices of records -> F1, bootstrap over records, table and picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqclf.datasets import AAMI_CLASSES

Confusions = Mapping[str, Sequence[Sequence[int]]]
"""Of each record: counts by true class (rows) and predicted class, in the order of `AAMI_CLASSES`."""

JUDGED = ("N", "S", "V")
"""F and Q are too few to be scored, but their beats count as false positives of the others."""

PUBLISHED = {
    "de Chazal et al. 2004, doi:10.1109/TBME.2004.827359": ("linear discriminants", 0.511, 0.797),
    "Ye et al. 2012": ("support vector machine", 0.555, 0.703),
    "Mondejar-Guerra et al. 2019": ("support vector machines", 0.609, 0.945),
    "Guo et al. 2019, doi:10.1016/j.bbe.2019.06.001": ("DenseNet and GRU", 0.61, 0.90),
    "Niu et al. 2020": ("convolutional network", 0.77, 0.90),
    "Wang et al. 2021": ("network, monitored on DS2 while it was trained", 0.81, 0.95),
}
"""Method, F1 of S and of V. The first three are computed from rounded sensitivity and positive predictivity.

Not comparable, and left out: Mousavi & Afghah 2019 (S .91), whose code groups test beats by their true class before it makes sequences, and
work that adapts to the patient with labels.
"""


def confusions_of(
    record: NDArray[Any], target: NDArray[Any], predicted: NDArray[Any]
) -> dict[str, list[list[int]]]:
    """Return the confusion matrix of each record."""
    names = np.array(AAMI_CLASSES)
    result = {}
    for one in np.unique(record):
        matrix = np.zeros((len(names), len(names)), dtype=np.int64)
        is_of = record == one
        place = {name: i for i, name in enumerate(names.tolist())}
        pairs = ([place[name] for name in each[is_of].tolist()] for each in (target, predicted))
        np.add.at(matrix, tuple(pairs), 1)
        result[str(one)] = matrix.tolist()
    return result


def f1_of(matrices: NDArray[np.int64]) -> dict[str, float]:
    """Return the F1 of N, S and V over the sum of matrices, (n_records, 5, 5), and their mean `macro`."""
    matrix = matrices.sum(axis=0)
    right = np.diag(matrix)
    f1 = 2 * right / np.maximum(matrix.sum(axis=0) + matrix.sum(axis=1), 1)
    scores = {name: float(f1[AAMI_CLASSES.index(name)]) for name in JUDGED}
    return scores | {"macro": float(np.mean(list(scores.values())))}


def as_matrices(records: Confusions, *, without: Sequence[str] = ()) -> NDArray[np.int64]:
    """Return the matrices of all records but some: (n_records, 5, 5)."""
    return np.array([matrix for name, matrix in records.items() if name not in without])


def median_scores(runs: Sequence[Mapping[str, Any]], *, without: Sequence[str] = ()) -> dict[str, float]:
    """Return the median of each score over the seeds."""
    scores = [f1_of(as_matrices(run["records"], without=without)) for run in runs]
    return {name: float(np.median([one[name] for one in scores])) for name in scores[0]}


def bootstrap(runs: Sequence[Mapping[str, Any]], *, draws: int = 2000) -> dict[str, tuple[float, float]]:
    """Return the 95 % interval of the median over the seeds, if other people had been recorded.

    Each draw takes as many records as there are, with replacement.
    """
    rng = np.random.default_rng(0)
    matrices = [as_matrices(run["records"]) for run in runs]
    drawn: dict[str, list[float]] = {name: [] for name in (*JUDGED, "macro")}
    for _ in range(draws):
        chosen = rng.integers(0, len(matrices[0]), len(matrices[0]))
        scores = [f1_of(each[chosen]) for each in matrices]
        for name, values in drawn.items():
            values.append(float(np.median([one[name] for one in scores])))
    return {name: tuple(np.percentile(values, [2.5, 97.5]).tolist()) for name, values in drawn.items()}


def final_table(runs: Sequence[Mapping[str, Any]], largest: str) -> str:
    """Return our scores and the published ones as Markdown."""
    all_records, rest = median_scores(runs), median_scores(runs, without=[largest])
    interval = bootstrap(runs)
    names = ("macro", *JUDGED)
    lines = ["| | macro F1 | F1 of N | F1 of S | F1 of V |", "|---" + "|---:" * 4 + "|"]
    lines.append(
        f"| this model, median of {len(runs)} seeds | {' | '.join(f'{all_records[n]:.3f}' for n in names)} |"
    )
    spans = (f"{interval[n][0]:.2f} to {interval[n][1]:.2f}" for n in names)
    lines.append(f"| 95 % interval over records | {' | '.join(spans)} |")
    lines.append(f"| without record {largest} | {' | '.join(f'{rest[n]:.3f}' for n in names)} |")
    lines += [
        f"| {method}, {source} | | | {s:.2f} | {v:.2f} |" for source, (method, s, v) in PUBLISHED.items()
    ]
    return "\n".join(lines)


def record_table(runs: Sequence[Mapping[str, Any]]) -> str:
    """Return beats and medians over the seeds of each record as Markdown."""
    lines = [
        "| record | N | S | V | S found | S false | V found | V false |",
        "|---" + "|---:" * 7 + "|",
    ]
    for name in sorted(runs[0]["records"], key=int):
        matrices = np.array([run["records"][name] for run in runs])
        cells = [str(int(matrices[0][AAMI_CLASSES.index(one)].sum())) for one in JUDGED]
        for one in ("S", "V"):
            i = AAMI_CLASSES.index(one)
            found = np.median(matrices[:, i, i])
            false = np.median(matrices[:, :, i].sum(axis=1) - matrices[:, i, i])
            cells += [f"{found:g}", f"{false:g}"]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def picture(runs: Sequence[Mapping[str, Any]]) -> Any:
    """Plot F1 of S and V of each seed beside the published ones, and what is found in each record."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 4.6), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(2, 3))
    for source, (_, s, v) in PUBLISHED.items():
        left.plot(s, v, "o", color="0.6")
        name = source.split(",")[0].replace(" et al.", "")
        side = "right" if s < 0.7 else "left"
        left.annotate(name, (s, v), (0, 6), textcoords="offset points", size=8, ha=side)
    ours = [f1_of(as_matrices(run["records"])) for run in runs]
    left.plot(
        [one["S"] for one in ours], [one["V"] for one in ours], "D", color="C3", label="this model, each seed"
    )
    left.set(xlabel="F1 of S", ylabel="F1 of V", title="Patients who are not in the training set")
    lowest = {
        name: min(0.6 if name == "V" else 0.2, *(one[name] - 0.05 for one in ours)) for name in ("S", "V")
    }
    left.set(xlim=(lowest["S"], 1), ylim=(lowest["V"], 1))
    left.legend(loc="lower right")
    width = 0.4
    names, shares = _shares(runs)
    places = np.arange(len(names))
    for k, one in enumerate(("S", "V")):
        right.bar(places + (k - 0.5) * width, shares[one], width, label=f"{one} beats found", color=f"C{k}")
    right.set_xticks(places, names, rotation=90, fontsize=8)
    right.set(
        ylim=(0, 1),
        xlabel="record with at least 10 such beats",
        title="Share found in each record, median of the seeds",
    )
    figure.legend(*right.get_legend_handles_labels(), loc="outside right upper")
    return figure


def _shares(runs: Sequence[Mapping[str, Any]]) -> tuple[list[str], dict[str, list[float]]]:
    """Return records and the share of S and V beats found in each; NaN where there are fewer than 10."""
    names: list[str] = []
    shares: dict[str, list[float]] = {"S": [], "V": []}
    for name in sorted(runs[0]["records"], key=int):
        matrices = np.array([run["records"][name] for run in runs])
        found = {}
        for one in shares:
            i = AAMI_CLASSES.index(one)
            total = matrices[0, i].sum()
            found[one] = float(np.median(matrices[:, i, i]) / total) if total >= 10 else np.nan
        if not all(np.isnan(share) for share in found.values()):
            names.append(name)
            for one, share in found.items():
                shares[one].append(share)
    return names, shares
