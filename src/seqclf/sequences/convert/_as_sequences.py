"""`as_sequences`: the entry point of input conversion."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from seqclf._checks import check_boolean, check_choice
from seqclf._row_order import check_row_order
from seqclf._tables import is_groupby
from seqclf.sequences._container import Sequences
from seqclf.sequences._finite import MissingValues, check_finite_steps
from seqclf.sequences._numbers import read_array
from seqclf.sequences.convert._arrow import from_arrow, is_arrow
from seqclf.sequences.convert._axes import warn_of_swapped_axes
from seqclf.sequences.convert._cells import from_cells, refuse_array_of_cells
from seqclf.sequences.convert._column_names import feature_names_of
from seqclf.sequences.convert._flat import from_flat, is_flat
from seqclf.sequences.convert._frames import refuse_features_side_by_side, refuse_long_table
from seqclf.sequences.convert._groupby import from_groupby
from seqclf.sequences.convert._holders import refuse_holder
from seqclf.sequences.convert._lists import from_list
from seqclf.sequences.convert._nested import from_nested
from seqclf.sequences.convert._packed import from_packed
from seqclf.sequences.convert._padded_arrays import from_padded_array
from seqclf.sequences.convert._tokens import from_tokens
from seqclf.sequences.padding import check_padding_value


def as_sequences(
    X: Any,
    *,
    lengths: Any = None,
    padding_value: float | None = 0.0,
    static: Any = None,
    dtype: Literal["float32", "float64"] | None = "float32",
    missing: MissingValues = "error",
    vocabulary: Any = None,
    check_axes: bool = True,
) -> Sequences:
    """Convert data to `Sequences`, dropping the padding.

    Parameters
    ----------
    X : array, DataFrame, list of arrays, Arrow list array, PackedSequence, nested tensor or Sequences
        - A padded array (NumPy, torch, anything with `to_numpy` or `__array__`) of shape
          (n_samples, n_timesteps) for one feature, or (n_samples, n_timesteps, n_features). The padding is
          at the end of each row. One recording of shape (n_steps, n_features) is not such a table: pass `[recording]`.
        - A list, a tuple or a NumPy array of dtype object is *always* a list of sequences of shape (n_steps,)
          or (n_steps, n_features), also if they are equally long. Nothing is stripped from them; DataFrames among
          them must have the same columns in the same order. A DataFrame itself is a padded array, whatever the
          dtype of its columns.
        - A tuple `(values, lengths)` of two arrays: all steps, of shape (n_steps,) or (n_steps, n_features), and integers that
          sum to n_steps.
        - A `pyarrow` array of list<number> (one feature), list<fixed_size_list<number>> or list<list<number>> with
          equally long inner lists, chunked or not.
        - pandas' `frame.groupby(id)[columns]`: a sequence per group, its steps in the order of the rows. See
          `from_long` for tables with one row per step, whose MultiIndex or column of ids is refused here, as are several features side by side in a MultiIndex of columns.
        - A `torch.nn.utils.rnn.PackedSequence`.
        - A nested tensor of shape (n_samples, any) or (n_samples, any, n_features).
        - `Sequences` are returned as they are (the same object), unless `static` or another dtype is asked for.
    lengths : array-like of shape (n_samples,) of int, default=None
        Number of real steps in each row of a padded array, 1 to `n_timesteps`. Steps after them are never read.
    padding_value : float or None, default=0.0
        Used if `lengths` is None: a step is padding if *all* its features equal this value and no real step
        follows. NaN matches NaN, and `pandas.NA` stands for NaN. Each row keeps at least one step. None: no step is padding.
    static : array-like of shape (n_samples,) or (n_samples, n_static_features), default=None
        Features of whole sequences, such as the age of a patient: finite numbers in an array, DataFrame, list or
        tensor. They are indexed and sliced together with the sequences. The columns of a DataFrame are the `static_names`, which models
        compare with those of `fit`.
    dtype : {"float32", "float64"} or None, default="float32"
        Type of the values. Networks need float32; take float64 for numbers that need more than 7 digits until they are
        scaled, such as times in seconds since 1970 or map coordinates. None rounds nothing and copies least: float32 where
        the type of X fits it (float32 and smaller, integers of 16 bits), otherwise float64.
    missing : {"error", "keep"}, default="error"
        "keep": missing values, which are NaN, None, `pandas.NA` and nulls of Arrow, stay as NaN, for `fit` of an estimator with
        `missing="indicator"` and for `seqclf.transforms.FillMissing`. Nothing else reads them. In a padded array with
        `padding_value=float("nan")`, only steps of NaN at the end of a row are padding; with another padding value, such steps
        are refused, because they may be either.
    vocabulary : "auto", list of str or int, or dict of column name to one of these, default=None
        Read X as tokens, such as characters or activities, instead of numbers. The code of a token is 1 plus its position in the
        vocabulary; tokens that are not in it, and missing ones (None, NaN), have the code 0. "auto" takes all tokens that occur,
        sorted. X is then

        - a list of strings, each a sequence of its *characters*;
        - a list of lists (or 1-D arrays) of strings or integers, each of which is a token;
        - a list of data frames: a dict names their categorical columns, and all others are features; with "auto", columns that
          do not hold numbers are categorical;
        - `Sequences` with tokens, which get the codes of these vocabularies.
    check_axes : bool, default=True
        Whether to warn if there are more features than time steps. False for data in which there really are.

    Returns
    -------
    Sequences
        On the device of `X` if `X` is a tensor. The columns of data frames in a list, of a group or of a frame with a sequence in each
        cell are its `feature_names` if all are strings.

    Raises
    ------
    InvalidSequenceError
        If the data are not valid sequences: a real step is NaN (unless they are kept), infinite or outside the range of float32;
        values that differ would become equal in float32; values are text or complex; the number of features
        varies, or the columns of frames in a list; a sequence is empty, or there are no sequences; an array has
        other than 2 or 3 dimensions; `lengths` or `static` do not match X. The message names the row.
    TypeError
        If `X` is sparse, is not an array, holds objects that are not numbers, or is an object such as `Heartbeats` or `LongTable`,
        which holds sequences and labels.
    ValueError
        If `lengths` is given for anything but a padded array, a vocabulary holds a token twice or is not a list, `static` is given for
        `Sequences` that have static features, or the row labels of `lengths` or `static` (pandas) are those of X in another order.

    Warns
    -----
    SeqclfWarning
        If a 3-D array, or every 2-D array of a list, has more features than time steps: are the axes swapped? Or if times go back within
        a group of pandas' `frame.groupby(id)`.

    See Also
    --------
    from_long : Convert a table with one row per step.
    TokenEncoder : Learn vocabularies from training samples, and encode others with them.
    describe_padding : Inspect the padding before you rely on it.
    suspicious_padding : Look for padding that would be read as real steps.
    infer_lengths : The lengths used if none are given.
    Sequences.static_to_steps : Append the static features to every step.

    Notes
    -----
    A signal that really ends in `padding_value` looks like padding, and its length comes out too short.
    Pass `lengths` if you know them.

    Arrays, lists and packed sequences are copied; the input is never changed. Float32 Arrow arrays and jagged
    nested tensors share their memory with the result: change neither in place. Values are detached from the autograd
    graph; `unpad` and `unpack` keep gradients. Whether values that differ become equal in float32 is tested on a sample.

    Some libraries, for example aeon and sktime, order axes as (n_samples, n_features, n_timesteps): pass
    `X.transpose(0, 2, 1)`.

    Examples
    --------
    >>> import numpy as np
    >>> from seqclf.sequences import as_sequences
    >>> as_sequences(np.array([[0.2, 0.0, 0.5, 0.0, 0.0], [0.1, 0.3, 0.0, 0.0, 0.0]])).lengths
    tensor([3, 2])
    >>> as_sequences(np.array([[0.2, 0.0, 0.5, 0.0], [0.1, 0.3, 0.0, 0.0]]), lengths=[4, 2]).lengths
    tensor([4, 2])
    >>> as_sequences([[1, 2], [3, 4, 5]])
    Sequences(2 sequences, 1 feature, lengths 2 to 3, 5 steps)
    >>> as_sequences(["Ada", "Eve"], vocabulary="auto").tokens.vocabularies
    {'token': ('A', 'E', 'a', 'd', 'e', 'v')}
    >>> as_sequences([[1, 2], [3, 4, 5]], static=[[61, 0], [34, 1]])
    Sequences(2 sequences, 1 feature, 2 static features, lengths 2 to 3, 5 steps)
    """
    if dtype is not None:
        check_choice("dtype", dtype, ("float32", "float64"))
    check_choice("missing", missing, ("error", "keep"))
    refuse_holder(X)
    check_row_order(X=X, lengths=lengths, static=static)
    if padding_value is not None:
        padding_value = check_padding_value(padding_value)
    if vocabulary is not None and lengths is not None:
        raise ValueError(
            "`lengths` is for padded arrays of numbers; got it with `vocabulary`. Pass each sequence without its padding: "
            "`[row[:n] for row, n in zip(X, lengths)]`."
        )
    check_axes = check_boolean("check_axes", check_axes)
    sequences = _from_ragged(X, missing) if vocabulary is None else from_tokens(X, vocabulary)
    if sequences is None:
        sequences = from_padded_array(X, lengths=lengths, padding_value=padding_value, missing=missing)
    elif lengths is not None:
        raise ValueError(
            f"`lengths` is for padded arrays only; got it with X of type {type(X).__name__}, whose sequences have "
            f"their own lengths. {_lengths_advice(X)}"
        )
    elif sequences is not X:
        check_finite_steps(sequences.values, sequences.offsets, missing=missing)
        if sequences.feature_names is None:
            sequences = sequences.with_feature_names(feature_names_of(X, sequences))
    if check_axes and vocabulary is None:
        warn_of_swapped_axes(X, stacklevel=2)
    if dtype is not None:
        sequences = sequences.float() if dtype == "float32" else sequences.double()
    if static is None:
        return sequences
    if sequences.static is not None:
        raise ValueError(
            f"Static features must be given once; got `static` and X with {sequences.n_static_features} static "
            "feature(s) of its own. Drop `static`, or replace the features of X with `X.with_static(static)`."
        )
    return sequences.with_static(static)


def _from_ragged(X: Any, missing: MissingValues) -> Sequences | None:
    """Convert data that have their own lengths; return None for padded arrays. Values may be NaN or infinite."""
    if isinstance(X, Sequences):
        return X
    if isinstance(X, PackedSequence):
        return from_packed(X)
    if isinstance(X, Tensor):
        return from_nested(X) if X.is_nested else None
    if is_arrow(X):
        return from_arrow(X, missing=missing)
    if is_flat(X):
        return from_flat(X)
    if isinstance(X, list | tuple):
        return from_list(X)
    if is_groupby(X):
        return from_groupby(X)
    if _is_awkward(X):
        return from_list(X.to_list())
    refuse_long_table(X)
    cells = from_cells(X)
    if cells is not None:
        return cells
    refuse_features_side_by_side(X)
    shape: tuple[int, ...] = tuple(getattr(X, "shape", ()))
    if len(shape) == 1 or (isinstance(X, np.ndarray) and X.dtype.kind == "O"):
        array = read_array(X)
        if array.dtype.kind == "O" or array.ndim > len(shape):  # polars makes one array of equally long lists
            refuse_array_of_cells(array)
            return from_list(list(array))
    return None


def _is_awkward(X: Any) -> bool:
    """Return whether `X` is an array of the library awkward, without importing it."""
    return type(X).__module__.partition(".")[0] == "awkward" and hasattr(X, "to_list")


def _lengths_advice(X: Any) -> str:
    """Say what to do about `lengths` of data that have their own."""
    if isinstance(X, list | tuple):
        return (
            "If X is a padded table, pass `np.asarray(X)`; if its sequences hold no padding, drop `lengths`."
        )
    if isinstance(X, np.ndarray):
        return "If X is a padded table, pass `X.astype(float)`; if its sequences hold no padding, drop `lengths`."
    return "Drop `lengths`."
