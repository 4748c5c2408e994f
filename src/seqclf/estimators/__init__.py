"""The scikit-learn face: labels in, labels and probabilities out."""

from seqclf.estimators._classifier import RecurrentClassifier
from seqclf.estimators._imbalance import MakeSampler
from seqclf.estimators._variants import GRUClassifier, LSTMClassifier, RNNClassifier

__all__ = ["GRUClassifier", "LSTMClassifier", "MakeSampler", "RNNClassifier", "RecurrentClassifier"]
