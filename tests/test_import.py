"""Importing seqclf has no side effects and loads no optional package."""

from __future__ import annotations

import subprocess
import sys

OPTIONAL = (
    "matplotlib",
    "mlflow",
    "onnx",
    "onnxruntime",
    "optuna",
    "pandas",
    "psycopg",
    "pyarrow",
    "soundfile",
    "tensorboard",
    "tqdm",
    "wandb",
    "wfdb",
)


def run(code: str) -> str:
    """Run code in a new interpreter that turns warnings into errors; return what it printed."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=3600, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def modules_after(statement: str) -> set[str]:
    return set(run(f"import sys\n{statement}\nprint(*sys.modules)").split())


def test_importing_loads_neither_dynamo_nor_an_optional_package() -> None:
    # torch and scikit-learn import some of the optional packages if these are installed.
    dependencies = modules_after("import torch, sklearn.metrics, sklearn.model_selection")
    every_package = "import seqclf, seqclf.audit, seqclf.datasets, seqclf.evaluation, seqclf.export"
    for statement in ("import seqclf", every_package):
        loaded = modules_after(statement)
        assert "torch._dynamo" not in loaded
        assert not (loaded - dependencies) & set(OPTIONAL)


def test_importing_prints_nothing_and_changes_no_random_state_or_logging() -> None:
    code = """
import logging, pickle, random
import numpy as np, torch, sklearn.model_selection, torch.utils.data  # not the side effects of these
def states():
    return torch.get_rng_state().tolist(), pickle.dumps(np.random.get_state()), random.getstate()
before, threads, dtype = states(), torch.get_num_threads(), torch.get_default_dtype()
import seqclf, seqclf.datasets, seqclf.evaluation
assert states() == before
assert (torch.get_num_threads(), torch.get_default_dtype()) == (threads, dtype)
assert not logging.getLogger().handlers and not logging.getLogger("seqclf").handlers
"""
    assert run(code) == ""


def test_the_core_works_without_optional_packages() -> None:
    code = f"""
import sys
class Without:
    def __init__(self, finder):
        self.finder = finder
    def __getattr__(self, name):
        return getattr(self.finder, name)
    def find_spec(self, name, path=None, target=None):
        missing = name.split(".")[0] in {OPTIONAL}
        return None if missing else self.finder.find_spec(name, path, target)
sys.meta_path[:] = [Without(finder) for finder in sys.meta_path]
from seqclf import GRUClassifier
from seqclf.datasets import make_heartbeats
from seqclf.evaluation import evaluate
X, y = make_heartbeats(60, random_state=0, return_X_y=True)
model = GRUClassifier(hidden_size=4, max_epochs=2, random_state=0).fit(X, y)
report = evaluate(y, model.predict(X), model.predict_proba(X))
print("accuracy" in str(report), [name for name in {OPTIONAL} if name in sys.modules])
"""
    assert run(code) == "True []\n"
