"""Samples -> digests, by which they are recognised in another process."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import torch
from torch import Tensor

from seqclf.estimators._input import Samples
from seqclf.sequences import Sequences, blocks_of


def digests_of(samples: Samples[Sequences]) -> dict[str, str]:
    """Return a digest of each component; sequences on disk are read block by block."""
    sequences = samples.sequences
    values = hashlib.sha256(str(sequences.values.dtype).encode())
    static, codes = hashlib.sha256(), hashlib.sha256()
    for _, block in blocks_of(sequences):
        _add(values, block.values)
        _add(static, block.static)
        _add(codes, None if block.tokens is None else block.tokens.codes)
    if sequences.tokens is not None:
        codes.update(repr(sequences.tokens.vocabularies).encode())
    classes, labels = np.unique(samples.labels, return_inverse=True)
    return {
        "values": values.hexdigest(),
        "lengths": _digest(sequences.lengths),
        "static features": static.hexdigest(),
        "tokens": codes.hexdigest(),
        "labels": _digest(torch.from_numpy(labels.astype(np.int64)), repr(classes.tolist())),
        "weights": _digest(None if samples.weights is None else torch.from_numpy(samples.weights)),
    }


def _digest(tensor: Tensor | None, text: str = "") -> str:
    digest = hashlib.sha256(text.encode())
    _add(digest, tensor)
    return digest.hexdigest()


def _add(digest: Any, tensor: Tensor | None) -> None:
    if tensor is not None and tensor.numel():
        digest.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy())
