"""`fit(checkpoint=...)`: what resumes, what is refused, and what an interrupt, a full disk or a damaged file do."""

from __future__ import annotations

import copy
import operator
import os
import pickle
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.model_selection import cross_validate
from sklearn.pipeline import make_pipeline
from torch import nn

import seqclf
from full_disk import run_with_limit
from interrupted.fits import FITS, result_of
from ramps import ramps, small
from seqclf import MinMax, SequenceClassifier, SequenceEnsemble, as_sequences
from seqclf.estimators._in_words import in_words
from seqclf.exceptions import InvalidCheckpointError, SeqclfWarning
from seqclf.nn import LinearHead, MeanPooling, SequenceNetwork
from seqclf.sampling import EpochSampler
from seqclf.sequences import SequenceWriter, open_sequences
from seqclf.training import read_checkpoint
from seqclf.training._checkpoint import CHECKPOINT_FILE

DATA, OTHER = ramps(48), ramps(48, seed=1)
SHORT = {"max_epochs": 4, "batch_size": 16}


@pytest.fixture(autouse=True)
def _interruptible() -> Iterator[None]:
    """Handle Ctrl-C as Python does: processes in the background of a shell ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class At:
    """A callback that does something at the end of an epoch, and notes which epochs it sees."""

    def __init__(self, epoch: int = 0, action: Callable[[], Any] = lambda: None) -> None:
        self.epoch, self.action = epoch, action
        self.epochs: list[int] = []

    def on_epoch_end(self, record: Any) -> Any:
        self.epochs.append(record.epoch)
        return self.action() if record.epoch == self.epoch else None


def press() -> None:
    """Press Ctrl-C."""
    os.kill(os.getpid(), signal.SIGINT)


def interrupted(path: Path, epoch: int = 2, X: Any = DATA.arrays, y: Any = DATA.y, **options: Any) -> Any:
    """Return a model whose fit was interrupted by Ctrl-C during an epoch."""
    model = small(**SHORT | options, callbacks=[At(epoch, press)])
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, y, checkpoint=path)
    return model


def fit(model: Any, path: Path, **changed: Any) -> Any:
    """Fit a model to the samples, with a checkpoint."""
    return model.fit(**{"X": DATA.arrays, "y": DATA.y, "checkpoint": path} | changed)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.ckpt"


@pytest.mark.parametrize("name", FITS)
def test_a_fit_resumes_in_mid_epoch(name: str, tmp_path: Path) -> None:
    path, kept, watch = tmp_path / "run.ckpt", tmp_path / "kept", At()
    keep = At(3, lambda: shutil.copy(path, kept) and None)
    whole = FITS[name](tmp_path, callbacks=[keep], checkpoint=path, checkpoint_every=5)
    stored = read_checkpoint(kept)
    assert stored is not None
    assert stored.state["n_batches"] > 0
    resumed = FITS[name](tmp_path, callbacks=[watch], checkpoint=kept)
    assert result_of(resumed) == result_of(whole)
    assert watch.epochs == list(range(stored.state["epoch"], resumed.n_epochs_ + 1))


def test_an_interrupted_fit_ends_as_an_undisturbed_one(path: Path) -> None:
    interrupted(path)
    watch = At()
    resumed = small(**SHORT, callbacks=[watch]).fit(DATA.arrays, DATA.y, checkpoint=path)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert result_of(resumed) == result_of(small(**SHORT).fit(DATA.arrays, DATA.y))
    assert watch.epochs == [3, 4]


def test_an_interrupted_model_predicts(path: Path) -> None:
    model = interrupted(path)
    assert model.n_epochs_ == 2
    assert model.predict(DATA.arrays).shape == (48,)


def test_a_second_interrupt_ends_the_fit_without_a_checkpoint(path: Path) -> None:
    def twice() -> None:
        press()
        press()

    model = small(**SHORT, callbacks=[At(2, twice)])
    with pytest.raises(KeyboardInterrupt):
        model.fit(DATA.arrays, DATA.y, checkpoint=path)
    assert not path.exists()
    assert model.n_epochs_ == 2


def test_an_interrupt_in_the_last_epoch_is_raised_and_the_fit_is_finished(path: Path) -> None:
    interrupted(path, epoch=4)
    watch = At()
    small(**SHORT, callbacks=[watch]).fit(DATA.arrays, DATA.y, checkpoint=path)
    assert watch.epochs == []


def test_a_finished_fit_returns_its_model_without_training(path: Path) -> None:
    watch = At()
    first = small(**SHORT).fit(DATA.arrays, DATA.y, checkpoint=path)
    content = path.read_bytes()
    again = small(**SHORT, callbacks=[watch]).fit(DATA.arrays, DATA.y, checkpoint=path)
    assert result_of(again) == result_of(first)
    assert watch.epochs == []
    assert path.read_bytes() == content


def test_a_fit_that_a_callback_stopped_is_finished(path: Path) -> None:
    first = small(**SHORT, callbacks=[At(2, lambda: True)]).fit(DATA.arrays, DATA.y, checkpoint=path)
    again = small(**SHORT).fit(DATA.arrays, DATA.y, checkpoint=path)
    assert again.n_epochs_ == 2
    assert result_of(again) == result_of(first)


@pytest.mark.parametrize("state", [None, np.random.RandomState(3)], ids=["None", "RandomState"])
def test_a_fit_without_a_number_as_seed_resumes_with_the_seed_in_the_file(state: Any, path: Path) -> None:
    kept = path.with_name("kept")
    keep = At(2, lambda: shutil.copy(path, kept) and None)
    whole = small(**SHORT | {"random_state": state, "dropout": 0.3}, callbacks=[keep]).fit(
        DATA.arrays, DATA.y, checkpoint=path, checkpoint_every=2
    )
    warns = (
        nullcontext()
        if state is None
        else pytest.warns(SeqclfWarning, match="resumes with the seed in the file")
    )
    with warns as caught:
        resumed = small(**SHORT | {"random_state": state, "dropout": 0.3}).fit(
            DATA.arrays, DATA.y, checkpoint=kept
        )
    assert result_of(resumed) == result_of(whole)
    assert not caught or caught[0].filename == __file__


def test_a_random_state_in_the_same_state_resumes_without_a_warning(path: Path) -> None:
    interrupted(path, random_state=np.random.RandomState(3))
    model = small(**SHORT | {"random_state": np.random.RandomState(3)}).fit(
        DATA.arrays, DATA.y, checkpoint=path
    )
    assert model.n_epochs_ == 4


def test_partial_fit_after_a_resumed_fit_continues_as_after_an_undisturbed_one(path: Path) -> None:
    interrupted(path, dropout=0.3)
    models = [
        small(**SHORT | {"dropout": 0.3}).fit(DATA.arrays, DATA.y, checkpoint=one) for one in (None, path)
    ]
    whole, resumed = (result_of(one.partial_fit(DATA.arrays, DATA.y)) for one in models)
    assert whole == resumed


def test_the_device_callbacks_and_verbosity_may_change(path: Path) -> None:
    interrupted(path, device="auto")
    model = small(**SHORT | {"device": "cpu", "verbose": True}).fit(DATA.arrays, DATA.y, checkpoint=path)
    assert model.n_epochs_ == 4


X = DATA.arrays
VALID = (OTHER.arrays, OTHER.y)
WEIGHTS = np.ones(48)


@pytest.mark.parametrize(
    ("parameters", "call", "message"),
    [
        ({"lr": 0.01}, {}, "`lr` was 0.03, is 0.01. Pass"),
        ({"lr": 0.01, "optimizer": "adam"}, {}, '`lr` was 0.03, is 0.01, `optimizer` was "adamw", is "adam"'),
        ({"scale": MinMax()}, {}, '`scale` was "auto", is {"seqclf.transforms'),
        ({"optimizer": torch.optim.Adam}, {}, '`optimizer` was "adamw", is "torch.optim.adam.Adam"'),
        ({"random_state": 1}, {}, "`random_state` was 0, is 1"),
        ({"random_state": None}, {}, "`random_state` was 0, is null"),
        ({}, {"X": OTHER.arrays}, r"the samples differ \(values, lengths\)"),
        ({}, {"X": [2 * one for one in X]}, r"the samples differ \(values\)"),
        ({}, {"X": as_sequences(X, static=range(len(X)))}, r"the samples differ \(static features\)"),
        ({}, {"y": 1 - DATA.y}, r"the samples differ \(labels\)"),
        ({}, {"y": DATA.y + 1}, r"the samples differ \(labels\)"),
        ({}, {"sample_weight": WEIGHTS}, r"the samples differ \(weights\)"),
        ({}, {"validation_data": VALID}, "`validation_data` was None, is given"),
    ],
)
def test_a_checkpoint_of_another_fit_is_refused_by_name(
    parameters: dict[str, Any], call: dict[str, Any], message: str, path: Path
) -> None:
    interrupted(path)
    content = path.read_bytes()
    model = small(**SHORT | parameters)
    with pytest.raises(
        InvalidCheckpointError, match=f"run.ckpt: A checkpoint must be resumed by the same fit; {message}"
    ):
        fit(model, path, **call)
    assert path.read_bytes() == content
    assert not model.__sklearn_is_fitted__()


def test_other_validation_data_are_refused(path: Path) -> None:
    model = small(**SHORT, callbacks=[At(2, press)])
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, DATA.y, validation_data=VALID, checkpoint=path)
    with pytest.raises(InvalidCheckpointError, match=r"the validation samples differ \(labels\)"):
        model.fit(X, DATA.y, validation_data=(VALID[0], 1 - VALID[1]), checkpoint=path)


def test_another_estimator_is_refused(path: Path) -> None:
    interrupted(path)
    model = seqclf.LSTMClassifier(max_epochs=1)
    with pytest.raises(InvalidCheckpointError, match="the estimator was GRUClassifier, is LSTMClassifier"):
        model.fit(X, DATA.y, checkpoint=path)


def test_values_on_disk_that_changed_are_found(path: Path) -> None:
    data = path.with_name("data")

    def stored(factor: float) -> Any:
        with SequenceWriter(data) as writer:
            writer.append([factor * one for one in X])
        return open_sequences(data)

    interrupted(path, X=stored(1.0))
    with pytest.raises(InvalidCheckpointError, match=r"the samples differ \(values\)"):
        small(**SHORT).fit(stored(1.5), DATA.y, checkpoint=path)


class Drawn:
    """Batches that are drawn anew in each iteration."""

    def __iter__(self) -> Any:
        return iter(torch.split(torch.randperm(48, generator=torch.Generator()), 16))

    def __len__(self) -> int:
        return 3


class Unstorable(torch.optim.SGD):
    """An optimizer whose state holds a function."""

    def step(self, closure: Any = None) -> Any:
        state: dict[Any, Any] = self.state
        state["hook"] = print
        return super().step(closure)


@pytest.mark.parametrize(
    ("parameters", "call", "error", "message"),
    [
        (
            {"sampler": Drawn()},
            {},
            TypeError,
            "With `checkpoint`, `sampler` must be a name, .* got Drawn. Derive",
        ),
        (
            {"optimizer": Unstorable},
            {},
            TypeError,
            r"`training.optimizer.state.hook` is of builtins.builtin_function",
        ),
        ({"warm_start": True}, {}, ValueError, "`checkpoint` must not be given with `warm_start=True`"),
        ({}, {"checkpoint": 3}, TypeError, "`checkpoint` must be the path of a file or None; got 3"),
        ({}, {"checkpoint": ""}, TypeError, "`checkpoint` must be the path of a file or None; got ''"),
        ({}, {"checkpoint": "/"}, IsADirectoryError, "got a folder, /. Add the name of a file"),
        (
            {},
            {"checkpoint": "/none/x"},
            FileNotFoundError,
            "must be in an existing folder; got /none/x. Create /none first",
        ),
        ({}, {"checkpoint_every": 0}, ValueError, "`checkpoint_every` must be"),
        (
            {},
            {"checkpoint": None, "checkpoint_every": 5},
            ValueError,
            "`checkpoint_every` must come with `checkpoint`",
        ),
    ],
)
def test_what_cannot_be_resumed_is_refused_at_the_start(
    parameters: dict[str, Any], call: dict[str, Any], error: type[Exception], message: str, path: Path
) -> None:
    model = small(**SHORT | parameters)
    with pytest.raises(error, match=message):
        model.fit(X, DATA.y, **{"checkpoint": path} | call)
    assert not path.exists()


def torch_dropout(spec: Any, generator: torch.Generator) -> nn.Module:
    head = nn.Sequential(nn.Dropout(0.1), LinearHead(spec.n_features, spec.n_classes, generator=generator))
    return SequenceNetwork(nn.Identity(), MeanPooling(), head)


def test_a_network_that_draws_from_the_global_generator_brings_a_warning(path: Path) -> None:
    model = SequenceClassifier(network=torch_dropout, max_epochs=1)
    before = torch.get_rng_state()
    with pytest.warns(SeqclfWarning, match=r"global generator of torch. .* Use `seqclf.nn.Dropout"):
        model.fit(X, DATA.y, checkpoint=path)
    torch.set_rng_state(before)


class Constant:
    """A schedule whose number of draws does not show in its name."""

    n_draws = 1

    def __call__(self, spec: Any, generator: torch.Generator) -> Any:
        torch.rand(self.n_draws, generator=generator)
        return torch.optim.lr_scheduler.ConstantLR(spec.optimizer, 1.0)


def test_a_factory_that_draws_more_than_before_is_found(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupted(path, schedule=Constant())
    monkeypatch.setattr(Constant, "n_draws", 2)
    with pytest.raises(
        InvalidCheckpointError, match=r"drawn before the first batch differ. Did the code of a custom"
    ):
        small(**SHORT | {"schedule": Constant()}).fit(X, DATA.y, checkpoint=path)


def returned(value: Any) -> Callable[..., Any]:
    """Return a function that uses a variable around it."""
    return lambda: value


def recursive() -> Callable[..., Any]:
    """Return a function that refers to itself."""

    def again() -> Any:
        return again

    return again


def test_equal_parameters_have_equal_words() -> None:
    once, again = ([returned(1.0), lambda x: x, recursive(), Path("a/b"), {"a", "b"}, os] for _ in range(2))
    str(again[3])  # a path keeps its text
    assert in_words(once) == in_words(again)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (returned(1.0), returned(2.0)),
        (lambda a, b: a - b, lambda a, b: b - a),
        (lambda a: a + 1, lambda a: a + 2),
        (lambda a=1: a, lambda a=2: a),
        (lambda *, a=1: a, lambda *, a=2: a),
        (operator.itemgetter(1), operator.itemgetter(2)),
        (torch.float32, torch.float64),
        (b"a", b"b"),
        (1j, 2j),
        (Path("a"), Path("b")),
    ],
)
def test_other_parameters_have_other_words(before: Any, after: Any) -> None:
    assert in_words(before) != in_words(after)


def test_a_function_that_uses_another_value_is_refused(path: Path) -> None:
    def schedule(factor: float) -> Any:
        return lambda spec, generator: torch.optim.lr_scheduler.ConstantLR(spec.optimizer, factor)

    interrupted(path, schedule=schedule(1.0))
    with pytest.raises(InvalidCheckpointError, match=r'`schedule` was .*"factor":1.*, is .*"factor":0.5'):
        small(**SHORT | {"schedule": schedule(0.5)}).fit(X, DATA.y, checkpoint=path)


def test_the_working_directory_may_change(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (path.parent / "other").mkdir()
    monkeypatch.chdir(path.parent)
    leave = At(2, lambda: os.chdir("other"))
    small(**SHORT, callbacks=[leave]).fit(X, DATA.y, checkpoint="run.ckpt", checkpoint_every=3)
    assert [one.name for one in path.parent.rglob("*.ckpt")] == ["run.ckpt"]
    assert path.exists()


def test_an_interrupt_before_the_first_batch_keeps_the_previous_model(path: Path) -> None:
    def interrupts(spec: Any, generator: torch.Generator) -> Any:
        raise KeyboardInterrupt

    model = small(**SHORT).fit(X, DATA.y)
    before = result_of(model)
    with pytest.raises(KeyboardInterrupt):
        model.set_params(optimizer=interrupts).fit(X, DATA.y, checkpoint=path)
    assert result_of(model) == before


def rewritten(path: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    """Change the content of a checkpoint, with the digest that fits."""
    header, tensors = CHECKPOINT_FILE.read(path)
    change(header.content)
    with path.open("wb") as file:
        CHECKPOINT_FILE.write(file, header.content, tensors)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda c: c["versions"].update(seqclf="0.1"),
            "by the version of seqclf that wrote it, 0.1; this is",
        ),
        (lambda c: c.update(format=0), "by the version of seqclf that wrote it"),
        (lambda c: c["identity"].pop("seed"), "must hold the seed of its fit; got None"),
        (
            lambda c: c.update(training={"object": 1}),
            "must hold the state of a training; got ValueError: a value of kind 'object'",
        ),
        (lambda c: c["training"]["dict"].pop(), "must hold the state of a training|builds the same network"),
    ],
)
def test_edited_files_are_refused(change: Callable[[dict[str, Any]], Any], message: str, path: Path) -> None:
    interrupted(path)
    rewritten(path, change)
    with pytest.raises(InvalidCheckpointError, match=message):
        small(**SHORT).fit(X, DATA.y, checkpoint=path)


def test_another_version_of_torch_brings_a_warning(path: Path) -> None:
    interrupted(path)
    rewritten(path, lambda content: content["versions"].update(torch="2.0"))
    with pytest.warns(SeqclfWarning, match=r"was written with torch 2.0 \(now "):
        small(**SHORT).fit(X, DATA.y, checkpoint=path)


def test_damaged_and_other_files_are_refused(path: Path) -> None:
    model = interrupted(path)
    content = path.read_bytes()
    changed = bytearray(content)
    changed[-1] ^= 1
    seqclf.save(model, path.with_name("model"))
    other = path.with_name("model").read_bytes()
    for bad, message in (
        (changed, "must have the SHA-256 that it states.*delete it to start over"),
        (content[:-9], "must end with its last tensor"),
        (b"", "must start with the 8 bytes"),
        (pickle.dumps(print), "must hold its header|must be strict JSON"),
        (other, "must hold a checkpoint; got a model. Read it with `seqclf.load`"),
    ):
        path.write_bytes(bad)
        with pytest.raises(InvalidCheckpointError, match=message):
            small(**SHORT).fit(X, DATA.y, checkpoint=path)
        assert path.read_bytes() == bad
    path.write_bytes(content)
    with pytest.raises(
        seqclf.InvalidModelFileError, match=r"must hold a model; got a checkpoint. Resume its fit"
    ):
        seqclf.load(path)


def test_a_full_disk_brings_a_warning_and_training_goes_on(path: Path) -> None:
    whole = small(**SHORT).fit(X, DATA.y)
    code = """
