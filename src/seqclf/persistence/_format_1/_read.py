"""The content of a file of format version 1 -> the model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sklearn.pipeline import Pipeline
from torch import Tensor, nn

from seqclf.estimators import SequenceClassifier, SequenceEnsemble
from seqclf.persistence._format_1._checks import invalid
from seqclf.persistence._format_1._content import check_content
from seqclf.persistence._format_1._estimators import ESTIMATOR_KINDS
from seqclf.persistence._format_1._fitted import FITTED_KINDS
from seqclf.persistence._format_1._modules import MODULES
from seqclf.persistence._format_1._reader import Reader
from seqclf.persistence._format_1._transformers import TRANSFORMER_KINDS

KINDS = MODULES | TRANSFORMER_KINDS | FITTED_KINDS | ESTIMATOR_KINDS
"""Everything that a file can name. A name in a file is a key of this dictionary, and nothing else."""


def read_model(
    content: Mapping[str, Any], tensors: Mapping[str, Tensor], modules: Mapping[str, nn.Module]
) -> Any:
    """Return the model; raise unless the content has the names of this version, and all tensors belong to it."""
    check_content(content)
    reader = Reader(tensors, KINDS, modules)
    model = reader.value(content["model"], "model")
    reader.finish()
    last = model.steps[-1][1] if isinstance(model, Pipeline) and model.steps else model
    if not isinstance(last, SequenceClassifier | SequenceEnsemble) or not last.__sklearn_is_fitted__():
        invalid("model", "be a fitted estimator, or a pipeline that ends in one", f"{type(last).__name__}")
    return model
