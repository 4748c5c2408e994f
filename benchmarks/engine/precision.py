"""Compare precisions: processor time of a training step, and macro F1 on heartbeats.

    python -m benchmarks.engine.precision steps
    SEQCLF_MITDB=folder python -m benchmarks.engine.precision scores --hidden 64 --train 10000 --seeds 0 1 2

Times are those of one thread, medians of steps in turn, so that other work on the machine hardly matters. Scores are those of a
test set that has a fifth of the beats; each seed trains with both precisions, and the float32 model also predicts in bfloat16.
"""

from __future__ import annotations

import argparse
import statistics
import time
from typing import Any, get_args

import torch
from benchmarks.beats import draw_beats
from sklearn.metrics import f1_score

from seqclf import RecurrentClassifier, Sequences
from seqclf.evaluation import stratified_split
from seqclf.kernels import status
from seqclf.nn import Cell, Precision, RecurrentEncoder

CELLS: tuple[Cell, ...] = ("rnn", "gru", "lstm")
PRECISIONS: tuple[Precision, ...] = tuple(one for one in get_args(Precision) if one in status().precisions)
BATCH = 128


def step_seconds(cell: Cell, hidden: int, batch: Sequences, repetitions: int) -> dict[Precision, float]:
    """Return the median processor seconds of forward and backward passes of two layers in each precision."""
    encoder = RecurrentEncoder(cell, 1, hidden, num_layers=2, generator=torch.Generator().manual_seed(0))
    gradient = torch.randn(len(batch.values), hidden, generator=torch.Generator().manual_seed(1)) / 1e3
    seconds: dict[Precision, list[float]] = {precision: [] for precision in PRECISIONS}
    for repetition in range(repetitions + 1):
        for precision in PRECISIONS:
            encoder.precision = precision
            started = time.thread_time()
            states: Sequences = encoder(batch)
            states.values.backward(gradient)  # type: ignore[no-untyped-call]
            if repetition:  # the first allocates memory
                seconds[precision].append(time.thread_time() - started)
    return {precision: statistics.median(values) for precision, values in seconds.items()}


def compare_steps(hidden_sizes: list[int], repetitions: int) -> None:
    """Print the time of a training step of each cell and size."""
    batch = draw_beats(BATCH).sequences
    print(
        f"{BATCH} beats, mean length {len(batch.values) / BATCH:.0f}; {status().instruction_set}, one thread"
    )
    for hidden in hidden_sizes:
        for cell in CELLS:
            seconds = step_seconds(cell, hidden, batch, repetitions)
            times = ", ".join(f"{name} {value * 1e3:.1f} ms" for name, value in seconds.items())
            ratio = seconds["float32"] / min(seconds.values())
            print(f"{cell} {hidden} x 2: {times}: {ratio:.2f}x", flush=True)


def macro_f1(model: RecurrentClassifier, X: Sequences, y: Any) -> float:
    """Return the macro F1 of a fitted model."""
    return float(f1_score(y, model.predict(X), average="macro"))


def compare_scores(hidden: int, n_beats: int, n_train: int, epochs: int, seeds: list[int]) -> None:
    """Print the macro F1 of a GRU with each seed and precision, and means of the differences from float32."""
    beats = draw_beats(n_beats)
    split = stratified_split(beats.target, test_size=0.2, random_state=0)
    kept = stratified_split(
        beats.target[split.train], test_size=1 - n_train / len(split.train), random_state=0
    )
    train, test = split.train[kept.train], split.test
    X, y = beats.sequences[test], beats.target[test]
    differences: dict[str, list[float]] = {"bfloat16": [], "float32, predicting in bfloat16": []}
    print(f"{beats.source}, {len(train)} and {len(test)} beats, {epochs} epochs, {hidden} x 2 units")
    for seed in seeds:
        scores = {}
        for precision in PRECISIONS:
            model = RecurrentClassifier(
                cell="gru",
                hidden_size=hidden,
                precision=precision,
                max_epochs=epochs,
                lr=4e-3,
                stem=None,
                augmentation=None,
                scale=None,
                random_state=seed,
            )
            started = time.thread_time()
            model.fit(beats.sequences[train], beats.target[train])
            seconds = time.thread_time() - started
            scores[precision] = macro_f1(model, X, y)
            print(f"seed {seed}, {precision}: {scores[precision]:.4f}, {seconds:.0f} s to train", flush=True)
            if precision == "float32" and "bfloat16" in PRECISIONS:
                assert isinstance(model.module_.encoder, RecurrentEncoder)
                model.module_.encoder.precision = "bfloat16"
                differences["float32, predicting in bfloat16"].append(
                    macro_f1(model, X, y) - scores[precision]
                )
        differences["bfloat16"].append(scores["bfloat16"] - scores["float32"])
    for name, values in differences.items():
        print(
            f"{name}: {statistics.mean(values):+.4f} (" + " ".join(f"{value:+.4f}" for value in values) + ")"
        )


def main() -> None:
    """Run one of the comparisons."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["steps", "scores"])
    parser.add_argument("--hidden", type=int, nargs="+", default=[64, 128, 256])
    parser.add_argument("--repetitions", type=int, default=10)
    parser.add_argument("--beats", type=int, default=109_000)
    parser.add_argument("--train", type=int, default=10_000)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.what == "steps":
        compare_steps(options.hidden, options.repetitions)
    else:
        compare_scores(options.hidden[0], options.beats, options.train, options.epochs, options.seeds)


if __name__ == "__main__":
    main()
