"""Labels and lengths in, index batches out."""

from seqclf.sampling._samplers import BalancedSampler, ShuffleSampler

__all__ = ["BalancedSampler", "ShuffleSampler"]
