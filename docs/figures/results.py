"""The figures in the text of docs/results.md, read from the committed results."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2] / "examples"))
import patient_recipes
import patient_scores
import reproduce_models

RESULTS = Path(__file__).parents[2] / "results"
NOTEBOOK = Path(__file__).parents[2] / "examples" / "course_notebook.json"
Rows = Mapping[str, Any]


def read(name: str) -> Rows:
    """Return the committed results of a script."""
    rows: Rows = json.loads((RESULTS / f"{name}.json").read_text())
    return rows


def scores(row: Any) -> str:
    """Return both scores of a row as text."""
    return f"accuracy {row['accuracy']:.3f} and macro F1 {row['macro_f1']:.3f}"


def judged_f1(row: Any) -> float:
    """Return the mean F1 of N, S and V, median over the runs."""
    return float(
        np.median([np.mean([run["report"]["per_class"][c]["f1"] for c in "NSV"]) for run in row["runs"]])
    )


def median_f1(row: Any, name: str) -> float:
    """Return the F1 of a class, median over the runs."""
    return float(np.median([run["report"]["per_class"][name]["f1"] for run in row["runs"]]))


def figures() -> dict[str, str]:
    """Return the figures of the page, by name."""
    return table() | best() | sizes() | sweeps() | patients() | questions()


def table() -> dict[str, str]:
    """Return the figures of the eight models."""
    rows, notebook = read("mitbih/models"), json.loads(NOTEBOOK.read_text())["models"]
    first = [min(row["runs"], key=lambda run: run["seed"]) for row in rows.values()]
    seconds = sum(run["fit_seconds"] for run in first)
    return {
        "n_train": f"{first[0]['n_train']:,}",
        "n_test": f"{first[0]['n_test']:,}",
        "rnn": scores(rows["rnn_packed"]),
        "rnn_notebook": scores(notebook["rnn_packed"] | {"macro_f1": notebook["rnn_packed"]["macro"]["f1"]}),
        "notebook_packed": f"{notebook['rnn_packed']['accuracy']:.3f}",
        "cut": scores(rows["rnn_trim75"]),
        "cut_notebook": f"{notebook['rnn_trim75']['accuracy']:.3f}",
        "gru_f1": f"{rows['gru']['macro_f1']:.3f}",
        "gru_S": f"{median_f1(rows['gru'], 'S'):.3f}",
        "gru_F": f"{median_f1(rows['gru'], 'F'):.3f}",
        "sampler_f1": f"{rows['gru_sampler']['macro_f1']:.3f}",
        "sampler_S": f"{median_f1(rows['gru_sampler'], 'S'):.3f}",
        "sampler_F": f"{median_f1(rows['gru_sampler'], 'F'):.3f}",
        "gru_notebook": f"{notebook['gru']['macro']['f1']:.2f}",
        "sampler_notebook": f"{notebook['gru_sampler']['macro']['f1']:.2f}",
        "table_minutes": f"{seconds / 60:.0f}",
        "rnn_lr": f"{reproduce_models.RECIPE['lr']:g}",
        "gated_lr": f"{reproduce_models.GATED['lr']:g}",
    }


PART_OF = {
    "stem": "nothing",
    "intervals": "stem",
    "deeper": "intervals",
    "augmentation": "intervals",
    "window": "augmentation",
    "leads": "window",
}
"""Each part of the best model that was tried, and the part that it was added to."""


def best() -> dict[str, str]:
    """Return the figures of the best model and of its parts."""
    rows, parts = read("mitbih/best"), read("mitbih/ablation")
    f1 = [run["report"]["macro"]["f1"] for run in rows["intervals"]["runs"]]
    return {
        "best": scores(rows["best"]),
        "best_beats": scores(rows["beats"]),
        "intervals_seeds": str(len(f1)),
        "intervals_lowest": f"{min(f1):.3f}",
        "intervals_highest": f"{max(f1):.3f}",
        "ablation_train": f"{parts['nothing']['runs'][0]['n_train']:,}",
        "ablation_n": f"{parts['nothing']['runs'][0]['n_test']:,}",
        "ablation_epochs": str(parts["nothing"]["runs"][0]["n_epochs"]),
        "stem_seconds": f"{parts['stem']['runs'][0]['fit_seconds'] / parts['nothing']['runs'][0]['fit_seconds']:.0%}",
        "intervals_S": f"{median_f1(parts['intervals'], 'S') - median_f1(parts['stem'], 'S'):+.3f}",
        "leads_f1": f"{parts['leads']['macro_f1']:.3f}",
        **{
            f"{part}_gain": f"{parts[part]['macro_f1'] - parts[before]['macro_f1']:+.3f}"
            for part, before in PART_OF.items()
        },
    }


def sizes() -> dict[str, str]:
    """Return the figures of the comparison of sizes."""
    rows = read("mitbih/sizes")
    order = sorted(rows, key=lambda key: -rows[key]["macro_f1"])
    chosen = "gru_64x2_bidirectional"

    def seconds(key: str) -> float:
        return float(np.median([run["fit_seconds"] for run in rows[key]["runs"]]))

    return {
        "sizes_train": f"{rows[chosen]['runs'][0]['n_train']:,}",
        "sizes_n": str(len(rows)),
        "sizes_first": rows[order[0]]["title"],
        "sizes_first_scores": scores(rows[order[0]]),
        "sizes_chosen_scores": scores(rows[chosen]),
        "sizes_rank": str(order.index(chosen) + 1),
        "sizes_slower": f"{seconds(order[0]) / seconds(chosen):.1f}",
        "sizes_gru_64x3": f"{rows['gru_64x3']['macro_f1']:.3f}",
        "sizes_gru_64x3_time": f"{seconds('gru_64x3') / seconds(chosen):.0%}",
        "sizes_lstm": f"{rows['lstm_64x2_bidirectional']['macro_f1']:.3f}",
        "sizes_rnn_128": f"{rows['rnn_128x3_bidirectional']['macro_f1']:.3f}",
        "sizes_rnn_32": f"{rows['rnn_32x3_bidirectional']['macro_f1']:.3f}",
    }


def sweeps() -> dict[str, str]:
    """Return the figures of the sweeps: the configurations listed in the notebook, and new ones."""
    rows, notebook = read("mitbih/sweeps"), json.loads(NOTEBOOK.read_text())["sweeps"]
    listed = {f"{cell}_{i}": run for cell, runs in notebook.items() for i, run in enumerate(runs, start=1)}
    better = {
        key: rows[key]["accuracy"] > run["accuracy"] and rows[key]["macro_f1"] > run["macro_f1"]
        for key, run in listed.items()
    }
    lower = [key for key, is_better in better.items() if not is_better]
    models = read("mitbih/models")
    return {
        "sweep_listed": str(len(better)),
        "sweep_better": str(sum(better.values())),
        "sweep_lower": "; ".join(rows[key]["title"] for key in lower),
        "sweep_epochs": str(rows["gru_4"]["runs"][0]["n_epochs"]),
        "sweep_bigru": scores(models["gru_bidirectional"]),
        "sweep_bilstm": scores(models["lstm_bidirectional"]),
        "sweep_rate": f"{notebook['gru'][3]['learning_rate']}",
        "sweep_unstable": f"{notebook['gru'][3]['macro_f1']:.2f}",
        "sweep_unstable_ours": f"{rows['gru_4']['macro_f1']:.3f}",
        "sweep_deep": f"{notebook['lstm'][0]['macro_f1']:.2f}",
        "sweep_deep_ours": f"{rows['lstm_1']['macro_f1']:.3f}",
        "sweep_beats": f"{read('mitbih/sweep_gru')['n_train']:,}",
        "sweep_trial_epochs": str(read("mitbih/sweep_gru")["max_epochs"]),
        **_new_sweep("gru", rows, notebook),
        **_new_sweep("lstm", rows, notebook),
    }


def _new_sweep(cell: str, rows: Rows, notebook: Rows) -> dict[str, str]:
    sweep, row = read(f"mitbih/sweep_{cell}"), rows[f"{cell}_ours"]
    trials, best = sweep["trials"], sweep["best_params"]
    statuses = [trial["status"] for trial in trials]
    directions = "two directions" if best["bidirectional"] else "one direction"
    stem = "after a stem" if best.get("stem") else "without a stem"
    return {
        f"{cell}_trials": str(len(trials)),
        f"{cell}_pruned": str(statuses.count("pruned")),
        f"{cell}_epochs": str(sum(len(trial["epochs"]) for trial in trials)),
        f"{cell}_all_epochs": str(len(trials) * sweep["max_epochs"]),
        f"{cell}_found": f"{best['hidden_size']} x {best['num_layers']}, {directions}, {stem}, "
        f"learning rate {best['lr']:.4f}",
        f"{cell}_found_scores": scores(row),
        f"{cell}_listed_best": f"{max(run['macro_f1'] for run in notebook[cell]):.2f}",
        f"{cell}_listed_ours": f"{max(rows[f'{cell}_{i}']['macro_f1'] for i in range(1, 7)):.3f}",
    }


def patients() -> dict[str, str]:
    """Return the figures of new patients."""
    rows = read("mitbih/inter_patient")
    known = {**read("mitbih/models"), "intervals": read("mitbih/best")["intervals"]}
    lost = [1 - judged_f1(row) / judged_f1(known[key]) for key, row in rows.items()]
    return {
        "lost_least": f"{min(lost):.0%}",
        "lost_most": f"{max(lost):.0%}",
        "unseen_intervals": f"{judged_f1(rows['intervals']):.3f}",
        "known_intervals": f"{judged_f1(known['intervals']):.3f}",
        "unseen_S": f"{median_f1(rows['intervals'], 'S'):.2f}",
        "unseen_V": f"{median_f1(rows['intervals'], 'V'):.2f}",
        **new_patients(),
    }


def new_patients() -> dict[str, str]:
    """Return the figures of the recipe for new patients."""
    runs = read("mitbih/patients")["runs"]
    scores, rest = patient_scores.median_scores(runs), patient_scores.median_scores(runs, without=["232"])
    title = patient_recipes.CHOSEN.title
    tried = next(row for row in read("mitbih/patients_choice").values() if row["title"] == title)
    chosen = patient_scores.median_scores(tried["runs"])
    return {
        "people_macro": f"{scores['macro']:.2f}",
        "people_S": f"{scores['S']:.2f}",
        "people_V": f"{scores['V']:.2f}",
        "people_S_rest": f"{rest['S']:.2f}",
        "people_seeds": str(len(runs)),
        "people_members": str(runs[0]["members"]),
        "people_chosen_S": f"{chosen['S']:.2f}",
        "people_again": str(patient_recipes.CHOSEN.fibrillation),
    }


def questions() -> dict[str, str]:
    """Return the figures of the notebook's open questions that have their own experiments."""
    packing, ways = read("packing/packing")["variants"], read("balancing/balancing")["ways"]
    half = ways["BalancedSampler, strength=0.5"]
    return {
        "packed_zero_start": f"{packing['packed']['macro_f1']:.2f}",
        "packed_orthogonal": f"{packing['packed_orthogonal']['macro_f1']:.2f}",
        "packed_all_steps": f"{packing['packed_all_steps']['macro_f1']:.2f}",
        "few_nothing": f"{ways['nothing']['plain']['macro_f1']:.3f}",
        "few_balanced": f"{ways['sampler=' + repr('balanced')]['plain']['macro_f1']:.3f}",
        "few_half": f"{half['corrected']['macro_f1']:.3f}",
    }
