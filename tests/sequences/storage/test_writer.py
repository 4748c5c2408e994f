"""`SequenceWriter`: batches in, one file out, whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors import safe_open

from seqclf import InvalidSequenceError, Sequences, as_sequences
from seqclf.sequences import SequenceWriter, is_mapped, open_sequences
from seqclf.sequences.storage._layout import Layout

TOKENS = as_sequences(["Ada", "Eve"], vocabulary="auto")


def written(path: Path, *batches: Any, **options: Any) -> Sequences:
    with SequenceWriter(path, **options) as writer:
        for batch in batches:
            writer.append(batch)
    return open_sequences(path)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.lists(st.integers(1, 9), min_size=1, max_size=4), min_size=1, max_size=4),
    st.integers(1, 3),
    st.integers(0, 2),
    st.sampled_from(["float32", "float64"]),
)
def test_batches_come_back_as_one(
    tmp_path_factory: pytest.TempPathFactory,
    batches: list[list[int]],
    n_features: int,
    n_static: int,
    dtype: Literal["float32", "float64"],
) -> None:
    rng = np.random.default_rng(len(batches))
    parts = []
    for lengths in batches:
        static = rng.normal(size=(len(lengths), n_static)) if n_static else None
        parts.append(
            as_sequences([rng.normal(size=(n, n_features)) for n in lengths], static=static, dtype=dtype)
        )
    path = tmp_path_factory.mktemp("written") / "x.safetensors"
    read = written(path, *parts, dtype=dtype)
    assert read == Sequences.concatenate(parts)
    assert read.values.dtype == getattr(torch, dtype)
    assert is_mapped(read.values)


def test_tokens_and_their_vocabularies_come_back(tmp_path: Path) -> None:
    read = written(tmp_path / "x.safetensors", TOKENS, TOKENS[[1]])
    assert read == Sequences.concatenate([TOKENS, TOKENS[[1]]])
    assert read.tokens is not None
    assert list(read.tokens.decode()["token"][-3:]) == ["E", "v", "e"]


def test_any_reader_of_safetensors_opens_the_file(tmp_path: Path) -> None:
    written(tmp_path / "x.safetensors", [[1.0, 2.0], [3.0]])
    with safe_open(str(tmp_path / "x.safetensors"), "np") as file:
        assert file.get_tensor("values").ravel().tolist() == [1, 2, 3]
        assert file.get_tensor("offsets").tolist() == [0, 2, 3]


def test_padding_is_dropped_and_missing_values_are_kept_on_request(tmp_path: Path) -> None:
    with SequenceWriter(tmp_path / "x", missing="keep") as writer:
        writer.append(as_sequences(np.array([[1.0, 2.0, 0.0]])))
        writer.append(np.array([[1.0, 2.0, 9.0]]), lengths=[2])
        writer.append([[1.0, float("nan")]])
    assert open_sequences(tmp_path / "x").lengths.tolist() == [2, 2, 2]
    assert (writer.n_sequences, writer.n_steps) == (3, 6)


def test_the_file_appears_when_the_writer_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "x"
    writer = SequenceWriter(path)
    writer.append([[1.0]])
    assert not path.exists()
    writer.close()
    writer.close()
    assert len(open_sequences(path)) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["x"]


@pytest.mark.parametrize("how", ["raise", "discard", "forget"])
def test_a_writer_that_does_not_finish_leaves_the_old_file(tmp_path: Path, how: str) -> None:
    path = tmp_path / "x"
    written(path, [[1.0, 2.0]])
    before = path.read_bytes()
    writer = SequenceWriter(path)
    writer.append([[3.0]])
    if how == "raise":
        with pytest.raises(InvalidSequenceError), writer:
            writer.append([[]])
    elif how == "discard":
        writer.discard()
    del writer
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["x"]


WRONG_BATCHES: dict[str, tuple[Any, str]] = {
    "features": (
        [[[1.0, 2.0]]],
        "All parts must have the same number of features; got 1 in the file and 2 in the batch.",
    ),
    "static": (
        as_sequences([[1.0]], static=[2.0]),
        "All parts must have the same number of static features; got 0 in the file and 1 in the batch.",
    ),
    "tokens": (
        as_sequences([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]).with_tokens(TOKENS.tokens),
        "Each batch must have the token columns and vocabularies of the first, []; got ['token'].",
    ),
    "infinity": (
        [[1.0, float("inf")]],
        "Every real step must be finite; got infinity (inf) in row 0, step 1",
    ),
    "infinity in Sequences": (
        Sequences(torch.tensor([[torch.inf]]), torch.tensor([0, 1])),
        "Every real step must be finite; got infinity (inf) in row 0, step 0",
    ),
}


@pytest.mark.parametrize("name", WRONG_BATCHES)
def test_nothing_of_a_wrong_batch_is_written(tmp_path: Path, name: str) -> None:
    batch, message = WRONG_BATCHES[name]
    with SequenceWriter(tmp_path / "x") as writer:
        writer.append([[1.0, 2.0]])
        with pytest.raises(InvalidSequenceError, match=re.escape(message)):
            writer.append(batch)
        writer.append([[3.0]])
    assert open_sequences(tmp_path / "x") == as_sequences([[1.0, 2.0], [3.0]])


def test_frames_of_each_batch_have_the_same_columns(tmp_path: Path) -> None:
    frame = pd.DataFrame({"lead": [1.0, 2.0], "pressure": [3.0, 4.0]})
    with SequenceWriter(tmp_path / "x") as writer:
        writer.append([frame.to_numpy()])
        writer.append([frame])
        for other in (frame[["pressure", "lead"]], frame.rename(columns={"lead": "pulse"})):
            message = (
                f"must have the names of those before, ['lead', 'pressure'], in this order; got {[*other]}."
            )
            with pytest.raises(InvalidSequenceError, match=re.escape(message)):
                writer.append([other])
        writer.append([frame, frame])
    assert open_sequences(tmp_path / "x") == as_sequences([frame.to_numpy()] * 4)


@pytest.mark.parametrize("n_features", [None, 1, 2])
@pytest.mark.parametrize("make", [np.asarray, torch.tensor, pd.DataFrame])
def test_a_2d_array_is_read_only_if_it_has_one_reading(
    tmp_path: Path, n_features: int | None, make: Callable[[Any], Any]
) -> None:
    recording = [[1.0, 2.0], [3.0, 4.0], [5.0, 0.0]]
    message = "must have one reading; got a 2-D array of shape (3, 2), which may be one sequence or a padded table. Pass `[X]` for one"
    with SequenceWriter(tmp_path / "x", n_features) as writer:
        if n_features == 1:
            writer.append(make(recording))
            with pytest.raises(InvalidSequenceError, match=re.escape("2-D array of shape (3, 1)")):
                writer.append(make([[1.0], [3.0], [5.0]]))
        else:
            with pytest.raises(InvalidSequenceError, match=re.escape(message)):
                writer.append(make(recording))
            writer.append([make(recording)])
    lengths = [2, 2, 1] if n_features == 1 else [3]
    assert open_sequences(tmp_path / "x").lengths.tolist() == lengths


def test_the_first_batch_does_not_decide_if_it_is_wrong(tmp_path: Path) -> None:
    with SequenceWriter(tmp_path / "x") as writer:
        with pytest.raises(InvalidSequenceError):
            writer.append([[[1.0, float("nan")]]])
        writer.append([[3.0]])
    assert open_sequences(tmp_path / "x").n_features == 1


def test_a_batch_that_is_written_in_part_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with SequenceWriter(tmp_path / "x") as writer:
        for turn in range(2):  # the first batch, too, with the space for the header
            with monkeypatch.context() as patch:
                patch.setattr(writer, "_static", None)  # fails after the values were written

                with pytest.raises(AttributeError):
                    writer.append(as_sequences([[9.0]]))
            writer.append([[float(turn)]])
    assert open_sequences(tmp_path / "x") == as_sequences([[0.0], [1.0]])


def test_wrong_calls_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x"
    with pytest.raises(InvalidSequenceError, match="A file must hold at least one sequence; got none"):
        SequenceWriter(path).close()
    assert not list(tmp_path.iterdir())
    with pytest.raises(ValueError, match="`dtype` must be one of"):
        SequenceWriter(path, dtype="float16")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="`missing` must be one of"):
        SequenceWriter(path, missing="drop")  # type: ignore[arg-type]
    with pytest.raises(InvalidSequenceError, match="got 2 in the file and 1 in the batch"):
        written(path, [[1.0]], n_features=2)
    writer = SequenceWriter(path)
    writer.append([[1.0]])
    writer.close()
    with pytest.raises(ValueError, match="Batches must be appended before the writer is closed; got one for"):
        writer.append([[1.0]])


@pytest.mark.parametrize("n_steps", [1, 2, 10**18 + 1])
def test_the_space_for_the_header_does_not_depend_on_what_follows(n_steps: int) -> None:
    """It is left before the number of steps, and whether bytes must be filled in, is known."""
    for size in range(1, 4200, 7):
        first = Layout(
            n_sequences=0,
            n_steps=0,
            n_features=1,
            n_static_features=1,
            dtype=torch.float32,
            vocabularies={"token": ("x" * size,)},
            feature_names=("lead",),
            static_names=("age",),
        )
        whole = replace(first, n_sequences=10**18, n_steps=n_steps)
        assert whole.header_size == first.header_size == len(whole.header())


def test_the_advice_for_values_that_float32_merges_works(tmp_path: Path) -> None:
    times = [[1.7e9, 1.7e9 + 1, 1.7e9 + 2]]
    writer = SequenceWriter(tmp_path / "times.safetensors")
    with pytest.raises(
        InvalidSequenceError, match=r"`SequenceWriter\(path, dtype=\"float64\"\)` rounds nothing"
    ):
        writer.append(times)
    writer.discard()
    with SequenceWriter(tmp_path / "times.safetensors", dtype="float64") as writer:
        writer.append(times)
    assert open_sequences(tmp_path / "times.safetensors").values.flatten().tolist() == times[0]
