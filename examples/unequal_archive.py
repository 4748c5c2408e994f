"""How good are seqclf's defaults on sequences of unequal length that are not heartbeats?

    python examples/unequal_archive.py --data path/to/unequal               # the archive's .ts files, about an hour
    python examples/unequal_archive.py --data path/to/unequal --ablation    # what each default brings, half an hour more

Table: test accuracy on the default split of sets of the UCR/UEA archive whose sequences have unequal lengths. The same two lines of
code for every set: `GRUClassifier(bidirectional=True)` and `SequenceEnsemble()`. Beside them, published results of other methods
(`archive_published.json`, which names the sources) and what other libraries reach (`results/archive/peers.json`, measured by
`python -m benchmarks.archive`).

Defaults were chosen by cross-validation inside of the training sets, never by a score on a test set.

Data: Dau et al. (2019), The UCR Time Series Archive, arXiv:1810.07758, and Bagnall et al. (2018), arXiv:1811.00075, as files
`<name>_TRAIN.ts` and `<name>_TEST.ts`. Expected, median of 3 seeds, mean over eight sets: at least 0.76 for the classifier, and at least
InceptionTime's mean for the ensemble; with `--check` the script fails otherwise.

Writes `archive.json`, `archive.md`, `peers.md`, `archive.png` and, with `--ablation`, `ablation.md` into `--out`. Each finished run is kept; a
second call continues.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from scipy.stats import rankdata
from sklearn.metrics import accuracy_score, f1_score

from experiment import as_command, replace_text, versions
from seqclf import GRUClassifier, SequenceEnsemble
from seqclf.datasets import read_ts

HERE = Path(__file__).parent
PUBLISHED = ("TWIESN", "ResNet", "ROCKET", "ROCKET (preprint)", "InceptionTime", "HIVE-COTE 2")
MINIROCKET = "aeon MiniRocketClassifier"
PEERS = {
    "aeon MiniRocketClassifier": "aeon `MiniRocketClassifier`, padded",
    "aeon MiniRocketClassifier (Resizer)": "aeon `MiniRocketClassifier`, stretched",
    "tsai LSTM": "tsai `LSTM`",
    "tsai GRU": "tsai `GRU`",
    "sktime GRUClassifier": "sktime `GRUClassifier`",
    "sktime SimpleRNNClassifierTorch": "sktime `SimpleRNNClassifierTorch`",
}
"""Classifiers of other libraries: key in `peers.json`, title in the table."""
EXPECTED_DEFAULT = 0.76

Runs = dict[str, dict[str, dict[str, dict[str, Any]]]]
"""Key of a model -> name of a set -> seed -> results."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A row of a table; `make(seed, n_train)` returns its classifier."""

    title: str
    make: Callable[[int, int], Any]


def bidirectional(seed: int, n_train: int, **options: Any) -> GRUClassifier:
    """Return the classifier whose defaults the table is about."""
    return GRUClassifier(bidirectional=True, random_state=seed, **options)


def without(**options: Any) -> Callable[[int, int], GRUClassifier]:
    """Return what makes the classifier with one of its automatic values replaced."""
    return partial(bidirectional, **options)


def long_schedule(seed: int, n_train: int, **options: Any) -> GRUClassifier:
    """Return the classifier with the schedule that suits 90,000 heartbeats."""
    epochs = max(12, ceil(300 / ceil(n_train / 128)))
    return bidirectional(seed, n_train, batch_size=128, max_epochs=epochs, lr=4e-3, **options)


def plain(seed: int, n_train: int) -> GRUClassifier:
    """Return the classifier without anything that was added for small data."""
    return long_schedule(seed, n_train, stem=None, augmentation=None, dropout=0.0, scale="standard")


def five_seeds(seed: int, n_train: int) -> SequenceEnsemble:
    """Return five classifiers that differ by their random numbers only."""
    return SequenceEnsemble(estimators=[GRUClassifier(bidirectional=True)], random_state=seed)


