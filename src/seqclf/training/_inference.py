"""The inference loop of validation and prediction: a network over many sequences, in batches."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from seqclf.sequences import LazySequences, Sequences, most_steps
from seqclf.training._calls import call_network
from seqclf.training._data import LabelledSequences
from seqclf.training._history import Scores
from seqclf.training._loss import LossFunction
from seqclf.training._monitor import Metric, measure
from seqclf.training._tally import count, scores_of
from seqclf.training._turns import one_at_a_time

_STEPS_PER_BATCH = 50_000
"""Real steps per batch: memory then depends on the model alone, however long the sequences are."""


@torch.no_grad()
def run_in_batches(
    module: nn.Module,
    sequences: Sequences | LazySequences,
    function: Callable[[Sequences], Tensor] | None = None,
) -> Tensor:
    """Run a module, or a method of it, over sequences in evaluation mode.

    Parameters
    ----------
    module : torch.nn.Module
        Set to evaluation mode while it runs; its previous mode is restored.
    sequences : Sequences or LazySequences
        Batches are moved to the module's device. Sequences of similar length run together, because a batch of the packed engine
        takes as many steps as its longest sequence.
    function : callable or None, default=None
        `Sequences` -> tensor with one row for each; None calls the module, with its hooks.

    Returns
    -------
    torch.Tensor of shape (n_sequences, ...)
        In the order of `sequences`, on the CPU.

    Examples
    --------
    >>> from seqclf import as_sequences
    >>> from seqclf.nn import MeanPooling
    >>> from seqclf.training import run_in_batches
    >>> run_in_batches(MeanPooling(), as_sequences([[1, 2, 3], [4]]))
    tensor([[2.],
            [4.]])
    """
    device = device_of(module)
    with one_at_a_time(most_steps(sequences), device):
        return _run_in_batches(module, sequences, function, device)


def _run_in_batches(
    module: nn.Module,
    sequences: Sequences | LazySequences,
    function: Callable[[Sequences], Tensor] | None,
    device: torch.device,
) -> Tensor:
    was_training = module.training
    module.eval()
    order = sequences.lengths.argsort(descending=True, stable=True)
    steps = sequences.lengths[order].cumsum(0)
    # A new batch begins where the steps pass another multiple of the batch's size.
    batch_of = torch.div(steps - 1, _STEPS_PER_BATCH, rounding_mode="floor")
    sizes = torch.unique_consecutive(batch_of, return_counts=True)[1].tolist()
    try:
        outputs = [
            call_network(module, sequences[index].to(device), function).cpu()
            for index in torch.split(order, sizes)
        ]
    finally:
        module.train(was_training)
    return torch.cat(outputs)[order.argsort().cpu()]


@torch.no_grad()
def score(
    module: nn.Module, loss: LossFunction, data: LabelledSequences, *, metric: Metric | None = None
) -> Scores:
    """Return loss, accuracy and macro F1 of a module on data, without training it.

    Parameters
    ----------
    module : torch.nn.Module
        Maps `Sequences` to logits of shape (batch, n_classes).
    loss : callable
        Maps logits, targets and weights to a scalar; called once, with all samples.
    data : LabelledSequences
        The samples to predict.
    metric : callable or None, default=None
        A further metric, `(target, predicted) -> float`, of class indices as arrays of shape (n_samples,).

    Returns
    -------
    Scores

    Examples
    --------
    >>> import torch
    >>> from seqclf import as_sequences
    >>> from seqclf.nn import CrossEntropyLoss
    >>> from seqclf.training import LabelledSequences, score
    >>> class FirstValue(torch.nn.Module):
    ...     def forward(self, sequences):
    ...         first = sequences.values[sequences.offsets[:-1]]
    ...         return torch.cat([-first, first], dim=1)
    >>> data = LabelledSequences(sequences=as_sequences([[1, 0], [-1]]), target=torch.tensor([1, 0]))
    >>> score(FirstValue(), CrossEntropyLoss(), data).accuracy
    1.0
    """
    return scores_of_logits(run_in_batches(module, data.sequences), loss, data, metric)


def scores_of_logits(
    logits: Tensor, loss: LossFunction, data: LabelledSequences, metric: Metric | None
) -> Scores:
    """Return the scores of logits of all samples, on the CPU."""
    target, predicted = data.target.cpu(), logits.argmax(dim=1)
    weight = None if data.weight is None else data.weight.cpu()
    accuracy, macro_f1 = scores_of(count(target, predicted, logits.shape[1]))
    return Scores(
        loss=float(loss(logits, target, weight)),
        accuracy=accuracy,
        macro_f1=macro_f1,
        monitor=None if metric is None else measure(metric, target.numpy(), predicted.numpy()),
    )


def device_of(module: nn.Module) -> torch.device:
    """Return the device of a module's first parameter; the CPU for a module without parameters.

    Examples
    --------
    >>> import torch
    >>> from seqclf.training import device_of
    >>> device_of(torch.nn.Linear(2, 2))
    device(type='cpu')
    """
    return next((p.device for p in module.parameters()), torch.device("cpu"))
