"""Ragged sequences in, logits out: everything with learnable weights."""

from seqclf.kernels import Precision
from seqclf.nn._convolution import ConvolutionalStem
from seqclf.nn._dropout import Dropout
from seqclf.nn._embedding import TokenEmbedding, embedding_size
from seqclf.nn._encoder import Cell, Nonlinearity, RecurrentEncoder
from seqclf.nn._engines import EngineName
from seqclf.nn._focal import FocalLoss
from seqclf.nn._heads import LinearHead, MLPHead
from seqclf.nn._initialization import Initialization
from seqclf.nn._linear import Linear
from seqclf.nn._logit_adjustment import LogitAdjustedLoss
from seqclf.nn._losses import CrossEntropyLoss, Loss, weighted_mean
from seqclf.nn._network import SequenceNetwork, StaticPlacement
from seqclf.nn._pooling import (
    AttentionPooling,
    ConcatPooling,
    LastState,
    MaxPooling,
    MeanPooling,
    Pooling,
)
from seqclf.nn._prepared import prepared
from seqclf.nn._spec import NetworkSpec

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
    "Linear",
    "LinearHead",
    "LogitAdjustedLoss",
    "Loss",
    "MLPHead",
    "MaxPooling",
    "MeanPooling",
    "NetworkSpec",
    "Nonlinearity",
    "Pooling",
    "Precision",
    "RecurrentEncoder",
    "SequenceNetwork",
    "StaticPlacement",
    "TokenEmbedding",
    "embedding_size",
    "prepared",
    "weighted_mean",
]
