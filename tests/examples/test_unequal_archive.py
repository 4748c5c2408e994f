"""The script on the archive's sets, on two small ones that are written here."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from datasets.archive_files import ts_text
from ramps import SMALL
from seqclf import GRUClassifier, SequenceEnsemble

SCRIPT = Path(__file__).parents[2] / "examples" / "unequal_archive.py"
NAMES = ["PLAID", "Ramps"]


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    """Return the script, with models that train in a moment."""
    script = runpy.run_path(str(SCRIPT), run_name="unequal_archive")
    make, model = SMALL | {"max_epochs": 3}, script["Model"]

    def ensemble(seed: int, n_train: int) -> SequenceEnsemble:
        kinds = [GRUClassifier(**make), GRUClassifier(**make, scale="sequence")]
        return SequenceEnsemble(estimators=kinds, n_members=2, n_jobs=1, random_state=seed)

    script["MODELS"] |= {
        "classifier": model(
            title="`GRUClassifier(bidirectional=True)`",
            make=lambda seed, n: GRUClassifier(**make).set_params(random_state=seed),
        ),
        "ensemble": model(title="`SequenceEnsemble()`", make=ensemble),
    }
    for key in list(script["ABLATION"])[2:]:
        del script["ABLATION"][key]
    for key, one in script["ABLATION"].items():
        script["ABLATION"][key] = model(
            title=one.title, make=lambda seed, n, make=one.make: make(seed, n).set_params(**make_small())
        )
    return script


def make_small() -> dict[str, Any]:
    return {"hidden_size": 4, "num_layers": 1, "max_epochs": 1}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with two sets of ramps that rise or fall."""
    folder = tmp_path_factory.mktemp("archive")
    rng = np.random.default_rng(0)
    for name in NAMES:
        for part in ("TRAIN", "TEST"):
            y = np.arange(12) % 2
            series = [
                np.linspace(0, 1 if label else -1, rng.integers(5, 9))[:, None].round(3) + 0.1 for label in y
            ]
            text = ts_text(series, [["falls", "rises"][label] for label in y])
            (folder / f"{name}_{part}.ts").write_text(text)
    return folder


def test_tables_show_the_medians_of_the_runs(script: dict[str, Any], data: Path, tmp_path: Path) -> None:
    arguments = ["--data", str(data), "--seeds", "0", "1", "--out", str(tmp_path)]
    runs = script["main"]([*arguments, "--ablation"])
    assert set(runs["classifier"]) == set(runs["ensemble"]) == set(NAMES)
    assert set(runs["classifier"]["PLAID"]) == {"0", "1"}
    assert all(0 <= run["accuracy"] <= 1 for of_set in runs["ensemble"].values() for run in of_set.values())
    assert len(runs["ensemble"]["PLAID"]["0"]["members"]) == 2
    saved = json.loads((tmp_path / "archive.json").read_text())
    assert saved["runs"] == runs
    assert saved["command"].startswith("python examples/unequal_archive.py --data archive")
    row = next(line for line in (tmp_path / "archive.md").read_text().splitlines() if "| PLAID |" in line)
    expected = np.median([run["accuracy"] for run in runs["classifier"]["PLAID"].values()])
    assert f"{expected:.3f}" in row.split("|")[2]
    assert "0.944" in row  # InceptionTime's published accuracy
    peers = (tmp_path / "peers.md").read_text()
    measured = json.loads((SCRIPT.parents[1] / "results" / "archive" / "peers.json").read_text())["runs"]
    tsai = np.median([run["accuracy"] for run in measured["tsai GRU"]["PLAID"].values()])
    assert f"| tsai `GRU` | {tsai:.3f} | - |" in peers
    assert (tmp_path / "archive.png").stat().st_size > 10_000
    ablation = (tmp_path / "ablation.md").read_text().splitlines()
    assert [line.split(" | ")[0] for line in ablation[2:]] == [
        "| classifier",
        "| stem: none",
        "| augmentation: none",
        "| ensemble",
        "| its member 1",
        "| its member 2",
    ]


def test_finished_runs_are_not_repeated(script: dict[str, Any], data: Path, tmp_path: Path) -> None:
    arguments = ["--data", str(data), "--sets", "Ramps", "--out", str(tmp_path), "--seeds"]
    first = script["main"]([*arguments, "0"])
    seconds = first["ensemble"]["Ramps"]["0"]["fit_seconds"]
    path = tmp_path / "archive.json"
    marked = json.loads(path.read_text())
    marked["runs"]["ensemble"]["Ramps"]["0"]["fit_seconds"] = seconds + 1000
    path.write_text(json.dumps(marked))
    second = script["main"]([*arguments, "0", "1"])
    assert second["ensemble"]["Ramps"]["0"]["fit_seconds"] == seconds + 1000
    assert set(second["ensemble"]["Ramps"]) == {"0", "1"}


def of(accuracy: float) -> dict[str, Any]:
    return {"0": {"accuracy": accuracy, "fit_seconds": 1.0}}


@pytest.mark.parametrize(
    ("classifier", "ensemble", "message"),
    [
        (0.7, 0.96, "should be at least 0.76; got 0.700"),
        (0.9, 0.9, "should be at least InceptionTime's 0.944; got 0.900"),
        (0.5, 0.96, "should reach TWIESN's 0.53"),
    ],
)
def test_low_scores_fail_the_check(
    script: dict[str, Any], classifier: float, ensemble: float, message: str
) -> None:
    runs = {"classifier": {"PLAID": of(classifier)}, "ensemble": {"PLAID": of(ensemble)}}
    with pytest.raises(SystemExit, match=message):
        script["check"](runs)


def test_good_scores_pass_the_check(script: dict[str, Any]) -> None:
    script["check"]({"classifier": {"PLAID": of(0.9)}, "ensemble": {"PLAID": of(0.95)}})
