"""Errors and warnings raised by seqclf."""


class InvalidCheckpointError(ValueError):
    """Raised when a file is not a checkpoint, is damaged, or belongs to a fit with other data or parameters.

    The message says what must hold, what was found and what to do.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from seqclf import GRUClassifier
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "run.ckpt"
    >>> X, y = [[0.1, 0.9], [0.9, 0.1]] * 8, [1, 0] * 8
    >>> model = GRUClassifier(lr=0.004, max_epochs=1, random_state=0).fit(X, y, checkpoint=path)
    >>> GRUClassifier(lr=0.01, max_epochs=1, random_state=0).fit(X, y, checkpoint=path)
    Traceback (most recent call last):
        ...
    seqclf.exceptions.InvalidCheckpointError: ...: A checkpoint must be resumed by the same fit; `lr` was 0.004, is 0.01. ...
    """


class InvalidModelFileError(ValueError):
    """Raised when a file is not a model that `seqclf.save` wrote, or was damaged or edited since.

    The message says what must hold, what was found and what to do.

    Examples
    --------
    >>> import seqclf, tempfile
    >>> with tempfile.NamedTemporaryFile(suffix=".safetensors") as file:
    ...     seqclf.load(file.name)
    Traceback (most recent call last):
        ...
    seqclf.exceptions.InvalidModelFileError: ... must start with the 8 bytes that give the length of its header; got 0 bytes. ...
    """


class InvalidSequenceError(ValueError):
    """Raised when data cannot be read as sequences.

    The message says what must hold, what was found and how to fix it.

    Attributes
    ----------
    rows : tuple of int
        All sequences whose values are finite but too large for a transformer or a network; empty for any other cause.

    Examples
    --------
    >>> from seqclf import as_sequences
    >>> as_sequences([[0.1, float("nan")]])
    Traceback (most recent call last):
        ...
    seqclf.exceptions.InvalidSequenceError: Every real step must be finite; got NaN in row 0, step 1, ...
    """

    rows: tuple[int, ...] = ()


class ProcessFailedError(RuntimeError):
    """Raised in a process of a `seqclf.distributed` block when another process failed, with the message of that process.

    Examples
    --------
    It leaves the block of each process that did not fail itself, and torchrun ends the script:

    >>> import seqclf
    >>> with seqclf.distributed():
    ...     pass
    """


class SeqclfWarning(UserWarning):
    """Warning about valid input that is probably a mistake.

    Examples
    --------
    Turn it into an error, for example in a test:

    >>> import warnings
    >>> from seqclf import SeqclfWarning
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("error", SeqclfWarning)
    """


class TrainingDivergedError(RuntimeError):
    """Raised when the training loss becomes infinite or NaN.

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
