"""One file -> the model that it holds."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqclf.exceptions import InvalidModelFileError

if TYPE_CHECKING:
    from torch import nn

FORMATS = (1,)
"""Versions of the format that can be read."""


def load(path: str | os.PathLike[str], *, modules: Mapping[str, nn.Module] | None = None) -> Any:
    """Read a model that `seqclf.save` wrote. Nothing in the file is executed or imported.

    Parameters
    ----------
    path : str or path
        The file.
    modules : dict of str to torch.nn.Module or None, default=None
        The custom modules of the network by their place in it, such as `{"encoder": MyEncoder(8)}`, built with the same arguments
        as those that were saved. They are copied, and the copies get the weights in the file. `seqclf.describe_file` lists the
        places.

    Returns
    -------
    estimator or Pipeline
        The model, on the type of device that it was on, or on the CPU if this machine has no such device.

    Raises
    ------
    seqclf.InvalidModelFileError
        If the file is not a model, was damaged or changed, or was written by a newer version of seqclf.
    ValueError, TypeError
        If `modules` lacks a custom module of the file, or holds one that the file does not have, or one of another class.

    See Also
    --------
    save : Write a file.
    describe_file : See what a file holds.

    Notes
    -----
    A name in the file selects a class from a fixed list. Everything is checked before it is built: names, types, sizes, whether
    the file contains all weights, and the SHA-256 of the whole. The SHA-256 detects damage, not forgery: whoever can replace the
    file can also replace the digest, and then chooses what the model predicts, but not what your machine executes.

    Examples
    --------
    >>> import os, tempfile
    >>> import seqclf
    >>> X, y = [[0.1, 0.9], [0.9, 0.1]] * 8, [1, 0] * 8
    >>> path = os.path.join(tempfile.mkdtemp(), "model.safetensors")
    >>> seqclf.save(seqclf.GRUClassifier(hidden_size=4, random_state=0).fit(X, y), path)
    >>> seqclf.load(path).classes_
    array([0, 1])
    """
    from seqclf.persistence._format_1 import read_model
    from seqclf.persistence._model_file import MODEL_FILE

    path = Path(path)
    try:
        header, tensors = MODEL_FILE.read(path)
        check_format(header.content)
        return read_model(header.content, tensors, dict(modules or {}))
    except InvalidModelFileError as error:
        raise InvalidModelFileError(f"{path}: {error}") from error


def check_format(content: Mapping[str, Any]) -> None:
    """Raise unless this version of seqclf can read the format."""
    version = content.get("format")
    if type(version) is not int or version < 1:
        raise InvalidModelFileError(
            f"`format` of a model file must be the number of its version; got {version!r:.80}. Was it written by `seqclf.save`?"
        )
    if version not in FORMATS:
        versions = content.get("versions")
        writer = versions.get("seqclf") if isinstance(versions, dict) else None
        raise InvalidModelFileError(
            f"The format of a model file must be one of {list(FORMATS)} for this version of seqclf; got {version}. It was written by "
            f"seqclf {writer!s:.40}: install that version or a later one."
        )
