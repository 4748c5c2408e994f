"""Ragged in, logits out: everything with learnable weights."""

from seqclf.nn._convolution import ConvolutionalStem
from seqclf.nn._dropout import Dropout
from seqclf.nn._encoder import Cell, Nonlinearity, RecurrentEncoder
from seqclf.nn._engines import EngineName
from seqclf.nn._focal import FocalLoss
from seqclf.nn._heads import LinearHead, MLPHead
from seqclf.nn._initialization import Initialization
from seqclf.nn._logit_adjustment import LogitAdjustedLoss
from seqclf.nn._losses import CrossEntropyLoss, Loss
from seqclf.nn._network import SequenceNetwork
from seqclf.nn._pooling import (
    AttentionPooling,
    ConcatPooling,
    LastState,
    MaxPooling,
    MeanPooling,
    Pooling,
)

__all__ = [
    "AttentionPooling",
    "Cell",
    "ConcatPooling",
    "ConvolutionalStem",
    "CrossEntropyLoss",
    "Dropout",
    "EngineName",
    "FocalLoss",
    "Initialization",
    "LastState",
    "LinearHead",
    "LogitAdjustedLoss",
    "Loss",
    "MLPHead",
    "MaxPooling",
    "MeanPooling",
    "Nonlinearity",
    "Pooling",
    "RecurrentEncoder",
    "SequenceNetwork",
]
