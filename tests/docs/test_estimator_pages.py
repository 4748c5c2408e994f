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


def test_a_note_about_several_parameters_follows_the_description_of_each(extension: ModuleType) -> None:
    (scale,) = (entry for entry in extension.documented(GRUClassifier)["Parameters"] if entry.name == "scale")
    text = " ".join(scale.desc)
    assert text.index("How features are scaled") < text.index('"auto" depends on the data')
    assert "As in `SequenceClassifier`" not in text
    assert "here; see" not in text
