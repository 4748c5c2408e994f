"""`Stream`: what it accepts, what it returns, and that nothing changes where it raises."""

from __future__ import annotations

import pickle
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from oracles import global_randomness
from seqclf import (
    Differences,
    GRUClassifier,
    InvalidSequenceError,
    SequenceEnsemble,
    TokenEncoder,
    TrainingDivergedError,
    ZScore,
    as_sequences,
)
from seqclf.streaming import Stream, StreamState
from streaming.models import simple

MODEL = simple()
X2 = [np.array([[0.1, 1.0], [0.9, 2.0]]), np.array([[0.9, 3.0], [0.2, 1.0], [0.1, 0.0]])] * 6
TWO = GRUClassifier(hidden_size=4, max_epochs=1, random_state=0).fit(X2, ["up", "down"] * 6)
STATIC = GRUClassifier(hidden_size=4, max_epochs=1, random_state=0).fit(
    as_sequences(X2, static=np.arange(24.0).reshape(12, 2)), ["up", "down"] * 6
)


def whole(*chunks: Any, model: Any = MODEL) -> Any:
    return model.predict_proba([np.concatenate(chunks)])


def state_of(stream: Stream) -> list[Any]:
    return [array.tobytes() for array in stream.state().arrays]


def close(actual: Any, expected: Any) -> None:
    np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-6)


CONTAINERS: dict[str, Callable[[Any], Any]] = {
    "array of steps": lambda steps: steps,
    "array of float32": lambda steps: steps.astype(np.float32),
    "read-only array": lambda steps: np.broadcast_to(steps, steps.shape),
    "array that is not contiguous": lambda steps: np.repeat(steps, 2, axis=0)[::2],
    "array with reversed steps": lambda steps: steps[::-1].copy()[::-1],
    "tensor": torch.from_numpy,
    "list of one array": lambda steps: [steps],
    "list of one list": lambda steps: [steps.tolist()],
    "frame": lambda steps: pd.DataFrame(steps),
    "list of one frame": lambda steps: [pd.DataFrame(steps)],
    "array of one chunk": lambda steps: steps[None],
    "Sequences": lambda steps: as_sequences([steps], dtype=None),
    "jagged tensor": lambda steps: torch.nested.nested_tensor([torch.from_numpy(steps)], layout=torch.jagged),
}


@pytest.mark.parametrize("make", CONTAINERS.values(), ids=CONTAINERS)
def test_one_stream_reads_any_container(make: Callable[[Any], Any]) -> None:
    stream = TWO.stream()
    steps = np.array([[0.1, 1.0], [0.0, 0.0]])  # steps of zeros are real
    stream.push(make(steps[:1]))
    close(stream.push(make(steps[1:])), TWO.predict_proba([steps]))


def test_one_feature_needs_no_second_axis() -> None:
    stream = MODEL.stream()
    close(stream.push(np.array([0.1, 0.0])), whole([0.1, 0.0]))
    close(stream.push(np.array([0.9])), whole([0.1, 0.0, 0.9]))
    close(stream.push(torch.tensor([0.3])), whole([0.1, 0.0, 0.9, 0.3]))


def test_chunks_of_several_streams_are_a_list_or_an_array_of_real_steps() -> None:
    stream = TWO.stream(4)
    one_step_each = np.array([[0.1, 1.0], [0.0, 0.0]])
    pushed = stream.push(one_step_each[:, None], streams=[3, 1])
    close(pushed, TWO.predict_proba([step[None] for step in one_step_each]))
    assert stream.n_steps.tolist() == [0, 1, 0, 1]


def test_a_stream_without_steps_predicts_nan_and_cannot_end() -> None:
    stream = MODEL.stream(2)
    proba = stream.push([[0.4], []])
    assert proba.shape == (2, 2)
    assert np.isnan(proba[1]).all()
    close(proba[:1], whole([0.4]))
    assert np.isnan(stream.push([[], []], streams=[1, 1 - 1])[0]).all()
    with pytest.raises(
        InvalidSequenceError, match=re.escape("at least one step; got none for stream 1. Push")
    ):
        stream.finish()
    with pytest.raises(InvalidSequenceError, match="got none for stream 1"):
        stream.finish([0, 1])
    assert stream.n_steps.tolist() == [1, 0]


