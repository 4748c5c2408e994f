"""Names to nationality, 18 languages: tokens in a default network, beside the classifier of PyTorch's tutorial.

    python examples/names.py --data path/to/names

`--data` is the folder of the tutorial "NLP From Scratch: Classifying Names with a Character-Level RNN"
(https://docs.pytorch.org/tutorials/intermediate/char_rnn_classification_tutorial.html), one file of names for each language; its
data are at https://download.pytorch.org/tutorial/data.zip. As there, 15 % of the names are held out; here they are stratified by
language. Some names occur several times, also in several languages, so no classifier can reach an accuracy of 1.

The tutorial's classifier has its architecture (characters in ASCII, one-hot; a simple recurrent layer of 128 units; a linear
layer on its last state) and its training (27 epochs of batches of 64 names; SGD at a learning rate of 0.15 on the sum of the losses;
gradients clipped to a norm of 3). Only its speed differs: the names of a batch run at once, not one by one.

Writes `names.json` and `names.md` into `--out`. Three seeds take about ten minutes on one core.
"""

from __future__ import annotations

import argparse
import json
import string
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_sequence

from experiment import provenance, replace_text
from runs import row_of
from seqclf import GRUClassifier, TokenEncoder
from seqclf.evaluation import evaluate, stratified_split

Labels = NDArray[Any]


def main(arguments: list[str] | None = None) -> dict[str, Any]:
    """Run the script; return the rows of the table."""
    options = read_command_line(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    names, languages = read_names(options.data)
    made = provenance("names.py", options) | {"data": "names of PyTorch's tutorial", "n_names": len(names)}
    rows: dict[str, Any] = {}
    for seed in options.seeds:
        split = stratified_split(languages, test_size=0.15, random_state=seed)
        for key, (title, classify) in CLASSIFIERS.items():
            started = time.perf_counter()
            predicted = classify(
                names[split.train], languages[split.train], names[split.test], seed, options.epochs
            )
            seconds = time.perf_counter() - started
            report = evaluate(languages[split.test], predicted, labels=np.unique(languages))
            run = {"seed": seed, "seconds": round(seconds, 1), "report": report.to_dict()} | made
            rows[key] = row_of(title, [*rows.get(key, {}).get("runs", []), run])
            print(f"{title}, seed {seed}, {seconds:.0f} s: accuracy {report.accuracy:.3f}", flush=True)
        replace_text(options.out / "names.json", json.dumps(rows, indent=1))
        replace_text(options.out / "names.md", table(rows) + "\n")
    print(table(rows))
    return rows


def read_command_line(arguments: list[str] | None) -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of text files, one per language")
    parser.add_argument("--out", type=Path, default=Path("results/names"), help="folder for the results")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2], help="a split and a run for each")
    parser.add_argument("--epochs", type=int, help="default: the classifier's own number")
    options = parser.parse_args(arguments)
    options.command = ["--data", "names", "--seeds", *map(str, options.seeds)]
    return options


def read_names(folder: Path) -> tuple[Labels, Labels]:
    """Return names and the language of each."""
    names, languages = [], []
    for path in sorted(folder.glob("*.txt")):
        if path.stem not in LANGUAGES:
            continue
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        names += lines
        languages += [path.stem] * len(lines)
    if not names:
        raise SystemExit(
            f"`--data` must be a folder of text files, one per language; got none of {LANGUAGES} in {folder}."
        )
    return np.array(names, dtype=object), np.array(languages, dtype=object)


def gru(
    names: Labels, languages: Labels, new: Labels, seed: int, epochs: int | None, **parameters: Any
) -> Labels:
    """Return the predictions of a bidirectional network that embeds characters; everything else has its default."""
    if epochs is not None:
        parameters["max_epochs"] = epochs
    model = make_pipeline(TokenEncoder(), GRUClassifier(bidirectional=True, random_state=seed, **parameters))
    predicted: Labels = model.fit(names, languages).predict(new)
    return predicted


def weighted_gru(*arguments: Any) -> Labels:
    """Return the predictions of the same network, trained with more weight on rare languages."""
    return gru(*arguments, class_weight="inverse_sqrt")