MODELS = {
    "classifier": Model(title="`GRUClassifier(bidirectional=True)`", make=bidirectional),
    "ensemble": Model(title="`SequenceEnsemble()`", make=lambda seed, n: SequenceEnsemble(random_state=seed)),
}

ABLATION = {
    "no_stem": Model(title="stem: none", make=without(stem=None)),
    "no_augmentation": Model(title="augmentation: none", make=without(augmentation=None)),
    "no_dropout": Model(title="dropout: 0", make=without(dropout=0.0)),
    "standard": Model(title='scale: "standard"', make=without(scale="standard")),
    "sequence": Model(title='scale: "sequence"', make=without(scale="sequence")),
    "schedule": Model(title="schedule: batches of 128, 300 steps", make=long_schedule),
    "plain": Model(title="none of these", make=plain),
    "five_seeds": Model(title="ensemble of five seeds of the classifier", make=five_seeds),
}


def main(arguments: list[str] | None = None) -> Runs:
    """Run the script; return the results of all runs."""
    options = read_command_line(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / "archive.json"
    runs: Runs = json.loads(path.read_text())["runs"] if path.is_file() else {}
    wanted = [(key, seed) for seed in options.seeds for key in MODELS]
    if options.ablation:
        wanted += [(key, options.seeds[0]) for key in ABLATION]
    names = options.sets or sorted(
        file.name.removesuffix("_TRAIN.ts") for file in options.data.glob("*_TRAIN.ts")
    )
    sets = {name: ArchiveSet.read(options.data, name) for name in names}
    for key, seed in wanted:  # a row after the other, so that those of an interrupted run are whole
        for name, archive_set in sets.items():
            of_set = runs.setdefault(key, {}).setdefault(name, {})
            if str(seed) not in of_set:
                of_set[str(seed)] = run_once((MODELS | ABLATION)[key], archive_set, seed)
                text = {"command": options.command, "versions": versions(), "runs": runs}
                replace_text(path, json.dumps(text, indent=1))
                print(f"{name}, {key}, seed {seed}: {of_set[str(seed)]['accuracy']:.3f}", flush=True)
    write_tables(runs, options.out)
    if options.check:
        check(runs)
    return runs


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ArchiveSet:
    """Training and test samples of one set, as the archive splits them."""

    train: tuple[Any, Any]
    test: tuple[Any, Any]

    @classmethod
    def read(cls, folder: Path, name: str) -> ArchiveSet:
        """Read the two files of a set."""
        train, test = (read_ts(folder / f"{name}_{part}.ts") for part in ("TRAIN", "TEST"))
        return cls(train=train, test=test)


def run_once(model: Model, archive_set: ArchiveSet, seed: int) -> dict[str, Any]:
    """Fit on the training samples; score on the test samples."""
    (X, y), (X_test, y_test) = archive_set.train, archive_set.test
    classifier = model.make(seed, len(y))
    started = time.perf_counter()
    classifier.fit(X, y)
    fitted = time.perf_counter()
    predicted = classifier.predict(X_test)
    members = getattr(classifier, "members_", ())
    return {
        "accuracy": float(accuracy_score(y_test, predicted)),
        "macro_f1": float(f1_score(y_test, predicted, average="macro")),
        "fit_seconds": round(fitted - started, 1),
        "predict_seconds": round(time.perf_counter() - fitted, 1),
        "members": [member.score(X_test, y_test) for member in members],
        "automatic": {} if members else classifier.auto_parameters_,
    }


def median(runs: Runs, key: str, name: str, value: str = "accuracy") -> float:
    """Return the median over the seeds of a model on a set."""
    return float(np.median([run[value] for run in runs[key][name].values()]))


def columns_of(runs: Runs, names: list[str]) -> dict[str, list[float]]:
    """Return the accuracy of each method on each set: ours, measured, published; NaN where unknown."""
    published = json.loads((HERE / "archive_published.json").read_text())["accuracy"]
    columns = {key: [median(runs, key, name) for name in names] for key in MODELS}
    columns["MiniRocket"] = of_peer(MINIROCKET, names)
    for method in PUBLISHED:
        found = [published.get(name, {}).get(method) for name in names]
        columns[method] = [np.nan if value is None else float(value) for value in found]
    return columns


def of_peer(key: str, names: list[str]) -> list[float]:
    """Return the median accuracy of a classifier of another library on each set; NaN where no run was finished."""
    measured = json.loads((HERE.parent / "results" / "archive" / "peers.json").read_text())["runs"].get(
        key, {}
    )
    finished = [
        [run["accuracy"] for run in measured.get(name, {}).values() if "accuracy" in run] for name in names
    ]
    return [float(np.median(scores)) if scores else np.nan for scores in finished]


def write_tables(runs: Runs, out: Path) -> None:
    """Write the tables and the picture of all sets that every model was run on."""
    names = sorted(set.intersection(*(set(runs.get(key, {})) for key in MODELS)))
    if not names:
        return
    columns = columns_of(runs, names)
    replace_text(out / "archive.md", table(runs, names, columns))
    replace_text(out / "peers.md", peer_table(names, columns))
    figure_of(names, columns).savefig(out / "archive.png", dpi=150)
    parts = {key: model for key, model in ABLATION.items() if set(names) <= set(runs.get(key, {}))}
    if parts:
        replace_text(out / "ablation.md", ablation_table(runs, names, parts))


def table(runs: Runs, names: list[str], columns: Mapping[str, list[float]]) -> str:
    """Return accuracies as Markdown: a row for each set, then mean accuracy and mean rank."""
    lines = [
        f"| | {' | '.join(map(breakable, columns))} | seconds to fit |",
        "|---|" + "---:|" * (len(columns) + 1),
    ]
    best = np.nanmax(np.array(list(columns.values())), axis=0)
    for number, name in enumerate(names):
        values = [values[number] for values in columns.values()]
        shown = [cell(value, bold=value >= best[number] - 5e-4) for value in values]
        seconds = " / ".join(f"{median(runs, key, name, 'fit_seconds'):.0f}" for key in MODELS)
        lines.append(f"| {name} | {' | '.join(shown)} | {seconds} |")
    means = [cell(float(np.mean(values))) for values in columns.values()]
    lines.append(f"| mean of all | {' | '.join(means)} | |")
    known = ~np.isnan(np.array(list(columns.values()))).any(axis=0)
    if known.any() and not known.all():
        means = [cell(float(np.mean(np.array(values)[known]))) for values in columns.values()]
        lines.append(f"| mean of the {known.sum()} that all have | {' | '.join(means)} | |")
    if known.any():
        ranks = np.mean([rankdata(-row) for row in np.array(list(columns.values())).T[known]], axis=0)
        lines.append(f"| mean rank on these | {' | '.join(f'{rank:.1f}' for rank in ranks)} | |")
    return "\n".join(lines) + "\n"


def breakable(name: str) -> str:
    """Return a name that a narrow column may break between its words, by soft hyphens."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "\u00ad", name)


def cell(value: float, *, bold: bool = False) -> str:
    """Return an accuracy as text."""
    if np.isnan(value):
        return "-"
    return f"**{value:.3f}**" if bold else f"{value:.3f}"


def ablation_table(runs: Runs, names: list[str], parts: Mapping[str, Model]) -> str:
    """Return what each default brings, on the first seed, as Markdown."""
    lines = [f"| | {' | '.join(map(breakable, names))} | mean |", "|---|" + "---:|" * (len(names) + 1)]
    rows = {"classifier": "classifier"} | {key: one.title for key, one in parts.items()}
    for key, title in (rows | {"ensemble": "ensemble"}).items():
        values = [next(iter(runs[key][name].values()))["accuracy"] for name in names]
        lines.append(f"| {title} | {' | '.join(map(cell, values))} | {cell(float(np.mean(values)))} |")
    for number in range(len(next(iter(runs["ensemble"][names[0]].values()))["members"])):
        values = [next(iter(runs["ensemble"][name].values()))["members"][number] for name in names]
        lines.append(
            f"| its member {number + 1} | {' | '.join(map(cell, values))} | {cell(float(np.mean(values)))} |"
        )
    return "\n".join(lines) + "\n"


def peer_table(names: list[str], columns: Mapping[str, list[float]]) -> str:
    """Return the accuracies of other libraries as Markdown, a row for each, below ours."""
    rows = {key: columns[key] for key in reversed(MODELS)}
    rows |= {title: of_peer(key, names) for key, title in PEERS.items()}
    lines = [f"| | {' | '.join(map(breakable, names))} |", "|---|" + "---:|" * len(names)]
    lines += [f"| {title} | {' | '.join(map(cell, values))} |" for title, values in rows.items()]
    return "\n".join(lines) + "\n"


def figure_of(names: list[str], columns: Mapping[str, list[float]]) -> Figure:
    """Plot the accuracy of each method on each set, ours filled."""
    figure = Figure(figsize=(8, 0.55 * len(names) + 1.6), layout="constrained")
    axes = figure.subplots()
    colors = ("#0072B2", "#D55E00", "#009E73", "0.75", "0.6", "#E69F00", "#CC79A7", "#56B4E9", "k")
    for (key, values), color, marker in zip(columns.items(), colors, "oD^vs<>P*", strict=False):
        ours = key in MODELS
        title = MODELS[key].title.strip("`") if ours else key
        axes.plot(
            values,
            range(len(names)),
            marker,
            color=color,
            markersize=9 if ours else 6,
            fillstyle="full" if ours else "none",
            label=title,
            zorder=3 if ours else 2,
        )
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set_xlabel("accuracy on the test set")
    axes.grid(axis="both", color="0.92")
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside lower center", ncols=4, frameon=False, fontsize=8)
    return figure


def check(runs: Runs) -> None:
    """Exit with an error unless the results are those that the first lines of this file promise."""
    names = sorted(runs["classifier"])
    columns = columns_of(runs, names)
    mean = float(np.mean(columns["classifier"]))
    wrong = []
    if mean < EXPECTED_DEFAULT:
        wrong.append(
            f"The mean accuracy of the classifier should be at least {EXPECTED_DEFAULT}; got {mean:.3f}."
        )
    known = ~np.isnan(columns["InceptionTime"])
    ours, theirs = (float(np.array(columns[key])[known].mean()) for key in ("ensemble", "InceptionTime"))
    if ours < theirs:
        wrong.append(
            f"The mean of the ensemble should be at least InceptionTime's {theirs:.3f}; got {ours:.3f}."
        )
    wrong += [
        f"The classifier should reach TWIESN's {theirs:.3f} on {name}; got {ours:.3f}."
        for name, ours, theirs in zip(names, columns["classifier"], columns["TWIESN"], strict=True)
        if ours < theirs
    ]
    if wrong:
        sys.exit("\n".join(wrong))


def read_command_line(arguments: list[str] | None) -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--data", type=Path, required=True, help="folder of <name>_TRAIN.ts and <name>_TEST.ts"
    )
    parser.add_argument("--sets", nargs="+", help="names of sets; default: all in the folder")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2], help="default: %(default)s")
    parser.add_argument(
        "--ablation", action="store_true", help="also what each default brings, on the first seed"
    )
    parser.add_argument("--out", type=Path, default=Path("results") / "archive", help="default: %(default)s")
    parser.add_argument("--check", action="store_true", help="fail unless the expected scores are reached")
    options = parser.parse_args(arguments)
    options.command = as_command("unequal_archive.py", arguments)
    return options


if __name__ == "__main__":
    main()
