"""The training loop, step by step."""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from oracles import global_randomness
from seqclf import GRUClassifier
from seqclf.exceptions import TrainingDivergedError
from seqclf.nn import CrossEntropyLoss, LinearHead, MeanPooling, RecurrentEncoder, SequenceNetwork
from seqclf.sampling import ShuffleSampler
from seqclf.sequences import Sequences, as_sequences
from seqclf.training import (
    EpochRecord,
    History,
    LabelledSequences,
    TrainingConfig,
    new_optimizer,
    score,
    train,
)

RISING = [[0.1, 0.9], [0.2, 0.8, 0.9], [0.0, 0.3, 0.4], [0.3, 0.9]]
DATA = LabelledSequences(
    sequences=as_sequences(RISING + [one[::-1] for one in RISING]), target=torch.tensor([0] * 4 + [1] * 4)
)


class OneBatch:
    """All samples in one batch, in their order."""

    def __init__(self, n: int) -> None:
        self.n = n

    def __len__(self) -> int:
        return 1

    def __iter__(self) -> Iterator[Tensor]:
        return iter([torch.arange(self.n)])


class MeanTimesWeight(nn.Module):
    """Logits (0, w * mean of the steps), which can be computed by hand."""

    def __init__(self, weight: float = 0.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([[weight]]))

    def forward(self, batch: Sequences) -> Tensor:
        means: Tensor = MeanPooling()(batch) @ self.weight
        return torch.cat([torch.zeros_like(means), means], dim=1)


def small_model(seed: int = 0, dropout: float = 0.0) -> SequenceNetwork:
    generator = torch.Generator().manual_seed(seed)
    encoder = RecurrentEncoder("gru", 1, 6, generator=generator)
    return SequenceNetwork(encoder, MeanPooling(), LinearHead(6, 2, dropout=dropout, generator=generator))


def fit(
    module: nn.Module, *, seed: int = 0, batch_size: int = 4, data: LabelledSequences = DATA, **rest: Any
) -> History:
    options: dict[str, Any] = {"max_epochs": 4, "schedule": "constant", "lr": 0.02}
    for name in TrainingConfig.__dataclass_fields__.keys() & rest.keys() - {"optimizer"}:
        options[name] = rest.pop(name)
    config = TrainingConfig(**options)
    batches = ShuffleSampler(len(data), batch_size=batch_size, generator=torch.Generator().manual_seed(seed))
    return train(module, CrossEntropyLoss(), data, batches, config, **rest)


def test_one_step_by_hand() -> None:
    """Logits are 0: the loss is log 2, and its gradient in w is (sigmoid(0) - y) * mean = -0.5 * 3."""
    module = MeanTimesWeight()
    data = LabelledSequences(sequences=as_sequences([[1.0, 5.0]]), target=torch.tensor([1]))
    config = TrainingConfig(max_epochs=1, schedule="constant", gradient_clip=None)
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    history = train(module, CrossEntropyLoss(), data, OneBatch(1), config, optimizer=optimizer)
    assert history["train_loss"] == pytest.approx([math.log(2)])
    assert module.weight.item() == pytest.approx(0.1 * 0.5 * 3)


def test_gradients_are_reset_at_each_step() -> None:
    module = MeanTimesWeight()
    data = LabelledSequences(sequences=as_sequences([[1.0]]), target=torch.tensor([1]))
    config = TrainingConfig(max_epochs=2, schedule="constant", gradient_clip=None)
    optimizer = torch.optim.SGD(module.parameters(), lr=1.0)
    train(module, CrossEntropyLoss(), data, OneBatch(1), config, optimizer=optimizer)
    assert module.weight.item() == pytest.approx(0.5 + 1 / (1 + math.exp(0.5)))


