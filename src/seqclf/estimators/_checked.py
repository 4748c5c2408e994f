"""Parameters as the user set them -> parameters that can be relied on."""

from __future__ import annotations

from dataclasses import fields
from typing import TypeVar

import numpy as np

from seqclf._checks import check_boolean
from seqclf.estimators._parameters import Parameters

Estimator = TypeVar("Estimator", bound=Parameters)


def checked(estimator: Estimator) -> Estimator:
    """Return a copy of an estimator in which NumPy scalars are Python's numbers and booleans are booleans.

    scikit-learn demands that an estimator stores its parameters as they were given. A fit therefore reads them from this copy
    only, so that no parameter reaches torch unconverted. Numbers are checked where their range is known.
    """
    parameters = object.__new__(type(estimator))
    vars(parameters).update(vars(estimator))
    for field in fields(estimator):
        value = getattr(estimator, field.name)
        if isinstance(value, np.generic):
            value = value.item()
        if field.type in ("bool", bool):
            value = check_boolean(field.name, value)
        setattr(parameters, field.name, value)
    return parameters
