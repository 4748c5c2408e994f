"""Labels and probabilities in, report out."""

from seqclf.evaluation._calibration import calibration_error
from seqclf.evaluation._compare import compare
from seqclf.evaluation._comparison import Comparison
from seqclf.evaluation._earliness import Earliness, earliness
from seqclf.evaluation._early_scores import EarlyScores
from seqclf.evaluation._evaluate import evaluate
from seqclf.evaluation._occlusion import occlusion
from seqclf.evaluation._occlusion_result import Occlusion
from seqclf.evaluation._permutation_importance import PermutationImportance, permutation_importance
from seqclf.evaluation._published import PublishedFigures
from seqclf.evaluation._report import Report
from seqclf.evaluation._scores import AverageScores, ClassScores
from seqclf.evaluation._splits import Split, split_by_group, stratified_split

__all__ = [
    "AverageScores",
    "ClassScores",
    "Comparison",
    "Earliness",
    "EarlyScores",
    "Occlusion",
    "PermutationImportance",
    "PublishedFigures",
    "Report",
    "Split",
    "calibration_error",
    "compare",
    "earliness",
    "evaluate",
    "occlusion",
    "permutation_importance",
    "split_by_group",
    "stratified_split",
]
