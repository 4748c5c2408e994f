"""Errors and warnings a user can meet."""


class InvalidSequenceError(ValueError):
    """Data that are not sequences: the message says what must hold, what came and what to do.

    Examples
    --------
    >>> from seqclf import as_sequences
    >>> as_sequences([[0.1, float("nan")]])
    Traceback (most recent call last):
        ...
    seqclf.exceptions.InvalidSequenceError: Every real step must be finite; got NaN in row 0, step 1, ...
    """


class SeqclfWarning(UserWarning):
    """Something seqclf can work with, but that is probably not what was meant."""


class TrainingDivergedError(RuntimeError):
    """The loss became infinite or NaN."""
