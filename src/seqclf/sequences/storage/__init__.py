"""Sequences on disk: written batch by batch, read without loading them."""

from seqclf.sequences.storage._open import open_sequences
from seqclf.sequences.storage._writer import SequenceWriter

__all__ = ["SequenceWriter", "open_sequences"]
