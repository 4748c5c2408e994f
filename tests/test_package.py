"""Importing the package costs nothing that was not asked for."""

from __future__ import annotations

import importlib.metadata
import importlib.resources
import os
import subprocess
import sys
from pathlib import Path

import pytest

import seqclf

EXTRAS = ("tqdm", "matplotlib", "wfdb", "pandas", "pyarrow")


def run(code: str) -> str:
    """Run code in a fresh interpreter in which warnings are errors; return what it wrote."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def loaded_by(imports: str) -> set[str]:
    return set(run(f"import sys\n{imports}\nprint(*[n for n in {EXTRAS} if n in sys.modules])").split())


def test_importing_loads_no_extra() -> None:
    beneath = loaded_by("import numpy, torch, sklearn.base, sklearn.model_selection, sklearn.utils")
    assert loaded_by("import seqclf") <= beneath
    every_room = "import seqclf.datasets, seqclf.evaluation, seqclf.nn, seqclf.sampling, seqclf.training"
    assert loaded_by(every_room) <= beneath


def test_importing_prints_nothing_and_leaves_randomness_and_logging_alone() -> None:
    code = """
import logging, pickle, random
import numpy as np, torch, sklearn.model_selection, torch.utils.data  # what they do is theirs
def states():
    return torch.get_rng_state().tolist(), pickle.dumps(np.random.get_state()), random.getstate()
before, threads, dtype = states(), torch.get_num_threads(), torch.get_default_dtype()
import seqclf, seqclf.datasets, seqclf.evaluation
assert states() == before
assert (torch.get_num_threads(), torch.get_default_dtype()) == (threads, dtype)
assert not logging.getLogger().handlers and not logging.getLogger("seqclf").handlers
"""
    assert run(code) == ""


def test_the_core_works_without_any_extra() -> None:
    code = f"""
import sys
class Without:
    def __init__(self, finder):
        self.finder = finder
    def __getattr__(self, name):
        return getattr(self.finder, name)
    def find_spec(self, name, path=None, target=None):
        missing = name.split(".")[0] in {EXTRAS}
        return None if missing else self.finder.find_spec(name, path, target)
sys.meta_path[:] = [Without(finder) for finder in sys.meta_path]
from seqclf import GRUClassifier
from seqclf.datasets import make_heartbeats
from seqclf.evaluation import evaluate
X, y = make_heartbeats(60, random_state=0, return_X_y=True)
model = GRUClassifier(hidden_size=4, max_epochs=2, random_state=0).fit(X, y)
report = evaluate(y, model.predict(X), model.predict_proba(X))
print("accuracy" in str(report), [name for name in {EXTRAS} if name in sys.modules])
"""
    assert run(code) == "True []\n"


def test_the_version_is_that_of_the_distribution() -> None:
    assert seqclf.__version__ == importlib.metadata.version("seqclf")


def test_types_ship_with_the_package() -> None:
    assert importlib.resources.files("seqclf").joinpath("py.typed").is_file()


def test_every_public_name_exists() -> None:
    assert all(hasattr(seqclf, name) for name in seqclf.__all__)
    assert len(set(seqclf.__all__)) == len(seqclf.__all__)


@pytest.mark.skipif("SEQCLF_WHEEL" not in os.environ, reason="`make test` names the unpacked wheel")
def test_what_is_tested_is_the_built_wheel() -> None:
    assert Path(seqclf.__file__).is_relative_to(os.environ["SEQCLF_WHEEL"])