@pytest.mark.parametrize("empty", [[], np.empty(0), np.empty((0, 1)), pd.DataFrame({"a": []}), ""])
def test_an_empty_chunk_changes_nothing(empty: Any) -> None:
    stream = MODEL.stream(2)
    before = stream.push([[0.4, 0.2], [0.7]])
    kept = state_of(stream)
    np.testing.assert_array_equal(stream.push([empty, empty]), before)
    np.testing.assert_array_equal(stream.push([empty], streams=[1]), before[1:])
    assert state_of(stream) == kept


def test_an_empty_array_is_a_chunk_of_one_stream() -> None:
    stream = TWO.stream()
    before = stream.push([[[0.4, 0.2]]])
    for empty in (np.empty((0, 2)), np.empty(0)):
        np.testing.assert_array_equal(stream.push(empty), before)


def test_finish_and_reset_begin_other_sequences() -> None:
    stream = MODEL.stream(3)
    stream.push([[0.1], [0.2], [0.3]])
    close(stream.finish([2, 0]), MODEL.predict_proba([[0.3], [0.1]]))
    stream.reset([1])
    assert stream.n_steps.tolist() == [0, 0, 0]
    close(stream.push([[0.5], [0.6], [0.7]]), MODEL.predict_proba([[0.5], [0.6], [0.7]]))
    close(stream.finish(), MODEL.predict_proba([[0.5], [0.6], [0.7]]))
    stream.push([[0.5]], streams=[1])
    stream.reset()
    assert stream.n_steps.tolist() == [0, 0, 0]


def test_the_pushed_array_can_be_reused() -> None:
    from seqclf import Differences

    model = simple(scale=make_pipeline(Differences(append=False)), stem=None)
    stream, buffer = model.stream(), np.array([0.3])
    stream.push(buffer)
    buffer[:] = 99.0
    close(stream.push(np.array([0.4])), model.predict_proba([[0.3, 0.4]]))
    held = as_sequences([[0.7]])
    stream.push(held)
    held.values[:] = 99.0
    close(stream.push(np.array([0.1])), model.predict_proba([[0.3, 0.4, 0.7, 0.1]]))


def test_a_stream_keeps_the_weights_it_was_opened_with() -> None:
    model = simple()
    before = model.predict_proba([[0.1, 0.5]])
    stream = model.stream()
    model.partial_fit([[0.1, 0.9], [0.9, 0.1]], ["down", "up"])
    close(stream.push(np.array([0.1, 0.5])), before)
    assert not np.allclose(model.predict_proba([[0.1, 0.5]]), before, atol=1e-6)


def test_streams_leave_model_and_random_state_alone() -> None:
    model = simple(dropout=0.5, num_layers=2)
    model.module_.train()
    before, weights = global_randomness(), pickle.dumps(model.module_.state_dict())
    stream = model.stream()
    first = stream.push(np.array([0.1, 0.5]))
    assert global_randomness() == before
    assert model.module_.training
    assert pickle.dumps(model.module_.state_dict()) == weights
    close(first, model.predict_proba([[0.1, 0.5]]))  # without dropout


def test_nothing_keeps_a_graph() -> None:
    stream = MODEL.stream()
    with torch.enable_grad():
        stream.push(np.array([0.1, 0.5]))
    assert not any(part.requires_grad for part in stream._state)


WRONG_STREAMS: list[tuple[Any, type[Exception], str]] = [
    ([3], ValueError, "must hold numbers from 0 to 2; got 3. Open more with"),
    ([-1], ValueError, "must hold numbers from 0 to 2; got -1"),
    ([0, 2, 0], ValueError, "must hold each stream once; got 0 twice. Concatenate"),
    ([], ValueError, "must hold at least one stream; got none. Pass None for all"),
    (1, TypeError, "must be a sequence of stream numbers; got 1. Pass a list"),
    ("12", TypeError, "must be a sequence of stream numbers; got '12'"),
    ([1.0], TypeError, "must hold integers; got 1.0"),
    ([True, False, True], TypeError, "must hold stream numbers, not a mask; got [True, False, True]"),
    (np.array([True, False, True]), TypeError, "must hold stream numbers, not a mask"),
]


