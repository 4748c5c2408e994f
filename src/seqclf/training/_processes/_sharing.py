"""What one of several processes does in a training, and what a process does alone."""

from __future__ import annotations

from hashlib import blake2b
from typing import Protocol

import torch
from torch import Tensor, nn

from seqclf.training._batches import IndexBatches
from seqclf.training._config import TrainingConfig
from seqclf.training._data import LabelledBatch, LabelledSequences
from seqclf.training._history import Scores
from seqclf.training._inference import run_in_batches, score, scores_of_logits
from seqclf.training._loss import LossFunction
from seqclf.training._monitor import Metric
from seqclf.training._processes._agreement import check_same, check_values, facts_of
from seqclf.training._processes._connection import Connection
from seqclf.training._processes._gradients import copy_generator, copy_state, sum_gradients
from seqclf.training._processes._group import current_group
from seqclf.training._processes._shares import Share, check_mean, share_of
from seqclf.training._tally import Tally, count

Computed = tuple[Tensor, Tensor, LabelledBatch]
"""What a share counts of the loss of its batch, its logits, and its samples."""


class Sharing(Protocol):
    """What a training must do that depends on how many processes there are."""

    def share(self, index: Tensor) -> Share:
        """Return what this process computes of a batch."""
        ...

    def complete(
        self, module: nn.Module, tally: Tally, n_samples: int, computed: Computed | None, *, stops: bool
    ) -> bool:
        """Make gradients and counts those of the whole batch of `n_samples`; return whether any process stops after it.

        `computed` is None if the share was empty.
        """
        ...

    def end_epoch(self, module: nn.Module) -> None:
        """Check that all processes were given the same batches, and give them the same weights."""
        ...

    def score(
        self, module: nn.Module, loss: LossFunction, data: LabelledSequences, metric: Metric | None
    ) -> Scores:
        """Return the scores on all of the data."""
        ...

    def any(self, value: bool) -> bool:
        """Return whether a value is true in any process."""
        ...


class Alone:
    """One process computes whole batches."""

    def share(self, index: Tensor) -> Share:
        """Return the batch."""
        return Share(index=index, factor=1.0)

    def complete(
        self, module: nn.Module, tally: Tally, n_samples: int, computed: Computed | None, *, stops: bool
    ) -> bool:
        """Count the batch."""
        if computed is not None:
            value, logits, batch = computed
            tally.add(value, logits, batch.target)
        return stops

    def end_epoch(self, module: nn.Module) -> None:
        """Do nothing."""

    def score(
        self, module: nn.Module, loss: LossFunction, data: LabelledSequences, metric: Metric | None
    ) -> Scores:
        """Return the scores."""
        return score(module, loss, data, metric=metric)

    def any(self, value: bool) -> bool:
        """Return the value."""
        return value


