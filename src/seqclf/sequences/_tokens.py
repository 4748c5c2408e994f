"""`Tokens`: the categories of each step as integer codes, with the vocabularies that say what a code stands for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seqclf._pickling import pack, unpack
from seqclf.exceptions import InvalidSequenceError

Vocabularies = Mapping[Any, tuple[Any, ...]]
"""The tokens of each column; code `i + 1` stands for the token at position `i`."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Tokens:
    """The tokens of each step, such as characters or activities, as integer codes.

    Codes are kept apart from the values of `Sequences`, so that nothing scales, interpolates or perturbs them.

    Parameters
    ----------
    codes : torch.Tensor of shape (n_steps, n_columns), int64
        0 is an unknown or missing token; `i + 1` stands for the token at position `i` of the vocabulary of its column.
    vocabularies : mapping of column name to sequence of str or int
        The tokens of each column, in the order of the columns.

    Raises
    ------
    InvalidSequenceError
        If `codes` do not have this shape and type, or a code has no token.

    See Also
    --------
    seqclf.as_sequences : Encodes text, integers and data frames.
    seqclf.TokenEncoder : Learns vocabularies from training samples.

    Examples
    --------
    >>> from seqclf import as_sequences
    >>> tokens = as_sequences([["start", "pay"], ["start"]], vocabulary=["pay", "start"]).tokens
    >>> tokens
    Tokens(3 steps, token: 2 tokens)
    >>> tokens.codes.flatten()
    tensor([2, 1, 2])
    >>> tokens.decode()["token"].tolist()
    ['start', 'pay', 'start']
    """

    codes: Tensor
    vocabularies: Vocabularies

    def __post_init__(self) -> None:
        vocabularies = {name: tuple(vocabulary) for name, vocabulary in self.vocabularies.items()}
        object.__setattr__(self, "vocabularies", vocabularies)
        expected = f"int64 of shape (n_steps, {len(vocabularies)}), a column for each vocabulary"
        if not isinstance(self.codes, Tensor):
            raise TypeError(f"`codes` must be a tensor, {expected}; got {type(self.codes).__name__}.")
        wrong_shape = self.codes.ndim != 2 or self.codes.shape[1] != len(vocabularies) or not vocabularies
        if wrong_shape or self.codes.dtype != torch.int64:
            raise InvalidSequenceError(
                f"`codes` must be {expected}; got {self.codes.dtype} of shape {tuple(self.codes.shape)}. "
                "Use `as_sequences(X, vocabulary=...)` to encode tokens."
            )
        for column, (name, n_codes) in enumerate(self.n_tokens.items()):
            wrong = (self.codes[:, column] < 0) | (self.codes[:, column] >= n_codes)
            if bool(wrong.any()):
                step = int(wrong.nonzero()[0])
                raise InvalidSequenceError(
                    f"Every code must lie in [0, {n_codes}), the tokens of column {name!r} and 0 for unknown ones; got "
                    f"{int(self.codes[step, column])} at step {step}. Use the vocabulary that the codes were made with."
                )

    @classmethod
    def unchecked(cls, codes: Tensor, vocabularies: Vocabularies) -> Tokens:
        """Build `Tokens` without any check, from codes that are valid by construction."""
        new = object.__new__(cls)
        object.__setattr__(new, "codes", codes)
        object.__setattr__(new, "vocabularies", vocabularies)
        return new

    @classmethod
    def concatenate(cls, parts: Sequence[Tokens]) -> Tokens:
        """Join the steps of several `Tokens` of the same vocabularies."""
        for i, part in enumerate(parts):
            if not part.has(parts[0].vocabularies):
                raise InvalidSequenceError(
                    f"All parts must have the same token columns and vocabularies; parts[{i}] differs from parts[0]. Encode "
                    "them with one vocabulary: `as_sequences(X, vocabulary=...)`, or one fitted `TokenEncoder`."
                )
        return cls.unchecked(torch.cat([part.codes for part in parts]), parts[0].vocabularies)

    @property
    def n_tokens(self) -> dict[Any, int]:
        """Number of codes of each column: its tokens, and one for unknown tokens."""
        return {name: len(vocabulary) + 1 for name, vocabulary in self.vocabularies.items()}

    def has(self, vocabularies: Vocabularies) -> bool:
        """Return whether these are the vocabularies, in the same order of columns."""
        mine = self.vocabularies
        return mine is vocabularies or list(mine.items()) == list(vocabularies.items())

    def at(self, steps: Tensor | slice) -> Tokens:
        """Return the tokens of a slice of the steps, or of steps given by index."""
        codes = self.codes[steps] if isinstance(steps, slice) else self.codes.index_select(0, steps)
        return Tokens.unchecked(codes, self.vocabularies)

    def to(self, device: torch.device | str | int, *, non_blocking: bool = False) -> Tokens:
        """Return the tokens on the given device."""
        return Tokens.unchecked(self.codes.to(device, non_blocking=non_blocking), self.vocabularies)

    def recoded(self, vocabularies: Vocabularies) -> Tokens:
        """Return the same tokens with the codes of other vocabularies; tokens that are not in them become unknown.

        Parameters
        ----------
        vocabularies : mapping of column name to tuple of str or int
            For the same columns, in any order.

        Raises
        ------
        InvalidSequenceError
            If the names of the columns differ.
        """
        if self.has(vocabularies):
            return self
        mine = list(self.vocabularies)
        if set(mine) != set(vocabularies):
            raise InvalidSequenceError(
                f"Sequences must have the token columns {list(vocabularies)!r:.200}, as the vocabularies do; got "
                f"{mine!r:.200}. Pass the columns that `fit` saw."
            )
        columns = []
        for name, vocabulary in vocabularies.items():
            code = {token: i + 1 for i, token in enumerate(vocabulary)}
            new = [0, *(code.get(token, 0) for token in self.vocabularies[name])]
            table = torch.tensor(new, dtype=torch.int64, device=self.codes.device)
            columns.append(table[self.codes[:, mine.index(name)]])
        return Tokens.unchecked(torch.stack(columns, dim=1), dict(vocabularies))

    def frequent(self, *, min_count: int = 1, max_tokens: int | None = None) -> dict[Any, tuple[Any, ...]]:
        """Return the vocabularies without rare tokens, in the same order.

        Parameters
        ----------
        min_count : int, default=1
            Tokens that occur less often are left out.
        max_tokens : int or None, default=None
            Number of tokens to keep in each column; of equally frequent ones the first are kept.
        """
        kept = {}
        for column, (name, vocabulary) in enumerate(self.vocabularies.items()):
            counts = np.bincount(self.codes[:, column].cpu().numpy(), minlength=len(vocabulary) + 1)[1:]
            by_count = np.argsort(-counts, kind="stable")[:max_tokens]
            kept[name] = tuple(vocabulary[i] for i in np.sort(by_count).tolist() if counts[i] >= min_count)
        return kept

    def decode(self) -> dict[Any, NDArray[Any]]:
        """Return the tokens of each column, (n_steps,) of dtype object; None where a token is unknown."""
        decoded = {}
        for column, (name, vocabulary) in enumerate(self.vocabularies.items()):
            tokens = np.empty(len(vocabulary) + 1, dtype=object)
            tokens[1:] = vocabulary
            decoded[name] = tokens[self.codes[:, column].cpu().numpy()]
        return decoded

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Tokens):
            return NotImplemented
        return self.has(other.vocabularies) and torch.equal(self.codes, other.codes.to(self.codes.device))

    __hash__: ClassVar[None] = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickle, (pack(self.codes), dict(self.vocabularies))

    def __repr__(self) -> str:
        columns = [
            f"{name}: {n_codes - 1} token{'' if n_codes == 2 else 's'}"
            for name, n_codes in self.n_tokens.items()
        ]
        return f"Tokens({self.codes.shape[0]} steps, {', '.join(columns)})"


def _unpickle(codes: Any, vocabularies: Vocabularies) -> Tokens:
    return Tokens.unchecked(unpack(codes), vocabularies)
