"""Labels and lengths in, index batches out."""

from seqclf.sampling._balanced import BalancedSampler
from seqclf.sampling._block_shuffle import BlockShuffleSampler
from seqclf.sampling._class_weights import WEIGHT_SCHEMES, WeightScheme, class_weights
from seqclf.sampling._epoch_sampler import EpochSampler
from seqclf.sampling._length_bucket import LengthBucketSampler
from seqclf.sampling._shuffle import ShuffleSampler
from seqclf.sampling._stratified import StratifiedBatchSampler

__all__ = [
    "BalancedSampler",
    "BlockShuffleSampler",
    "EpochSampler",
    "LengthBucketSampler",
    "ShuffleSampler",
    "StratifiedBatchSampler",
    "WEIGHT_SCHEMES",
    "WeightScheme",
    "class_weights",
]
