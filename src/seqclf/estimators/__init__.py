"""The scikit-learn API: labels in, labels and probabilities out."""

from seqclf.estimators._recurrent_classifier import RecurrentClassifier
from seqclf.estimators._sequence_classifier import SequenceClassifier
from seqclf.estimators._variants import GRUClassifier, LSTMClassifier, RNNClassifier

__all__ = ["GRUClassifier", "LSTMClassifier", "RNNClassifier", "RecurrentClassifier", "SequenceClassifier"]
