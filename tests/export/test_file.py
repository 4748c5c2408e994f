"""The file: checked, small, reproducible, written whole, and described by its metadata."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pandas as pd
import pytest
import torch
from sklearn.pipeline import make_pipeline

import seqclf
from export.scoring import Session, assert_agrees, beats, shaken, training_set
from full_disk import run_with_limit
from seqclf import Differences, GRUClassifier, RecurrentClassifier
from seqclf.export import to_onnx


@pytest.fixture(scope="module")
def model() -> Any:
    """Return a model with most operators: a loop over steps, convolutions, norms, several poolings."""
    samples, labels = training_set()
    samples[0][:, 0] = np.nan
    classifier = RecurrentClassifier(
        hidden_size=4,
        bidirectional=True,
        layer_norm=True,
        stem="conv",
        scale="views",
        missing="indicator",
        pooling=("last", "max", "attention"),
        max_epochs=1,
        random_state=0,
    )
    return shaken(classifier.fit(samples, labels))


@pytest.mark.parametrize("opset", sorted({17, 18, min(22, onnx.defs.onnx_opset_version())}))
@pytest.mark.parametrize("fixed_length", [None, 30])
def test_each_operator_set_agrees(model: Any, opset: int, fixed_length: int | None, tmp_path: Path) -> None:
    session = Session(model, tmp_path, opset=opset, fixed_length=fixed_length)
    assert [one.version for one in session.model.opset_import] == [opset]
    onnx.checker.check_model(session.model, full_check=True)
    samples = beats(30, 1, 9)
    samples[2][4:6, 0] = np.nan
    scored = (
        session.score(samples) if fixed_length is None else session.score_padded(samples, fixed_length, 0.0)
    )
    assert_agrees(scored, model, samples)


@pytest.mark.parametrize("fixed_length", [None, 30])
def test_no_operator_and_no_constant_is_superfluous(
    model: Any, fixed_length: int | None, tmp_path: Path
) -> None:
    graph = Session(model, tmp_path, fixed_length=fixed_length).model.graph
    read = {name for node in graph.node for name in node.input} | {one.name for one in graph.output}
    assert {name for node in graph.node for name in node.output} - read <= {  # the final states of the loop
        name for node in graph.node if node.op_type == "Scan" for name in node.output
    }
    assert {one.name for one in graph.initializer} <= read
    kinds = Counter(node.op_type for node in graph.node)
    assert kinds["GRU"] == (2 if fixed_length is None else 4)  # layers, or layers and directions
    assert kinds["ReverseSequence"] == (0 if fixed_length is None else 4)


def test_recurrent_operators_of_a_padded_graph_read_no_lengths(model: Any, tmp_path: Path) -> None:
    ragged, padded = (Session(model, tmp_path, fixed_length=length).model.graph for length in (None, 30))
    for graph, n_inputs in ((ragged, 5), (padded, 4)):
        assert {len(node.input) for node in graph.node if node.op_type == "GRU"} == {n_inputs}


def test_the_same_model_gives_the_same_bytes(model: Any, tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.onnx", "b.onnx")]
    for path in paths:
        to_onnx(model, str(path))
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_the_model_does_not_change(model: Any, tmp_path: Path) -> None:
    before = {name: value.clone() for name, value in model.module_.state_dict().items()}
    was_training, random = model.module_.training, torch.get_rng_state()
    to_onnx(model, tmp_path / "model.onnx")
    assert model.module_.training == was_training
    assert torch.equal(torch.get_rng_state(), random)
    for name, value in model.module_.state_dict().items():
        assert torch.equal(value, before[name])


def test_metadata_describe_the_model(tmp_path: Path) -> None:
    samples, labels = training_set()
    frames = [pd.DataFrame(one, columns=["lead", "pressure"]) for one in samples]
    model = make_pipeline(Differences(), GRUClassifier(hidden_size=4, max_epochs=1)).fit(frames, labels)
    session = Session(model, tmp_path)
    meta = session.session.get_modelmeta()
    described = {name: json.loads(value) for name, value in meta.custom_metadata_map.items()}
    versions = described.pop("versions")
    assert described == {
        "classes": ["high", "low", "mid"],
        "features": ["lead", "pressure"],
        "vocabularies": [],
    }
    assert meta.producer_name == "seqclf"
    assert versions["seqclf"] == session.model.producer_version == seqclf.__version__
    assert set(versions) == {"numpy", "onnx", "scikit-learn", "seqclf", "torch"}
    assert [(one.name, one.shape) for one in session.session.get_inputs()] == [
        ("values", ["n_steps", 2]),
        ("offsets", ["n_offsets"]),
    ]


def test_columns_of_a_table_are_time_steps_not_features(tmp_path: Path) -> None:
    table = pd.DataFrame(np.random.default_rng(0).random((8, 1)), columns=["only"])
    model = GRUClassifier(hidden_size=4, max_epochs=1).fit(table, [0, 1] * 4)
    metadata = Session(model, tmp_path).session.get_modelmeta().custom_metadata_map
    assert metadata["features"] == "null"


def test_a_padded_table_is_scored_as_the_model_does(tmp_path: Path) -> None:
    """The table of the course notebook: one feature, rows padded with zeros."""
    samples = [one[:, :1] for one in training_set()[0]]
    model = shaken(GRUClassifier(hidden_size=4, max_epochs=1).fit(samples, training_set()[1]))
    session, lengths = Session(model, tmp_path, fixed_length=12), [12, 3, 1]
    table = np.zeros((3, 12))
    for row, one in zip(table, beats(*lengths), strict=True):
        row[: len(one)] = one[:, 0]
    scored = session.run(values=table[:, :, None], lengths=np.array(lengths))
    expected = model.predict_proba(table[:, :, None], lengths=lengths)
    np.testing.assert_allclose(scored.probabilities, expected, rtol=0, atol=1e-5)


def test_on_a_full_disk_the_old_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_text("before")
    code = """
    import sys
    from seqclf import GRUClassifier
    from seqclf.export import to_onnx
    model = GRUClassifier(hidden_size=4, max_epochs=1).fit([[0.1, 0.9], [0.9, 0.1]] * 8, [1, 0] * 8)
    limit(1000)
    try:
        to_onnx(model, sys.argv[1])
    except OSError as error:
        print(error.strerror)
    """
    assert run_with_limit(code, path) == "File too large\n"
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("model.onnx", "before")]


def test_the_package_is_imported_without_onnx() -> None:
    code = "import sys, seqclf.export; print(sorted({'onnx', 'onnxruntime'} & set(sys.modules)))"
    assert run_with_limit(code) == "[]\n"
