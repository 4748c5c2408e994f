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
    """Something seqclf can work with, but that is probably not what was meant.

    Examples
    --------
    Make it an error, in a test for example:

    >>> import warnings
    >>> from seqclf import SeqclfWarning
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("error", SeqclfWarning)
    """


class TrainingDivergedError(RuntimeError):
    """The loss became infinite or NaN.

    Examples
    --------
    >>> from seqclf import GRUClassifier, TrainingDivergedError
    >>> X, y = [[1e4, 1e9], [1e9, 1e4]] * 8, [1, 0] * 8
    >>> try:
    ...     model = GRUClassifier(hidden_size=4, lr=1e30, gradient_clip=None, random_state=0).fit(X, y)
    ... except TrainingDivergedError as error:
    ...     print("diverged")
    diverged
    """
