"""A loaded model is the saved one: weights, parameters, and predictions, bitwise.

The full product of the options below has hundreds of thousands of models. `covering` picks some such that each pair of values of any two options
occurs in at least one of them.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.pipeline import Pipeline, make_pipeline

import seqclf
from persistence.model_files import reloaded, same_predictions, same_weights
from ramps import ramps, small
from seqclf import (
    Differences,
    GRUClassifier,
    LSTMClassifier,
    MinMax,
    RecurrentClassifier,
    RNNClassifier,
    SequenceClassifier,
    SequenceEnsemble,
    TokenEncoder,
    ZScore,
    as_sequences,
)
from seqclf.nn import (
    AttentionPooling,
    CrossEntropyLoss,
    LastState,
    Linear,
    LinearHead,
    LogitAdjustedLoss,
    RecurrentEncoder,
    SequenceNetwork,
)
from seqclf.transforms import Compose, Downsample, FillMissing, Jitter, RandomApply, Scale, TimeDeltas, Views

DATA = ramps(24)
NEW = ramps(12, seed=1)
WITH_NAN = [array.copy() for array in DATA.arrays]
for array in WITH_NAN[::3]:
    array[1, 0] = np.nan
NEW_WITH_NAN = [array.copy() for array in NEW.arrays]
NEW_WITH_NAN[0][2, 0] = np.nan

LABELS: dict[str, Any] = {
    "text": np.array(["down", "up"]),
    "wide text": np.array(["a", "b"], dtype="<U40"),
    "bool": np.array([False, True]),
    "int8": np.array([-1, 1], dtype=np.int8),
    "uint64": np.array([1, 2**64 - 1], dtype=np.uint64),
    "big-endian": np.array([1, 300], dtype=">i4"),
    "float32": np.array([-2.0, 3.0], dtype=np.float32),
    "object text": np.array(['quoted "\\"', "\ud800 lone"], dtype=object),
}
SCALES: dict[str, Any] = {
    "standard": "standard",
    "sequence": "sequence",
    "views": "views",
    "none": None,
    "MinMax": MinMax(feature_range=(-1, 1)),
    "pipeline": make_pipeline(ZScore(), Differences(), "passthrough"),
    "Views": Views(views=("level_difference", "shape")),
}
OPTIONS: dict[str, list[Any]] = {
    "cell": ["rnn", "gru", "lstm"],
    "bidirectional": [False, True],
    "num_layers": [1, 2],
    "residual": [False, True],
    "layer_norm": [False, True],
    "pooling": ["last", "mean", "max", "attention", ("last", "attention")],
    "head": ["linear", "mlp"],
    "stem": [None, "conv"],
    "static": ["head", "steps", "both"],
    "scale": list(SCALES),
    "labels": list(LABELS),
    "missing": ["error", "indicator"],
}


def covering(options: dict[str, list[Any]]) -> list[dict[str, Any]]:
    """Return choices in which each pair of values of two options occurs."""
    names = list(options)
    todo = {
        (a, i, b, j)
        for a, b in itertools.combinations(names, 2)
        for i in range(len(options[a]))
        for j in range(len(options[b]))
    }
    rows = []
    while todo:
        a, i, b, j = min(todo)
        row = {a: i, b: j}
        for name in names:
            if name not in row:
                gains = [
                    sum(
                        ((o, k, name, v) if names.index(o) < names.index(name) else (name, v, o, k)) in todo
                        for o, k in row.items()
                    )
                    for v in range(len(options[name]))
                ]
                row[name] = gains.index(max(gains))
        todo -= {(a, row[a], b, row[b]) for a, b in itertools.combinations(names, 2)}
        rows.append({name: options[name][row[name]] for name in names})
    return rows


ROWS = covering(OPTIONS)


def test_the_rows_cover_each_pair_of_values() -> None:
    for a, b in itertools.combinations(OPTIONS, 2):
        pairs = {(str(row[a]), str(row[b])) for row in ROWS}
        assert len(pairs) == len(OPTIONS[a]) * len(OPTIONS[b])
    assert len(ROWS) < 150


@pytest.mark.parametrize("row", ROWS, ids=str)
@pytest.mark.filterwarnings("ignore:.*(root mean square|missing values):seqclf.SeqclfWarning")
def test_every_option_survives(row: dict[str, Any], tmp_path: Path) -> None:
    labels, scale = LABELS[row["labels"]], SCALES[row["scale"]]
    given = {name: value for name, value in row.items() if name not in ("labels", "scale")}
    arrays, new_arrays = (
        (WITH_NAN, NEW_WITH_NAN) if row["missing"] == "indicator" else (DATA.arrays, NEW.arrays)
    )
    keep: Any = "error" if row["missing"] == "error" else "keep"
    X = as_sequences(arrays, static=np.arange(24.0)[:, None], dtype=None, missing=keep)
    new = as_sequences(new_arrays, static=np.arange(12.0)[:, None], dtype=None, missing=keep)
    model = RecurrentClassifier(hidden_size=3, max_epochs=1, random_state=0, scale=scale, **given)
    model.fit(X, labels[DATA.y])
    loaded = reloaded(model, tmp_path)
    same_predictions(model, loaded, new)
    same_weights(model.module_, loaded.module_)
    assert loaded.classes_.dtype == labels.dtype
    assert loaded.classes_.tolist() == labels.tolist()
    assert repr(loaded.get_params()) == repr(model.get_params())
    assert loaded.history_ == model.history_
    assert loaded.auto_parameters_ == model.auto_parameters_
    assert loaded.n_features_in_ == model.n_features_in_
    assert loaded.engine_ == model.engine_
    assert loaded.module_.training == model.module_.training
    np.testing.assert_array_equal(loaded.class_prior_, model.class_prior_)
    np.testing.assert_array_equal(loaded.transform(new), model.transform(new))


MORE_LABELS = {
    **{dtype: np.array([0, 100], dtype=dtype) for dtype in ("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8")},
    **{dtype: np.array([-0.0, 3.0], dtype=dtype) for dtype in ("f2", "f4", "f8", ">f8", "f16")},
    "S": np.array([b"\x00\xff", b"\xff"]),
    "days": np.array(["2020-01-01", "2021-01-01"], dtype="M8[D]"),
    "seconds": np.array([1, 2], dtype=">m8[s]"),
    "zeros": np.array(["0" * 64, "1" * 64]),
}


@pytest.mark.parametrize("name", MORE_LABELS)
def test_classes_come_back_with_their_dtype(name: str, tmp_path: Path) -> None:
    model = small(max_epochs=1).fit(DATA.arrays, DATA.y)
    object.__setattr__(model._model, "classes", MORE_LABELS[name])
    loaded = reloaded(model, tmp_path)
    assert loaded.classes_.dtype == MORE_LABELS[name].dtype
    if name != "f16":  # with bytes that do not count
        assert loaded.classes_.tobytes() == MORE_LABELS[name].tobytes()
    np.testing.assert_array_equal(loaded.classes_, MORE_LABELS[name])


def test_object_labels_keep_the_types_of_their_items(tmp_path: Path) -> None:
    model = small(max_epochs=1).fit(DATA.arrays, DATA.y)
    for pair in ([np.str_("a"), "b"], [1, 2.5], [b"a", b"b"], [False, True], [np.float32(0.1), 3]):
        labels = np.empty(2, dtype=object)
        labels[:] = pair
        object.__setattr__(model._model, "classes", labels)
        found = reloaded(model, tmp_path).classes_
        assert found.dtype == object
        assert [(type(one), one) for one in found] == [(type(one), one) for one in pair]


@pytest.mark.parametrize("kind", [RNNClassifier, GRUClassifier, LSTMClassifier, RecurrentClassifier])
def test_each_classifier_comes_back_as_its_class(kind: Any, tmp_path: Path) -> None:
    model = kind(hidden_size=3, max_epochs=1, random_state=0).fit(DATA.arrays, DATA.y)
    loaded = reloaded(model, tmp_path)
    assert type(loaded) is kind
    assert loaded.get_params() == model.get_params()
    same_predictions(model, loaded, NEW.arrays)


def test_networks_of_our_modules_need_no_factory(tmp_path: Path) -> None:
    def factory(spec: Any, generator: torch.Generator) -> Any:
        encoder = torch.nn.Sequential(
            RecurrentEncoder("lstm", spec.n_features, 4, bidirectional=True, bias=False, generator=generator),
            RecurrentEncoder("rnn", 8, 4, nonlinearity="relu", generator=generator),
        )
        head = torch.nn.Sequential(
            torch.nn.LayerNorm(4), torch.nn.Linear(4, 5, bias=False), torch.nn.GELU(), torch.nn.Tanh(), Linear(5, 5),
            torch.nn.ReLU(), torch.nn.Identity(), torch.nn.Dropout(0.1), LinearHead(5, spec.n_classes),
        )  # fmt: skip
        return SequenceNetwork(encoder, AttentionPooling(4, attention_size=3), head)

    model = SequenceClassifier(network=factory, max_epochs=1, random_state=0).fit(DATA.arrays, DATA.y)
    loaded = reloaded(model, tmp_path)
    same_predictions(model, loaded, NEW.arrays)
    assert str(loaded.module_) == str(model.module_)
    assert loaded.module_.encoder[1].layers[0].nonlinearity == "relu"


def test_an_instance_among_the_parameters_comes_back(tmp_path: Path) -> None:
    pooling: Any = ("mean", LastState(bidirectional=True))
    model = GRUClassifier(hidden_size=3, bidirectional=True, pooling=pooling, max_epochs=1, random_state=0)
    model.fit(DATA.arrays, DATA.y)
    loaded = reloaded(model, tmp_path)
    same_predictions(model, loaded, NEW.arrays)
    assert loaded.pooling[0] == "mean"
    assert loaded.pooling[1].bidirectional
    loaded.fit(DATA.arrays, DATA.y)  # with the parameters of the file alone
    same_weights(model.module_, loaded.module_)


def test_pipelines(tmp_path: Path) -> None:
    times = [np.column_stack([np.arange(len(a)), a]) for a in DATA.arrays]
    new = [np.column_stack([np.arange(len(a)), a]) for a in NEW.arrays]
    steps = [
        ("times", TimeDeltas(keep=True)),
        ("fill", FillMissing(indicators=False)),
        ("nothing", "passthrough"),
        ("short", Downsample(factor=2)),
        ("model", small(max_epochs=1)),
    ]
    model = Pipeline(steps).fit(times, DATA.y)
    loaded = reloaded(model, tmp_path)
    assert [name for name, _ in loaded.steps] == [name for name, _ in steps]
    same_predictions(model, loaded, new)
    assert repr(loaded.get_params()) == repr(model.get_params())


def test_ensembles(tmp_path: Path) -> None:
    members = [GRUClassifier(hidden_size=3, max_epochs=1), LSTMClassifier(hidden_size=2, max_epochs=1)]
    model = SequenceEnsemble(estimators=members, n_members=3, n_jobs=1, random_state=0)
    model.fit(DATA.arrays, np.array(["no", "yes"])[DATA.y])
    loaded = reloaded(model, tmp_path)
    same_predictions(model, loaded, NEW.arrays)
    assert [type(one) for one in loaded.members_] == [type(one) for one in model.members_]
    loaded.partial_fit(DATA.arrays, np.array(["no", "yes"])[DATA.y])
    assert loaded.members_[0].n_epochs_ == 2


@pytest.mark.parametrize(
    "vocabulary",
    [["start", "pay", "stop"], [3, 1, 2], ["1", 1, 2]],
    ids=["text", "numbers", "mixed"],
)
def test_tokens(vocabulary: list[Any], tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    X = [[vocabulary[i] for i in rng.integers(3, size=4)] for _ in range(24)]
    model = make_pipeline(
        TokenEncoder(min_count=2), GRUClassifier(hidden_size=3, max_epochs=1, random_state=0)
    )
    model.fit(X, DATA.y)
    loaded = reloaded(model, tmp_path)
    same_predictions(model, loaded, [*X, [vocabulary[0]]])
    assert loaded.steps[0][1].vocabularies_ == model.steps[0][1].vocabularies_


def test_frames_keep_their_columns(tmp_path: Path) -> None:
    frames = [pd.DataFrame(array, columns=["lead", "pressure"]) for array in DATA.arrays]
    model = small(max_epochs=1).fit(frames, DATA.y)
    loaded = reloaded(model, tmp_path)
    assert loaded.feature_names_in_.tolist() == ["lead", "pressure"]
    with pytest.raises(seqclf.InvalidSequenceError, match="Feature names must be in the same order"):
        loaded.predict([frame[["pressure", "lead"]] for frame in frames])
    table = pd.DataFrame(DATA.padded()[:, :, 0], columns=[f"t{i}" for i in range(8)])
    loaded = reloaded(small(max_epochs=1, padding_value=None).fit(table, DATA.y), tmp_path)
    assert loaded.padding_value is None
    with pytest.raises(seqclf.InvalidSequenceError, match="The feature names should match"):
        loaded.predict(table.iloc[:, :7])


def test_a_table_with_lengths_still_demands_them(tmp_path: Path) -> None:
    X = DATA.padded(padding=float("nan"))
    model = small(max_epochs=1, padding_value=float("nan")).fit(X, DATA.y, lengths=DATA.lengths)
    assert np.isnan(reloaded(model, tmp_path).padding_value)
    short = np.maximum(DATA.lengths - 1, 1)
    model = small(max_epochs=1).fit(DATA.padded(), DATA.y, lengths=short)
    with pytest.raises(seqclf.InvalidSequenceError, match="`lengths` must be given"):
        reloaded(model, tmp_path).predict(DATA.padded())


@pytest.mark.parametrize(
    "option", [{"class_weight": "balanced"}, {"sampler": "balanced"}, {"loss": "logit_adjusted"}]
)
def test_prior_correction(option: dict[str, Any], tmp_path: Path) -> None:
    few = DATA.y[:18]
    few[:6] = 0
    model = small(max_epochs=1, prior_correction=True, **option).fit(DATA.arrays[:18], few)
    loaded = reloaded(model, tmp_path)
    same_predictions(model, loaded, NEW.arrays)
    shift = model._model.prior.shift
    assert shift.abs().max() > 0.01
    assert torch.equal(loaded._model.prior.shift, shift)


def test_parameters_of_training_come_back(tmp_path: Path) -> None:
    augmentation = Compose([RandomApply(Scale(0.1), {0: 0.5, 1: 1.0}), Jitter(0.01)])
    model = small(
        max_epochs=1,
        augmentation=augmentation,
        loss=CrossEntropyLoss(class_weight=(1.0, 2.0)),
        lr=np.float32(0.01),
    ).fit(DATA.arrays, DATA.y)
    loaded = reloaded(model, tmp_path)
    assert loaded.get_params() == model.get_params()
    assert type(loaded.lr) is np.float32
    loaded.fit(DATA.arrays, DATA.y)
    same_weights(model.module_, loaded.module_)
    loss = LogitAdjustedLoss(class_prior=[1.0, 3.0], tau=0.5)
    model = small(max_epochs=1, loss=loss, class_weight=None).fit(DATA.arrays, DATA.y)
    assert reloaded(model, tmp_path).loss == loss
    state = np.random.RandomState(3)
    model = small(max_epochs=1, random_state=state).fit(DATA.arrays, DATA.y)
    assert reloaded(model, tmp_path).random_state.randint(2**31) == state.randint(2**31)


def test_changes_after_the_fit_come_back(tmp_path: Path) -> None:
    model = small(max_epochs=1, dropout=0.3).fit(DATA.arrays, DATA.y)
    model.module_.get_parameter("head.linear.weight").requires_grad_(False)
    model.set_params(hidden_size=99)
    model.set_output(transform="pandas")
    loaded = reloaded(model, tmp_path)
    same_predictions(model, loaded, NEW.arrays)
    assert [p.requires_grad for p in loaded.module_.parameters()] == [
        p.requires_grad for p in model.module_.parameters()
    ]
    pd.testing.assert_frame_equal(loaded.transform(NEW.arrays), model.transform(NEW.arrays))
    with pytest.raises(
        ValueError,
        match="`hidden_size` must not change when training resumes: the network was built with 6; got 99",
    ):
        loaded.partial_fit(DATA.arrays, DATA.y)


def test_loading_changes_no_global_state_and_obeys_no_default(tmp_path: Path) -> None:
    head = torch.nn.Sequential(torch.nn.Linear(18, 2))
    model = small(max_epochs=1, head=head).fit(DATA.arrays, DATA.y)
    seqclf.save(model, tmp_path / "model")
    before = torch.get_rng_state()
    torch.set_default_dtype(torch.float64)
    try:
        with torch.device("meta"):
            loaded = seqclf.load(tmp_path / "model")
    finally:
        torch.set_default_dtype(torch.float32)
    assert torch.equal(torch.get_rng_state(), before)
    same_predictions(model, loaded, NEW.arrays)


def test_numpy_scalars_are_no_obstacle(tmp_path: Path) -> None:
    scalars: Any = np  # which are not among the types of the arguments

    def factory(spec: Any, generator: torch.Generator) -> Any:
        options = {"engine": scalars.str_("packed"), "dropout": scalars.float32(0.1)}
        encoder = RecurrentEncoder(scalars.str_("gru"), scalars.int64(2), scalars.int32(3), **options)
        pooling = AttentionPooling(scalars.int64(3))
        return SequenceNetwork(encoder, pooling, LinearHead(3, 2), static=scalars.str_("head"))

    model = SequenceClassifier(
        network=factory,
        max_epochs=scalars.int64(1),
        padding_value=scalars.float64(0),
        scale=MinMax(per=scalars.str_("feature")),
        random_state=scalars.int64(0),
    )
    model.fit(DATA.arrays, DATA.y)
    same_predictions(model, reloaded(model, tmp_path), NEW.arrays)
    ensemble = SequenceEnsemble(
        estimators=[small(max_epochs=1)],
        n_members=1,
        n_jobs=1,
        padding_value=scalars.float32(0),
        random_state=0,
    )
    ensemble.fit(DATA.arrays, DATA.y)
    same_predictions(ensemble, reloaded(ensemble, tmp_path), NEW.arrays)
