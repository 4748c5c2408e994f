"""`audit_padding`: any model and padded sequences in, `PaddingAudit` out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from seqclf._checks import check_integer, check_positive
from seqclf.audit._case import Case
from seqclf.audit._diagnosis import diagnose
from seqclf.audit._input import read_input, select_rows
from seqclf.audit._invariants import check_invariants
from seqclf.audit._lengths import check_given_lengths, interior_padding_values
from seqclf.audit._model import as_model
from seqclf.audit._pooling import pooled_steps_of
from seqclf.audit._result import PaddingAudit


def audit_padding(
    model: Any,
    X: Any,
    lengths: ArrayLike | None = None,
    *,
    padding_value: float = 0.0,
    missing: Literal["error", "keep"] = "error",
    tolerance: float = 1e-4,
    max_sequences: int = 64,
    random_state: int = 0,
) -> PaddingAudit:
    """Test whether padding affects the predictions of a model, and name the likely mistake.

    Parameters
    ----------
    model : callable, estimator or torch.nn.Module
        A model of any framework. It maps an array with the number of axes of `X` to scores of shape (n, n_classes) or
        (n,): probabilities or logits; of a tuple, such as `(logits, hidden)`, the first element counts. Lengths are
        passed if its signature has a parameter `lengths` (by keyword) or a second parameter without default (by
        position). Of an estimator, `predict_proba` is called, or `decision_function` if it has no `predict_proba`. A torch module is called with tensors; it is copied and stays
        in its training or evaluation mode. A network that maps `Sequences` is audited in its fitted estimator.
    X : array of shape (n_samples, n_timesteps) or (n_samples, n_timesteps, n_features)
        Real sequences, padded at the end, as passed to the model. A few dozen of different lengths are enough.
    lengths : array-like of shape (n_samples,) of int, default=None
        Number of real steps in each row; None strips trailing `padding_value`.
    padding_value : float, default=0.0
        Value that `X` is padded with.
    missing : {"error", "keep"}, default="error"
        "keep": real steps may hold NaN, as an estimator with `missing="indicator"` takes them; see `seqclf.as_sequences`.
    tolerance : float, default=1e-4
        Largest change of a probability that counts as rounding.
    max_sequences : int, default=64
        Number of sequences to use, at least 2; if `X` has more, a subset that covers all lengths is taken.
    random_state : int, default=0
        Seed of the values written over padding and of the row orders.

    Returns
    -------
    PaddingAudit
        A verdict for each invariant, and the likely mistake.

    Raises
    ------
    TypeError
        If `model` is neither callable nor an estimator, or `X` is not an array.
    ValueError
        If there are fewer than two sequences, an option is out of range, or the scores are not one finite row per
        sequence.
    seqclf.InvalidSequenceError
        If `X` and `lengths` do not describe sequences.

    See Also
    --------
    assert_padding_invariant : The same as an assertion, for test suites.
    seqclf.describe_padding : Describe the padding of a table.

    Notes
    -----
    An audit calls the model about a hundred times and compares its predictions. One mistake leaves no trace in them: a
    backward direction pooled at the last real step, where it has seen only one step, does not depend on padding. For a
    torch module, the audit therefore also looks at the gradient with respect to the output of the last recurrent layer
    (`torch.nn.RNN`, `GRU`, `LSTM`, or an encoder of such layers that returns `Sequences`) and names the steps that are pooled,
    or reports that they are unknown.

    A model without lengths can recognise padding only by its value, so the content of its padding is not tested. The
    model need not be trained, but its scores must differ between sequences. A model with further inputs, such as static
    features, can be wrapped in a function that keeps them constant.

    Examples
    --------
    A mean over all columns, and a mean over the real steps:

    >>> import numpy as np
    >>> from seqclf.audit import audit_padding
    >>> X = np.array([[0.2, 0.9, 0.4, 0.0], [0.7, 0.1, 0.0, 0.0], [0.3, 0.3, 0.8, 0.5]])
    >>> def over_columns(table, lengths):
    ...     return 1 / (1 + np.exp(-table.mean(axis=1)))
    >>> audit_padding(over_columns, X)["padding content"].verdict
    'broken'
    >>> def over_steps(table, lengths):
    ...     real = np.arange(table.shape[1]) < lengths[:, None]
    ...     return 1 / (1 + np.exp(-np.where(real, table, 0).sum(axis=1) / lengths))
    >>> audit_padding(over_steps, X).passed
    True
    """
    max_sequences = check_integer("max_sequences", max_sequences, least=2)
    tolerance = check_positive("tolerance", tolerance, "0.0001 is the default.")
    random_state = check_integer("random_state", random_state, least=0)
    padded = read_input(X, lengths, padding_value, missing)
    rows = select_rows(padded, max_sequences)
    callable_model = as_model(model, flat=padded.flat, dtype=padded.dtype)
    table, real = padded.table[rows], padded.lengths[rows]
    case = Case(
        model=callable_model,
        table=table,
        lengths=real,
        padding_value=float(padding_value),
        rng=np.random.default_rng(random_state),
        predictions=callable_model(table, real),
    )
    checks = check_invariants(case, tolerance=tolerance)
    if checks["true zeros"].verdict == "broken":
        note = interior_padding_values(padded.table, padded.lengths, case.padding_value)
        checks["true zeros"] = replace(checks["true zeros"], note=note)
    if lengths is not None and callable_model.takes_lengths:
        checks["lengths"] = check_given_lengths(padded, case, rows, tolerance=tolerance)
    pooled = pooled_steps_of(case) if checks["determinism"].verdict == "holds" else {}
    return PaddingAudit(
        checks=tuple(replace(c, worst=tuple(int(rows[i]) for i in c.worst)) for c in checks.values()),
        diagnosis=diagnose(case, checks, pooled, tolerance=tolerance),
        pooled_steps=pooled,
        n_sequences=len(rows),
        tolerance=tolerance,
    )


def assert_padding_invariant(model: Any, X: Any, lengths: ArrayLike | None = None, **options: Any) -> None:
    """Raise `AssertionError` if padding affects the predictions of a model.

    Parameters
    ----------
    model, X, lengths, **options
        As in `audit_padding`.

    Raises
    ------
    AssertionError
        If the audit does not pass; the message contains the whole audit.

    Examples
    --------
    >>> import numpy as np
    >>> from seqclf.audit import assert_padding_invariant
    >>> X = np.array([[0.2, 0.9, 0.4, 0.0], [0.7, 0.1, 0.0, 0.0], [0.3, 0.3, 0.8, 0.5]])
    >>> assert_padding_invariant(lambda table: 1 / (1 + np.exp(-table.max(axis=1))), X)
    >>> assert_padding_invariant(lambda table: 1 / (1 + np.exp(-table[:, -1])), X)
    Traceback (most recent call last):
        ...
    AssertionError: Predictions must not depend on padding; ...
    """
    audit = audit_padding(model, X, lengths, **options)
    if not audit.passed:
        raise AssertionError(f"Predictions must not depend on padding; {audit.diagnosis}.\n\n{audit}")