@pytest.mark.parametrize(("streams", "error", "message"), WRONG_STREAMS)
@pytest.mark.parametrize("call", ["push", "finish", "reset", "state", "restore"])
def test_wrong_streams_are_named(streams: Any, error: type[Exception], message: str, call: str) -> None:
    stream = MODEL.stream(3)
    stream.push([[0.1], [0.2], [0.3]])
    kept = state_of(stream)
    arguments = {"push": ([[0.1]],), "restore": (stream.state([0]),)}.get(call, ())
    with pytest.raises(error, match=re.escape(message)):
        getattr(stream, call)(*arguments, streams=streams)
    assert state_of(stream) == kept


@pytest.mark.parametrize("streams", [np.array([2, 0]), (2, 0), torch.tensor([2, 0]), range(2, -1, -2)])
def test_stream_numbers_come_in_any_sequence(streams: Any) -> None:
    stream = MODEL.stream(3)
    close(stream.push([[0.1], [0.2]], streams=streams), MODEL.predict_proba([[0.1], [0.2]]))
    assert stream.n_steps.tolist() == [1, 0, 1]


@pytest.mark.parametrize("n", [0, -1, 2.0, "2", None, True])
def test_the_number_of_streams_is_a_positive_integer(n: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="`n_streams` must be"):
        MODEL.stream(n)


NAN = float("nan")
WRONG_CHUNKS: list[tuple[Any, Any, str]] = [
    ([[[0.1, 1.0]]], None, "There must be one chunk for each of the 3 streams; got 1. Name the streams"),
    ([[[0.1, 1.0]]] * 3, [0, 1], "There must be one chunk for each of the 2 streams; got 3"),
    (as_sequences(X2[:2]), None, "There must be one chunk for each of the 3 streams; got 2"),
    (np.ones((3, 2)), None, "The chunks of 3 streams must be a list of arrays, or an array of shape"),
    (np.ones(0), None, "Pass `x[:, None, None]` for one step of each stream."),
    (np.ones((2, 1, 2)), None, "There must be one chunk for each of the 3 streams; got 2"),
    (np.ones(2), [0], "A chunk must have shape (n_steps, 2); got (2,). Pass `x[None]` for one step."),
    ([[0.1, 0.2]], [0], "X has 1 features, but GRUClassifier is expecting 2 features"),
    (np.ones((4, 3)), [0], "X has 3 features, but GRUClassifier is expecting 2 features"),
    ([[[1.0, NAN]], [[1.0, 2.0]]], [2, 0], "got NaN in row 0, step 0, feature 1"),
    (np.array([[1.0, np.inf]]), [0], "got infinity (inf) in row 0, step 0, feature 1"),
    ([[], [[1.0, 2.0]], [[1.0, NAN]]], None, "(The rows are the chunks of streams [1, 2].)"),
    ([0.1, 0.2], [0, 1], "got the number 0.1. For one step of 2 features, pass an array of shape (1, 2)."),
    (0.5, [0], "A chunk must hold the steps of a stream; got the number 0.5."),
    (as_sequences(X2[:1], static=[[1.0]]), [0], "Static features must be set when a sequence begins; got 1"),
    (as_sequences(["ab"], vocabulary="auto"), [0], "token columns"),
    ([["a", "b"]], [0], "Every value of X must be a number; got text in row 0"),
]


@pytest.mark.parametrize(("chunk", "streams", "message"), WRONG_CHUNKS)
def test_nothing_changes_if_a_chunk_is_wrong(chunk: Any, streams: Any, message: str) -> None:
    stream = TWO.stream(3)
    stream.push([[[0.1, 0.2]]], streams=[1])
    kept = state_of(stream)
    with pytest.raises((ValueError, TypeError), match=re.escape(message)):
        stream.push(chunk, streams=streams)
    assert state_of(stream) == kept


