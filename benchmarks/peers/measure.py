"""Train or predict with one peer on request, and report the seconds.

    python -m benchmarks.peers.measure --peer skorch --model GRU --data beats.npz --repetitions 5 --out skorch.json
    python -m benchmarks.peers.measure --peer skorch --model GRU --data beats.npz --serve

Run from the root of the repository, with the Python of the peer's environment. The process first warms up, compilation included. With
`--serve` it then responds to each line of the standard input with a line of JSON: to "train" and "predict" with the seconds for all
beats, to "learn 10" with the accuracy on the beats after ten more epochs.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TextIO

from benchmarks.peers.work import MODELS, Beats, Peer

PEERS = ("skorch", "sktime", "keras-tensorflow", "keras-torch")
Response = dict[str, Any]


def build(name: str, *, bidirectional: bool, threads: int) -> Peer:
    """Return a peer; imports only its own library, because the environments have different ones."""
    if name == "seqclf":
        from benchmarks.peers.seqclf_peer import SeqclfPeer

        return SeqclfPeer(bidirectional=bidirectional, threads=threads)
    if name == "skorch":
        from benchmarks.peers.skorch_peer import SkorchPeer

        return SkorchPeer(bidirectional=bidirectional, threads=threads)
    if name == "sktime":
        from benchmarks.peers.sktime_peer import SktimePeer

        return SktimePeer(bidirectional=bidirectional, threads=threads)
    os.environ["KERAS_BACKEND"] = name.removeprefix("keras-")  # read once, at the import of keras
    from benchmarks.peers.keras_peer import KerasPeer

    return KerasPeer(bidirectional=bidirectional, threads=threads)


def respond(peer: Peer, beats: Beats, line: str) -> Response:
    """Do what a line requests, and return the measurements."""
    match line.split():
        case ["train"]:
            epoch = peer.train(beats)
            return {"seconds": epoch.seconds, "loss": epoch.loss}
        case ["predict"]:
            started = time.perf_counter()
            peer.predict(beats)
            return {"seconds": time.perf_counter() - started}
        case ["learn", epochs]:
            peer.train(beats, int(epochs))
            return {"accuracy": float((peer.predict(beats).argmax(axis=1) == beats.target).mean())}
        case _:
            raise ValueError(f"A line must be 'train', 'predict' or 'learn EPOCHS'; got {line!r}.")


def warm_up(peer: Peer, beats: Beats) -> Response:
    """Run each task once; return versions, seconds and the first loss."""
    started = time.perf_counter()
    loss = respond(peer, beats, "train")["loss"]
    respond(peer, beats, "predict")
    seconds = time.perf_counter() - started
    return {
        "versions": {"python": platform.python_version(), **peer.versions()},
        "warm_up_seconds": seconds,
        "first_loss": loss,
    }


def serve(peer: Peer, beats: Beats, lines: Iterable[str], responses: TextIO) -> None:
    """Respond to each line until the input ends."""
    print(json.dumps(warm_up(peer, beats)), file=responses, flush=True)
    for line in lines:
        print(json.dumps(respond(peer, beats, line)), file=responses, flush=True)


def main() -> None:
    """Warm up, then serve or repeat."""
    parser = argparse.ArgumentParser(description="Measure one peer.")
    parser.add_argument("--peer", choices=("seqclf", *PEERS), required=True)
    parser.add_argument("--model", choices=tuple(MODELS), default="GRU")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--serve", action="store_true")
    options = parser.parse_args()
    responses = own_stdout()
    beats = Beats.load(options.data)
    peer = build(options.peer, bidirectional=MODELS[options.model], threads=options.threads)
    if options.serve:
        serve(peer, beats, sys.stdin, responses)
        return
    result = warm_up(peer, beats)
    for task in ("train", "predict"):
        result[task] = [respond(peer, beats, task)["seconds"] for _ in range(options.repetitions)]
    text = json.dumps(result, indent=1)
    print(text, file=responses)
    if options.out is not None:
        options.out.write_text(text + "\n")


def own_stdout() -> TextIO:
    """Reserve the standard output for responses: what libraries print there goes to the standard error instead."""
    responses = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return responses


if __name__ == "__main__":
    main()
