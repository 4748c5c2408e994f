"""Labels and probabilities in, report out."""

from seqclf.evaluation._calibration import calibration_error
from seqclf.evaluation._compare import compare
from seqclf.evaluation._comparison import Comparison
from seqclf.evaluation._evaluate import evaluate
from seqclf.evaluation._permutation_importance import PermutationImportance, permutation_importance
from seqclf.evaluation._published import PublishedFigures
from seqclf.evaluation._report import Report
from seqclf.evaluation._scores import AverageScores, ClassScores
from seqclf.evaluation._splits import Split, split_by_group, stratified_split

__all__ = [
    "AverageScores",
    "ClassScores",
    "Comparison",
    "PermutationImportance",
    "PublishedFigures",
    "Report",
    "Split",
    "calibration_error",
    "compare",
    "evaluate",
    "permutation_importance",
    "split_by_group",
    "stratified_split",
]
