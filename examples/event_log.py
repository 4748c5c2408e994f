"""An event log with categorical and numeric columns: will a patient be admitted to intensive care?

    python examples/event_log.py --data path/to/sepsis.csv

`--data` is the log of sepsis cases of a hospital (F. Mannhardt 2016, doi:10.4121/uuid:915d2bfb-7e84-49ad-a286-dc35f063a460) as a
table with semicolons, one event per row: case, activity, resource, time and measurements.

The prediction is made when a patient is about to be admitted to a ward: each case is cut before its first admission of any kind,
so that neither a later event nor the length of the sequence reveals the label. Cases without an admission are left out. A case is
positive if it contains an admission to intensive care. Scores are those of predictions in a stratified five-fold cross-validation,
repeated with three seeds.

Writes `event_log.json` and `event_log.md` into `--out`; takes about three minutes on one core.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from experiment import provenance, replace_text
from seqclf import GRUClassifier, Sequences, from_long
from seqclf.sequences import LongTable

Floats = NDArray[np.float64]
MEASUREMENTS = ["age", "crp", "lacticacid", "leucocytes"]
TARGET = "Admission IC"


def main(arguments: list[str] | None = None) -> dict[str, Any]:
    """Run the script; return the rows of the table."""
    options = read_command_line(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    log = read_log(options.data)
    cases = as_cases(log)
    target = target_of(cases)
    counts = {
        "n_cases": len(target),
        "n_positive": int(target.sum()),
        "n_events": len(cases.sequences.values),
    }
    made = provenance("event_log.py", options) | {
        "data": "sepsis cases, doi:10.4121/uuid:915d2bfb-7e84-49ad-a286-dc35f063a460"
    }
    rows: dict[str, Any] = {}
    for seed in options.seeds:
        for key, (title, predict) in CLASSIFIERS.items():
            started = time.perf_counter()
            proba = predict(log, cases, seed)
            run = {"seed": seed, "seconds": round(time.perf_counter() - started, 1)}
            runs = [*rows.get(key, {}).get("runs", []), run | scores(target, proba) | counts | made]
            medians = {name: float(np.median([run[name] for run in runs])) for name in scores(target, proba)}
            rows[key] = {"title": title, **medians, "runs": runs}
            print(f"{title}, seed {seed}: {runs[-1]['roc_auc']:.3f}", flush=True)
        replace_text(options.out / "event_log.json", json.dumps(rows, indent=1))
        replace_text(options.out / "event_log.md", table(rows) + "\n")
    print(table(rows))
    return rows


def read_command_line(arguments: list[str] | None) -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="the log, a table with semicolons")
    parser.add_argument("--out", type=Path, default=Path("results/event_log"), help="folder for the results")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2], help="a cross-validation for each")
    options = parser.parse_args(arguments)
    options.command = ["--data", "sepsis.csv", "--seeds", *map(str, options.seeds)]
    return options


def read_log(path: Path) -> pd.DataFrame:
    """Return the events before the first admission of each case, in order, with times and the label of the case."""
    # NA is a missing measurement, but also the name of a case.
    missing: dict[Any, list[str]] = {name: ["NA"] for name in MEASUREMENTS}
    log = pd.read_csv(path, sep=";", keep_default_na=False, na_values=missing)
    log["admitted"] = log.case_id.map(
        log.groupby("case_id").activity.agg(lambda events: TARGET in set(events))
    )
    admission = log.activity.str.startswith("Admission")
    after = admission.groupby(log.case_id).cumsum() > 0
    log = log[~after & log.case_id.isin(log.case_id[admission])].copy()
    seconds = pd.to_datetime(log.timestamp).astype("datetime64[s, UTC]").astype("int64")
    log["since_start"] = np.log1p((seconds - seconds.groupby(log.case_id).transform("min")) / 60)
    log["since_last"] = np.log1p(seconds.groupby(log.case_id).diff().fillna(0) / 60)
    # 0 where nothing was measured: the activity says which measurement an event has.
    log[MEASUREMENTS] = np.log1p(log[MEASUREMENTS].fillna(0).clip(lower=0))
    return log


def as_cases(log: pd.DataFrame) -> LongTable:
    """Return a sequence of events for each case: two categorical columns, and the numeric ones."""
    return from_long(
        log,
        id="case_id",
        tokens=["activity", "resource"],
        values=["since_start", "since_last", *MEASUREMENTS],
        target="admitted",
    )


def target_of(cases: LongTable) -> NDArray[np.bool_]:
    """Return whether each case is positive."""
    return np.asarray(cases.labels, dtype=np.bool_)


def splitter(seed: int) -> StratifiedKFold:
    """Return the folds, the same for all classifiers."""
    return StratifiedKFold(5, shuffle=True, random_state=seed)


def majority(log: pd.DataFrame, cases: LongTable, seed: int) -> Floats:
    """Return the share of positive cases for each."""
    return np.full(len(cases.ids), target_of(cases).mean())


def bag_of_events(log: pd.DataFrame, cases: LongTable, seed: int) -> Floats:
    """Return the predictions of a logistic regression on counts of events, the last values and the duration."""
    counts = [pd.crosstab(log.case_id, log[name]) for name in ("activity", "resource")]
    values = log.groupby("case_id")[["since_start", *MEASUREMENTS]].max()
    table = pd.concat([*counts, values], axis=1).loc[cases.ids].to_numpy(dtype=np.float64)
    model = make_pipeline(StandardScaler(), LogisticRegression(class_weight="balanced", max_iter=1000))
    proba: Floats = cross_val_predict(
        model, table, target_of(cases), cv=splitter(seed), method="predict_proba"
    )[:, 1]
    return proba


def gru(log: pd.DataFrame, cases: LongTable, seed: int) -> Floats:
    """Return the predictions of a network that embeds activities and resources."""
    return cross_validated(cases.sequences, target_of(cases), seed)


def gru_without_tokens(log: pd.DataFrame, cases: LongTable, seed: int) -> Floats:
    """Return the predictions of the same network from the numeric columns alone."""
    return cross_validated(cases.sequences.with_tokens(None), target_of(cases), seed)


def cross_validated(samples: Sequences, labels: NDArray[Any], seed: int) -> Floats:
    """Return the out-of-fold probabilities of the positive class; all but the parameters given here have their defaults."""
    model = GRUClassifier(bidirectional=True, class_weight="balanced", random_state=seed)
    proba: Floats = cross_val_predict(model, samples, labels, cv=splitter(seed), method="predict_proba")[:, 1]
    return proba


CLASSIFIERS: dict[str, tuple[str, Callable[[pd.DataFrame, LongTable, int], Floats]]] = {
    "majority": ("the most frequent class", majority),
    "bag_of_events": ("logistic regression on counts of events and values", bag_of_events),
    "gru_without_tokens": ("`GRUClassifier(bidirectional=True)`, numeric columns only", gru_without_tokens),
    "gru": ("the same with activities and resources as tokens", gru),
}


def scores(target: NDArray[Any], proba: Floats) -> dict[str, float]:
    """Return the area under the ROC curve, macro F1 and accuracy."""
    predicted = proba > 0.5
    return {
        "roc_auc": float(roc_auc_score(target, proba)),
        "macro_f1": float(f1_score(target, predicted, average="macro")),
        "accuracy": float((predicted == target).mean()),
    }


def table(rows: dict[str, Any]) -> str:
    """Return medians over the seeds as Markdown."""
    lines = ["| | ROC AUC | macro F1 | accuracy |", "|---|---:|---:|---:|"]
    lines += [
        f"| {row['title']} | {row['roc_auc']:.3f} | {row['macro_f1']:.3f} | {row['accuracy']:.3f} |"
        for row in rows.values()
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
