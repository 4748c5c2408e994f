"""`audit_padding`: any model and padded sequences in, `PaddingAudit` out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from seqclf._checks import check_integer, check_number
from seqclf.audit import _experiments
from seqclf.audit._case import Case
from seqclf.audit._diagnosis import diagnose
from seqclf.audit._model import Floats, Integers, Model
from seqclf.audit._padding_audit import InvariantCheck, PaddingAudit
from seqclf.audit._true_zeros import check_given_lengths, share_in_words

EXPERIMENTS = {
    "padding content": _experiments.padding_content,
    "padding amount": _experiments.padding_amount,
    "order": _experiments.order,
    "neighbours": _experiments.neighbours,
    "batch size": _experiments.batch_size,
    "true zeros": _experiments.true_zeros,
}


def audit_padding(
    model: Any,
    X: Any,
    lengths: ArrayLike | None = None,
    *,
    padding_value: float = 0.0,
    tolerance: float = 1e-4,
    max_sequences: int = 64,
    random_state: int = 0,
) -> PaddingAudit:
    """Find out whether padding reaches a model's answer, and by which mistake.

    Parameters
    ----------
    model : callable, estimator or torch.nn.Module
        From any framework: maps a padded array of the form of `X`, and lengths if it has a parameter for them (one named
        `lengths`, or a second one without default), to scores of shape (n, n_classes) or (n,): probabilities or logits.
        An estimator is asked by `predict_proba`. A torch module gets tensors, is copied, and stays in its mode.
    X : array of shape (n_samples, n_timesteps) or (n_samples, n_timesteps, n_features)
        Real sequences, padded at the end, as the model sees them. Some dozens will do; their lengths should differ.
    lengths : array-like of shape (n_samples,) of int, default=None
        Real steps of each row; None strips trailing `padding_value`.
    padding_value : float, default=0.0
        What `X` is padded with.
    tolerance : float, default=1e-4
        Change of a probability that counts; below it is rounding.
    max_sequences : int, default=64
        Sequences to use, at least 2; of more, some of each length are taken.
    random_state : int, default=0
        Seed of the garbage that is written over padding and of the orders.

    Returns
    -------
    PaddingAudit
        A verdict for each invariant, and the likely mistake.

    Raises
    ------
    TypeError
        If `model` cannot be called.
    ValueError
        If there are fewer than two sequences, an option is out of range or the scores are not one finite row per sequence.
    seqclf.InvalidSequenceError
        If `X` and `lengths` are no sequences.

    See Also
    --------
    assert_padding_invariant : The same, for a test of your own.
    seqclf.describe_padding : What the padding of a table looks like.

    Notes
    -----
    An audit runs the model some hundred times and sees what its answers show. It cannot see that a backward direction
    is read where it has read one step only, because that answer does not depend on padding; with a torch module it
    looks for the gradient in the last recurrent layer (`torch.nn.RNN`, `GRU`, `LSTM`) and names the step. A model
    without lengths cannot know what is padding by other than its value, so there the content of padding is not tested. An
    untrained model is as good as a trained one, unless its scores hardly differ.

    Examples
    --------
    A mean over all columns, and one over the real steps:

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
    check_integer("max_sequences", max_sequences, least=2)
    if not check_number("tolerance", tolerance) > 0:
        raise ValueError(f"`tolerance` must be positive; got {tolerance!r}. 0.0001 is the default.")
    given = _read(X, lengths, padding_value)
    rows = _of_all_lengths(given.lengths, max_sequences)
    if (
        len(rows) == given.table.shape[1] > 2
    ):  # as many rows as columns: swapped axes would look like right ones
        rows = rows[:-1]
    asked = Model(model, flat=given.flat, dtype=given.dtype)
    table, real = given.table[rows], given.lengths[rows]
    case = Case(
        model=asked,
        table=table,
        lengths=real,
        padding_value=float(padding_value),
        rng=np.random.default_rng(random_state),
        answers=asked(table, real),
    )
    checks = _run_checks(case, tolerance)
    if checks["true zeros"].verdict == "broken":
        note = share_in_words(given.table, given.lengths, case.padding_value)
        checks["true zeros"] = replace(checks["true zeros"], note=note)
    if lengths is not None and asked.takes_lengths:
        checks["lengths"] = check_given_lengths(
            given.original, given.lengths, case, rows, tolerance=tolerance
        )
    read_out = _read_out(case) if asked.is_module and checks["determinism"].verdict == "holds" else {}
    return PaddingAudit(
        checks=tuple(
            replace(check, worst=tuple(int(rows[i]) for i in check.worst)) for check in checks.values()
        ),
        diagnosis=diagnose(case, checks, read_out, tolerance=tolerance),
        read_out=read_out,
        n_sequences=len(rows),
        tolerance=tolerance,
    )


