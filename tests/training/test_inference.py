"""One inference loop serves validation and prediction."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from seqclf.nn import CrossEntropyLoss, LinearHead, MeanPooling, RecurrentEncoder, SequenceNetwork
from seqclf.sequences import Sequences, as_sequences
from seqclf.training import LabelledSequences, device_of, run_in_batches, score
from seqclf.training import _inference as inference

DATA = LabelledSequences(
    sequences=as_sequences(
        [[0.1, 0.9], [0.2, 0.8, 0.9], [0.0], [0.3, 0.9], [0.9, 0.1], [0.5], [0.4, 0.3], [0.9]]
    ),
    target=torch.tensor([0, 0, 0, 0, 1, 1, 1, 1]),
)


def small_model(dropout: float = 0.0) -> SequenceNetwork:
    generator = torch.Generator().manual_seed(0)
    encoder = RecurrentEncoder("gru", 1, 6, generator=generator)
    return SequenceNetwork(encoder, MeanPooling(), LinearHead(6, 2, dropout=dropout, generator=generator))


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=12), st.integers(1, 20))
def test_outputs_are_in_the_order_of_the_sequences(lengths: list[int], steps: int) -> None:
    sequences = as_sequences([[float(i)] * length for i, length in enumerate(lengths)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inference, "_STEPS_PER_BATCH", steps)
        means = run_in_batches(MeanPooling(), sequences)
    assert means.flatten().tolist() == list(range(len(lengths)))


def test_batches_are_limited_by_steps_not_by_sequences(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inference, "_STEPS_PER_BATCH", 4)
    sizes: list[int] = []

    def count(batch: Sequences) -> Tensor:
        sizes.append(len(batch.values))
        return batch.values[batch.offsets[:-1]]

    run_in_batches(nn.Identity(), as_sequences([[1.0]] * 8 + [[2.0] * 4]), count)
    assert sizes == [4, 4, 4]


@pytest.mark.parametrize("training", [True, False])
def test_scoring_does_not_change_the_module(training: bool) -> None:
    module = small_model(dropout=0.5).train(training)
    before = copy.deepcopy(module.state_dict())
    assert score(module, CrossEntropyLoss(), DATA) == score(module, CrossEntropyLoss(), DATA)
    assert all(torch.equal(before[name], value) for name, value in module.state_dict().items())
    assert all(parameter.grad is None for parameter in module.parameters())
    assert module.training is training


def test_a_failing_module_returns_to_its_mode() -> None:
    class Fails(nn.Module):
        def forward(self, batch: Sequences) -> Tensor:
            raise RuntimeError("broken")

    module = Fails().train()
    with pytest.raises(RuntimeError, match="broken"):
        run_in_batches(module, DATA.sequences)
    assert module.training


def test_the_loss_is_the_weighted_mean_over_all_samples() -> None:
    weight = torch.tensor([1.0, 1.0, 0.0, 3.0] * 2)
    weighted = LabelledSequences(sequences=DATA.sequences, target=DATA.target, weight=weight)
    module = small_model()
    logits = run_in_batches(module, DATA.sequences).double()
    losses = -logits.log_softmax(dim=1)[range(8), DATA.target]
    expected = np.average(losses.numpy(), weights=weight.numpy())
    assert score(module, CrossEntropyLoss(), weighted).loss == pytest.approx(expected, rel=1e-6)


def test_a_metric_gets_true_and_predicted_classes() -> None:
    seen = []

    def metric(target: np.ndarray, predicted: np.ndarray) -> float:
        seen.append((target.tolist(), predicted.tolist()))
        return 0.25

    module = small_model()
    scores = score(module, CrossEntropyLoss(), DATA, metric=metric)
    assert scores.monitor == 0.25
    assert seen == [(DATA.target.tolist(), run_in_batches(module, DATA.sequences).argmax(dim=1).tolist())]


def test_the_device_of_a_module_is_that_of_its_weights() -> None:
    assert device_of(nn.Linear(1, 1, device="meta")).type == "meta"
    assert device_of(nn.Identity()).type == "cpu"