def n_grams(names: Labels, languages: Labels, new: Labels, seed: int, epochs: int | None) -> Labels:
    """Return the predictions of a logistic regression on counts of one to three characters."""
    counts = CountVectorizer(analyzer="char_wb", ngram_range=(1, 3), lowercase=False, min_df=2)
    predicted: Labels = (
        make_pipeline(counts, LogisticRegression(max_iter=300)).fit(names, languages).predict(new)
    )
    return predicted


ALLOWED = string.ascii_letters + " .,;'" + "_"


class CharRNN(nn.Module):
    """The network of the tutorial."""

    def __init__(self, n_classes: int) -> None:
        super().__init__()
        self.rnn = nn.RNN(len(ALLOWED), 128)
        self.h2o = nn.Linear(128, n_classes)

    def forward(self, names: list[Tensor]) -> Tensor:
        """Return the logarithm of the probability of each language: (batch, n_classes)."""
        hidden: Tensor = self.rnn(pack_sequence(names, enforce_sorted=False))[1]
        scores: Tensor = self.h2o(hidden[0])
        return scores.log_softmax(dim=1)


def tutorial(names: Labels, languages: Labels, new: Labels, seed: int, epochs: int | None) -> Labels:
    """Return the predictions of the tutorial's classifier."""
    torch.manual_seed(seed)
    classes, target = np.unique(languages, return_inverse=True)
    inputs, targets = [one_hot(name) for name in names], torch.from_numpy(target)
    network, rng = CharRNN(len(classes)), np.random.default_rng(seed)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.15)
    for _ in range(27 if epochs is None else epochs):
        order = rng.permutation(len(inputs))
        for batch in np.array_split(order, max(1, len(order) // 64)):
            optimizer.zero_grad()
            log_proba = network([inputs[i] for i in batch])
            nn.functional.nll_loss(log_proba, targets[batch], reduction="sum").backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), 3)
            optimizer.step()
    with torch.no_grad():
        predicted: Labels = classes[network([one_hot(name) for name in new]).argmax(dim=1).numpy()]
    return predicted


def one_hot(name: str) -> Tensor:
    """Return the characters of a name without accents, (n_characters, n_letters); others become an underscore."""
    plain = [
        character
        for character in unicodedata.normalize("NFD", name)
        if unicodedata.category(character) != "Mn" and character in ALLOWED
    ]
    codes = torch.tensor([ALLOWED.index(character) for character in plain or "_"])
    return nn.functional.one_hot(codes, len(ALLOWED)).float()


def majority(names: Labels, languages: Labels, new: Labels, seed: int, epochs: int | None) -> Labels:
    """Return the most frequent language for each name."""
    classes, counts = np.unique(languages, return_counts=True)
    return np.full(len(new), classes[counts.argmax()], dtype=object)


LANGUAGES = (
    *(
        "Arabic",
        "Chinese",
        "Czech",
        "Dutch",
        "English",
        "French",
        "German",
        "Greek",
        "Irish",
        "Italian",
        "Japanese",
    ),
    *("Korean", "Polish", "Portuguese", "Russian", "Scottish", "Spanish", "Vietnamese"),
)
"""Those of the tutorial; copies of its data hold others, too."""

Classifier = Callable[[Labels, Labels, Labels, int, int | None], Labels]
CLASSIFIERS: dict[str, tuple[str, Classifier]] = {
    "majority": ("the most frequent language", majority),
    "tutorial": ("CharRNN of the tutorial", tutorial),
    "n_grams": ("logistic regression on 1 to 3 characters", n_grams),
    "gru": ("`GRUClassifier(bidirectional=True)`", gru),
    "weighted_gru": ('the same with `class_weight="inverse_sqrt"`', weighted_gru),
}


def table(rows: dict[str, Any]) -> str:
    """Return medians over the seeds as Markdown."""
    lines = ["| | accuracy | macro F1 |", "|---|---:|---:|"]
    lines += [f"| {row['title']} | {row['accuracy']:.3f} | {row['macro_f1']:.3f} |" for row in rows.values()]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