import pickle, sys, warnings
from pathlib import Path
from interrupted.fits import result_of
from ramps import ramps, small
class Full:
    def on_epoch_end(self, record):
        limit(1000 if record.epoch < 3 else None)
data, path = ramps(48), Path(sys.argv[1])
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    model = small(max_epochs=4, batch_size=16, callbacks=[Full()]).fit(data.arrays, data.y, checkpoint=path, checkpoint_every=2)
assert any("File too large" in str(one.message) and "training continues" in str(one.message) for one in caught)
Path(sys.argv[2]).write_bytes(pickle.dumps(result_of(model)))
"""
    run_with_limit(code, path, path.with_name("result"))
    assert pickle.loads(path.with_name("result").read_bytes()) == result_of(whole)
    assert sorted(one.name for one in path.parent.iterdir()) == ["result", "run.ckpt"]
    watch = At()
    again = small(**SHORT, callbacks=[watch]).fit(X, DATA.y, checkpoint=path)
    assert watch.epochs == []
    assert result_of(again) == result_of(whole)


def test_leftovers_of_killed_writers_are_removed_and_other_files_stay(path: Path) -> None:
    names = [f".run.ckpt.{'0' * 32}.part", ".run.ckpt.x.part", f".other.{'0' * 32}.part"]
    for name in names:
        path.with_name(name).touch()
    small(**SHORT).fit(X, DATA.y, checkpoint=path)
    assert sorted(one.name for one in path.parent.iterdir()) == sorted([*names[1:], "run.ckpt"])


def test_a_pipeline_passes_the_arguments_on(path: Path) -> None:
    model = make_pipeline(MinMax(), small(**SHORT))
    model.fit(X, DATA.y, gruclassifier__checkpoint=path)
    with pytest.raises(InvalidCheckpointError, match=r"the samples differ \(values\)"):
        make_pipeline(small(**SHORT)).fit(X, DATA.y, gruclassifier__checkpoint=path)


def test_cross_validation_with_one_file_is_refused(path: Path) -> None:
    with pytest.raises(InvalidCheckpointError, match=r"the samples differ .* with another path"):
        cross_validate(
            small(**SHORT), DATA.sequences, DATA.y, cv=2, params={"checkpoint": path}, error_score="raise"
        )


def test_an_ensemble_has_no_checkpoint(path: Path) -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'checkpoint'"):
        SequenceEnsemble().fit(X, DATA.y, checkpoint=path)  # type: ignore[call-arg]


def test_a_sampler_that_is_not_at_its_first_epoch_resumes(path: Path) -> None:
    class Shuffled(EpochSampler):
        def epoch_batches(self, epoch: int) -> list[Any]:
            return list(torch.split(torch.randperm(48, generator=self.generator_of(epoch)), 16))

        def __len__(self) -> int:
            return 3

    sampler = Shuffled(48, batch_size=16, generator=torch.Generator().manual_seed(0))
    sampler.set_epoch(5)
    interrupted(path, sampler=copy.deepcopy(sampler))
    whole = small(**SHORT | {"sampler": sampler}).fit(X, DATA.y)
    resumed = small(**SHORT | {"sampler": sampler}).fit(X, DATA.y, checkpoint=path)
    assert result_of(resumed) == result_of(whole)
