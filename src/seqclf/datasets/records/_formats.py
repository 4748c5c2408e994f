"""Bytes of a signal file -> samples, in each format of https://physionet.org/physiotools/wag/signal-5.htm."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Unpack = Callable[[NDArray[np.uint8]], NDArray[np.signedinteger]]


@dataclass(frozen=True, slots=True)
class Format:
    """How samples are packed into groups of bytes."""

    bits: int  # of a sample
    group: tuple[int, ...]  # bytes of 0, 1, ... samples; the last entry is that of a whole group
    unpack: Unpack  # bytes of whole groups -> samples

    def n_bytes(self, n_samples: int) -> tuple[int, int]:
        """Return the numbers of bytes of a file without and with a filled last group."""
        per_group, whole = len(self.group) - 1, self.group[-1]
        n_groups, rest = divmod(n_samples, per_group)
        return n_groups * whole + self.group[rest], -(-n_samples // per_group) * whole

    def n_samples(self, n_bytes: int) -> int:
        """Return the number of samples in a file."""
        n_groups, rest = divmod(n_bytes, self.group[-1])
        return n_groups * (len(self.group) - 1) + sum(n <= rest for n in self.group[1:])

    def samples(self, content: bytes) -> NDArray[np.signedinteger]:
        """Return the samples of a file; those of an unfinished group are completed by zeros."""
        return self.unpack(np.frombuffer(content + bytes(-len(content) % self.group[-1]), dtype=np.uint8))


def _view(dtype: str, zero: int = 0) -> Unpack:
    """Return the samples as they are, less the value that stands for 0."""
    wide = np.int32 if zero else np.dtype(dtype).newbyteorder("=")

    def unpack(content: NDArray[np.uint8]) -> NDArray[np.signedinteger]:
        return content.view(dtype).astype(wide) - zero

    return unpack


def _signed(samples: NDArray[np.signedinteger], bits: int) -> NDArray[np.signedinteger]:
    """Extend the sign of samples of few bits."""
    sign = 1 << (bits - 1)
    return ((samples & (2 * sign - 1)) ^ sign) - sign


def _unpack_24(content: NDArray[np.uint8]) -> NDArray[np.signedinteger]:
    low, middle, high = content.reshape(-1, 3).T.astype(np.int32)
    return _signed(low | middle << 8 | high << 16, 24)


def _unpack_212(content: NDArray[np.uint8]) -> NDArray[np.signedinteger]:
    """Two samples in three bytes: the upper bits of both are in the second."""
    low, upper, high = content.reshape(-1, 3).T.astype(np.int16)
    return _signed(np.column_stack([low | (upper & 0x0F) << 8, high | (upper & 0xF0) << 4]).ravel(), 12)


def _unpack_310(content: NDArray[np.uint8]) -> NDArray[np.signedinteger]:
    """Three samples in two 16-bit words: bits 1 to 10 of each, and the upper 5 bits of both."""
    first, second = content.view("<u2").reshape(-1, 2).T.astype(np.int32)
    third = first >> 11 | second >> 11 << 5
    return _signed(np.column_stack([first >> 1, second >> 1, third]).ravel(), 10)


def _unpack_311(content: NDArray[np.uint8]) -> NDArray[np.signedinteger]:
    """Three samples in one 32-bit word, from the lowest bits up."""
    word = content.view("<i4")
    return _signed(np.column_stack([word, word >> 10, word >> 20]).ravel(), 10)


BYTE_FORMATS: Final = {
    8: Format(8, (0, 1), _view("i1")),  # differences
    16: Format(16, (0, 2), _view("<i2")),
    24: Format(24, (0, 3), _unpack_24),
    32: Format(32, (0, 4), _view("<i4")),
    61: Format(16, (0, 2), _view(">i2")),
    80: Format(8, (0, 1), _view("u1", 1 << 7)),
    160: Format(16, (0, 2), _view("<u2", 1 << 15)),
    212: Format(12, (0, 2, 3), _unpack_212),
    310: Format(10, (0, 2, 4, 4), _unpack_310),
    311: Format(10, (0, 2, 3, 4), _unpack_311),
}
FLAC_BITS: Final = {508: 8, 516: 16, 524: 24}
FORMATS: Final = (*BYTE_FORMATS, *FLAC_BITS)
# The sample that stands for a missing one: the lowest.
MISSING_SAMPLE: Final = {
    number: -(1 << (bits - 1))
    for number, bits in ({n: form.bits for n, form in BYTE_FORMATS.items() if n != 8} | FLAC_BITS).items()
}
