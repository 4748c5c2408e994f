"""A loss that requires a larger margin for rare classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from seqclf._checks import check_not_negative, check_positive, check_sequence, convert_fields
from seqclf.nn._losses import CrossEntropyLoss, check_class_weight, check_smoothing


@dataclass(frozen=True, slots=True, kw_only=True)
class LogitAdjustedLoss:
    """Cross-entropy of logits + tau log(prior): the network need not learn the class frequencies.

    Parameters
    ----------
    class_prior : sequence of n_classes float
        Frequency of each class among the training samples, or its counts: positive.
    tau : float, default=1.0
        1 is optimal for balanced accuracy; 0 is cross-entropy.
    label_smoothing : float in [0, 1), default=0.0
        Share of the target that is spread evenly over all classes.
    class_weight : sequence of n_classes float, optional
        Weight of the samples of each class. Together with the adjustment it corrects for imbalance twice.

    Raises
    ------
    ValueError, TypeError
        If an option is out of range.

    Notes
    -----
    The prior is added in training only: with tau 1 the network predicts as if all classes were equally frequent. Adding
    tau log(prior) to its logits restores natural probabilities, as `prior_correction` of the estimators does.

    References
    ----------
    Menon, Jayasumana, Rawat, Jain, Veit & Kumar, Long-tail learning via logit adjustment, ICLR 2021, arXiv:2007.07314.

    Examples
    --------
    >>> import torch
    >>> from seqclf.nn import LogitAdjustedLoss
    >>> loss = LogitAdjustedLoss(class_prior=[0.9, 0.1])
    >>> loss(torch.zeros(1, 2), torch.tensor([1]))  # -log(0.1)
    tensor(2.3026)
    """

    class_prior: Sequence[float]
    tau: float = 1.0
    label_smoothing: float = 0.0
    class_weight: Sequence[float] | None = None

    def __post_init__(self) -> None:
        convert_fields(
            self,
            class_prior=_check_prior,
            tau=partial(check_not_negative, advice="0 is cross-entropy."),
            label_smoothing=check_smoothing,
            class_weight=check_class_weight,
        )

    def __call__(self, logits: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor:
        """Return the mean loss."""
        if len(self.class_prior) != logits.shape[1]:
            raise ValueError(
                f"`class_prior` must have a share for each of {logits.shape[1]} classes; got {len(self.class_prior)}."
            )
        plain = CrossEntropyLoss(label_smoothing=self.label_smoothing, class_weight=self.class_weight)
        # Counts work as well as frequencies: a constant added to all logits does not change a softmax. Logarithms are taken in
        # float64, because in float32 a share of 1e-50 would be 0.
        prior = torch.tensor(self.class_prior, dtype=torch.float64, device="cpu")
        return plain(logits + (self.tau * prior.log()).to(logits), target, weight)


def _check_prior(name: str, value: Any) -> tuple[float, ...]:
    given = check_sequence(
        name, value.tolist() if isinstance(value, np.ndarray | Tensor) else value, "numbers"
    )
    return tuple(
        check_positive(f"{name}[{i}]", share, "Leave out classes without samples.")
        for i, share in enumerate(given)
    )
