"""The precisions of the matrix products, and whether this machine has them."""

from __future__ import annotations

import os
from typing import Literal, get_args

from seqclf._checks import check_choice
from seqclf.kernels._library import status

Precision = Literal["float32", "bfloat16"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)
"""In the order of `PrecisionKind` in `cpp/layer.h`."""


def check_precision(precision: str) -> None:
    """Raise unless the kernels have products of this precision on this machine; without kernels, check the name only.

    Parameters
    ----------
    precision : {"float32", "bfloat16"}
        The precision.

    Raises
    ------
    ValueError
        If it is not one of these, or the instruction set in use does not support it.

    Examples
    --------
    >>> from seqclf.kernels import check_precision
    >>> check_precision("float16")
    Traceback (most recent call last):
        ...
    ValueError: `precision` must be one of ['float32', 'bfloat16']; got 'float16'.
    """
    check_choice("precision", precision, PRECISIONS)
    found = status()
    if not found.available or precision in found.precisions:
        return
    chosen = os.environ.get("SEQCLF_ISA")
    if chosen and found.instruction_set != "avx512":
        got = f"SEQCLF_ISA={chosen}, which does not use it. Unset this variable"
    else:
        got = f"the instruction set {found.instruction_set!r}, of a processor or from a compiler without it. Use another machine"
    raise ValueError(
        'precision="bfloat16" must run on a processor with AVX-512 BF16 (AMD since Zen 4, Intel Xeon since Sapphire Rapids); '
        f'got {got}, or set precision="float32", with the same weights.'
    )