@pytest.mark.parametrize(("clip", "moved"), [(None, 1.5), (1.0, 1.0), (0.25, 0.25), (10.0, 1.5)])
def test_gradients_are_clipped_to_the_largest_norm(clip: float | None, moved: float) -> None:
    module = MeanTimesWeight()
    data = LabelledSequences(sequences=as_sequences([[3.0]]), target=torch.tensor([1]))
    config = TrainingConfig(max_epochs=1, schedule="constant", gradient_clip=clip)
    optimizer = torch.optim.SGD(module.parameters(), lr=1.0)
    train(module, CrossEntropyLoss(), data, OneBatch(1), config, optimizer=optimizer)
    assert module.weight.item() == pytest.approx(moved, rel=1e-4)


def test_sample_weights_reach_the_loss() -> None:
    module = MeanTimesWeight()
    data = LabelledSequences(
        sequences=as_sequences([[1.0], [1.0]]), target=torch.tensor([1, 0]), weight=torch.tensor([3.0, 1.0])
    )
    config = TrainingConfig(max_epochs=1, schedule="constant", gradient_clip=None)
    optimizer = torch.optim.SGD(module.parameters(), lr=1.0)
    train(module, CrossEntropyLoss(), data, OneBatch(2), config, optimizer=optimizer)
    assert module.weight.item() == pytest.approx((3 * 0.5 - 0.5) / 4)


def test_training_learns() -> None:
    module = small_model()
    history = fit(module, max_epochs=40)
    assert history["train_accuracy"][-1] == 1.0
    losses = history["train_loss"]
    assert losses[-1] is not None
    assert losses[0] is not None
    assert losses[-1] < losses[0] / 3
    assert score(module, CrossEntropyLoss(), DATA).accuracy == 1.0


def test_the_history_has_a_record_for_each_epoch() -> None:
    history = fit(small_model(), schedule="cosine", validation=DATA[:4])
    assert history["epoch"] == [1, 2, 3, 4]
    assert all(second is not None and second > 0 for second in history["seconds"])
    assert history["lr"][0] == 0.02
    assert all(after < before for before, after in pairwise(epoch.lr for epoch in history))
    for name in ("valid_loss", "valid_accuracy", "valid_macro_f1"):
        assert all(value is not None and math.isfinite(value) for value in history[name])
    assert fit(small_model())["valid_loss"] == [None] * 4


def test_the_last_validation_scores_equal_those_of_the_fitted_module() -> None:
    module = small_model()
    some = DATA.subset(torch.arange(2, 6))
    history = fit(module, validation=some)
    expected = score(module, CrossEntropyLoss(), some)
    assert history["valid_loss"][-1] == expected.loss
    assert history["valid_accuracy"][-1] == expected.accuracy
    assert history["valid_macro_f1"][-1] == expected.macro_f1


def test_early_stopping_restores_the_best_weights() -> None:
    module, seen = small_model(), []

    class Watch:
        def on_epoch_end(self, record: EpochRecord) -> None:
            seen.append((record.monitored_loss, copy.deepcopy(module.state_dict())))

    # Swapped labels: learning makes the validation loss grow.
    wrong = LabelledSequences(sequences=DATA.sequences, target=1 - DATA.target)
    history = fit(
        module, max_epochs=30, early_stopping=True, n_iter_no_change=3, validation=wrong, callbacks=[Watch()]
    )
    best = min(range(len(seen)), key=lambda i: seen[i][0])
    assert len(history) == len(seen) == best + 1 + 3 < 30
    assert all(torch.equal(seen[best][1][name], value) for name, value in module.state_dict().items())
    assert not torch.equal(seen[-1][1]["head.linear.weight"], seen[best][1]["head.linear.weight"])


def test_a_callback_that_returns_true_stops_the_training() -> None:
    class Third:
        def on_epoch_end(self, record: EpochRecord) -> bool:
            return record.epoch == 3

    class Counts:
        seen = 0

        def on_epoch_end(self, record: EpochRecord) -> None:
            self.seen += 1

    counts = Counts()
    assert len(fit(small_model(), max_epochs=9, callbacks=[Third(), counts])) == 3
    assert counts.seen == 3, (
        "a callback is notified of the last epoch even if an earlier one stopped the training"
    )


