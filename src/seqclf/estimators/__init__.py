"""The scikit-learn API: labels in, labels and probabilities out."""

from seqclf.estimators._default_members import default_members
from seqclf.estimators._recurrent_classifier import RecurrentClassifier
from seqclf.estimators._sequence_classifier import SequenceClassifier
from seqclf.estimators._sequence_ensemble import SequenceEnsemble
from seqclf.estimators._variants import GRUClassifier, LSTMClassifier, RNNClassifier

__all__ = [
    "GRUClassifier",
    "LSTMClassifier",
    "RNNClassifier",
    "RecurrentClassifier",
    "SequenceClassifier",
    "SequenceEnsemble",
    "default_members",
]