def test_nothing_changes_if_a_prediction_is_not_finite() -> None:
    model = simple()
    stream = model.stream(2)
    stream.push([[0.1], [0.2]])
    kept = state_of(stream)
    with torch.no_grad():
        model.module_.get_parameter("head.linear.weight").fill_(torch.nan)
    broken = model.stream(2)
    start = state_of(broken)
    with pytest.raises(TrainingDivergedError, match="Each prediction must be finite"):
        broken.push([[0.1], [0.2]])
    assert state_of(broken) == start
    assert state_of(stream) == kept


def test_frames_must_have_the_columns_of_fit() -> None:
    frames = [pd.DataFrame(steps, columns=["a", "b"]) for steps in X2]
    model = GRUClassifier(hidden_size=4, max_epochs=1).fit(frames, ["up", "down"] * 6)
    stream = model.stream()
    with pytest.raises(InvalidSequenceError, match="Feature names must be in the same order"):
        stream.push([frames[0][["b", "a"]]])
    close(stream.push(frames[0]), model.predict_proba(frames[:1]))


def test_static_features_come_when_a_sequence_begins() -> None:
    stream = STATIC.stream(3)
    with pytest.raises(
        InvalidSequenceError, match="its 2 static features before its first step; got none for stream 0"
    ):
        stream.push([X2[0], X2[1], X2[0]])
    stream.reset([2, 0], static=[[5.0, 6.0], [1.0, 2.0]])
    with pytest.raises(
        InvalidSequenceError, match=re.escape("stream 1. Call `stream.reset([1], static=[...])`")
    ):
        stream.push([X2[0], X2[1]], streams=[2, 1])
    expected = STATIC.predict_proba(as_sequences([X2[1], X2[0]], static=[[5.0, 6.0], [1.0, 2.0]]))
    close(stream.push([X2[1], X2[0]], streams=[2, 0]), expected)
    close(stream.finish([2]), expected[:1])
    with pytest.raises(InvalidSequenceError, match="got none for stream 2"):
        stream.push([X2[1]], streams=[2])


@pytest.mark.parametrize(
    ("static", "message"),
    [
        ([[1.0, 2.0]], "`static` must have one row for each of the 2 sequences; got shape (1, 2)"),
        ([[1.0, NAN], [1.0, 2.0]], "`static` must hold finite numbers"),
        ([[1.0], [2.0]], "X has 1 static feature, but GRUClassifier is expecting 2 static features"),
    ],
)
def test_wrong_static_features_change_nothing(static: Any, message: str) -> None:
    stream = STATIC.stream(2)
    stream.reset(static=[[5.0, 6.0], [1.0, 2.0]])
    stream.push(X2[:2])
    kept = state_of(stream)
    with pytest.raises(InvalidSequenceError, match=re.escape(message)):
        stream.reset(static=static)
    assert state_of(stream) == kept


def test_a_model_without_static_features_refuses_them() -> None:
    with pytest.raises(ValueError, match="`static` must be left out for a model that was fitted without"):
        MODEL.stream().reset(static=[[1.0]])


def test_a_pipeline_may_begin_with_another() -> None:
    inner = make_pipeline("passthrough", make_pipeline(ZScore(), Differences()))
    pipeline = make_pipeline(inner, simple(scale=None)).fit(X2, ["up", "down"] * 6)
    stream = pipeline[-1].stream(after=pipeline[:-1])
    stream.push(X2[0][:1])
    close(stream.push(X2[0][1:]), pipeline.predict_proba(X2[:1]))


