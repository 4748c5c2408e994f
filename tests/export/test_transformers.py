"""Transformers, inside of a model as `scale` and in front of it in a pipeline, are part of the graph."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.pipeline import Pipeline, make_pipeline

from export.scoring import Floats, Session, assert_agrees, beats, shaken, training_set
from seqclf import Differences, GRUClassifier, MinMax, SequenceEnsemble, Sequences, ZScore, as_sequences
from seqclf.transforms import Downsample, FillMissing, TimeDeltas, Views

TRANSFORMERS: dict[str, Any] = {
    "z-score": ZScore(),
    "z-score of a sequence": ZScore(per="sequence"),
    "statistics": ZScore(per="sequence", append_statistics=True),
    "range": MinMax(feature_range=(-2, 3)),
    "range of a sequence": MinMax(per="sequence"),
    "differences": Differences(),
    "differences alone": Differences(append=False),
    "mean of 3": Downsample(factor=3),
    "minimum, at most 4": Downsample(max_length=4, aggregation="min"),
    "maximum of 2, at most 5": Downsample(factor=2, max_length=5, aggregation="max"),
    "first of 4": Downsample(factor=4, aggregation="first"),
    "last, at most 3": Downsample(max_length=3, aggregation="last"),
    "times": TimeDeltas(column=1),
    "times, kept": TimeDeltas(column=1, keep=True),
    "times, logarithm": TimeDeltas(column=1, log=True),
    "level": Views(views=["level"]),
    "level differences": Views(views=["level_difference", "level"]),
    "shape": Views(views=["shape_difference", "shape"]),
    "all views": Views(views=["shape", "level", "level_difference", "shape_difference"]),
    "nothing": "passthrough",
    "fill": FillMissing(),
    "fill without indicators": FillMissing(indicators=False),
    "fill by times": FillMissing(times=1),
}
MISSING = [name for name in TRANSFORMERS if name.startswith("fill")]
LENGTHS = (40, 1, 2, 13, 7, 1, 39)


def timed(samples: list[Floats], *, gaps: bool = False, seed: int = 0) -> list[Floats]:
    """Return sequences whose second feature never decreases, some values of the first one missing."""
    draw = np.random.default_rng(seed)
    for one in samples:
        one[:, 1] = 1.7e9 + draw.exponential(5, len(one)).cumsum()
        if gaps:
            one[draw.random(len(one)) < 0.4, 0] = np.nan
    if gaps:
        samples[0][:, 0] = np.nan  # a whole sequence
    return samples


def fitted(model: Any, *, gaps: bool = False, offset: float = 1e6) -> Any:
    samples, labels = training_set(offset)
    return shaken(model.fit(timed(samples, gaps=gaps), labels))


def check(model: Any, folder: Path, *, gaps: bool = False, offset: float = 1e6) -> None:
    """Compare both forms of the graph, also for batches without the longest sequence."""
    for length in (None, 40):
        session = Session(model, folder, fixed_length=length)
        for lengths in (LENGTHS, (3, 2), (1,)):
            samples = timed(beats(*lengths, seed=2, offset=offset), gaps=gaps, seed=1)
            scored = session.score(samples) if length is None else session.score_padded(samples, length)
            assert_agrees(scored, model, samples)


def small(**parameters: Any) -> GRUClassifier:
    return GRUClassifier(
        **{"hidden_size": 4, "num_layers": 1, "max_epochs": 1, "random_state": 0} | parameters
    )


@pytest.mark.parametrize("name", TRANSFORMERS)
def test_a_transformer_in_front_of_the_model_agrees(name: str, tmp_path: Path) -> None:
    gaps = name in MISSING
    check(fitted(make_pipeline(TRANSFORMERS[name], small()), gaps=gaps), tmp_path, gaps=gaps)


@pytest.mark.parametrize(
    "name", [name for name in TRANSFORMERS if name not in MISSING and name not in ("nothing", "times, kept")]
)
def test_a_transformer_inside_of_the_model_agrees(name: str, tmp_path: Path) -> None:
    scale = make_pipeline(TRANSFORMERS[name], ZScore())
    check(fitted(small(scale=scale)), tmp_path)


@pytest.mark.parametrize(
    "parameters",
    [
        pytest.param({"scale": "standard"}, id="standard"),
        pytest.param({"scale": "sequence"}, id="sequence"),
        pytest.param({"scale": "views"}, id="views"),
        pytest.param({"scale": MinMax(per="sequence")}, id="range"),
        pytest.param({"scale": make_pipeline(ZScore(), Differences())}, id="pipeline"),
        pytest.param({"scale": make_pipeline(Differences(), ZScore())}, id="filled first"),
        pytest.param({"missing": FillMissing(times=1)}, id="times"),
        pytest.param({"missing": FillMissing(indicators=False)}, id="no indicators"),
    ],
)
def test_missing_values_inside_of_the_model_agree(parameters: dict[str, Any], tmp_path: Path) -> None:
    check(fitted(small(**{"missing": "indicator"} | parameters), gaps=True), tmp_path, gaps=True)


@pytest.mark.filterwarnings("ignore:Feature .* has a root mean square of")
def test_missing_values_without_scaling_agree(tmp_path: Path) -> None:
    samples, labels = training_set()
    for one in samples[::2]:
        one[::2, 0] = np.nan
    model = shaken(small(missing="indicator", scale=None).fit(samples, labels))
    others = beats(9, 1, 14)
    others[0][2:5, 0] = np.nan
    rounded = [one.astype(np.float32) for one in others]
    assert_agrees(Session(model, tmp_path).score(rounded), model, rounded)


def test_a_pipeline_may_begin_with_another(tmp_path: Path) -> None:
    inner = make_pipeline("passthrough", make_pipeline(Differences(), ZScore()))
    check(fitted(make_pipeline(inner, small())), tmp_path)


def test_a_long_pipeline_agrees(tmp_path: Path) -> None:
    steps = [
        ("fill", FillMissing(times=1)),
        ("deltas", TimeDeltas(column=1)),
        ("none", None),
        ("inner", make_pipeline(ZScore(per="sequence", append_statistics=True), Differences())),
        ("fewer", Downsample(factor=2)),
        ("model", small(scale="sequence", static="both")),
    ]
    check(fitted(Pipeline(steps), gaps=True), tmp_path, gaps=True)


@pytest.mark.filterwarnings("ignore:.*far from the training samples")
def test_a_constant_sequence_of_large_values_agrees(tmp_path: Path) -> None:
    model = fitted(small(scale="sequence"))
    samples = [np.full((7, 2), 1e6 + 0.1), np.full((1, 2), -3e6)]
    assert_agrees(Session(model, tmp_path).score(samples), model, samples)


def test_static_features_pass_through_transformers(tmp_path: Path) -> None:
    def with_static(samples: list[Floats], seed: int) -> Sequences:
        rows = np.random.default_rng(seed).normal(50, 20, (len(samples), 3)).astype(np.float32)
        return as_sequences(samples, dtype=None).with_static(rows)

    samples, labels = training_set()
    pipeline = make_pipeline(Views(), MinMax(), small())
    model = shaken(pipeline.fit(with_static(samples, 0), labels))
    others = with_static(beats(9, 1, 14), 1)
    session = Session(model, tmp_path)
    assert session.session.get_inputs()[2].shape == ["n_sequences", 3]
    assert_agrees(session.score(others), model, others)


def test_members_with_other_representations_share_the_inputs(tmp_path: Path) -> None:
    members = [
        small(scale=scale)
        for scale in ("views", "sequence", "standard", make_pipeline(Differences(), ZScore()))
    ]
    check(fitted(SequenceEnsemble(estimators=members, n_members=4, n_jobs=1, random_state=0)), tmp_path)


def test_rounding_to_float32_would_lose_what_scaling_keeps(tmp_path: Path) -> None:
    model = fitted(small(scale="standard"))
    samples = timed(beats(12, 5, seed=3, offset=1e6))
    session = Session(model, tmp_path)
    assert session.inputs["values"] == "tensor(double)"
    rounded = [one.astype(np.float32).astype(np.float64) for one in samples]
    assert np.abs(session.score(rounded).probabilities - model.predict_proba(samples)).max() > 1e-4
    assert_agrees(session.score(rounded), model, [one.astype(np.float32) for one in samples])


@pytest.mark.filterwarnings("ignore:Feature .* has a root mean square of")
def test_a_model_that_scales_nothing_reads_float32(tmp_path: Path) -> None:
    samples, labels = training_set()
    model = small(scale=None).fit(samples, labels)
    assert Session(model, tmp_path).inputs["values"] == "tensor(float)"
