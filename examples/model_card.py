"""The report inside a model file -> its model card, in Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seqclf.persistence import ModelDescription

CLASSES = {
    "N": "normal, or a bundle branch block",
    "S": "supraventricular",
    "V": "ventricular",
    "F": "fusion of a normal and a ventricular beat",
    "Q": "paced, or unclassifiable",
}

PAGE = """\
---
description: What the heartbeat classifier that comes with seqclf can do, how it was trained, its scores and its limits.
keywords: pretrained, pre-trained, classify my heartbeats, licence of the data
---

# Pretrained heartbeat classifier: model card

`load_pretrained("heartbeats")` returns a classifier of single heartbeats in an ECG. It comes with the package; nothing is downloaded.

```python
>>> from seqclf.datasets import load_pretrained, make_heartbeats
>>> model = load_pretrained("heartbeats")
>>> X = make_heartbeats(4, random_state=0).sequences  # simulated; yours: see below
>>> labels = model.predict(X)
>>> proba = model.predict_proba(X)  # one column for each of model.classes_

```

The facts below are in the file of the model, too: {{obj}}`~seqclf.datasets.describe_pretrained` shows them.
`examples/train_pretrained.py` trains the model, and writes the file and this page.

## Your beats

{input}

{{obj}}`~seqclf.datasets.cut_beats` cuts such beats from a record at any sampling rate, and {{obj}}`~seqclf.datasets.read_heartbeat_csv`
reads the published CSV files ([how](howto/ecg_records.md)):

```python
from seqclf.datasets import cut_beats, read_heartbeat_csv, read_wfdb

X = cut_beats(read_wfdb("my_record", channels=["MLII"], annotator="atr")).sequences
X = read_heartbeat_csv("my_beats.csv").sequences
```

## Intended use

Trying seqclf on your own beats, teaching, and a baseline for research. It must not be used to diagnose, monitor or treat people.

## Limits

{limits}

## Scores

{evaluation}

{scores}

## Training data

{data}

## Training

{training}

{parameters}

## Licence

{licence}

## Citation

{citation}

## File

{file}
"""


def model_card(description: ModelDescription) -> str:
    """Return the page."""
    versions = ", ".join(f"{name} {version}" for name, version in sorted(description.versions.items()))
    changed = ", ".join(f"{name}={value!r}" for name, value in description.changed_parameters.items())
    return PAGE.format(
        **description.notes,
        scores="no scores" if description.scores is None else score_table(description.scores),
        parameters=f"Parameters that differ from the defaults of `{description.kind}`: `{changed}`.",
        file=f"`heartbeats.safetensors`: {description.size:,} bytes, {description.n_weights:,} weights, written with {versions}.",
    )


def score_table(scores: Mapping[str, Any]) -> str:
    """Return a row for each class, then the averages."""
    lines = ["| class | meaning | precision | recall | F1 | beats |", "|---|---|---:|---:|---:|---:|"]
    for name in scores["target_names"]:
        one = scores["per_class"][name]
        lines.append(
            f"| {name} | {CLASSES[name]} | {one['precision']:.3f} | {one['recall']:.3f} | {one['f1']:.3f} | {one['support']:,} |"
        )
    macro = scores["macro"]
    lines.append(
        f"| mean of the classes | | {macro['precision']:.3f} | {macro['recall']:.3f} | {macro['f1']:.3f} | {scores['n_samples']:,} |"
    )
    return "\n".join([*lines, "", f"Accuracy: {scores['accuracy']:.4f}. Macro F1: {macro['f1']:.4f}."])