def assert_padding_invariant(model: Any, X: Any, lengths: ArrayLike | None = None, **options: Any) -> None:
    """Fail a test of your own if padding reaches a model's answer.

    Parameters
    ----------
    model, X, lengths, **options
        As in `audit_padding`.

    Raises
    ------
    AssertionError
        With the whole audit, if anything is wrong.

    Examples
    --------
    >>> import numpy as np
    >>> from seqclf.audit import assert_padding_invariant
    >>> X = np.array([[0.2, 0.9, 0.4, 0.0], [0.7, 0.1, 0.0, 0.0], [0.3, 0.3, 0.8, 0.5]])
    >>> assert_padding_invariant(lambda table: 1 / (1 + np.exp(-table.max(axis=1))), X)
    >>> assert_padding_invariant(lambda table: 1 / (1 + np.exp(-table[:, -1])), X)
    Traceback (most recent call last):
        ...
    AssertionError: The answer must not depend on padding; ...
    """
    audit = audit_padding(model, X, lengths, **options)
    if not audit.passed:
        raise AssertionError(f"The answer must not depend on padding; {audit.diagnosis}.\n\n{audit}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """What the user passed, as arrays."""

    table: Floats  # (n, time, feature), `padding_value` behind each length
    original: Floats  # the same with what really stood behind the lengths
    lengths: Integers
    flat: bool  # the model takes (n, time)
    dtype: np.dtype[Any]


def _read(X: Any, lengths: ArrayLike | None, padding_value: float) -> _Given:
    from seqclf.sequences import as_sequences, pad  # needs torch, without which the rest of this room works

    sequences = as_sequences(X, lengths=lengths, padding_value=padding_value)
    if len(sequences) < 2:
        raise ValueError(f"An audit needs at least two sequences; got {len(sequences)}. Pass some dozens.")
    shape: tuple[int, ...] = tuple(getattr(X, "shape", ()))
    if len(shape) not in (2, 3):
        raise TypeError(
            f"`X` must be a padded array, 2-D or 3-D, as the model takes it; got {type(X).__name__}. "
            "Use `seqclf.pad` to write sequences into one."
        )
    original = np.asarray(X)
    table = pad(sequences, padding_value=padding_value, total_length=shape[1])[0].double().numpy()
    return _Given(
        table=table,
        original=original.astype(np.float64).reshape(table.shape),
        lengths=sequences.lengths.numpy(),
        flat=len(shape) == 2,
        dtype=original.dtype if original.dtype.kind == "f" else np.dtype(np.float64),
    )


def _of_all_lengths(lengths: Integers, n: int) -> Integers:
    """Choose at most `n` rows, spread over the lengths, in their order."""
    if len(lengths) <= n:
        return np.arange(len(lengths))
    by_length = np.argsort(lengths, kind="stable")
    return np.sort(by_length[np.linspace(0, len(lengths) - 1, n).round().astype(np.int64)])


def _run_checks(case: Case, tolerance: float) -> dict[str, InvariantCheck]:
    repeated = _experiments.run("determinism", _experiments.repeat, case, tolerance=tolerance)
    if repeated.verdict == "broken":
        reason = "the same input gets different answers"
        skipped = {name: InvariantCheck(name=name, verdict="not tested", note=reason) for name in EXPERIMENTS}
        return {"determinism": repeated} | skipped
    return {"determinism": repeated} | {
        name: _experiments.run(name, experiment, case, tolerance=tolerance)
        for name, experiment in EXPERIMENTS.items()
    }


def _read_out(case: Case) -> dict[str, str]:
    from seqclf.audit._read_out import read_out_of  # torch is loaded for a module only

    return read_out_of(case)
