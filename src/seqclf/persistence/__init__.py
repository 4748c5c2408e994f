"""Fitted estimators and pipelines in, one file out, and back; nothing in a file is executed."""

from seqclf.persistence._describe import ModelDescription, describe_file
from seqclf.persistence._load import load
from seqclf.persistence._save import save

__all__ = ["ModelDescription", "describe_file", "load", "save"]
