"""A description of the training samples, for factories of losses, samplers and augmentations."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainingSpec:
    """What an estimator passes to the factories of losses, samplers and augmentations: `factory(spec, generator)`.

    Parameters
    ----------
    target : torch.Tensor of shape (n_samples,), int64
        Class index of each training sample.
    lengths : torch.Tensor of shape (n_samples,), int64
        Steps of each.
    class_counts : torch.Tensor of shape (n_classes,), float64
        Number of samples of each class, weighted by `sample_weight`; over all calls of `partial_fit`.
    n_features : int
        Number of features per step.
    batch_size : int
        Number of samples per batch.

    Examples
    --------
    >>> from seqclf import GRUClassifier
    >>> from seqclf.sampling import BalancedSampler
    >>> def half_balanced(spec, generator):
    ...     return BalancedSampler(spec.target, strength=0.5, batch_size=spec.batch_size, generator=generator)
    >>> X, y = [[0.1, 0.9], [0.9, 0.1], [0.8, 0.2]] * 8, ["up", "down", "down"] * 8
    >>> model = GRUClassifier(hidden_size=4, sampler=half_balanced, random_state=0).fit(X, y)
    >>> model.predict([[0.2, 0.8]])
    array(['up'], dtype='<U4')
    """

    target: Tensor
    lengths: Tensor
    class_counts: Tensor
    n_features: int
    batch_size: int

    @property
    def n_classes(self) -> int:
        """Number of classes."""
        return len(self.class_counts)
