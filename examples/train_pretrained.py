"""Train the classifier that `seqclf.datasets.load_pretrained("heartbeats")` returns; write its file and its model card.

    python examples/train_pretrained.py --data path/to/mitdb            # all beats, 30 epochs: 20 to 40 minutes on one core
    python examples/train_pretrained.py --out my-results                # simulated beats, to try the script

The recipe is that of `best_model.py` for one lead from the R peak on, without the RR intervals, which a single beat does not have. So
that beats in any unit can be classified, the model scales each one to [0, 1] itself; beats that are scaled already stay as they are. It is
trained on a padded table, because most users have one: then its columns are checked in predictions.

The test set is the stratified 20 % of `reproduce_models.py`, on which the model predicts once.

Writes `heartbeats.safetensors` into the package and `model_card.md` into `docs/`, or both into `--out`.
"""

from __future__ import annotations

import argparse
import platform
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import seqclf
from best_recipes import AUGMENTED, STEM, gru
from experiment import as_command, new_parser, read_beats, replace_text, split_beats
from model_card import model_card
from seqclf import GRUClassifier, MinMax, describe_file, pad
from seqclf.datasets import Heartbeats
from seqclf.evaluation import Report, Split, evaluate

ROOT = Path(__file__).resolve().parents[1]
FILE, CARD = ROOT / "src" / "seqclf" / "datasets" / "heartbeats.safetensors", ROOT / "docs" / "model_card.md"
WIDTH = 187

RECORDS = "MIT-BIH Arrhythmia Database 1.0.0 (doi:10.13026/C2F305): recordings of 47 people between 1975 and 1979, half an hour each"
LIMITS = """\
- Not a medical device.
- The test set holds beats of the people in the training set. For other people the scores are much lower; `docs/results.md` gives those of
  models that were trained and scored on different people.
- The model sees one beat and not the rhythm: it does not know whether a beat came early, so it recognises a supraventricular beat (S) by
  its shape only.
- It predicts one of five classes for every input, also for an inverted lead, noise, or a beat that starts elsewhere.
- The published CSV files hold the same beats, so the model was trained on most of `mitbih_test.csv`: scores on that file are too high.
- Probabilities are not calibrated for other data; the classes there may have other frequencies."""
LICENCE = (
    "The weights have the licence of seqclf, BSD-3-Clause. The data: contains information from the MIT-BIH Arrhythmia Database, which is "
    "made available under the Open Data Commons Attribution License (ODC-BY) 1.0."
)
CITATION = """\
- Moody GB, Mark RG. "The impact of the MIT-BIH Arrhythmia Database." IEEE Engineering in Medicine and Biology 20(3):45-50 (2001).
  doi:10.1109/51.932724
- Goldberger AL et al. "PhysioBank, PhysioToolkit, and PhysioNet." Circulation 101(23):e215-e220 (2000). doi:10.1161/01.CIR.101.23.e215
- Kachuee M, Fazeli S, Sarrafzadeh M. "ECG Heartbeat Classification: A Deep Transferable Representation." IEEE ICHI (2018), for the way
  beats are cut. doi:10.1109/ICHI.2018.00092"""


def main(arguments: list[str] | None = None) -> Path:
    """Run the script; return the path of the model file."""
    options = read_command_line(arguments)
    file, card = FILE, CARD
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        file, card = options.out / FILE.name, options.out / CARD.name
    beats = read_beats(options, seed=0)
    split = split_beats(beats.target, options.train, seed=0)
    print(f"{beats}\n{len(split.train)} beats to train, {len(split.test)} to score", flush=True)
    table = pad(beats.sequences, total_length=WIDTH)[0][..., 0].numpy()
    model = gru(parameters(options.epochs), **STEM, **AUGMENTED, scale=MinMax(per="sequence"))
    started = time.process_time()
    model.fit(table[split.train], beats.target[split.train])
    minutes = (time.process_time() - started) / 60
    report = score(model, table[split.test], beats, split)
    notes = {
        **about_data(options, beats),
        "training": (
            f"`{as_command('train_pretrained.py', arguments)}`: {model.n_epochs_} epochs on {len(split.train):,} beats with seed 0, "
            f"{minutes:.0f} minutes of processor time ({platform.machine()}). Training beats are warped, scaled and jittered at random."
        ),
        "evaluation": (
            f"On {len(split.test):,} beats: a stratified 20 % of all beats. No choice was based on them, and the model predicted them only "
            "once."
        ),
        "limits": LIMITS,
        "licence": LICENCE,
        "citation": CITATION,
    }
    seqclf.save(model, file, report=report, notes=notes)
    replace_text(card, model_card(describe_file(file)))
    print(f"{report}\n\nWritten: {file}, {card}")
    return file


def read_command_line(arguments: list[str] | None) -> argparse.Namespace:
    """Return the options."""
    parser = new_parser("Train the heartbeat classifier that comes with the package.", beats=2000)
    options = parser.parse_args(arguments)
    if not options.data:
        if not options.out:
            parser.error(
                "pass --data, or --out for a model of simulated beats, which must not replace that of the package"
            )
        options.epochs = options.epochs or 8
    return options


def parameters(epochs: int | None) -> dict[str, Any]:
    """Return the parameters that are not of the recipe."""
    return {"random_state": 0} | ({} if epochs is None else {"max_epochs": epochs})


def score(model: GRUClassifier, table: NDArray[Any], beats: Heartbeats, split: Split) -> Report:
    """Return the scores on the test set, in the order of the names."""
    proba = model.predict_proba(table)
    names = list(beats.target_names)
    columns = np.zeros((len(proba), len(names)))  # a class without training beats has probability 0
    columns[:, [names.index(name) for name in model.classes_]] = proba
    return evaluate(beats.target[split.test], np.array(names)[columns.argmax(axis=1)], columns, labels=names)


def about_data(options: argparse.Namespace, beats: Heartbeats) -> dict[str, str]:
    """Return in words which beats there are, and what they look like."""
    counts = ", ".join(f"{name} {np.count_nonzero(beats.target == name):,}" for name in beats.target_names)
    lengths = beats.sequences.lengths
    return {
        "data": f"{len(beats):,} beats ({counts}) of the {RECORDS if options.data else 'simulator, `make_heartbeats`'}.",
        "input": (
            f"One beat of one lead (MLII if possible) at 125 Hz: from its R peak, for 1.2 times the median RR interval of the 10 seconds "
            f"around it; {int(lengths.min())} to {int(lengths.max())} steps. In any unit: the model scales each beat to [0, 1]. A table "
            f"has {WIDTH} columns, padded with zeros at the end; lists of arrays and `Sequences` need no padding."
        ),
    }


if __name__ == "__main__":
    main()
