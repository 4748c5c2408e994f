"""Try bad input at every entry point: `make attack`. Fails if a fault is found."""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from attack.catalogue import all_attacks, choose
from attack.tally import as_text, tally, write
from attack.verdicts import FAULTS, Verdict, judge
from attack.workers import run_all


def main() -> int:
    """Run the attacks and print the tally; return the exit status."""
    given = _arguments()
    attacks = all_attacks(given.seed)
    if given.only is not None:
        (attack,) = (attack for attack in attacks if attack.key == given.only)
        verdict = judge(attack)
        _say(f"{verdict.kind}: {verdict.text}")
        return int(verdict.kind in FAULTS)
    found: Counter[str] = Counter()

    def report(i: int, verdict: Verdict) -> None:
        found[verdict.kind] += 1
        if verdict.kind in FAULTS:
            _say(f"{verdict.kind}: {attacks[i].key}: {verdict.text:.300}")

    chosen = [
        i for i in choose(attacks, given.seed, given.scale) if given.family in (None, attacks[i].family)
    ]
    verdicts = dict(run_all(chosen, given.seed, report))
    result = tally(attacks, verdicts, given.seed)
    _say(as_text(result))
    if given.out is not None:
        write(result, given.out)
    return int(bool(result["faults"]))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m attack", description=__doc__)
    parser.add_argument(
        "--seed", type=int, default=0, help="which attacks are chosen, and their random parts"
    )
    parser.add_argument("--scale", type=float, default=1.0, help="how many, as a multiple of the default")
    parser.add_argument("--family", help="only this family, for example 'values'")
    parser.add_argument("--only", help="only the attack of this name, in this process")
    parser.add_argument("--out", type=Path, help="file for the tally, as JSON")
    return parser.parse_args()


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
