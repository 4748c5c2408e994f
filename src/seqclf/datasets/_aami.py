"""AAMI classes of annotations, and the records of the published inter-patient split."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

AAMI_CLASSES: Final[tuple[str, ...]] = ("N", "S", "V", "F", "Q")
"""The five beat groups of ANSI/AAMI EC57: normal, supraventricular, ventricular, fusion, and paced or unclassifiable."""

# n (a supraventricular escape beat, as e and j), B (a bundle branch block, as L and R), r (an R-on-T V) and ? (learning) occur in
# other databases.
_SYMBOLS: Final = {"N": "NLRBejn", "S": "AaJS", "V": "VEr", "F": "F", "Q": "/fQ?"}

AAMI_CLASS_OF_SYMBOL: Final[Mapping[str, str]] = MappingProxyType(
    {symbol: name for name, symbols in _SYMBOLS.items() for symbol in symbols}
)
"""AAMI class of each beat symbol of PhysioNet's annotations; symbols of other events are absent."""

# de Chazal, O'Dwyer, Reilly (2004), doi:10.1109/TBME.2004.827359, table III.
DS1: Final[tuple[int, ...]] = (
    *(101, 106, 108, 109, 112, 114, 115, 116, 118, 119, 122),
    *(124, 201, 203, 205, 207, 208, 209, 215, 220, 223, 230),
)
"""Training records of the inter-patient split of de Chazal et al. (2004)."""

DS2: Final[tuple[int, ...]] = (
    *(100, 103, 105, 111, 113, 117, 121, 123, 200, 202, 210),
    *(212, 213, 214, 219, 221, 222, 228, 231, 232, 233, 234),
)
"""Test records of the inter-patient split of de Chazal et al. (2004)."""

PACED_RECORDS: Final[tuple[int, ...]] = (102, 104, 107, 217)
"""Records with paced beats, which the inter-patient split excludes."""

MITBIH_RECORDS: Final[tuple[int, ...]] = tuple(sorted((*DS1, *DS2, *PACED_RECORDS)))
"""All 48 records of the MIT-BIH Arrhythmia Database."""
