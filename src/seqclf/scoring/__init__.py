"""A fitted model and tables with a sequence in each row in, predictions out: in memory, or from file to file."""

from seqclf.scoring._batch_scorer import BatchScorer
from seqclf.scoring._score_table import ScoredTable, score_table

__all__ = ["BatchScorer", "ScoredTable", "score_table"]