@pytest.mark.filterwarnings("ignore")
def test_a_loss_that_is_not_finite_raises() -> None:
    message = (
        "The loss of an epoch must be finite; got nan at lr=0.02. "
        "Lower `lr`, set `gradient_clip`, or scale the features to unit variance."
    )
    with pytest.raises(TrainingDivergedError, match=re.escape(message)):
        fit(MeanTimesWeight(float("nan")))


def test_the_same_seed_gives_a_bitwise_identical_module() -> None:
    def weights(seed: int) -> dict[str, Tensor]:
        module = small_model(seed, dropout=0.3)
        fit(module, seed=seed, schedule="one_cycle")
        return module.state_dict()

    first, again, other = weights(0), weights(0), weights(1)
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert any(not torch.equal(first[name], other[name]) for name in first)


def test_global_random_states_and_inputs_are_unchanged() -> None:
    values, target = DATA[:].sequences.values.clone(), DATA.target.clone()
    before = global_randomness()
    fit(small_model(dropout=0.5), validation=DATA, augment=_noise())
    assert global_randomness() == before
    assert torch.equal(DATA[:].sequences.values, values)
    assert torch.equal(DATA.target, target)


def _noise() -> Callable[[Sequences, Tensor], Sequences]:
    generator = torch.Generator().manual_seed(0)

    def add(batch: Sequences, target: Tensor) -> Sequences:
        return batch.with_values(batch.values + torch.randn(batch.values.shape, generator=generator))

    return add


def test_augmentation_changes_training_batches_only() -> None:
    seen: list[int] = []

    def remember(batch: Sequences, target: Tensor) -> Sequences:
        assert len(batch) == len(target)
        seen.append(len(batch))
        return batch.with_values(torch.zeros_like(batch.values))

    module = MeanTimesWeight(1.0)
    history = fit(module, max_epochs=2, batch_size=5, validation=DATA, augment=remember)
    assert seen == [5, 3, 5, 3]
    # In training the module sees zeros and cannot learn; in validation it sees the data.
    assert history["train_loss"] == pytest.approx([math.log(2)] * 2, rel=1e-5)
    assert history["valid_loss"][0] != pytest.approx(math.log(2), rel=1e-3)


def test_batches_are_drawn_again_for_each_epoch() -> None:
    sampler, seen = ShuffleSampler(8, batch_size=8, generator=torch.Generator().manual_seed(0)), []

    class RecordingSampler:
        def __len__(self) -> int:
            return len(sampler)

        def __iter__(self) -> Iterator[Tensor]:
            for index in sampler:
                seen.append(index.tolist())
                yield index

    config = TrainingConfig(max_epochs=3, schedule="constant")
    train(small_model(), CrossEntropyLoss(), DATA, RecordingSampler(), config)
    assert len(seen) == 3
    assert seen[0] != seen[1]
    assert all(sorted(one) == list(range(8)) for one in seen)


def test_an_optimizer_can_be_continued() -> None:
    module = small_model()
    optimizer = new_optimizer(module, lr=0.004)
    fit(module, optimizer=optimizer, max_epochs=1)
    fit(module, optimizer=optimizer, max_epochs=2)
    assert {int(state["step"]) for state in optimizer.state.values()} == {6}


def test_the_history_grows_with_each_epoch() -> None:
    """After an interruption, the history holds the epochs so far."""

    class Interrupt:
        def on_epoch_end(self, record: EpochRecord) -> None:
            if record.epoch == 2:
                raise KeyboardInterrupt

    history = History()
    with pytest.raises(KeyboardInterrupt):
        fit(small_model(), history=history, callbacks=[Interrupt()])
    assert history["epoch"] == [1, 2]


def test_hooks_of_the_network_run() -> None:
    module, seen = small_model(), []
    module.register_forward_hook(lambda *_: seen.append("called"))
    fit(module, max_epochs=1, batch_size=8, validation=DATA)
    assert seen == ["called"] * 2, "once in training and once in validation"


def test_a_trained_module_is_left_in_evaluation_mode() -> None:
    model = GRUClassifier(hidden_size=4, max_epochs=1, random_state=0).fit([[0.1], [0.9]], [0, 1])
    assert not model.module_.training
