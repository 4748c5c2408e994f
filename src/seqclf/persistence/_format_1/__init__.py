"""Reader of format version 1: JSON of known names, and tensors -> models.

It goes on reading the files of its version when the classes change: a parameter that was added gets its default, one that was
renamed its new name. What is written in another way than here, also with one name more or less in an object, is a new version. A new
kind of object only needs an entry: earlier versions of seqclf name what they do not know.
"""

from seqclf.persistence._format_1._describe import describe
from seqclf.persistence._format_1._read import read_model

__all__ = ["describe", "read_model"]