class Shared:
    """Several processes compute a share of each batch, and have the same weights after it."""

    def __init__(
        self, connection: Connection, loss: LossFunction, data: LabelledSequences, n_classes: int
    ) -> None:
        self._connection = connection
        self._loss = loss
        self._data = data
        self._lengths = data.sequences.lengths.cpu()
        self._n_classes = n_classes
        self._mean_is_checked = False
        self._batches = blake2b(digest_size=8)
        self._is_first_batch = True

    def share(self, index: Tensor) -> Share:
        """Return the share of this process."""
        self._batches.update(index.numpy().tobytes())
        if self._is_first_batch:
            self._check_batches()
        self._is_first_batch = False
        return share_of(
            index,
            self._data,
            self._lengths,
            self._loss,
            rank=self._connection.rank,
            n_processes=self._connection.n_processes,
        )

    def complete(
        self, module: nn.Module, tally: Tally, n_samples: int, computed: Computed | None, *, stops: bool
    ) -> bool:
        """Sum gradients and counts over the processes: one message per step."""
        device = next(module.parameters()).device
        counts = torch.zeros(2, self._n_classes, dtype=torch.float32, device=device)
        value = torch.zeros(1, dtype=torch.float32, device=device)
        if computed is not None:
            value[0], logits, batch = computed[0].detach(), computed[1].detach(), computed[2]
            counts += count(batch.target, logits.argmax(dim=1), self._n_classes)
            self._check_mean(logits, batch)
        # Counts of a batch are small enough to be exact in float32.
        n_stop = torch.full((1,), float(stops), dtype=torch.float32, device=device)
        summed = torch.cat([value * n_samples, n_stop, counts.flatten()])
        sum_gradients(self._connection, module, summed)
        tally.add_counts(summed[0], n_samples, summed[2:].view(2, -1).round().long())
        return bool(summed[1] > 0)

    def end_epoch(self, module: nn.Module) -> None:
        """Compare the batches of the epoch, and copy the weights of the first process."""
        self._check_batches()
        self._is_first_batch = True
        # Those of other kinds of CPUs differ by rounding, and would drift apart.
        copy_state(self._connection, module)

    def score(
        self, module: nn.Module, loss: LossFunction, data: LabelledSequences, metric: Metric | None
    ) -> Scores:
        """Predict a share of the data, and score the logits of all."""
        rank, n_processes = self._connection.rank, self._connection.n_processes
        order = data.sequences.lengths.cpu().argsort(descending=True, stable=True)
        mine = order[rank::n_processes]
        logits = torch.zeros(len(data), self._n_classes, dtype=torch.float32, device="cpu")
        if len(mine):
            logits[mine] = run_in_batches(module, data.subset(mine).sequences)
        self._connection.sum(logits)  # zero elsewhere, so it is exact
        found = scores_of_logits(logits, loss, data, metric)
        values = [found.loss, found.accuracy, found.macro_f1, found.monitor or 0.0]
        of_first = torch.tensor(values, dtype=torch.float64, device="cpu")
        self._connection.copy_first(of_first)  # all decide alike, even if they round differently
        values = of_first.tolist()
        monitor = None if found.monitor is None else values[3]
        return Scores(loss=values[0], accuracy=values[1], macro_f1=values[2], monitor=monitor)

    def any(self, value: bool) -> bool:
        """Return whether a value is true in any process."""
        total = torch.tensor([int(value)], dtype=torch.int64, device="cpu")
        self._connection.sum(total)
        return bool(total > 0)

    def _check_batches(self) -> None:
        check_same(
            self._connection,
            {"batches": f"checksum {self._batches.hexdigest()}"},
            "A custom `sampler` must draw the whole batches of all processes, as a function of a seed and the epoch: seed it with the "
            "generator that its factory gets, and leave `num_replicas` at 1.",
        )

    def _check_mean(self, logits: Tensor, batch: LabelledBatch) -> None:
        if not self._mean_is_checked:
            check_mean(self._loss, logits, batch.target, batch.weight)
        self._mean_is_checked = True


def start_sharing(
    module: nn.Module,
    loss: LossFunction,
    data: LabelledSequences,
    batches: IndexBatches,
    config: TrainingConfig,
    *,
    validation: LabelledSequences | None,
    optimizer: torch.optim.Optimizer | None,
    generator: torch.Generator | None,
) -> Sharing:
    """Return how a training in this process works; with several processes, check that they agree, and give them the same weights."""
    connection = current_group().connection
    if connection is None:
        return Alone()
    facts = facts_of(
        module,
        loss,
        data,
        config,
        n_batches=len(batches),
        validation=validation,
        optimizer=optimizer,
    )
    check_same(connection, facts, "Read the same data, and pass the same parameters, in every process.")
    check_values(connection, data.sequences)
    _check_normalization(module)
    copy_state(connection, module)
    synchronize_generator(generator)
    n_classes = run_in_batches(module, data.sequences[:1]).shape[1]
    return Shared(connection, loss, data, n_classes)


def synchronize_generator(generator: torch.Generator | None) -> None:
    """Give a generator the state that it has in the first process of the current group; alone, do nothing.

    Parameters
    ----------
    generator : torch.Generator or None
        Changed in place.

    Examples
    --------
    >>> import torch
    >>> from seqclf.training import synchronize_generator
    >>> synchronize_generator(torch.Generator().manual_seed(0))
    """
    connection = current_group().connection
    if connection is not None and generator is not None:
        copy_generator(connection, generator)


def _check_normalization(module: nn.Module) -> None:
    for name, one in module.named_modules():
        if isinstance(one, nn.modules.batchnorm._BatchNorm):
            raise ValueError(
                f"A network must treat the sequences of a batch independently to train on several processes; got {type(one).__name__} "
                f"as `{name}`, whose statistics would be those of a share of the batch. Use layer or group normalisation, or train "
                "in one process."
            )
