"""Convert the weights of a fitted classifier to safetensors."""

from __future__ import annotations

import json
from typing import Any

from safetensors.torch import save

from seqclf.tracking._values import jsonable


def weights_of(model: Any) -> bytes:
    """Return the weights and class order of a classifier, or of the last step of a pipeline."""
    classifier = model.steps[-1][1] if hasattr(model, "steps") else model
    weights = {name: value.detach().cpu() for name, value in classifier.module_.state_dict().items()}
    classes = json.dumps([jsonable(label) for label in classifier.classes_])
    return save(weights, metadata={"estimator": type(classifier).__name__, "classes": classes})
