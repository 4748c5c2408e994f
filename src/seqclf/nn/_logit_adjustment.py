"""A loss that requires a larger margin for rare classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from seqclf._checks import check_number
from seqclf.nn._losses import CrossEntropyLoss, check_class_weight, check_smoothing, class_vector


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
        for i, share in enumerate(self.class_prior):
            if not 0.0 < check_number(f"class_prior[{i}]", share) < float("inf"):
                raise ValueError(
                    f"`class_prior` must be finite and positive; got {share!r} for class {i}. Leave out classes "
                    "without samples."
                )
        if not 0.0 <= check_number("tau", self.tau) < float("inf"):
            raise ValueError(f"`tau` must be finite and not negative; got {self.tau!r}. 0 is cross-entropy.")
        check_smoothing(self.label_smoothing)
        check_class_weight(self.class_weight)

    def __call__(self, logits: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor:
        """Return the mean loss."""
        if len(self.class_prior) != logits.shape[1]:
            raise ValueError(
                f"`class_prior` must have a share for each of {logits.shape[1]} classes; got {len(self.class_prior)}."
            )
        plain = CrossEntropyLoss(label_smoothing=self.label_smoothing, class_weight=self.class_weight)
        # Counts work as well as frequencies: a constant added to all logits does not change a softmax.
        prior = class_vector(self.class_prior, logits)
        return plain(logits + self.tau * prior.log(), target, weight)
