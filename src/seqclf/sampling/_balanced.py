"""Batches that draw rare classes more often."""

from __future__ import annotations

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from seqclf._checks import check_number
from seqclf.sampling._classes import classes_of
from seqclf.sampling._epoch_sampler import EpochSampler, batch_sizes, split


class BalancedSampler(EpochSampler):
    """Draw indices with replacement, rare classes more often; `n_samples` draws per epoch.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        Class of each sample.
    strength : float in [0, 1], default=1.0
        A class of n samples is drawn in proportion to n ** (1 - strength): 0 keeps the class frequencies, 1 draws all
        classes equally often, 0.5 is the square-root sampling of Mahajan et al.
    batch_size, generator, rank, num_replicas
        As in `ShuffleSampler`.

    Raises
    ------
    ValueError, TypeError
        If a parameter is out of range, or `y` does not hold one class per sample.

    Notes
    -----
    Each draw picks a class, then one of its members. No weight per sample is stored, so the number of samples is not
    limited (`torch.multinomial` accepts 2**24). The few members of a rare class are drawn many times per epoch.

    A model trained on these batches predicts probabilities for the class frequencies as drawn; `prior_correction` of the
    estimators converts them back to those of `y`.

    References
    ----------
    Mahajan et al., Exploring the limits of weakly supervised pretraining, ECCV 2018, arXiv:1805.00932.

    Examples
    --------
    >>> import torch
    >>> from seqclf.sampling import BalancedSampler
    >>> y = ["N"] * 90 + ["V"] * 10
    >>> def share_of_v(strength):
    ...     generator = torch.Generator().manual_seed(0)
    ...     sampler = BalancedSampler(y, strength=strength, batch_size=50, generator=generator)
    ...     drawn = torch.cat([batch for _ in range(100) for batch in sampler])
    ...     return round(float((drawn >= 90).double().mean()), 2)
    >>> share_of_v(0.0), share_of_v(0.5), share_of_v(1.0)
    (0.1, 0.25, 0.5)
    """

    def __init__(
        self,
        y: ArrayLike,
        *,
        strength: float = 1.0,
        batch_size: int,
        generator: torch.Generator | None = None,
        rank: int = 0,
        num_replicas: int = 1,
    ) -> None:
        classes = classes_of(y)
        super().__init__(
            len(classes.codes),
            batch_size=batch_size,
            generator=generator,
            rank=rank,
            num_replicas=num_replicas,
        )
        self.strength: float = check_number("strength", strength)
        if not 0.0 <= self.strength <= 1.0:
            raise ValueError(
                f"`strength` must lie in [0, 1]; got {strength!r}. 0 keeps the class frequencies, 1 draws all classes "
                "equally often."
            )
        self._members, self._counts, self._starts = classes.members(), classes.counts, classes.starts
        # float64 throughout: float32 has only 2**24 values in [0, 1).
        shares = self._counts.double() ** (1.0 - self.strength)
        self._bounds = (shares.cumsum(0) / shares.sum())[:-1]

    def epoch_batches(self, epoch: int) -> list[Tensor]:
        """Return the batches of an epoch, over all processes together."""
        generator = self.generator_of(epoch)
        uniform = torch.rand(2, self.n_samples, dtype=torch.float64, device="cpu", generator=generator)
        classes = torch.bucketize(uniform[0], self._bounds, right=True)
        position = (uniform[1] * self._counts[classes]).long()  # among the members of the class
        order = self._members[self._starts[classes] + position]
        return split(order, self.batch_size, self.num_replicas)

    def __len__(self) -> int:
        return len(batch_sizes(self.n_samples, self.batch_size, self.num_replicas))