def test_tokens_are_embedded_step_by_step() -> None:
    names, y = ["Ivanov", "Petrov", "Sato", "Suzuki"] * 4, ["ru", "ru", "ja", "ja"] * 4
    pipeline = make_pipeline(TokenEncoder(), GRUClassifier(hidden_size=4, max_epochs=1, random_state=0))
    pipeline.fit(names, y)
    stream = pipeline[-1].stream(2, after=pipeline[:-1])
    stream.push(["Pe", "S"])
    stream.push(["", "u"])
    close(stream.push(["trov", "xu"]), pipeline.predict_proba(["Petrov", "Suxu"]))
    encoded = as_sequences(names, vocabulary="auto")
    model = GRUClassifier(hidden_size=4, max_epochs=1, random_state=0).fit(encoded, y)
    stream = model.stream()
    assert encoded.tokens is not None
    vocabularies = encoded.tokens.vocabularies
    stream.push(as_sequences(["Pe"], vocabulary=vocabularies))
    final = stream.push(as_sequences(["trov"], vocabulary=vocabularies))
    close(final, model.predict_proba(as_sequences(["Petrov"], vocabulary=vocabularies)))


def test_a_state_restores_in_another_process(tmp_path: Path) -> None:
    stream = MODEL.stream(2)
    stream.push([[0.1, 0.2], [0.7]])
    joblib.dump(MODEL, tmp_path / "model")
    (tmp_path / "state").write_bytes(pickle.dumps(stream.state()))
    script = (
        "import joblib, pickle, pathlib\n"
        f"folder = pathlib.Path({str(tmp_path)!r})\n"
        "stream = joblib.load(folder / 'model').stream(2)\n"
        "stream.restore(pickle.loads((folder / 'state').read_bytes()))\n"
        "print(stream.push([[0.3], [0.4]]).tolist())\n"
    )
    printed = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    ).stdout
    assert np.array_equal(np.array(eval(printed)), stream.push([[0.3], [0.4]]))


def test_a_saved_state_is_a_copy() -> None:
    stream = MODEL.stream(2)
    first = stream.push([[0.1, 0.2], [0.7]])
    saved = stream.state()
    stream.push([[0.9], [0.9]])
    stream.restore(saved)
    np.testing.assert_array_equal(stream.push([[], []]), first)
    stream.push([[0.5]], streams=[1])
    stream.restore(saved)
    np.testing.assert_array_equal(stream.push([[], []]), first)
    assert repr(saved) == "StreamState(2 streams, 1 to 2 steps read)"
    assert len(saved) == 2
    assert saved.n_steps.tolist() == [2, 1]


def test_states_of_others_are_refused() -> None:
    stream = MODEL.stream(2)
    kept = state_of(stream)
    for other in (simple(random_state=1), TWO, simple(hidden_size=5)):
        with pytest.raises(
            ValueError, match="`state` must come from a stream of the same model; got one of other"
        ):
            stream.restore(other.stream(2).state())
    with pytest.raises(
        ValueError, match=r"must hold the state of each of the 2 streams; got 3\. Name the streams"
    ):
        stream.restore(MODEL.stream(3).state())
    with pytest.raises(
        TypeError,
        match="must be a StreamState, as `stream.state()` returns; got dict".replace("(", r"\(").replace(
            ")", r"\)"
        ),
    ):
        stream.restore({})  # type: ignore[arg-type]
    damaged = StreamState(stream.state().arrays[:-1], stream.state().model)
    with pytest.raises(ValueError, match="must come from a stream of the same model"):
        stream.restore(damaged)
    assert state_of(stream) == kept


def test_a_stream_itself_is_not_pickled() -> None:
    with pytest.raises(
        TypeError, match=re.escape("Pickle the model and `stream.state()`, and call `restore`")
    ):
        pickle.dumps(MODEL.stream())


def test_a_model_must_be_fitted() -> None:
    with pytest.raises(NotFittedError):
        GRUClassifier().stream()


def test_the_transformers_before_it_must_be_fitted() -> None:
    with pytest.raises(NotFittedError, match="This ZScore instance is not fitted yet"):
        MODEL.stream(after=make_pipeline(ZScore()))
    with pytest.raises(TypeError, match="got a FunctionTransformer without a method"):
        MODEL.stream(after=FunctionTransformer())


