"""Training of a classifier: randomness, resuming, validation, weights, callbacks."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.exceptions import NotFittedError
from sklearn.metrics import balanced_accuracy_score

from oracles import global_randomness
from ramps import SMALL, ramps, small
from seqclf import InvalidSequenceError, RecurrentClassifier, TrainingDivergedError
from seqclf.nn import LinearHead
from seqclf.transforms import Jitter

DATA, NEW = ramps(), ramps(20, seed=1)
BROKEN = DATA.padded(padding=float("nan"))


def test_the_same_seed_gives_a_bitwise_identical_model() -> None:
    def proba(random_state: Any) -> Any:
        model = small(
            dropout=0.3,
            num_layers=2,
            augmentation=Jitter(0.1),
            early_stopping=True,
            validation_fraction=0.5,
            random_state=random_state,
        )
        return model.fit(DATA.sequences, DATA.y).predict_proba(NEW.sequences)

    first = proba(0)
    np.testing.assert_array_equal(proba(0), first)
    assert not np.array_equal(proba(1), first)
    assert not np.array_equal(proba(None), proba(None))


@pytest.mark.parametrize("random_state", [0, None])
def test_global_random_states_and_inputs_are_unchanged(random_state: int | None) -> None:
    table, y, lengths = BROKEN.copy(), DATA.y.copy(), DATA.lengths.copy()
    weights = np.ones(len(y))
    before = global_randomness()
    options: dict[str, Any] = {"dropout": 0.3, "num_layers": 2, "random_state": random_state}
    model = small(
        early_stopping=True, validation_fraction=0.5, augmentation=Jitter(0.1), head="mlp", **options
    )
    model.fit(table, y, lengths=lengths, sample_weight=weights)
    small(sampler="balanced", pooling="attention", **options).fit(table, y, lengths=lengths)
    model.partial_fit(table, y, lengths=lengths)
    for method in ("predict", "predict_proba", "decision_function", "transform"):
        getattr(model, method)(table, lengths=lengths)
    model.score(table, y, lengths=lengths)
    assert global_randomness() == before
    np.testing.assert_array_equal(table, BROKEN)
    np.testing.assert_array_equal(y, DATA.y)
    np.testing.assert_array_equal(lengths, DATA.lengths)
    assert weights.tolist() == [1.0] * len(y)


def test_validation_data_are_scored_in_each_epoch() -> None:
    model = small(max_epochs=3)
    table = NEW.padded(padding=float("nan"))
    model.fit(DATA.arrays, DATA.y, validation_data=(table, NEW.y, NEW.lengths))
    assert model.history_["valid_accuracy"][-1] == pytest.approx(model.score(NEW.arrays, NEW.y))
    proba = model.predict_proba(NEW.arrays)[np.arange(20), NEW.y]
    assert model.history_["valid_loss"][-1] == pytest.approx(-np.log(proba).mean(), rel=1e-5)


def test_validation_data_do_not_change_the_weights() -> None:
    alone = small(max_epochs=3, dropout=0.5).fit(DATA.arrays, DATA.y)
    watched = small(max_epochs=3, dropout=0.5).fit(DATA.arrays, DATA.y, validation_data=(NEW.arrays, NEW.y))
    np.testing.assert_array_equal(alone.predict_proba(NEW.arrays), watched.predict_proba(NEW.arrays))


def test_early_stopping_restores_the_best_weights() -> None:
    model = small(max_epochs=60, schedule="constant", early_stopping=True, n_iter_no_change=3)
    # Swapped labels: the validation loss grows as soon as the network learns.
    model.fit(DATA.sequences, DATA.y, validation_data=(NEW.sequences, 1 - NEW.y))
    assert model.n_epochs_ == len(model.history_) < 60
    losses = [loss for loss in model.history_["valid_loss"] if loss is not None]
    proba = model.predict_proba(NEW.sequences)[np.arange(20), 1 - NEW.y]
    assert -np.log(proba).mean() == pytest.approx(min(losses), rel=1e-5)
    assert min(losses) < losses[-1]


def test_early_stopping_holds_out_a_validation_set() -> None:
    model = small(max_epochs=4, early_stopping=True, validation_fraction=0.5).fit(DATA.sequences, DATA.y)
    assert all(accuracy in {i / 24 for i in range(25)} for accuracy in model.history_["valid_accuracy"])
    trained = small(max_epochs=4).fit(DATA.sequences, DATA.y)
    assert trained.history_["valid_loss"] == [None] * 4


def test_a_balanced_sampler_helps_to_find_a_rare_class() -> None:
    rare = np.concatenate([np.flatnonzero(DATA.y == 0), np.flatnonzero(DATA.y == 1)[:2]])
    plain, balanced = (
        small(max_epochs=12, sampler=sampler).fit(DATA.sequences[rare], DATA.y[rare])
        for sampler in (None, "balanced")
    )
    rises = NEW.y == 1
    found = [model.predict_proba(NEW.sequences)[rises, 1].mean() for model in (plain, balanced)]
    assert found[1] > found[0] + 0.1


def test_augmentation_is_active_in_training_only() -> None:
    plain = small(max_epochs=3).fit(DATA.sequences, DATA.y)
    jittered = small(max_epochs=3, augmentation=Jitter(1.0)).fit(DATA.sequences, DATA.y)
    assert not np.array_equal(plain.predict_proba(NEW.arrays), jittered.predict_proba(NEW.arrays))
    np.testing.assert_array_equal(jittered.predict_proba(NEW.arrays), jittered.predict_proba(NEW.arrays))


def test_a_callback_can_stop_a_fit() -> None:
    class Second:
        def on_epoch_end(self, record: Any) -> bool:
            return bool(record.epoch == 2)

    assert small(callbacks=[Second()]).fit(DATA.sequences, DATA.y).n_epochs_ == 2


def test_nothing_is_printed_unless_verbose(capfd: pytest.CaptureFixture[str]) -> None:
    small().fit(DATA.sequences, DATA.y).predict(NEW.sequences)
    shown = capfd.readouterr()
    assert (shown.out, shown.err) == ("", "")
    pytest.importorskip("tqdm")
    small(verbose=True).fit(DATA.sequences, DATA.y)
    shown = capfd.readouterr()
    assert shown.out == ""
    assert "12/12" in shown.err
    assert "accuracy=" in shown.err


def test_the_device_and_the_engine_are_reported() -> None:
    model = small(device="cpu", engine="packed").fit(DATA.sequences, DATA.y)
    assert model.engine_ == "packed"
    assert {parameter.device.type for parameter in model.module_.parameters()} == {"cpu"}


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("pooling", ["last", "mean", "max", "attention", ("last", "mean", "max")])
def test_every_cell_and_pooling_learns(cell: Any, pooling: Any) -> None:
    model = RecurrentClassifier(cell=cell, pooling=pooling, bidirectional=True, **SMALL | {"max_epochs": 40})
    assert model.fit(DATA.sequences, DATA.y).score(NEW.sequences, NEW.y) >= 0.9


def test_weights_can_be_saved_to_a_buffer() -> None:
    model, buffer = small(max_epochs=1).fit(DATA.sequences, DATA.y), io.BytesIO()
    torch.save(model.module_.state_dict(), buffer)
    buffer.seek(0)
    weights = torch.load(buffer, weights_only=True)
    assert weights.keys() == model.module_.state_dict().keys()


@pytest.mark.parametrize(
    ("parameters", "options", "message"),
    [
        (
            {},
            {"validation_data": (DATA.arrays[:2], ["up", "sideways"])},
            "`validation_data\\[1\\]` must hold the classes",
        ),
        ({"class_weight": {"sideways": 2.0}}, {}, "`class_weight` must name classes"),
        ({"label_smoothing": 2.0}, {}, "`label_smoothing` must lie in"),
        ({"early_stopping": True, "validation_fraction": 2.0}, {}, "`validation_fraction` must lie in"),
        ({"lr": 1e30, "gradient_clip": None}, {}, "The loss of an epoch must be finite"),
    ],
)
def test_a_failed_fit_leaves_the_previous_model(
    parameters: dict[str, Any], options: dict[str, Any], message: str
) -> None:
    y = np.array(["down", "up"])[DATA.y]
    model = small().fit(DATA.arrays, y)
    expected = model.predict_proba(DATA.arrays)
    before = {name: value for name, value in vars(model).items() if name.endswith("_")}
    with pytest.raises((ValueError, TrainingDivergedError), match=message):
        model.set_params(**parameters).fit(DATA.arrays, y, **options)
    assert {name: value for name, value in vars(model).items() if name.endswith("_")} == before
    np.testing.assert_array_equal(model.predict_proba(DATA.arrays), expected)
    new = small(**parameters)
    with pytest.raises((ValueError, TrainingDivergedError), match=message):
        new.fit(DATA.arrays, y, **options)
    with pytest.raises(NotFittedError):
        new.predict(DATA.arrays)


def test_nan_is_rejected_in_samples_and_predictions() -> None:
    model = small().fit(DATA.sequences, DATA.y)
    values = DATA.sequences.values.clone()
    values[3] = float("nan")
    broken = DATA.sequences.with_values(values)
    with pytest.raises(InvalidSequenceError, match="Every real step must be finite; got NaN in row"):
        model.predict(broken)
    with pytest.raises(InvalidSequenceError, match="Every real step must be finite; got NaN in row"):
        small().fit(broken, DATA.y)
    with torch.no_grad():
        next(model.module_.parameters()).fill_(float("nan"))
    with pytest.raises(
        TrainingDivergedError,
        match=r"Each prediction must be finite; got \[nan, nan\] for row 0, because the weights `.*` of .* Fit again",
    ):
        model.predict(DATA.sequences)


def test_columns_of_a_data_frame_must_keep_their_order() -> None:
    table = pd.DataFrame(np.random.default_rng(0).normal(size=(8, 3)), columns=["t0", "t1", "t2"])
    model = small(padding_value=None, max_epochs=1).fit(table, [0, 1] * 4)
    assert model.feature_names_in_.tolist() == ["t0", "t1", "t2"]
    with pytest.raises(ValueError, match="Feature names must be in the same order as they were in fit"):
        model.predict(table[["t2", "t0", "t1"]])
    wider = small(max_epochs=1).fit(table, [0, 1] * 4)
    wider.predict(table.assign(t3=0.0))  # an additional column of padding is allowed
    wider.fit(table.to_numpy().tolist(), [0, 1] * 4)
    assert not hasattr(wider, "feature_names_in_")


def test_an_interrupted_fit_keeps_the_epochs_so_far() -> None:
    class Interrupt:
        def on_epoch_end(self, record: Any) -> None:
            if record.epoch == 2:
                raise KeyboardInterrupt

    model = small(callbacks=[Interrupt()])
    with pytest.raises(KeyboardInterrupt):
        model.fit(DATA.sequences, DATA.y)
    assert model.n_epochs_ == 2
    assert model.predict(NEW.sequences).shape == (20,)


def test_predictions_during_a_fit_come_from_the_previous_model() -> None:
    model = small().fit(DATA.sequences, DATA.y)
    expected, seen = model.predict_proba(NEW.sequences), []

    class Predict:
        def on_epoch_end(self, record: Any) -> None:
            seen.append(model.predict_proba(NEW.sequences))

    model.set_params(callbacks=[Predict()], random_state=1, max_epochs=2).fit(DATA.sequences, DATA.y)
    assert len(seen) == 2
    assert all(np.array_equal(expected, one) for one in seen)
    assert not np.array_equal(expected, model.predict_proba(NEW.sequences))


@pytest.mark.parametrize(
    "monitor", ["valid_loss", "valid_macro_f1", "valid_accuracy", balanced_accuracy_score]
)
def test_early_stopping_uses_the_given_monitor(monitor: Any) -> None:
    y = np.array(["falls", "rises"])
    model = small(max_epochs=40, early_stopping=True, monitor=monitor, n_iter_no_change=2, lr=0.1)
    model.fit(DATA.sequences, y[DATA.y], validation_data=(NEW.sequences, y[NEW.y]))
    name = monitor if isinstance(monitor, str) else "valid_monitor"
    values = [value for value in model.history_[name] if value is not None]
    assert len(values) == model.n_epochs_ < 40
    best = min(values) if monitor == "valid_loss" else max(values)
    if name in ("valid_accuracy", "valid_monitor"):  # both classes are equally frequent
        assert model.score(NEW.sequences, y[NEW.y]) == pytest.approx(best)


def test_a_custom_monitor_gets_the_labels_of_y() -> None:
    seen = []

    def metric(y_true: Any, y_pred: Any) -> float:
        seen.append((set(y_true), set(y_pred)))
        return float(np.mean(y_true == y_pred))

    y = np.array(["falls", "rises"])[DATA.y]
    small(max_epochs=2, early_stopping=True, validation_fraction=0.5, monitor=metric).fit(DATA.sequences, y)
    assert seen[0][0] == {"falls", "rises"}
    assert seen[0][1] <= {"falls", "rises"}


@pytest.mark.parametrize(
    "optimizer",
    ["sgd", torch.optim.Adam, lambda spec, generator: torch.optim.RMSprop(spec.parameter_groups, lr=0.01)],
)
def test_other_optimizers_learn(optimizer: Any) -> None:
    model = small(optimizer=optimizer, max_epochs=30).fit(DATA.sequences, DATA.y)
    assert model.score(NEW.sequences, NEW.y) >= 0.9
    partial = small(optimizer=optimizer).partial_fit(DATA.sequences, DATA.y)
    assert partial._model.optimizer is not None


def test_random_state_reaches_factories() -> None:
    drawn = []

    def head(spec: Any, generator: torch.Generator) -> Any:
        drawn.append(int(torch.randint(2**31 - 1, (1,), generator=generator)))
        return LinearHead(spec.n_features, spec.n_classes, generator=generator)

    for seed in (0, 0, 1):
        RecurrentClassifier(head=head, **SMALL | {"random_state": seed, "max_epochs": 1}).fit(
            DATA.arrays, DATA.y
        )
    assert drawn[0] == drawn[1] != drawn[2]


@pytest.mark.parametrize("augmentation", ["jitter", Jitter, lambda spec, generator: Jitter(0.5), Jitter(0.5)])
def test_augmentation_accepts_every_form(augmentation: Any) -> None:
    plain = small(max_epochs=2).fit(DATA.sequences, DATA.y).predict_proba(NEW.arrays)
    model = small(max_epochs=2, augmentation=augmentation).fit(DATA.sequences, DATA.y)
    assert not np.array_equal(plain, model.predict_proba(NEW.arrays))


def test_everything_after_y_is_keyword_only() -> None:
    model = small(max_epochs=1).fit(DATA.sequences, DATA.y)
    for call in (model.fit, model.partial_fit, model.score, model.fit_transform):
        with pytest.raises(TypeError, match="positional argument"):
            call(DATA.sequences, DATA.y, np.ones(48))  # type: ignore[call-arg]
    for predict in (model.predict, model.predict_proba, model.decision_function, model.transform):
        with pytest.raises(TypeError, match="positional argument"):
            predict(DATA.sequences, DATA.lengths)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            {"random_state": -1},
            r"`random_state` must be an integer from 0 to 2\*\*32 - 1, a RandomState or None; got -1",
        ),
        ({"random_state": "a"}, "got 'a'"),
        (
            {"device": "meta"},
            "`device` must be 'auto' or a device of this machine that torch can use; got 'meta'",
        ),
        ({"max_epochs": 10**400}, r"`max_epochs` must fit 64 bits; got an integer of 1329 bits"),
        ({"hidden_size": 10**9}, "A layer must fit into memory; got one of 2 inputs and 1000000000 outputs"),
        ({"hidden_size": 10**30}, r"`hidden_size` must fit 64 bits"),
        (
            {"gradient_clip": float("nan")},
            "`gradient_clip` must be positive and finite; got nan. None does not clip.",
        ),
        ({"weight_decay": float("inf")}, "`weight_decay` must be finite and not negative; got inf."),
    ],
)
def test_extreme_parameters_are_named(parameters: dict[str, Any], message: str) -> None:
    for fit in (small(**parameters).fit, small(**parameters).partial_fit):
        with pytest.raises(ValueError, match=message):
            fit(DATA.arrays, DATA.y)


@pytest.mark.parametrize(
    "parameters", [{"batch_size": 2**62}, {"n_iter_no_change": 2**62}, {"gradient_clip": 1e300}]
)
def test_huge_parameters_that_mean_no_limit_are_accepted(parameters: dict[str, Any]) -> None:
    assert small(max_epochs=2, **parameters).fit(DATA.arrays, DATA.y).n_epochs_ == 2
