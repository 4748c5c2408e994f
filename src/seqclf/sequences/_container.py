"""`Sequences`: steps of all sequences in one tensor, and where each sequence starts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seqclf._pickling import device_or_cpu, pack, unpack
from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences._feature_names import check_feature_names, common_names
from seqclf.sequences._indexing import first_steps, select, steps_of
from seqclf.sequences._layout import check_layout, check_same_number, check_tokens, offsets_of, refuse_tokens
from seqclf.sequences._mapping import file_of, is_mapped
from seqclf.sequences._precision import rounded
from seqclf.sequences._static_features import read_static, static_names_of
from seqclf.sequences._tokens import Tokens

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Sequences:
    """Sequences of different lengths, stored without padding.

    Parameters
    ----------
    values : torch.Tensor of shape (n_steps, n_features), float32 or float64
        The steps of all sequences, concatenated. With `tokens`, there may be no features.
    offsets : torch.Tensor of shape (n_sequences + 1,), int64
        Sequence `i` is `values[offsets[i]:offsets[i + 1]]` and has at least one step.
    static : torch.Tensor of shape (n_sequences, n_static_features), float32, or None, default=None
        Features of whole sequences, such as the age of a patient: row `i` belongs to sequence `i`.
    tokens : Tokens or None, default=None
        Categories of each step, such as characters or activities; see `as_sequences` for how to encode them.
    feature_names : tuple of str or None, default=None
        Names of the columns of `values`, as `from_long` and lists of data frames give them. Estimators and transformers compare them
        with those of `fit`. They are kept when sequences are selected or moved, lost when values change, and do not count for `==`.
    static_names : tuple of str or None, default=None
        Names of the columns of `static`, which are compared, too: those of a data frame, or the columns in `from_long(static=...)`.

    Raises
    ------
    InvalidSequenceError
        If shapes, dtypes or offsets do not match, or there is not one name for each feature or static feature.
    TypeError
        If an argument is not a tensor.

    See Also
    --------
    as_sequences : Convert arrays, lists, Arrow data and tensors.

    Notes
    -----
    An integer index returns the values of one sequence as a tensor. A slice, a boolean mask or an index array
    returns `Sequences`, with the same rows of `static` and the same steps of `tokens`. A slice of step 1 is a view; all other selections copy.
    Sequences on disk (see `open_sequences`) are pickled as a reference to their file.
    `shape` is `(n_sequences,)`, so scikit-learn's splitters treat `Sequences` as a one-dimensional array; NumPy makes one
    of dtype object of them.

    Examples
    --------
    >>> import torch
    >>> from seqclf import Sequences
    >>> s = Sequences(torch.tensor([[1.0], [2.0], [3.0]]), torch.tensor([0, 1, 3]))
    >>> s
    Sequences(2 sequences, 1 feature, lengths 1 to 2, 3 steps)
    >>> s[1]
    tensor([[2.],
            [3.]])
    >>> s[[1, 0]].lengths
    tensor([2, 1])
    """

    values: Tensor
    offsets: Tensor
    static: Tensor | None = None
    tokens: Tokens | None = None
    feature_names: tuple[str, ...] | None = None
    static_names: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        check_layout(self.values, self.offsets, self.static, self.tokens)
        check_feature_names(self.feature_names, n_features=self.n_features)
        check_feature_names(self.static_names, n_features=self.n_static_features, what="static")

    @classmethod
    def unchecked(
        cls,
        values: Tensor,
        offsets: Tensor,
        static: Tensor | None = None,
        tokens: Tokens | None = None,
        feature_names: tuple[str, ...] | None = None,
        static_names: tuple[str, ...] | None = None,
    ) -> Sequences:
        """Build `Sequences` without any check.

        For authors of encoders, stems and transforms, whose output is valid by construction. Unlike the
        constructor, it never waits for a GPU, and accepts any dtype.

        Parameters
        ----------
        values : torch.Tensor of shape (n_steps, n_features)
            The steps of all sequences, concatenated.
        offsets : torch.Tensor of shape (n_sequences + 1,), int64
            Where each sequence starts, followed by `n_steps`.
        static : torch.Tensor of shape (n_sequences, n_static_features) or None, default=None
            Pass `sequences.static` of the input, or the static features are lost.
        tokens : Tokens or None, default=None
            Pass those of the input, `sequences.tokens` or `sequences.tokens.at(steps)`, or they are lost.
        feature_names, static_names : tuple of str or None, default=None
            Pass those of the input if the features, or the static ones, stay the same.

        Returns
        -------
        Sequences

        See Also
        --------
        with_values : Enough if the lengths stay the same; keeps `static` and `tokens`.

        Examples
        --------
        A transform that keeps every other step:

        >>> import torch
        >>> from seqclf import Sequences, as_sequences
        >>> def halve(sequences: Sequences) -> Sequences:
        ...     offsets = torch.nn.functional.pad(((sequences.lengths + 1) // 2).cumsum(0), (1, 0))
        ...     values = torch.cat([steps[::2] for steps in sequences])
        ...     return Sequences.unchecked(values, offsets, sequences.static)
        >>> halve(as_sequences([[1, 2, 3], [4, 5]])).values.flatten()
        tensor([1., 3., 4.])
        """
        new = object.__new__(cls)
        object.__setattr__(new, "values", values)
        object.__setattr__(new, "offsets", offsets)
        object.__setattr__(new, "static", static)
        object.__setattr__(new, "tokens", tokens)
        object.__setattr__(new, "feature_names", feature_names)
        object.__setattr__(new, "static_names", static_names)
        return new

    @classmethod
    def concatenate(cls, parts: Iterable[Sequences]) -> Sequences:
        """Join several `Sequences` into one.

        Parameters
        ----------
        parts : iterable of Sequences
            At least one, all with the same numbers of features and of static features, the same vocabularies, and the same names of both
            where they have any.

        Returns
        -------
        Sequences

        Raises
        ------
        InvalidSequenceError
            If `parts` is empty, or the numbers or names of features, or the vocabularies, differ.

        Examples
        --------
        >>> from seqclf import as_sequences, Sequences
        >>> len(Sequences.concatenate([as_sequences([[1, 2]]), as_sequences([[3], [4, 5]])]))
        3
        """
        parts = list(parts)
        if not parts:
            raise InvalidSequenceError("`parts` must hold at least one `Sequences`; got none.")
        names = [f"parts[{i}]" for i in range(len(parts))]
        for what, counts in (
            ("features", (part.n_features for part in parts)),
            ("static features", (part.n_static_features for part in parts)),
            ("token columns", (len(part.n_tokens) for part in parts)),
        ):
            check_same_number(what, zip(names, counts, strict=True))
        feature_names = common_names(
            (part.feature_names for part in parts), cure="part.with_feature_names(None)"
        )
        static_names = common_names(
            (part.static_names for part in parts), cure="part.with_static(part.static)"
        )
        values = torch.cat([part.values for part in parts])
        offsets = offsets_of(torch.cat([part.lengths for part in parts]))
        static = [part.static for part in parts if part.static is not None]
        tokens = [part.tokens for part in parts if part.tokens is not None]
        return cls.unchecked(
            values,
            offsets,
            torch.cat(static) if static else None,
            Tokens.concatenate(tokens) if tokens else None,
            feature_names,
            static_names,
        )

    @property
    def lengths(self) -> Tensor:
        """Number of steps of each sequence: shape (n_sequences,), int64."""
        return self.offsets.diff()

    @property
    def n_features(self) -> int:
        """Number of features of each step."""
        return self.values.shape[1]

    @property
    def n_static_features(self) -> int:
        """Number of static features of each sequence; 0 without `static`."""
        return 0 if self.static is None else self.static.shape[1]

    @property
    def n_tokens(self) -> dict[Any, int]:
        """Number of codes of each token column, one of them for unknown tokens; empty without `tokens`."""
        return {} if self.tokens is None else self.tokens.n_tokens

    @property
    def shape(self) -> tuple[int]:
        """`(n_sequences,)`, as of a one-dimensional array."""
        return (len(self),)

    @property
    def device(self) -> torch.device:
        """Device of the tensors."""
        return self.values.device

    def with_values(self, values: Tensor) -> Sequences:
        """Return sequences of the same lengths, static features and tokens with other values, whose features have no names.

        Parameters
        ----------
        values : torch.Tensor of shape (n_steps, any)
            One row per step.

        Returns
        -------
        Sequences

        Raises
        ------
        InvalidSequenceError
            If the number of rows differs from the number of steps.
        """
        if values.ndim != 2 or values.shape[0] != self.values.shape[0]:
            raise InvalidSequenceError(
                f"`values` must have shape ({self.values.shape[0]}, n_features), one row per step; "
                f"got {tuple(values.shape)}. Use `Sequences.unchecked` if the lengths change."
            )
        return self._with(values=values, feature_names=None)

    def with_static(self, static: Any, *, names: Iterable[str] | None = None) -> Sequences:
        """Return the same sequences with other static features.

        Parameters
        ----------
        static : array-like of shape (n_sequences,) or (n_sequences, n_static_features), or None
            One row of finite numbers per sequence: an array, a frame or series with `to_numpy`, a list or a tensor.
            A 1-D array is one feature. None removes the static features.
        names : iterable of str or None, default=None
            The new `static_names`; None takes the columns of a frame if all are strings, and otherwise there are none.

        Returns
        -------
        Sequences
            Shares `values` and `offsets` with this object; `static` is a float32 copy on the same device.

        Raises
        ------
        InvalidSequenceError
            If `static` does not hold one row of finite float32 numbers per sequence, or there is not one name for each feature.
        TypeError
            If `static` is sparse or not an array, or a name is not a string.

        Examples
        --------
        >>> from seqclf import as_sequences
        >>> sequences = as_sequences([[0.1, 0.2], [0.3]]).with_static([5.0, 7.0])
        >>> sequences[1:].static
        tensor([[7.]])
        """
        features = None if static is None else read_static(static, len(self)).to(self.device)
        chosen = static_names_of(static) if names is None else tuple(names)
        width = 0 if features is None else features.shape[1]
        check_feature_names(chosen, n_features=width, what="static")
        return self._with(static=features, static_names=chosen)

    def with_feature_names(self, names: Iterable[str] | None) -> Sequences:
        """Return the same sequences with other names of features.

        Parameters
        ----------
        names : iterable of str or None
            One for each feature. None removes the names.

        Returns
        -------
        Sequences

        Raises
        ------
        InvalidSequenceError
            If there is not one name for each feature.
        TypeError
            If a name is not a string.

        Examples
        --------
        >>> from seqclf import as_sequences
        >>> as_sequences([[[0.1, 7.0], [0.2, 8.0]]]).with_feature_names(["lead", "pressure"]).feature_names
        ('lead', 'pressure')
        """
        chosen = None if names is None else tuple(names)
        check_feature_names(chosen, n_features=self.n_features)
        return self._with(feature_names=chosen)

    def with_tokens(self, tokens: Tokens | None) -> Sequences:
        """Return the same sequences with other tokens.

        Parameters
        ----------
        tokens : Tokens or None
            Those of each step. None removes the tokens.

        Returns
        -------
        Sequences

        Raises
        ------
        InvalidSequenceError
            If there is not one row of codes for each step.

        Examples
        --------
        >>> from seqclf import as_sequences
        >>> sequences = as_sequences(["Ada", "Eve"], vocabulary="auto")
        >>> numbers = as_sequences([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]])
        >>> numbers.with_tokens(sequences.tokens)
        Sequences(2 sequences, 1 feature, 1 token column, lengths 3 to 3, 6 steps)
        """
        if tokens is not None:
            check_tokens(tokens, n_steps=self.values.shape[0])
            tokens = tokens.to(self.device)
        return self._with(tokens=tokens)

    def prefixes(self, n_steps: Any) -> Sequences:
        """Return the first steps of each sequence, as if the rest had not been observed yet.

        Parameters
        ----------
        n_steps : int, or array or tensor of shape (n_sequences,) of int
            Number of steps to keep, of all sequences or of each; at least 1, at most the length of the sequence.

        Returns
        -------
        Sequences
            With the same static features, and with the tokens of the steps that are kept.

        Raises
        ------
        ValueError, TypeError
            If there is not one integer in [1, length] for each sequence.

        Examples
        --------
        >>> from seqclf import as_sequences
        >>> as_sequences([[1, 2, 3], [4, 5]]).prefixes([2, 1]).values.flatten()
        tensor([1., 2., 4.])
        """
        values, offsets, tokens = first_steps(self.values, self.offsets, self.tokens, n_steps)
        return self._with(values=values, offsets=offsets, tokens=tokens)

    def static_to_steps(self) -> Sequences:
        """Append the static features to every step.

        Returns
        -------
        Sequences
            With `n_features + n_static_features` features at each step and no `static`; the object itself if there
            are no static features. Gradients flow through both.

        Examples
        --------
        >>> from seqclf import as_sequences
        >>> as_sequences([[0.1, 0.2], [0.3]], static=[5.0, 7.0]).static_to_steps().values
        tensor([[0.1000, 5.0000],
                [0.2000, 5.0000],
                [0.3000, 7.0000]])
        """
        if self.static is None:
            return self
        repeated = self.static.repeat_interleave(self.lengths, dim=0, output_size=self.values.shape[0])
        own = self.feature_names if self.n_features else ()
        names = None if own is None or self.static_names is None else (*own, *self.static_names)
        return self._with(
            values=torch.cat([self.values, repeated], dim=1),
            feature_names=names,
            static=None,
            static_names=None,
        )

    def to(self, device: torch.device | str, *, non_blocking: bool = False) -> Sequences:
        """Return the sequences on the given device, without a copy if they are there already."""
        if not isinstance(device, torch.device | str | int):
            raise TypeError(
                f"`device` must be a torch.device or its name; got {device!r:.60}. To convert the values, use "
                "`sequences.float()` or `sequences.double()`."
            )
        return self._map(lambda tensor: tensor.to(device, non_blocking=non_blocking))

    def float(self) -> Sequences:
        """Return the sequences with values in float32; the object itself if they are.

        Raises
        ------
        InvalidSequenceError
            If a value does not fit float32, or values that differ would become equal, such as times in seconds since 1970.
        """
        values = rounded(self.values, self.offsets)
        return self if values is self.values else self._with(values=values)

    def double(self) -> Sequences:
        """Return the sequences with values in float64; the object itself if they are."""
        return self if self.values.dtype == torch.float64 else self._with(values=self.values.double())

    def pin_memory(self) -> Sequences:
        """Return the sequences in page-locked memory, for asynchronous copies to a GPU."""
        return self._map(Tensor.pin_memory)

    def to_nested(self) -> Tensor:
        """Return the steps as a jagged nested tensor of shape (n_sequences, any, n_features).

        Returns
        -------
        torch.Tensor
            Nested, `layout=torch.jagged`, without `static`. It shares memory with `values`; gradients flow through it.

        Examples
        --------
        >>> from seqclf.sequences import as_sequences
        >>> nested = as_sequences([[1, 2], [3, 4, 5]]).to_nested()
        >>> [steps.shape[0] for steps in nested.unbind()]
        [2, 3]
        """
        refuse_tokens(self.tokens, "A nested tensor")
        nested: Tensor = torch.nested.nested_tensor_from_jagged(self.values, self.offsets)
        return nested

    def to_arrow(self) -> pa.LargeListArray:
        """Return the steps as an Arrow array of lists.

        Returns
        -------
        pyarrow.LargeListArray
            list<float> for one feature, otherwise list<fixed_size_list<float>[n_features]>, without `static`; double
            instead of float for float64. It shares memory with `values` if these are on the CPU.

        Raises
        ------
        ImportError
            If pyarrow is not installed.

        Examples
        --------
        >>> from seqclf.sequences import as_sequences
        >>> as_sequences([[1, 2], [3, 4, 5]]).to_arrow().to_pylist()
        [[1.0, 2.0], [3.0, 4.0, 5.0]]
        """
        refuse_tokens(self.tokens, "An Arrow array of numbers")
        try:
            import pyarrow as pa
        except ImportError as error:
            raise ImportError("`to_arrow` needs pyarrow: `pip install 'seqclf[arrow]'`.") from error
        steps = pa.array(self.values.detach().cpu().contiguous().flatten().numpy())  # shares memory
        if self.n_features > 1:
            steps = pa.FixedSizeListArray.from_arrays(steps, self.n_features)
        return pa.LargeListArray.from_arrays(pa.array(self.offsets.cpu().numpy()), steps)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """Return an array of dtype object with one array per sequence, also if all have the same length."""
        if self.static is not None:
            raise TypeError(
                f"An array of sequences has no place for static features; got {self.n_static_features}. Pass `Sequences` "
                "themselves, or drop them with `sequences.with_static(None)`."
            )
        refuse_tokens(self.tokens, "An array of sequences")
        if copy is False or (dtype is not None and np.dtype(dtype) != object):
            raise TypeError(
                f"`Sequences` become a NumPy array of dtype object; got dtype={dtype} and copy={copy}. For a padded table, use "
                "`padded, lengths = pad(sequences)`; instead of scikit-learn's scalers and imputers, use `ZScore` and "
                "`FillMissing`. See the guide *GridSearchCV, pipelines, cross-validation*."
            )
        array = np.empty(len(self), dtype=object)
        for i, steps in enumerate(self):
            array[i] = steps.detach().cpu().numpy()
        return array

    def __reduce__(self) -> tuple[Any, ...]:
        file = file_of(self.values)
        codes = None if self.tokens is None else self.tokens.codes
        if (
            file is not None
            and self.n_features
            and all(rest is None or is_mapped(rest) for rest in (self.static, codes))
        ):
            first = self.values.storage_offset() * self.values.element_size()
            return file.reopen, (str(file.path), file.version, first, len(self))
        tensors = pack((self.values, self.offsets, self.static))
        return _unpickle, (tensors, self.device.type, self.tokens, self.feature_names, self.static_names)

    def __len__(self) -> int:
        return self.offsets.shape[0] - 1

    def __iter__(self) -> Iterator[Tensor]:
        return iter(torch.tensor_split(self.values, self.offsets[1:-1].cpu()) if len(self) else ())

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, tuple):  # scikit-learn selects rows by `X[rows, ...]`
            if len(key) != 2 or key[1] is not Ellipsis:
                raise TypeError(
                    f"`Sequences` accepts one index, over sequences; got {key!r}. Select features with "
                    "`sequences.with_values(sequences.values[:, columns])`."
                )
            key = key[0]
        if isinstance(key, bool | np.bool_):
            raise TypeError(
                f"An index must be an integer, a slice, a mask or an index array; got {key}. A mask has one entry for "
                f"each of the {len(self)} sequences."
            )
        if isinstance(key, int | np.integer):
            return self.values[steps_of(self.offsets, int(key))]
        values, offsets, static, tokens = select(self.values, self.offsets, self.static, self.tokens, key)
        return self._with(values=values, offsets=offsets, static=static, tokens=tokens)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequences):
            return NotImplemented
        other = other.to(self.device)
        if other.values.dtype != self.values.dtype:  # values are compared, as by NumPy
            return self.double() == other.double()
        if self.static is None or other.static is None:
            same_static = self.static is other.static
        else:
            same_static = torch.equal(self.static, other.static)
        return (
            same_static
            and self.tokens == other.tokens
            and torch.equal(self.offsets, other.offsets)
            and torch.equal(self.values, other.values)
        )

    __hash__: ClassVar[None] = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        shown = [_count(len(self), "sequence"), _count(self.n_features, "feature")]
        if self.static is not None:
            shown.append(_count(self.n_static_features, "static feature"))
        if self.tokens is not None:
            shown.append(_count(len(self.n_tokens), "token column"))
        if len(self):
            lengths = self.lengths
            shown.append(f"lengths {int(lengths.min())} to {int(lengths.max())}")
            shown.append(_count(self.values.shape[0], "step"))
        if self.values.dtype == torch.float64:
            shown.append("float64")
        if self.device.type != "cpu":
            shown.append(str(self.device))
        if is_mapped(self.values):
            shown.append("on disk")
        return f"Sequences({', '.join(shown)})"

    def _with(self, **changed: Any) -> Sequences:
        """Return sequences that differ in these fields, without any check."""
        return Sequences.unchecked(**{name: getattr(self, name) for name in self.__slots__} | changed)

    def _map(self, change: Callable[[Tensor], Tensor]) -> Sequences:
        static = None if self.static is None else change(self.static)
        tokens = self.tokens
        if tokens is not None:
            tokens = Tokens.unchecked(change(tokens.codes), tokens.vocabularies)
        return self._with(
            values=change(self.values), offsets=change(self.offsets), static=static, tokens=tokens
        )


def _unpickle(
    packed: tuple[Any, ...],
    device: str,
    tokens: Tokens | None,
    feature_names: tuple[str, ...] | None,
    static_names: tuple[str, ...] | None,
) -> Sequences:
    """Return sequences on the type of device that they were on, or else on the CPU."""
    values, offsets, static = unpack(packed)
    restored = Sequences.unchecked(values.detach(), offsets, static, tokens, feature_names, static_names)
    return restored.to(device_or_cpu(device))


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"
