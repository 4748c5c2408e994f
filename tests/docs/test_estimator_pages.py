"""The reference page of each estimator describes every parameter of its signature."""

from __future__ import annotations

import importlib.util
import inspect
import sys
from pathlib import Path
from types import ModuleType

import pytest

from seqclf import GRUClassifier, LSTMClassifier, RecurrentClassifier, RNNClassifier

EXTENSION = Path(__file__).parents[2] / "docs" / "extensions" / "inherited_parameters.py"
ESTIMATORS = [RecurrentClassifier, GRUClassifier, LSTMClassifier, RNNClassifier]


@pytest.fixture(scope="module")
def extension() -> ModuleType:
    pytest.importorskip("numpydoc", reason="numpydoc is not installed")
    spec = importlib.util.spec_from_file_location("inherited_parameters", EXTENSION)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_each_parameter_attribute_and_error_is_described(extension: ModuleType, estimator: type) -> None:
    page = extension.documented(estimator)
    assert [entry.name for entry in page["Parameters"]] == [*inspect.signature(estimator).parameters]
    for entry in page["Parameters"]:
        assert entry.type
        assert entry.desc
        assert not extension.REFERENCES.search(" ".join(entry.desc)), entry.name
    assert {"classes_", "module_", "history_"} <= {entry.name for entry in page["Attributes"]}
    assert page["Raises"]
    assert "are those of" not in str(page)


@pytest.mark.parametrize(
    ("name", "described", "automatic"),
    [
        ("augmentation", "Random change of each training batch", '"auto": "distort" if'),
        ("lr", "Learning rate", '"auto": 0.002 if'),
        ("scale", "How features are scaled", '"auto": "views" if'),
    ],
)
def test_what_a_class_adds_follows_the_description_of_its_parent(
    extension: ModuleType, name: str, described: str, automatic: str
) -> None:
    (entry,) = (entry for entry in extension.documented(GRUClassifier)["Parameters"] if entry.name == name)
    text = " ".join(entry.desc)
    assert text.index(described) < text.index(automatic)
    assert text.count('"auto":') == 1
    assert "As in `SequenceClassifier`" not in text