@pytest.mark.parametrize(
    ("steps", "order", "message"),
    [
        (
            (ZScore(), Differences()),
            (1, 0),
            "got ZScore, fitted to 2 feature(s), after Differences, which returns 4",
        ),
        (
            (Differences(), ZScore()),
            (1, 0),
            "got Differences, fitted to 2 feature(s), after ZScore, which returns 4",
        ),
        ((Differences(), ZScore()), (0,), None),
        (
            (ZScore(), Differences()),
            (0,),
            "got the model, fitted to 4 feature(s), after ZScore, which returns 2",
        ),
    ],
)
def test_transformers_in_another_order_are_named(steps: Any, order: Any, message: str | None) -> None:
    X = [np.array([[0.1, 0.9], [0.2, 0.8]]), np.array([[0.9, 0.1], [0.7, 0.2], [0.3, 0.4]])] * 4
    pipeline = make_pipeline(*steps, GRUClassifier(hidden_size=2, max_epochs=1)).fit(X, [0, 1] * 4)
    after = [pipeline[i] for i in order]
    if message is None:
        pipeline[-1].stream(after=after)
        return
    with pytest.raises(ValueError, match="in the order in which they were fitted; " + re.escape(message)):
        pipeline[-1].stream(after=after)


def test_an_ensemble_says_how_to_stream_its_members() -> None:
    ensemble = SequenceEnsemble(estimators=[GRUClassifier()])
    assert not hasattr(ensemble, "stream")
    with pytest.raises(
        AttributeError, match=r"A SequenceEnsemble cannot stream\. Stream its members, `streams ="
    ):
        ensemble.stream()


def test_it_shows_its_size() -> None:
    assert (repr(MODEL.stream()), repr(MODEL.stream(2))) == ("Stream(1 stream)", "Stream(2 streams)")
    assert MODEL.stream(2).n_streams == 2


@pytest.mark.parametrize("after", [3, "scaler", [3], {"a": 1}])
def test_what_comes_before_must_be_transformers(after: Any) -> None:
    with pytest.raises(
        TypeError, match="`after` must be a fitted transformer, a pipeline or a list of them; got"
    ):
        MODEL.stream(after=after)


@pytest.mark.parametrize("value", [1e30, 1e300])
@pytest.mark.parametrize("streams", [[2], [2, 0]])
def test_the_stream_with_a_value_that_is_too_large_is_named(value: float, streams: list[int]) -> None:
    model = GRUClassifier(hidden_size=4, stem="conv", scale="standard", max_epochs=1, random_state=0)
    stream = model.fit([[0.1, 0.9], [0.9, 0.1]] * 6, ["up", "down"] * 6).stream(3)
    stream.push([[0.1], [0.2], [0.3]])
    kept = state_of(stream)
    message = f"got {value:g} in step 1, feature 0 of the chunk of stream 2. Correct the value, or leave out the step; no stream"
    with pytest.raises(InvalidSequenceError, match=re.escape(message)) as caught:
        stream.push([np.array([0.1, value]), np.array([0.2])][: len(streams)], streams=streams)
    assert caught.value.rows == (0,)
    assert state_of(stream) == kept


@pytest.mark.parametrize(
    ("n_streams", "advice"),
    [
        (1, "For one step of one feature, pass `[[0.3]]` or `np.array([0.3])`."),
        (2, "For one step of each stream, pass `[[0.3], ...]`."),
    ],
)
def test_a_number_in_place_of_a_chunk_brings_the_right_form(n_streams: int, advice: str) -> None:
    stream = simple().stream(n_streams)
    with pytest.raises(InvalidSequenceError, match=re.escape(f"got the number 0.3. {advice}")):
        stream.push([0.3] * n_streams)
    forms = ([[0.3]], np.array([0.3])) if n_streams == 1 else ([[0.3], [0.3]],)
    for form in forms:
        assert np.isfinite(stream.push(form)).all()


def test_all_obstacles_to_a_stream_are_named() -> None:
    model = GRUClassifier(hidden_size=4, bidirectional=True, scale="views", max_epochs=1, random_state=0)
    model.fit([[0.1, 0.9], [0.9, 0.1]] * 6, ["up", "down"] * 6)
    with pytest.raises(
        ValueError, match=r"got Views.* instead\. Also: A stream must .* got a bidirectional encoder"
    ):
        model.stream()
